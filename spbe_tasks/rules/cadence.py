"""On which days a person's digest may leave, by how often they want it."""

from datetime import date, timedelta

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.preferences import Cadence


def wants_digest(cadence: Cadence, today: date, calendar: WorkCalendar) -> bool:
    """Whether somebody of this cadence may be sent a digest on ``today``, a working day."""
    if cadence is Cadence.WEEKLY:
        return today == first_working_day(today, calendar)
    return cadence is Cadence.DAILY


def first_working_day(today: date, calendar: WorkCalendar) -> date:
    """The first working day on or after the Monday of ``today``'s week; in a later week when this one has none."""
    return calendar.next_working_day(today - timedelta(days=today.weekday()))
