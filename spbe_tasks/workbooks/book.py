"""One way to write an XLSX: every text stays text, the looks are few and named.

A package of its own and no part of ``rendering`` (templates of text) or ``web`` (which the command line and
jobs do not import): whoever has plain values can write a workbook.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from textwrap import wrap

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

LONGEST_TEXT = 32_767  # characters of a cell, a limit of the format
LONGEST_SHEET_NAME = 31
_NO_NAME = "–"

_INK, _TINT, _WRONG, _DOUBTFUL = "#1F3A5F", "#E8EEF5", "#F8D7DA", "#FFF3CD"
_BORDER = {"border": 1, "border_color": "#C9D1DA", "valign": "top"}
_PLAIN_LOOKS: Mapping[str, Mapping[str, object]] = {
    "title": {"bold": True, "font_size": 14, "font_color": _INK},
    "label": {"bold": True, "font_color": _INK},
    "plain": {},
    "hint": {"italic": True, "font_color": "#5A6572"},
    "open": {**_BORDER, "locked": False, "align": "left"},
    "heading": {
        **_BORDER,
        "bold": True,
        "bg_color": _TINT,
        "font_color": _INK,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
    },
    "text": {**_BORDER, "text_wrap": True},
    "indented": {**_BORDER, "text_wrap": True, "indent": 1},
    "centred": {**_BORDER, "text_wrap": True, "align": "center"},
    "number": {**_BORDER, "align": "center"},
    # A level as short as it is exact, an index, index points, a share of 1, a day.
    "level": {**_BORDER, "align": "center", "num_format": "0.##"},
    "whole level": {**_BORDER, "align": "center", "num_format": "0"},
    # As wide with one digit before the point as with two, and with a sign as without: points stand below points.
    "index": {**_BORDER, "align": "center", "num_format": "?0.00"},
    "points": {**_BORDER, "align": "center", "num_format": "_-0.000_-;-0.000_-"},
    "share": {**_BORDER, "align": "center", "num_format": "??0.0%"},
    "date": {**_BORDER, "align": "center", "num_format": "d mmm yyyy"},
    "entry": {**_BORDER, "align": "center", "locked": False},
    # As text, so that a spreadsheet does not make a date of 1/3.
    "typed": {**_BORDER, "align": "center", "locked": False, "num_format": "@"},
    "note": {**_BORDER, "text_wrap": True, "locked": False},
    "wrong": {**_BORDER, "text_wrap": True, "bg_color": _WRONG},
    "doubtful": {**_BORDER, "text_wrap": True, "bg_color": _DOUBTFUL},
}
_STRONG = {"bold": True, "bg_color": _TINT}
_LOOKS: Mapping[str, Mapping[str, object]] = {
    **_PLAIN_LOOKS,
    # Of rows that stand out: what a group or all of them come to.
    **{f"strong {name}": {**look, **_STRONG} for name, look in _PLAIN_LOOKS.items() if "border" in look},
}
_WIDTH, _LINE, _HIGHEST = 8.43, 15, 409  # a column in characters, a line and the highest row in points
# Letters are narrower than the digits a width counts; bold ones are not.
_BOLD = 1.12

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
        self._stream, self._is_on_disk = BytesIO(), path is not None
        how = {"in_memory": True} if path is None else {"constant_memory": True, "tmpdir": str(path.parent)}
        self._workbook = Workbook(str(path) if path else self._stream, _OPTIONS | how)
        self._looks = {name: self._workbook.add_format(dict(look)) for name, look in _LOOKS.items()}
        self._names: set[str] = set()

    def add_sheet(self, name: str) -> "Sheet":
        """A further sheet; the name loses what Excel does not allow in one, and gets a number when it is taken."""
        raw = self._workbook.add_worksheet(self._free(_allowed(name)))
        return Sheet(raw, self._looks, is_on_disk=self._is_on_disk)

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
    """A sheet with positions counted from 0; ``raw`` is the library's, for what only one workbook needs.

    A row is as high as the longest of its wrapping texts needs: not every program finds that out when it opens a file.
    """

    def __init__(self, raw: Worksheet, looks: dict[str, Format], *, is_on_disk: bool = False) -> None:
        self.raw = raw
        self._looks = looks
        self._is_on_disk = is_on_disk
        self._widths: dict[int, float] = {}
        self._row, self._lines = 0, 1

    def text(self, row: int, column: int, text: str, look: str = "text") -> None:
        """Write a text, as text."""
        _written(self.raw.write_string(row, column, text[:LONGEST_TEXT], self._looks[look]))
        self._fit(row, text, self._widths.get(column, _WIDTH), look)

    def wide_text(self, row: int, columns: range, text: str, look: str = "text") -> None:
        """Write a text across several columns."""
        _written(self.raw.merge_range(row, columns[0], row, columns[-1], "", self._looks[look]))
        _written(self.raw.write_string(row, columns[0], text[:LONGEST_TEXT], self._looks[look]))
        self._fit(row, text, sum(self._widths.get(column, _WIDTH) for column in columns), look)

    def _fit(self, row: int, text: str, width: float, look: str) -> None:
        """Make the row high enough for ``text`` in a column of that width."""
        if row != self._row:
            if self._is_on_disk:  # written already: its height would only fill the memory
                self.raw.row_info.pop(self._row, None)
                self.raw.row_sizes.pop(self._row, None)
            self._row, self._lines = row, 1
        lines = _lines(text, width, _LOOKS[look])
        if lines > self._lines:
            self._lines = lines
            self.raw.set_row(row, min(lines * _LINE, _HIGHEST))

    def number(self, row: int, column: int, value: Decimal | int, look: str = "number") -> None:
        """Write a number."""
        _written(self.raw.write_number(row, column, float(value), self._looks[look]))

    def date(self, row: int, column: int, value: date) -> None:
        """Write a day, as a day."""
        _written(self.raw.write_datetime(row, column, value, self._looks["date"]))

    def blank(self, row: int, column: int, look: str = "text") -> None:
        """Give an empty cell its look."""
        _written(self.raw.write_blank(row, column, None, self._looks[look]))

    def columns(self, widths: Sequence[float]) -> None:
        """The widths of the columns in characters; before what is written below them."""
        for column, width in enumerate(widths):
            self.raw.set_column(column, column, width)
            self._widths[column] = width

    def headings(self, row: int, headings: Sequence[tuple[str, float]]) -> None:
        """A row of headings with the widths of their columns, which stays in sight and is repeated in print.

        A column is never so narrow that it cuts a word of its heading.
        """
        self.columns([max(width, _needed(heading)) for heading, width in headings])
        for column, (heading, _width) in enumerate(headings):
            self.text(row, column, heading, "heading")
        self.raw.freeze_panes(row + 1, 0)
        self.raw.repeat_rows(row)
        self.on_a4()

    def on_a4(self) -> None:
        """Print it on A4, across, as wide as one page."""
        self.raw.set_landscape()
        self.raw.set_paper(9)
        self.raw.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.65)
        self.raw.fit_to_pages(1, 0)

    def margins(self, head: str, foot: str) -> None:
        """Print ``head`` above each page, ``foot`` below it, and the page's number of how many."""
        self.raw.set_header(f"&L{_literally(head)}")
        self.raw.set_footer(f"&L{_literally(foot)}&R&P / &N")


def _needed(heading: str) -> float:
    """The width in characters that the longest word of a heading takes."""
    return max(map(len, heading.split()), default=0) * _BOLD + 1


def _lines(text: str, width: float, look: Mapping[str, object]) -> int:
    """How many lines a text takes in a column of ``width`` characters."""
    if not look.get("text_wrap") or (len(text) <= width / _BOLD and "\n" not in text):
        return 1
    room = max(int(width / _BOLD if look.get("bold") else width), 1)
    return sum(len(wrap(line, room)) or 1 for line in text.split("\n"))


def _written(code: int) -> None:
    # The library drops in silence what it cannot write, such as a row before the last one of a file on disk.
    if code:
        raise ValueError(f"a cell could not be written ({code})")


def _literally(text: str) -> str:
    # 255 characters with the codes is all the format takes.
    return text[:100].replace("&", "&&")
