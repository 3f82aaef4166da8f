"""One way to write an XLSX: every text stays text, the looks are few and named.

A package of its own and no part of ``rendering`` (templates of text) or ``web`` (which the command line and
jobs do not import): whoever has plain values can write a workbook.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

LONGEST_TEXT = 32_767  # characters of a cell, a limit of the format
LONGEST_SHEET_NAME = 31
_NO_NAME = "–"

_INK, _TINT, _WRONG, _DOUBTFUL = "#1F3A5F", "#E8EEF5", "#F8D7DA", "#FFF3CD"
_BORDER = {"border": 1, "border_color": "#C9D1DA", "valign": "top"}
_LOOKS: Mapping[str, Mapping[str, object]] = {
    "title": {"bold": True, "font_size": 14, "font_color": _INK},
    "label": {"bold": True, "font_color": _INK},
    "plain": {},
    "hint": {"italic": True, "font_color": "#5A6572"},
    "open": {**_BORDER, "locked": False, "align": "left"},
    "heading": {**_BORDER, "bold": True, "bg_color": _TINT, "font_color": _INK, "text_wrap": True},
    "text": {**_BORDER, "text_wrap": True},
    "number": {**_BORDER, "align": "center"},
    # A level as short as it is exact, an index, index points, a share of 1, a day.
    "level": {**_BORDER, "align": "center", "num_format": "0.##"},
    "whole level": {**_BORDER, "align": "center", "num_format": "0"},
    "index": {**_BORDER, "num_format": "0.00"},
    "points": {**_BORDER, "num_format": "0.000"},
    "share": {**_BORDER, "num_format": "0.0%"},
    "date": {**_BORDER, "align": "left", "num_format": "d mmm yyyy"},
    "entry": {**_BORDER, "align": "center", "locked": False},
    # As text, so that a spreadsheet does not make a date of 1/3.
    "typed": {**_BORDER, "align": "center", "locked": False, "num_format": "@"},
    "note": {**_BORDER, "text_wrap": True, "locked": False},
    "wrong": {**_BORDER, "text_wrap": True, "bg_color": _WRONG},
    "doubtful": {**_BORDER, "text_wrap": True, "bg_color": _DOUBTFUL},
}
# No text becomes a formula, a link or a number, whatever it looks like.
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Book:
    """A workbook that is being written: in memory, or to ``path`` with only the row at hand in memory.

    In one written to a path, the rows of a sheet have to come in order; its sheets may take turns.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._stream = BytesIO()
        how = {"in_memory": True} if path is None else {"constant_memory": True, "tmpdir": str(path.parent)}
        self._workbook = Workbook(str(path) if path else self._stream, _OPTIONS | how)
        self._looks = {name: self._workbook.add_format(dict(look)) for name, look in _LOOKS.items()}
        self._names: set[str] = set()

    def add_sheet(self, name: str) -> "Sheet":
        """A further sheet; the name loses what Excel does not allow in one, and gets a number when it is taken."""
        return Sheet(self._workbook.add_worksheet(self._free(_allowed(name))), self._looks)

    def close(self) -> bytes:
        """The finished file; empty for one that is written to a path, where it lies now."""
        self._workbook.close()
        return self._stream.getvalue()

    def _free(self, name: str) -> str:
        free, number = name, 1
        while free.casefold() in self._names:
            number += 1
            ending = f" ({number})"
            free = name[: LONGEST_SHEET_NAME - len(ending)] + ending
        self._names.add(free.casefold())
        return free


def _allowed(name: str) -> str:
    without = "".join(" " if each in "[]:*?/\\" or not each.isprintable() else each for each in name)
    clean = without.strip(" '")[:LONGEST_SHEET_NAME].strip(" '")
    # Excel keeps this name for itself.
    return f"{clean}_" if clean.casefold() == "history" else clean or _NO_NAME


class Sheet:
    """A sheet with positions counted from 0; ``raw`` is the library's, for what only one workbook needs."""

    def __init__(self, raw: Worksheet, looks: dict[str, Format]) -> None:
        self.raw = raw
        self._looks = looks

    def text(self, row: int, column: int, text: str, look: str = "text") -> None:
        """Write a text, as text."""
        _written(self.raw.write_string(row, column, text[:LONGEST_TEXT], self._looks[look]))

    def number(self, row: int, column: int, value: Decimal | int, look: str = "number") -> None:
        """Write a number."""
        _written(self.raw.write_number(row, column, float(value), self._looks[look]))

    def date(self, row: int, column: int, value: date) -> None:
        """Write a day, as a day."""
        _written(self.raw.write_datetime(row, column, value, self._looks["date"]))

    def blank(self, row: int, column: int, look: str = "text") -> None:
        """Give an empty cell its look."""
        _written(self.raw.write_blank(row, column, None, self._looks[look]))

    def headings(self, row: int, headings: list[tuple[str, int]]) -> None:
        """A row of headings with the widths of their columns, which stays in sight and is repeated in print."""
        for column, (heading, width) in enumerate(headings):
            self.text(row, column, heading, "heading")
            self.raw.set_column(column, column, width)
        self.raw.freeze_panes(row + 1, 0)
        self.raw.repeat_rows(row)
        self.on_a4()

    def on_a4(self) -> None:
        """Print it on A4, across, as wide as one page."""
        self.raw.set_landscape()
        self.raw.set_paper(9)
        self.raw.fit_to_pages(1, 0)

    def margins(self, head: str, foot: str) -> None:
        """Print ``head`` above each page, ``foot`` below it, and the page's number of how many."""
        self.raw.set_header(f"&L{_literally(head)}")
        self.raw.set_footer(f"&L{_literally(foot)}&R&P / &N")


def _written(code: int) -> None:
    # The library drops in silence what it cannot write, such as a row before the last one of a file on disk.
    if code:
        raise ValueError(f"a cell could not be written ({code})")


def _literally(text: str) -> str:
    # 255 characters with the codes is all the format takes.
    return text[:100].replace("&", "&&")
