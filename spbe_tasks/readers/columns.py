"""Finds the table of levels among bare cells: its heading within the first rows, or its columns by what they hold."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from spbe_tasks.readers.grid import Grid, Line
from spbe_tasks.readers.headings import Columns, recognise
from spbe_tasks.readers.written import read_level, read_number
from spbe_tasks.rules.errors import InvalidInputError, Problem

HEADING_WITHIN = 20  # rows
MAX_COLUMNS = 100

_FEWEST_ROWS = 2  # a table without any heading must have so many rows of a number and a level
_SAMPLE = 500  # rows that show what the columns hold
_NAMED = 5  # so many headings are quoted when none of them is known


@dataclass(frozen=True, slots=True)
class Table:
    """A grid with its columns known. ``above`` is what stands over the heading, ``body`` what stands below."""

    grid: Grid
    columns: Columns
    above: Sequence[Line]
    body: Sequence[Line]

    @property
    def count(self) -> int:
        """How many rows say something about an indicator."""
        return _count(self.body, self.columns)


def find_table(grids: Iterable[Grid]) -> Table:
    """The table of levels: the one with the most rows, hidden sheets only when no other has one.

    Raises InvalidInputError ``file.no_columns`` when there is none.
    """
    grids = list(grids)
    tables = [table for grid in grids if (table := find_in(grid)) is not None]
    if not tables:
        raise _no_columns(grids)
    return max(tables, key=lambda table: (table.count > 0, not table.grid.is_hidden, table.count))


def find_in(grid: Grid) -> Table | None:
    """The table of one grid; None when it has no columns of numbers and levels."""
    return max(_headed(grid), key=_fit, default=None) or _guessed(grid)


def _fit(table: Table) -> tuple[int, bool]:
    """More rows are better; of one and two rows of headings, those that tell two years apart."""
    return table.count, table.columns.previous is not None


def _headed(grid: Grid) -> Iterable[Table]:
    """A table for each row, or two rows together, that could be its heading."""
    lines = grid.lines
    for position, line in enumerate(lines[:HEADING_WITHIN]):
        if line.row > HEADING_WITHIN:
            return
        columns = recognise(line.cells[:MAX_COLUMNS])
        if columns:
            yield Table(grid, columns, lines[:position], lines[position + 1 :])
        if position + 1 < len(lines):
            columns = recognise(_over(line.cells[:MAX_COLUMNS], lines[position + 1].cells[:MAX_COLUMNS]))
            if columns:
                yield Table(grid, columns, lines[:position], lines[position + 2 :])


def _over(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Two rows of headings as one: a cell merged over several columns heads each of them."""
    width = max(len(upper), len(lower))
    above, together = "", []
    for top, bottom in zip(_wide(upper, width), _wide(lower, width), strict=True):
        above = top or (above if bottom else "")
        together.append(f"{above} {bottom}".strip())
    return together


def _wide(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _guessed(grid: Grid) -> Table | None:
    """A table without known headings: numbers in the first column, and one column only that can be the level."""
    lines = grid.lines
    body = lines if lines and read_number(lines[0].cell(0)) is not None else lines[1:]
    sample = body[:_SAMPLE]
    numbered = [line for line in sample if read_number(line.cell(0)) is not None]
    if len(numbered) < _FEWEST_ROWS or 2 * len(numbered) < len(sample):
        return None
    width = min(max(len(line.cells) for line in numbered), MAX_COLUMNS)
    levels = [n for n in range(1, width) if _holds(numbered, n, lambda text: read_level(text) is not None)]
    if width == _FEWEST_ROWS:
        levels = [1]
    if len(levels) != 1:
        return None
    named = [n for n in range(1, width) if n not in levels and _holds(numbered, n, bool)]
    columns = Columns(number=0, level=levels[0], name=named[0] if named else None)
    return Table(grid, replace(columns, notes=[(n, "") for n in named[1:]]), (), body)


def _holds(lines: Sequence[Line], position: int, is_meant: Callable[[str], bool]) -> bool:
    """Whether at least half of the rows hold what is meant."""
    return 2 * sum(is_meant(line.cell(position)) for line in lines) >= len(lines)


def _count(lines: Iterable[Line], columns: Columns) -> int:
    return sum(
        1 for line in lines if line.cell(columns.level) and read_number(line.cell(columns.number)) is not None
    )


def _no_columns(grids: Sequence[Grid]) -> InvalidInputError:
    lines = [line for grid in grids for line in grid.lines[:HEADING_WITHIN]]
    if not lines:
        return InvalidInputError.of("file.no_rows")
    likeliest = max(lines, key=lambda line: sum(bool(cell) for cell in line.cells[:MAX_COLUMNS]))
    seen = [cell[:40] for cell in likeliest.cells[:MAX_COLUMNS] if cell][:_NAMED]
    return InvalidInputError((Problem("file.no_columns", row=likeliest.row, value=", ".join(seen)),))
