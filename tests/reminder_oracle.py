"""What the contract of reminders says, written down once more, slowly and by hand: days are counted one by one.

Shares nothing with ``spbe_tasks.rules`` but the names the ledger keeps.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

IsWorking = Callable[[date], bool]
DAY = timedelta(days=1)

# Days from the due date: 14, 7, 3 and 1 before, the day, 1, 3 and 7 after, weekly to the twelfth week, then every 30.
USUAL_OFFSETS = (-14, -7, -3, -1, 0, 1, 3, 7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84)
POSITIONS = ("agency_head", "coordinator", "executive")


def morning_of(reached_on: date, end_on: date, is_working: IsWorking) -> date:
    """The morning on which a rung goes: the day itself or the next working one, unless that is past the end."""
    after = reached_on
    while not is_working(after):
        after += DAY
    before = reached_on
    while not is_working(before):
        before -= DAY
    return before if reached_on <= end_on < after else after


def due_rung(
    due_on: date, today: date, is_working: IsWorking, offsets: Sequence[int] = USUAL_OFFSETS
) -> str | None:
    """The name of the highest rung of the due date whose morning has come."""
    offset = _highest(due_on, today, is_working, [*offsets, *range(max(offsets) + 30, 4_000, 30)])
    if offset is None:
        return None
    if offset == 0:
        return "due"
    return f"due-{-offset}" if offset < 0 else f"overdue+{offset}"


def expiry_rung(
    expires_on: date, today: date, is_working: IsWorking, days_before: Sequence[int] = (60, 30, 7, 0)
) -> str | None:
    """The name of the highest rung before the last day of evidence whose morning has come."""
    offset = _highest(expires_on, today, is_working, sorted(-days for days in days_before))
    return None if offset is None else f"expiry{offset or ''}"


def position(
    due_on: date, changed_on: date, today: date, is_working: IsWorking, steps: Sequence[int] = (3, 7, 14)
) -> str | None:
    """The highest position a late task has come up to: working days after the due date and the last state change."""
    late = working_days_after(max(due_on, changed_on), today, is_working)
    reached = [name for name, step in zip(POSITIONS, steps, strict=True) if step <= late]
    return reached[-1] if reached else None


def review_rung(
    submitted_on: date, today: date, is_working: IsWorking, steps: Sequence[int] = (3, 5, 10)
) -> str | None:
    """The name of the highest step of a submission that waits."""
    waited = working_days_after(submitted_on, today, is_working)
    reached = [step for step in steps if step <= waited]
    return f"review+{reached[-1]}" if reached else None


def working_days_after(start: date, today: date, is_working: IsWorking) -> int:
    """How many working days came after ``start``, ``today`` being the last one looked at."""
    found, day = 0, start
    while day < today:
        day += DAY
        found += is_working(day)
    return found


def _highest(end_on: date, today: date, is_working: IsWorking, offsets: Sequence[int]) -> int | None:
    reached = None
    for offset in offsets:
        if end_on + offset * DAY > today + 40 * DAY:
            break
        if morning_of(end_on + offset * DAY, end_on, is_working) <= today:
            reached = offset
    return reached
