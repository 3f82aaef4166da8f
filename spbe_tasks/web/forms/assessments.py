"""The forms of an import: the table with what it is, and the confirmation that carries the same table back."""

import base64
import binascii
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, IntegerField, SelectField, TextAreaField

from spbe_tasks.instruments.loader import list_instruments
from spbe_tasks.models import AssessmentKind
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.web.forms.fields import choices, required
from spbe_tasks.web.forms.words import Form
from spbe_tasks.web.locale import current_locale

# What a person can still mend by hand in the page; a whole table of 47 rows has a thousand characters.
MENDABLE_BYTES = 20_000
PASTED_NAME = "tempelan.csv"


class ImportForm(Form):
    """Which assessment a table belongs to."""

    instrument_id = SelectField(_l("Instrument"), validators=[required()])
    year = IntegerField(_l("Year of the assessment"), validators=[required()])
    kind = SelectField(_l("Kind of assessment"), validators=[required()])

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        locale = current_locale()
        self.instrument_id.choices = [
            (each.id, f"{_years(each.valid_from_year, each.valid_to_year)}: {each.title(locale)}")
            for each in reversed(list_instruments())
        ]
        self.kind.choices = choices(AssessmentKind)

    def wanted(self) -> dict[str, Any]:
        """What the service asks about the assessment."""
        return {
            "instrument_id": self.instrument_id.data,
            "year": self.year.data,
            "kind": AssessmentKind(self.kind.data),
        }


class UploadForm(ImportForm):
    """A file, or the table pasted from a spreadsheet; the file wins when both are given."""

    file = FileField(_l("File"))
    text = TextAreaField(_l("Or paste the table here"))

    def table(self) -> tuple[str, bytes]:
        """Name and content of what was given. Raises InvalidInputError when nothing was."""
        if self.file.data:
            return self.file.data.filename or "-", self.file.data.read()
        if self.text.data and self.text.data.strip():
            return PASTED_NAME, self.text.data.encode()
        raise InvalidInputError.of("assessment.nothing_given", "file")

    def offer_mending(self, data: bytes) -> None:
        """Put a refused table into the text field, where it can be mended; a browser cannot offer a file again."""
        self.text.data = _as_text(data)


class StoreForm(ImportForm):
    """The confirmation. The table travels with it and is read again from the start, so nothing here is trusted."""

    file_name = HiddenField()
    content = HiddenField(validators=[required()])

    def carry(self, file_name: str, data: bytes) -> None:
        """Put the checked table into the confirmation."""
        self.file_name.data = file_name
        self.content.data = base64.b64encode(data).decode()

    def table(self) -> tuple[str, bytes]:
        """Name and content of the checked table. Raises InvalidInputError when the content is not what was sent."""
        try:
            return self.file_name.data or "-", base64.b64decode(self.content.data or "", validate=True)
        except binascii.Error as error:
            raise InvalidInputError.of("assessment.nothing_given", "content") from error


def _years(first: int, last: int | None) -> str:
    return f"{first}–{last or ''}"


def _as_text(data: bytes) -> str:
    """A small table as text; empty when it is none."""
    if len(data) > MENDABLE_BYTES or b"\x00" in data:
        return ""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""
