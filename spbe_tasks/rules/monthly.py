"""On which day of a month the brief of the month leaves, to leaders who want it."""

from datetime import date, timedelta

from spbe_tasks.rules.calendar import WorkCalendar

FIRST_DAY, LAST_DAY = 1, 28  # every month has them


def monthly_day(day: int, today: date, calendar: WorkCalendar) -> date:
    """The day of ``today``'s month on which the brief of the ``day``-th leaves: the first working day from it on.

    Where the rest of the month has none, the last working day before; no month goes without, and none gets two.
    """
    wanted = today.replace(day=day)
    found = calendar.next_working_day(wanted)
    return found if is_same_month(found, wanted) else calendar.previous_working_day(wanted)


def is_monthly_due(day: int | None, today: date, calendar: WorkCalendar) -> bool:
    """Whether the brief of ``today``'s month may leave by now; after an outage, until the month ends."""
    return day is not None and today >= monthly_day(day, today, calendar)


def is_same_month(one: date, other: date) -> bool:
    """Whether two days are of one month of one year."""
    return (one.year, one.month) == (other.year, other.month)


def month_before(today: date) -> date:
    """The same day of the month before, or that month's last day where it has no such day."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(today.day, last.day))
