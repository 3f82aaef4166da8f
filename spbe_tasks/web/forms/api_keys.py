"""The form of a person's keys for programs."""

from flask_babel import lazy_gettext as _l

from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.words import Form


class ApiKeyForm(Form):
    """A new key."""

    name = fields.line(
        _l("Name of the key"),
        description=_l("Which program gets it, for example: data portal of the province."),
    )
