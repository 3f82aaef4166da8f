"""How a late task climbs the positions, in working days; and the weekly brief that goes with it."""

from datetime import date, timedelta

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.ladder import Level
from spbe_tasks.rules.reminder_policy import ReminderPolicy

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def counts_from(due_on: date, changed_on: date) -> date:
    """The day of which nothing counts yet: the due date, or the day the task last changed its state, if later.

    A state change starts the climb from zero; a granted extension does by the new due date.
    """
    return max(due_on, changed_on)


def began_on(due_on: date, changed_on: date) -> date:
    """The first day of this climb, which tells it from those before it in the ledger (its episode, as an ordinal)."""
    return max(due_on + _DAY, changed_on)


def level_on(counted_from: date, today: date, calendar: WorkCalendar, policy: ReminderPolicy) -> Level | None:
    """The highest level reached by ``today``, so many working days after ``counted_from``; None: not escalated yet."""
    late = calendar.working_days_between(counted_from, today)
    return max((level for level, step in steps(policy).items() if step <= late), default=None)


def steps(policy: ReminderPolicy) -> dict[Level, int]:
    """After how many working days each level is reached."""
    return {
        Level.AGENCY_HEAD: policy.agency_head_after,
        Level.COORDINATOR: policy.coordinator_after,
        Level.EXECUTIVE: policy.executive_after,
    }


def brief_day(today: date, weekday: int, calendar: WorkCalendar) -> date:
    """The latest day up to ``today`` on which briefs were due: the ``weekday`` (Monday is 0) or the next working day.

    Several weeks without a working day share one.
    """
    nominal = today - timedelta(days=(today.weekday() - weekday) % 7)
    while calendar.next_working_day(nominal) > today:
        nominal -= _WEEK
    return calendar.next_working_day(nominal)
