"""One way to write an XLSX: every text stays text, the looks are few and named.

A package of its own and no part of ``rendering`` (templates of text) or ``web`` (which the command line and
jobs do not import): whoever has plain values can write a workbook.
"""

from decimal import Decimal
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

LONGEST_TEXT = 32_767  # characters of a cell, a limit of the format
LONGEST_SHEET_NAME = 31

_INK, _TINT, _WRONG, _DOUBTFUL = "#1F3A5F", "#E8EEF5", "#F8D7DA", "#FFF3CD"
_BORDER = {"border": 1, "border_color": "#C9D1DA", "valign": "top"}
_LOOKS = {
    "title": {"bold": True, "font_size": 14, "font_color": _INK},
    "label": {"bold": True, "font_color": _INK},
    "plain": {},
    "hint": {"italic": True, "font_color": "#5A6572"},
    "open": {**_BORDER, "locked": False, "align": "left"},
    "heading": {**_BORDER, "bold": True, "bg_color": _TINT, "font_color": _INK, "text_wrap": True},
    "text": {**_BORDER, "text_wrap": True},
    "number": {**_BORDER, "align": "center"},
    "entry": {**_BORDER, "align": "center", "locked": False},
    # As text, so that a spreadsheet does not make a date of 1/3.
    "typed": {**_BORDER, "align": "center", "locked": False, "num_format": "@"},
    "note": {**_BORDER, "text_wrap": True, "locked": False},
    "wrong": {**_BORDER, "text_wrap": True, "bg_color": _WRONG},
    "doubtful": {**_BORDER, "text_wrap": True, "bg_color": _DOUBTFUL},
}
# No text becomes a formula, a link or a number, whatever it looks like.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Book:
    """A workbook that is being written."""

    def __init__(self) -> None:
        self._stream = BytesIO()
        self._workbook = Workbook(self._stream, _OPTIONS)
        self._looks = {name: self._workbook.add_format(look) for name, look in _LOOKS.items()}

    def add_sheet(self, name: str) -> "Sheet":
        """A further sheet; the name loses what Excel does not allow in one."""
        allowed = "".join(" " if character in "[]:*?/\\" else character for character in name)
        return Sheet(self._workbook.add_worksheet(allowed.strip(" '")[:LONGEST_SHEET_NAME]), self._looks)

    def close(self) -> bytes:
        """The finished file."""
        self._workbook.close()
        return self._stream.getvalue()


class Sheet:
    """A sheet with positions counted from 0; ``raw`` is the library's, for what only one workbook needs."""

    def __init__(self, raw: Worksheet, looks: dict[str, Format]) -> None:
        self.raw = raw
        self._looks = looks

    def text(self, row: int, column: int, text: str, look: str = "text") -> None:
        """Write a text, as text."""
        self.raw.write_string(row, column, text[:LONGEST_TEXT], self._looks[look])

    def number(self, row: int, column: int, value: Decimal | int, look: str = "number") -> None:
        """Write a number."""
        self.raw.write_number(row, column, float(value), self._looks[look])

    def blank(self, row: int, column: int, look: str = "text") -> None:
        """Give an empty cell its look."""
        self.raw.write_blank(row, column, None, self._looks[look])

    def headings(self, row: int, headings: list[tuple[str, int]]) -> None:
        """A row of headings with the widths of their columns, which stays in sight and is repeated in print."""
        for column, (heading, width) in enumerate(headings):
            self.text(row, column, heading, "heading")
            self.raw.set_column(column, column, width)
        self.raw.freeze_panes(row + 1, 0)
        self.raw.repeat_rows(row)
        self.raw.set_landscape()
        self.raw.set_paper(9)  # A4
        self.raw.fit_to_pages(1, 0)
