"""The forms of evidence: what it is called and how long it counts, a link, a newer address."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, URLField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from spbe_tasks.models import Agency
from spbe_tasks.rules.evidence import ADDRESS_LENGTH, TITLE_LENGTH
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.words import Form


class WordsForm(fields.VersionedForm):
    """What an evidence is called, and how long it counts."""

    title = fields.line(_l("Title"), limit=TITLE_LENGTH)
    dated_on = DateField(
        _l("Date of the document"), validators=[Optional()], description=_l("As it stands in the document.")
    )
    expires_on = DateField(
        _l("Counts until"),
        validators=[Optional()],
        description=_l(
            "From this day it no longer counts. Empty for what does not grow old, such as a decree."
        ),
    )


class LinkForm(Form):
    """An address that shows something."""

    agency_id = SelectField(_l("Agency"), coerce=fields.id_or_none, validators=[fields.required()])
    url = URLField(
        _l("Address"),
        validators=[fields.not_blank(), fields.at_most(ADDRESS_LENGTH)],
        filters=[fields.one_line],
        description=_l("A page that the assessor can open too, beginning with https://."),
    )
    title = fields.line(_l("Title"), limit=TITLE_LENGTH)
    dated_on = DateField(_l("Date of the document"), validators=[Optional()])
    expires_on = DateField(_l("Counts until"), validators=[Optional()])

    def __init__(self, agencies: Sequence[Agency], **values: Any) -> None:
        super().__init__(**values)
        self.agency_id.choices = [SelectChoice(str(each.id), each.name) for each in agencies]


class NewAddressForm(Form):
    """The newer address of an evidence."""

    url = URLField(
        _l("Address"),
        validators=[fields.not_blank(), fields.at_most(ADDRESS_LENGTH)],
        filters=[fields.one_line],
    )
