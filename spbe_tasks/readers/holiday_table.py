"""Reads days off from CSV: date, name, kind, number of the decision; every row that cannot be taken at once."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO

from spbe_tasks.rules.calendar import HolidayKind
from spbe_tasks.rules.errors import InvalidInputError, Problem

MAX_BYTES = 200_000
LONGEST = 200
_SEPARATORS = ";\t,"
_HEADINGS = frozenset({"date", "tanggal"})
_KINDS = {
    "public": HolidayKind.PUBLIC,
    "national holiday": HolidayKind.PUBLIC,
    "libur nasional": HolidayKind.PUBLIC,
    "joint_leave": HolidayKind.JOINT_LEAVE,
    "joint leave": HolidayKind.JOINT_LEAVE,
    "cuti bersama": HolidayKind.JOINT_LEAVE,
    "local": HolidayKind.LOCAL,
    "local holiday": HolidayKind.LOCAL,
    "libur daerah": HolidayKind.LOCAL,
    "working_day_override": HolidayKind.WORKING_DAY_OVERRIDE,
    "working day after all": HolidayKind.WORKING_DAY_OVERRIDE,
    "tetap hari kerja": HolidayKind.WORKING_DAY_OVERRIDE,
}
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """One day of the file, and the line it stands in (the first is 1)."""

    row: int
    on: date
    name: str
    kind: HolidayKind
    decree: str | None


def read_holidays(data: bytes) -> tuple[HolidayRow, ...]:
    """The days in the order of the file, separated by semicolon, tab or comma; a first row of headings may stand.

    Kinds in Indonesian or English, a local holiday where none is given; dates as 2026-12-24 or 24/12/2026. Raises
    InvalidInputError for what is no such file, and with every row that cannot be taken.
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
    problems: list[Problem] = []
    found: dict[date, HolidayRow] = {}
    for number, row in rows:
        _take(number, row, found, problems)
    if problems:
        raise InvalidInputError(problems)
    return tuple(found.values())


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    separator = next((each for each in _SEPARATORS if each in first), ",")
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    for row in reader:
        yield reader.line_num, [" ".join(cell.split()) for cell in row]


def _take(number: int, row: list[str], found: dict[date, HolidayRow], problems: list[Problem]) -> None:
    if not 2 <= len(row) <= 4:
        problems.append(Problem("holidays.wrong_cells", row=number, params={"count": len(row)}))
        return
    typed_day, name, typed_kind, decree = (*row, "", "")[:4]
    on, kind = _day(typed_day), _KINDS.get(typed_kind.casefold()) if typed_kind else HolidayKind.LOCAL
    before = len(problems)
    if on is None:
        problems.append(Problem("holidays.bad_date", "date", number, typed_day))
    elif on in found:
        params = {"other": found[on].row}
        problems.append(Problem("holidays.day_twice", "date", number, typed_day, params=params))
    if not name or len(name) > LONGEST:
        problems.append(
            Problem("holidays.bad_name", "name", number, name[:LONGEST], params={"longest": LONGEST})
        )
    if kind is None:
        problems.append(Problem("holidays.bad_kind", "kind", number, typed_kind))
    if len(decree) > LONGEST:
        problems.append(
            Problem("holidays.bad_decree", "decree", number, decree[:LONGEST], params={"longest": LONGEST})
        )
    if len(problems) == before and on is not None and kind is not None:
        found[on] = HolidayRow(number, on, name, kind, decree or None)


def _day(typed: str) -> date | None:
    match = _ISO.fullmatch(typed) or _DAY_FIRST.fullmatch(typed)
    if match is None:
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
