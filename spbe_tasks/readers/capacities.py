"""Reads capacities of agencies from CSV: agency slug, person-days; an empty second cell lifts a cap."""

import csv
from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation
from io import StringIO

from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.policy_check import MOST_CAPACITY_DAYS

MAX_BYTES = 200_000
_SEPARATORS = ";\t,"
_HEADINGS = frozenset({"agency", "slug", "opd", "perangkat daerah"})
_CENT = Decimal("0.01")


def read_capacities(data: bytes, slugs: Collection[str]) -> dict[str, Decimal | None]:
    """Person-days by slug of one of ``slugs``. Separated by semicolon, tab or comma; a first row of headings may stand.

    Raises InvalidInputError for what is no such file, and with every row that cannot be taken.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInputError.of("file.text_too_large", limit_mb=MAX_BYTES / 1_000_000)
    try:
        text = data.decode("utf-8-sig")
        rows = [(number, row) for number, row in _rows(text) if any(row)]
    except (UnicodeDecodeError, csv.Error):
        raise InvalidInputError.of("file.unknown") from None
    if rows and rows[0][1][0].casefold() in _HEADINGS:
        rows = rows[1:]
    if not rows:
        raise InvalidInputError.of("file.empty")
    found: dict[str, Decimal | None] = {}
    problems = [problem for number, row in rows if (problem := _take(number, row, slugs, found))]
    if problems:
        raise InvalidInputError(problems)
    return found


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    separator = next((each for each in _SEPARATORS if each in first), ",")
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    for row in reader:
        yield reader.line_num, [cell.strip() for cell in row]


def _take(
    number: int, row: list[str], slugs: Collection[str], found: dict[str, Decimal | None]
) -> Problem | None:
    if len(row) != 2:
        return Problem("capacities.not_two_cells", row=number, params={"count": len(row)})
    slug, typed = row
    if slug not in slugs:
        return Problem("policy.unknown_agency", row=number, value=slug, params={"agency": slug})
    if slug in found:
        return Problem("capacities.repeated_agency", row=number, value=slug)
    days = _days(typed) if typed else None
    if typed and days is None:
        params = {"maximum": MOST_CAPACITY_DAYS, "agency": slug}
        return Problem("policy.bad_capacity", row=number, value=typed, params=params)
    found[slug] = days
    return None


def _days(typed: str) -> Decimal | None:
    try:
        days = Decimal(typed.replace(",", "."))
    except InvalidOperation:
        return None
    is_right = days.is_finite() and 0 <= days <= MOST_CAPACITY_DAYS and days % _CENT == 0
    return days if is_right else None
