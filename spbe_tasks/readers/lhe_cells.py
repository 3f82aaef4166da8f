"""Which value belongs to which row: matched in order and by height, so that empty cells and strays do no harm."""

from collections.abc import Sequence
from dataclasses import dataclass

from spbe_tasks.readers.lhe_blocks import Block
from spbe_tasks.readers.lhe_columns import Column
from spbe_tasks.readers.page_text import Line, Word

# Leaving a value or a row alone costs as much as this many line heights between the two.
_ALONE = 3.0
# Words closer than this share of a line height belong together.
_TOGETHER = 0.6
# A cell is no wider than this many line heights: anything longer is text that runs across the column.
_WIDEST = 8
_MAX_CELLS = 1000

_DASHES = str.maketrans({"–": "-", "—": "-", "−": "-"})


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a column at some height of the flow."""

    text: str
    middle: float
    words: tuple[Word, ...]


def cells_in(lines: Sequence[Line], column: Column, values: frozenset[Word]) -> list[Cell]:
    """The cells of a column from top to bottom: its ``values``, and other short text that stands alone in it."""
    found: list[Cell] = []
    for line in lines:
        rest: list[Word | None] = []
        for word in line.words:
            if word in values and column.holds(word):
                found.append(Cell(word.text.translate(_DASHES), word.middle, (word,)))
                rest.append(None)
            else:
                rest.append(word)
        found += [cell for cell in _phrases(rest) if _stands_in(cell, column)]
    return sorted(found, key=lambda cell: cell.middle)[:_MAX_CELLS]


def _phrases(words: Sequence[Word | None]) -> list[Cell]:
    """Words that stand together; None parts them."""
    runs: list[list[Word]] = [[]]
    for word in words:
        if word is None:
            runs.append([])
        elif runs[-1] and word.left - runs[-1][-1].right > _TOGETHER * word.height:
            runs.append([word])
        else:
            runs[-1].append(word)
    return [Cell(" ".join(w.text for w in run), run[0].middle, tuple(run)) for run in runs if run]


def _stands_in(cell: Cell, column: Column) -> bool:
    left, right, height = cell.words[0].left, cell.words[-1].right, cell.words[0].height
    is_within = column.left - height <= (left + right) / 2 <= column.right + height
    return is_within and right - left <= _WIDEST * height


def match(rows: Sequence[Block], cells: Sequence[Cell], unit: float) -> list[Cell | None]:
    """The cell of each row, None where it has none.

    Order is kept on both sides, and the sum of the distances and of what is left alone is the least.
    """
    width = len(cells) + 1
    cost = [[column * _ALONE for column in range(width)]]
    for row in rows:
        above = cost[-1]
        line = [above[0] + _ALONE]
        for index, cell in enumerate(cells):
            pair = above[index] + row.distance(cell.middle) / unit
            line.append(min(pair, above[index + 1] + _ALONE, line[index] + _ALONE))
        cost.append(line)
    return _trace(rows, cells, unit, cost)


def _trace(
    rows: Sequence[Block], cells: Sequence[Cell], unit: float, cost: Sequence[Sequence[float]]
) -> list[Cell | None]:
    result: list[Cell | None] = [None] * len(rows)
    row, index = len(rows), len(cells)
    while row and index:
        cell = cells[index - 1]
        if cost[row][index] == cost[row - 1][index - 1] + rows[row - 1].distance(cell.middle) / unit:
            result[row - 1] = cell
            row, index = row - 1, index - 1
        elif cost[row][index] == cost[row - 1][index] + _ALONE:
            row -= 1
        else:
            index -= 1
    return result
