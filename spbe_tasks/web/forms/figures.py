"""A field for a figure, typed and shown as the reader writes it."""

from collections.abc import Sequence

from wtforms import DecimalField
from wtforms.widgets import TextInput

from spbe_tasks.formatting import exact
from spbe_tasks.web.locale import current_locale


class FigureField(DecimalField):
    """A level, an index, points or days, with a decimal comma or point; shown as the reader writes it."""

    # A number input takes the browser's decimal mark only, which need not be the reader's.
    widget = TextInput()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed."""
        super().process_formdata([valuelist[0].strip().replace(",", ".")] if valuelist else valuelist)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else exact(self.data, current_locale())
