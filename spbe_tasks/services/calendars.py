"""The working calendar of a government: national holidays corrected by its own table."""

from datetime import date

from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules.calendar import Holiday, HolidayKind, WorkCalendar
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.services.queries.governments import list_holidays


def load(session: Session, government: Government) -> WorkCalendar:
    """The calendar that decides working days for ``government``, in its own zone."""
    local = tuple(Holiday(row.on, row.name, row.kind) for row in list_holidays(session, government.id))
    return WorkCalendar(zone=government.timezone, local=local)


def from_rows(government: Government, holidays: JsonRows) -> WorkCalendar:
    """The same calendar from rows of ``governments.local_holidays`` that came along with other rows."""
    local = (
        Holiday(date.fromisoformat(row["on"]), row["name"], HolidayKind(row["kind"])) for row in holidays
    )
    return WorkCalendar(zone=government.timezone, local=tuple(local))
