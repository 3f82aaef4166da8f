"""Reads levels from text: CSV with any usual separator and encoding, and what was pasted from a table."""

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO

from spbe_tasks.readers.columns import Table, find_in, find_table
from spbe_tasks.readers.document import Document, Format
from spbe_tasks.readers.grid import Grid, Line
from spbe_tasks.readers.plain_lines import read_lines
from spbe_tasks.readers.table_rows import make_document
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.instrument import Instrument

MAX_BYTES = 2_000_000
MAX_LINES = 20_000

_SEPARATORS = (";", "\t", "|", ",")
_STATED_SEPARATOR = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Our own downloads put an apostrophe before what a spreadsheet would run as a formula.
_DISARMED = re.compile(r"'(?=[=+\-@])")
_MARKDOWN_RULE = re.compile(r"[-:=\s]+")


def read_table(data: bytes, instruments: Sequence[Instrument]) -> Document:
    """The levels in the bytes of a text file. Raises InvalidInputError when it is no text or has no such table."""
    if len(data) > MAX_BYTES:
        raise InvalidInputError.of("file.text_too_large", limit_mb=MAX_BYTES // 1_000_000)
    return _read(_decode(data), Format.CSV, instruments)


def read_pasted(text: str, instruments: Sequence[Instrument]) -> Document:
    """The levels in text copied from a spreadsheet, a web page or a PDF; raises as ``read_table``."""
    if len(text) > MAX_BYTES:
        raise InvalidInputError.of("file.text_too_large", limit_mb=MAX_BYTES // 1_000_000)
    return _read(_CONTROL_CHARACTERS.sub(" ", text), Format.PASTED, instruments)


def _decode(data: bytes) -> str:
    encodings = ("utf-16",) if data.startswith(_UTF16_MARKS) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL_CHARACTERS.search(text):
            return text
    raise InvalidInputError.of("file.unknown")


def _read(text: str, form: Format, instruments: Sequence[Instrument]) -> Document:
    if not text.strip(" \t\r\n;,|\ufeff"):
        raise InvalidInputError.of("file.empty")
    if text.count("\n") + text.count("\r") > 2 * MAX_LINES:
        raise InvalidInputError.of("file.too_many_rows", limit=MAX_LINES)
    grids, faults = _grids(text)
    tables = [table for grid in grids if (table := find_in(grid)) is not None]
    best = max(tables, key=_fit, default=None)
    if best is None or not best.count:
        rows = read_lines(text)
        if rows:
            return Document(form, tuple(rows))
    if best is None and faults and len(faults) == len(grids) + len(faults):
        raise faults[0]
    return make_document(best or find_table(grids), form, instruments)


def _fit(table: Table) -> tuple[int, int]:
    return table.count, -table.columns.level


def _grids(text: str) -> tuple[list[Grid], list[InvalidInputError]]:
    """The text cut at each separator that it has, or at the one that its first line states."""
    stated = _STATED_SEPARATOR.match(text.lstrip("\ufeff"))
    separators = [stated[1]] if stated else [mark for mark in _SEPARATORS if mark in text] or [","]
    grids, faults = [], []
    for separator in separators:
        try:
            grids.append(Grid(list(_lines(text, separator))))
        except InvalidInputError as error:
            faults.append(error)
    return grids, faults


def _lines(text: str, separator: str) -> Iterator[Line]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not _is_ruling(cells):
                yield Line(reader.line_num, tuple(_clean(cell) for cell in _inside(cells, separator)))
    except csv.Error as error:
        problem = Problem("file.bad_table", row=reader.line_num, params={"detail": str(error)})
        raise InvalidInputError((problem,)) from error


def _is_ruling(cells: Sequence[str]) -> bool:
    """``sep=;``, and the line of dashes below a heading drawn with bars."""
    if cells[0].casefold().startswith("sep="):
        return True
    return (
        len(cells) > 1
        and all(_MARKDOWN_RULE.fullmatch(cell) for cell in cells if cell)
        and any("--" in cell for cell in cells)
    )


def _inside(cells: Sequence[str], separator: str) -> Sequence[str]:
    """The cells without the empty ones outside the bars of ``| 1 | 3 |``."""
    has_outer_bars = separator == "|" and len(cells) > 2 and not cells[0].strip() and not cells[-1].strip()
    return cells[1:-1] if has_outer_bars else cells


def _clean(cell: str) -> str:
    return _DISARMED.sub("", cell.strip(), count=1) if cell.lstrip().startswith("'") else cell.strip()
