"""The forms of an import: the file, what it is said to be with the levels typed over it, and the last step."""

import re
from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, IntegerField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from spbe_tasks.models import AssessmentKind
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services.readouts import Wanted
from spbe_tasks.web.forms.fields import VersionedForm, at_most, choices, not_blank, required
from spbe_tasks.web.forms.words import Form
from spbe_tasks.web.locale import current_locale

MAX_REASON = 2_000
MAX_LEVEL = 40
_LEVEL_FIELD = re.compile(r"level_(\d{1,4})", re.ASCII)


class WantedForm(Form):
    """Which assessment levels belong to."""

    kind = SelectField(_l("Kind of assessment"), validators=[required()])
    year = IntegerField(_l("Year of the assessment"), validators=[required()])
    instrument_id = SelectField(_l("Instrument"), validators=[required()])

    def __init__(self, instruments: Sequence[Instrument], **values: Any) -> None:
        super().__init__(**values)
        locale = current_locale()
        self.instrument_id.choices = [
            (each.id, f"{_years(each.valid_from_year, each.valid_to_year)}: {each.title(locale)}")
            for each in reversed(instruments)
        ]
        self.kind.choices = choices(AssessmentKind)

    @property
    def wanted(self) -> Wanted:
        """What was chosen, as the service takes it."""
        return Wanted(self.instrument_id.data, self.year.data, AssessmentKind(self.kind.data))


class UploadForm(Form):
    """A file, or the table pasted from a spreadsheet; the file wins when both are given."""

    file = FileField(_l("File"))
    text = TextAreaField(_l("Or paste the table here"))

    @property
    def pasted(self) -> str | None:
        """The pasted table, None when a file was given. Raises InvalidInputError when neither was."""
        if self.file.data:
            return None
        if self.text.data and self.text.data.strip():
            return str(self.text.data)
        raise InvalidInputError.of("assessment.nothing_given", "file")


class GridForm(WantedForm):
    """An assessment to type by hand. Its fields' ids differ from those of the form beside it."""


class DraftForm(VersionedForm, WantedForm):
    """An import under way: what the file is, and the levels as they stand in their fields."""

    leaves_out_unknown = BooleanField(_l("Leave these rows out"))
    compare = SubmitField()

    @property
    def typed(self) -> dict[int, str]:
        """What stands in the levels' fields, by indicator number; whatever was typed."""
        fields = ((_LEVEL_FIELD.fullmatch(name), text) for name, text in request.form.items())
        return {int(match[1]): text for match, text in fields if match}


class StoreForm(VersionedForm):
    """The last step: which draft, and the newest revision, were looked at."""

    former = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def look_at(self, version: int, former: int | None) -> None:
        """Take what the page shows now."""
        self.carry(version)
        self.former.data, self.former.raw_data = former, None


class PinForm(Form):
    """A level to pin, with the reason. ``revision`` is the one that was looked at."""

    level = StringField(_l("Level that counts"), validators=[required(), at_most(MAX_LEVEL)])
    reason = TextAreaField(_l("Reason"), validators=[not_blank(), at_most(MAX_REASON)])
    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])


class ReleaseForm(Form):
    """Letting the level read count again."""

    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])


def _years(first: int, last: int | None) -> str:
    return f"{first}–{last or ''}"
