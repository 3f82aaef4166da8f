"""One way to write a table as CSV: no cell is a formula, whoever typed what is in it."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# A cell that begins with one of these would be run by a spreadsheet (OWASP, "CSV injection").
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_DASH = "-"  # alone it is nothing to run, and how levels say "not assessed"
_NUMBER = re.compile(r"-\d+([.,]\d+)?")  # runs to itself, and is to be counted with


def write_csv(heading: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ",") -> str:
    """The table; None is an empty cell, text that looks like a formula gets an apostrophe in front."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(heading)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> object:
    if not isinstance(cell, str) or cell == _DASH or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_STARTS_FORMULA) else cell
