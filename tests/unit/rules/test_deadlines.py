from datetime import date

import pytest

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.deadlines import NONE, Deadline, Deadlines
from spbe_tasks.rules.workflow import AGENCY_STATES, State

MONDAY = date(2025, 3, 3)
DEADLINES = Deadlines(WorkCalendar(zone="Asia/Pontianak"), MONDAY)


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [
        (date(2025, 3, 3), Deadline(False, 0)),
        (date(2025, 3, 7), Deadline(False, 4)),
        (date(2025, 3, 10), Deadline(False, 5)),
        (date(2025, 3, 2), Deadline(True, -1)),  # a Sunday: Monday is the first working day after it
        (date(2025, 2, 28), Deadline(True, -1)),
        (date(2025, 2, 24), Deadline(True, -5)),
    ],
)
def test_working_days_are_counted_up_to_the_due_date_and_after_it(due_on: date, expected: Deadline) -> None:
    assert DEADLINES.of(State.ASSIGNED, due_on) == expected
    assert DEADLINES.of(State.BLOCKED, due_on) == expected


def test_late_by_a_weekend_is_late_by_no_working_day() -> None:
    saturday = Deadlines(DEADLINES.calendar, date(2025, 3, 8))
    assert saturday.of(State.IN_PROGRESS, date(2025, 3, 7)) == Deadline(True, 0)


@pytest.mark.parametrize("state", sorted(set(State) - AGENCY_STATES))
def test_whoever_waits_or_is_done_has_no_deadline(state: State) -> None:
    assert DEADLINES.of(state, date(2025, 2, 24)) == NONE
