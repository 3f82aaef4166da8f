"""Reads owners of indicators from a workbook. Runs in the confined child: these files unpack."""

from collections.abc import Sequence

from spbe_tasks.readers.document import Document, Place, Row
from spbe_tasks.readers.grid import Grid, Line, column_letter
from spbe_tasks.readers.sheets import read_grids
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Instrument

# What the columns may be called, in both languages, in small letters.
_COLUMNS = {
    "number": ("indicator", "indikator", "number", "nomor", "no", "no."),
    "agency": ("agency", "perangkat daerah", "opd"),
    "role": ("role", "peran"),
    "share": ("share", "bagian"),
}
_NEEDED = ("number", "agency", "role")


def read_owners(data: bytes, _instruments: Sequence[Instrument] = ()) -> Document:
    """The owners in a workbook, as written: a row's ``name`` is the agency, ``level`` its role, ``note`` its share.

    Nothing is judged here. Raises InvalidInputError when the file cannot be read, or no sheet has the columns
    indicator, agency and role ("owners.no_table").
    """
    form, grids = read_grids(data)
    for grid in grids:
        for position, line in enumerate(grid.lines):
            columns = _columns(line)
            if all(name in columns for name in _NEEDED):
                rows = [_row(grid, each, columns) for each in grid.lines[position + 1 :]]
                return Document(form, tuple(row for row in rows if row is not None))
    raise InvalidInputError.of("owners.no_table")


def _columns(line: Line) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, cell in enumerate(line.cells):
        for name, words in _COLUMNS.items():
            if cell.strip().casefold() in words:
                found.setdefault(name, position)
    return found


def _row(grid: Grid, line: Line, columns: dict[str, int]) -> Row | None:
    number, agency, role, share = (line.cell(columns.get(name)) for name in _COLUMNS)
    if not (number or agency or role):
        return None
    place = Place(sheet=grid.sheet, row=line.row, column=column_letter(columns["number"]))
    return Row(number=number, name=agency, level=role, note=share, place=place)
