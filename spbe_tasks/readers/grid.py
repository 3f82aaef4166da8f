"""A table as bare cells of text, whatever it was read from, and the letters of its columns."""

from collections.abc import Sequence
from dataclasses import dataclass

_LETTERS = 26


@dataclass(frozen=True, slots=True)
class Line:
    """One row with its number in the file, counted from 1; cells are without blanks around them."""

    row: int
    cells: tuple[str, ...]

    def cell(self, position: int | None) -> str:
        """The text at a position, empty where the row ends before it."""
        return self.cells[position] if position is not None and position < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows that hold anything. ``sheet`` is None outside a workbook."""

    lines: Sequence[Line]
    sheet: str | None = None
    is_hidden: bool = False


def column_letter(position: int) -> str:
    """The letter a spreadsheet gives to the column at ``position``, counted from 0: A, Z, AA."""
    letters = ""
    while position >= 0:
        position, rest = divmod(position, _LETTERS)
        letters = chr(ord("A") + rest) + letters
        position -= 1
    return letters


def column_position(letters: str) -> int:
    """The position of the column of these letters, counted from 0: the way back from ``column_letter``."""
    position = 0
    for letter in letters:
        position = position * _LETTERS + ord(letter) - ord("A") + 1
    return position - 1
