"""On which days a digest may leave, by how often its reader wants it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.cadence import wants_digest
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.preferences import Cadence

CALENDAR = WorkCalendar("Asia/Jakarta")


@pytest.mark.parametrize(
    ("today", "wanted"),
    [
        (date(2026, 6, 22), True),  # a Monday
        (date(2026, 6, 23), False),
        (date(2026, 6, 26), False),
        (date(2026, 3, 25), True),  # the Wednesday after Lebaran, Monday and Tuesday being joint leave
        (date(2026, 3, 26), False),
    ],
)
def test_a_weekly_digest_leaves_on_the_first_working_day_of_the_week(today: date, wanted: bool) -> None:
    assert wants_digest(Cadence.WEEKLY, today, CALENDAR) is wanted


def test_a_daily_digest_may_leave_every_day_and_one_that_is_not_wanted_never() -> None:
    days = [date(2026, 6, 22) + timedelta(days=number) for number in range(5)]
    assert all(wants_digest(Cadence.DAILY, day, CALENDAR) for day in days)
    assert not any(wants_digest(Cadence.NEVER, day, CALENDAR) for day in days)


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_every_week_with_a_working_day_has_one_weekly_digest_and_no_other_has_any(day: date) -> None:
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=number) for number in range(7)]
    working = [each for each in week if CALENDAR.is_working_day(each)]
    leaving = [each for each in working if wants_digest(Cadence.WEEKLY, each, CALENDAR)]
    assert leaving == working[:1]
