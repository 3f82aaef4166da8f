"""How a late task climbs in working days, and when the weekly briefs are due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.escalation import began_on, brief_day, counts_from, level_on
from spbe_tasks.rules.ladder import Level
from spbe_tasks.rules.reminder_policy import DEFAULT_POLICY, ReminderPolicy

CALENDAR = WorkCalendar("Asia/Jakarta")
FRIDAY = date(2026, 6, 26)


@pytest.mark.parametrize(
    ("due_on", "today", "level"),
    [
        (FRIDAY, date(2026, 6, 30), None),  # Tuesday: two working days late
        (FRIDAY, date(2026, 7, 1), Level.AGENCY_HEAD),
        (FRIDAY, date(2026, 7, 6), Level.AGENCY_HEAD),
        (FRIDAY, date(2026, 7, 7), Level.COORDINATOR),
        (FRIDAY, date(2026, 7, 15), Level.COORDINATOR),
        (FRIDAY, date(2026, 7, 16), Level.EXECUTIVE),
        (FRIDAY, date(2027, 7, 16), Level.EXECUTIVE),
        # Nyepi and Lebaran: from Wednesday 18 to Tuesday 24 March nobody works.
        (date(2026, 3, 16), date(2026, 3, 25), None),
        (date(2026, 3, 16), date(2026, 3, 26), Level.AGENCY_HEAD),
    ],
)
def test_levels_are_reached_in_working_days_after_the_due_date(
    due_on: date, today: date, level: Level | None
) -> None:
    assert level_on(due_on, today, CALENDAR, DEFAULT_POLICY) == level


def test_a_policy_sets_its_own_steps() -> None:
    policy = ReminderPolicy(agency_head_after=1, coordinator_after=2, executive_after=5)
    assert level_on(FRIDAY, date(2026, 6, 29), CALENDAR, policy) is Level.AGENCY_HEAD
    assert level_on(FRIDAY, date(2026, 6, 30), CALENDAR, policy) is Level.COORDINATOR


@pytest.mark.parametrize(
    ("changed_on", "counted_from", "began"),
    [
        (date(2026, 6, 1), FRIDAY, date(2026, 6, 27)),
        (FRIDAY, FRIDAY, date(2026, 6, 27)),
        (date(2026, 7, 8), date(2026, 7, 8), date(2026, 7, 8)),
    ],
)
def test_a_state_change_after_the_due_date_starts_the_climb_from_zero(
    changed_on: date, counted_from: date, began: date
) -> None:
    assert counts_from(FRIDAY, changed_on) == counted_from
    assert began_on(FRIDAY, changed_on) == began


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 60))
def test_no_level_is_ever_left_again_as_days_go_by_and_none_is_reached_on_a_day_off(
    start: date, days: int
) -> None:
    yesterday, today = start + timedelta(days=days), start + timedelta(days=days + 1)
    before = level_on(start, yesterday, CALENDAR, DEFAULT_POLICY) or 0
    after = level_on(start, today, CALENDAR, DEFAULT_POLICY) or 0
    assert before <= after
    assert CALENDAR.is_working_day(today) or before == after


@pytest.mark.parametrize(
    ("today", "weekday", "expected"),
    [
        (date(2026, 6, 22), 0, date(2026, 6, 22)),
        (date(2026, 6, 26), 0, date(2026, 6, 22)),
        (date(2026, 6, 24), 3, date(2026, 6, 18)),  # not Thursday yet: last week's
        # Monday 23 March is joint leave, as is Tuesday: the first day back.
        (date(2026, 3, 25), 0, date(2026, 3, 25)),
        # Thursday 19 March is Nyepi, Friday joint leave: rolled into the next week, which has its own later.
        (date(2026, 3, 25), 3, date(2026, 3, 25)),
        (date(2026, 3, 26), 3, date(2026, 3, 26)),
    ],
)
def test_briefs_are_due_on_their_weekday_or_the_next_working_day(
    today: date, weekday: int, expected: date
) -> None:
    assert brief_day(today, weekday, CALENDAR) == expected
