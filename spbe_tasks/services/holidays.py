"""Local holidays: days a government adds to the national calendar, or works although that calls them off."""

from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from spbe_tasks.models import LocalHoliday
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import Holiday, HolidayKind, WorkCalendar
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.services import trail
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.work import Work


def add(
    work: Work, scope: Scope, holiday: Holiday, *, decree: str | None = None, now: datetime
) -> LocalHoliday:
    """Add a day to the government's own table; ``decree`` is the number of the decision behind it.

    Raises InvalidInputError for a working day that is one already and for a day that is listed already.
    """
    _check(work, scope, holiday)
    row = LocalHoliday(
        government_id=scope.government_id,
        on=holiday.on,
        name=holiday.name,
        kind=holiday.kind,
        decree=decree or None,
    )
    try:
        with work.session.begin_nested():
            work.session.add(row)
    except IntegrityError:
        raise InvalidInputError.of("holiday.day_taken", "on") from None
    _record(work, scope, "add_holiday", row, now)
    return row


def remove(work: Work, scope: Scope, holiday_id: int, *, now: datetime) -> LocalHoliday:
    """Take a day from the table: the national calendar speaks for it again. Raises NotFoundError."""
    row = queries.get_holiday(work.session, scope, holiday_id)
    _record(work, scope, "remove_holiday", row, now)
    work.session.delete(row)
    return row


def national_name(day: date, zone: str) -> str | None:
    """What the national calendar calls ``day``, or None on a weekend or working day."""
    calendar = WorkCalendar(zone=zone, weekend=frozenset())
    return calendar.why_not_working(day)


def _check(work: Work, scope: Scope, holiday: Holiday) -> None:
    if holiday.kind is not HolidayKind.WORKING_DAY_OVERRIDE:
        return
    zone = queries.get_government(work.session, scope.government_id).timezone
    if WorkCalendar(zone=zone).is_working_day(holiday.on):
        raise InvalidInputError.of("holiday.works_already", "on")


def _record(work: Work, scope: Scope, action: str, row: LocalHoliday, now: datetime) -> None:
    trail.record_by(
        work,
        scope,
        action,
        ("local_holiday", row.id),
        now=now,
        data={"on": row.on.isoformat(), "name": row.name, "kind": row.kind.value, "decree": row.decree},
    )
