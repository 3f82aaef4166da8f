"""The form of an own instrument: a file, or its text, which travels with the page until it is stored."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SubmitField, TextAreaField

from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.web.forms.words import Form

# The largest instrument file (instruments/tree.py); what is larger is refused anyway.
MAX_SHOWN = 1_000_000


class InstrumentForm(Form):
    """A file, else the text."""

    file = FileField(_l("Instrument file"))
    text = TextAreaField(_l("Content of the file"))
    preview = SubmitField(_l("Check the instrument"))
    store = SubmitField(_l("Store the instrument"))

    def data_bytes(self) -> bytes:
        """What was given; a file of text stands in the field from then on. Raises InvalidInputError for nothing."""
        if self.file.data:
            data = bytes(self.file.data.read())
            self._carry(data)
            return data
        if self.text.data and self.text.data.strip():
            return str(self.text.data).encode()
        raise InvalidInputError.of("instrument.nothing_given", "file")

    def _carry(self, data: bytes) -> None:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = ""
        self.text.data = text if len(data) <= MAX_SHOWN and "\0" not in text else ""
