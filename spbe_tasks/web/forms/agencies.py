"""The forms of agencies."""

from flask_babel import lazy_gettext as _l

from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.words import Form

SHORT_NAME_LENGTH = 40


class _NamesForm(Form):
    name = fields.line(_l("Full name"))
    short_name = fields.line(
        _l("Short name"), limit=SHORT_NAME_LENGTH, description=_l("Used in lists, for example Diskominfo.")
    )


class AgencyForm(_NamesForm):
    """A new agency."""


class EditAgencyForm(fields.VersionedForm, _NamesForm):
    """An agency's names."""
