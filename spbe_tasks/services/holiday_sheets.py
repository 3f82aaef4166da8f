"""Days off from a file: what would change is looked at first, and all of it is stored or nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from spbe_tasks.models import LocalHoliday
from spbe_tasks.readers.holiday_table import HolidayRow, read_holidays
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import Holiday, HolidayKind, WorkCalendar
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem
from spbe_tasks.services import holidays
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Change:
    """A day of the file that is not in the calendar yet as the file has it; ``before`` is what stands there."""

    row: HolidayRow
    before: LocalHoliday | None
    national_name: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What importing a file does; ``unchanged`` counts the days that stand in the calendar already."""

    changes: tuple[Change, ...]
    unchanged: int

    @property
    def fingerprint(self) -> str:
        """A short digest of the changes, to tell whether they still are the same when they are stored."""
        facts = [(each.row, each.before.id if each.before else None) for each in self.changes]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def preview(session: Session, scope: Scope, data: bytes) -> Seen:
    """What ``store`` would do; writes nothing and raises the same."""
    rows = read_holidays(data)
    zone = queries.get_government(session, scope.government_id).timezone
    problems = [
        Problem("holiday.works_already", "kind", each.row, each.on.isoformat())
        for each in rows
        if each.kind is HolidayKind.WORKING_DAY_OVERRIDE and WorkCalendar(zone=zone).is_working_day(each.on)
    ]
    if problems:
        raise InvalidInputError(problems)
    standing = {row.on: row for row in queries.list_holidays(session, scope.government_id)}
    changes = tuple(
        Change(row, standing.get(row.on), holidays.national_name(row.on, zone))
        for row in rows
        if not _is_as(row, standing)
    )
    return Seen(changes, len(rows) - len(changes))


def store(work: Work, scope: Scope, data: bytes, *, seen: str | None = None, now: datetime) -> Seen:
    """Enter every day of the file; one that stands there otherwise is replaced, all others stay.

    ``seen`` is the fingerprint of the preview that was confirmed (None: any). Raises InvalidInputError with every
    problem by row, ConflictError ("holidays.changed_meanwhile") when the preview no longer holds.
    """
    found = preview(work.session, scope, data)
    if seen is not None and seen != found.fingerprint:
        raise ConflictError("holidays.changed_meanwhile")
    for change in found.changes:
        if change.before is not None:
            holidays.remove(work, scope, change.before.id, now=now)
    work.session.flush()
    for change in found.changes:
        row = change.row
        holidays.add(work, scope, Holiday(row.on, row.name, row.kind), decree=row.decree, now=now)
    return found


def _is_as(row: HolidayRow, standing: Mapping[date, LocalHoliday]) -> bool:
    there = standing.get(row.on)
    return there is not None and (there.name, there.kind, there.decree) == (row.name, row.kind, row.decree)
