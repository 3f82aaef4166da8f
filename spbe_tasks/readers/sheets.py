"""Reads levels from workbooks: XLSX, XLS and ODS. Runs in the confined child: these files unpack."""

import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from io import BytesIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from spbe_tasks.readers.columns import MAX_COLUMNS, find_table
from spbe_tasks.readers.containers import recognise_workbook
from spbe_tasks.readers.document import Document, Format
from spbe_tasks.readers.grid import Grid, Line
from spbe_tasks.readers.table_rows import make_document
from spbe_tasks.readers.xlsx_faults import FAULT, find_faults
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Instrument

MAX_ROWS = 20_000
MAX_SHEETS = 50
MAX_CELLS = 2_000_000  # of all sheets, empty ones between filled ones included
# Twelve digits: 0.1 × 25.5 is 2.5500000000000003 to a machine, and 2.55 to everybody else.
_DIGITS = ".12g"


def read_workbook(data: bytes, instruments: Sequence[Instrument]) -> Document:
    """The levels in a workbook, from whichever sheet has most of them.

    Raises InvalidInputError when the file is locked, damaged, too large inside, no workbook, or without levels.
    """
    form, grids = read_grids(data)
    return make_document(find_table(grids), form, instruments)


def read_grids(data: bytes) -> tuple[Format, list[Grid]]:
    """The cells of every sheet. Raises as ``read_workbook``, but for what its levels are."""
    form = recognise_workbook(data)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        grids = list(_grids(workbook, find_faults(data) if form is Format.XLSX else {}))
    except PasswordError as error:
        raise InvalidInputError.of("file.encrypted") from error
    except CalamineError as error:
        raise InvalidInputError.of("file.broken") from error
    return form, grids


def _grids(workbook: CalamineWorkbook, faults: dict[str, set[tuple[int, int]]]) -> Iterator[Grid]:
    cells = 0
    for sheet in workbook.sheets_metadata[:MAX_SHEETS]:
        try:
            table = workbook.get_sheet_by_name(sheet.name)
        except CalamineError:
            # A sheet that cannot be read, such as a chart, is none with levels; if all are so, none is found.
            continue
        cells += table.height * table.width
        if cells > MAX_CELLS or table.height > MAX_ROWS:
            raise InvalidInputError.of("file.too_many_rows", limit=MAX_ROWS)
        is_hidden = sheet.visible is not SheetVisibleEnum.Visible
        yield Grid(list(_lines(table, faults.get(sheet.name, set()))), sheet.name, is_hidden)


def _lines(sheet: CalamineSheet, faults: set[tuple[int, int]]) -> Iterator[Line]:
    if sheet.start is None:
        return
    top, left = sheet.start
    for row, values in enumerate(sheet.to_python(skip_empty_area=True), start=top):
        before = [""] * min(left, MAX_COLUMNS)
        cells = [*before, *(_text(value) for value in values[: MAX_COLUMNS - len(before)])]
        for column in range(len(cells)):
            if (row, column) in faults and not cells[column]:
                cells[column] = FAULT
        if any(cells):
            yield Line(row + 1, tuple(cells))


def _text(value: object) -> str:
    """A cell as a person would read it; a date as YYYY-MM-DD, so that the check can name it."""
    if isinstance(value, float):
        return format(value, _DIGITS) if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()
