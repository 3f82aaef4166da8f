"""The day of a month on which its brief leaves: a table of weekends, holidays and ends of months."""

from datetime import date, timedelta

import pytest

from spbe_tasks.rules.calendar import Holiday, HolidayKind, WorkCalendar
from spbe_tasks.rules.monthly import is_monthly_due, is_same_month, month_before, monthly_day

CALENDAR = WorkCalendar("Asia/Pontianak")


@pytest.mark.parametrize(
    ("day", "month", "leaves"),
    [
        (3, date(2025, 3, 9), date(2025, 3, 3)),  # a Monday
        (15, date(2025, 3, 1), date(2025, 3, 17)),  # a Saturday
        (1, date(2025, 6, 30), date(2025, 6, 2)),  # a Sunday, and a national holiday
        (25, date(2025, 12, 1), date(2025, 12, 29)),  # Christmas, joint leave, a weekend
        (
            28,
            date(2025, 3, 1),
            date(2025, 3, 27),
        ),  # joint leave, Nyepi, Sunday, Idulfitri: none left in March
        (28, date(2026, 2, 1), date(2026, 2, 27)),  # a Saturday, and the month is over
        (28, date(2025, 4, 30), date(2025, 4, 28)),
    ],
)
def test_a_brief_leaves_on_the_first_working_day_from_its_day_on_within_its_month(
    day: int, month: date, leaves: date
) -> None:
    assert monthly_day(day, month, CALENDAR) == leaves


@pytest.mark.parametrize("day", [1, 10, 28])
@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_every_month_has_one_day_that_is_its_own_and_a_working_day(year: int, day: int) -> None:
    days = [monthly_day(day, date(year, month, 1), CALENDAR) for month in range(1, 13)]
    assert [(each.year, each.month) for each in days] == [(year, month) for month in range(1, 13)]
    assert all(map(CALENDAR.is_working_day, days))


def test_a_day_the_government_takes_off_counts_as_such() -> None:
    local = Holiday(date(2025, 3, 3), "Hari jadi", HolidayKind.LOCAL)
    assert monthly_day(3, date(2025, 3, 3), WorkCalendar("Asia/Pontianak", (local,))) == date(2025, 3, 4)


def test_it_is_due_from_its_day_to_the_end_of_the_month_and_not_before() -> None:
    due = [
        date(2025, 3, 1) + timedelta(days=each)
        for each in range(62)
        if is_monthly_due(15, date(2025, 3, 1) + timedelta(days=each), CALENDAR)
    ]
    assert due[0] == date(2025, 3, 17)
    assert due[14] == date(2025, 3, 31)
    assert due[15] == date(2025, 4, 15)  # not on the first of the next month


def test_a_government_that_wants_none_has_none() -> None:
    assert not is_monthly_due(None, date(2025, 3, 31), CALENDAR)


def test_a_month_is_one_of_one_year() -> None:
    assert is_same_month(date(2025, 3, 1), date(2025, 3, 31))
    assert not is_same_month(date(2025, 3, 1), date(2026, 3, 1))
    assert not is_same_month(date(2025, 3, 31), date(2025, 4, 1))


@pytest.mark.parametrize(
    ("today", "before"),
    [
        (date(2025, 3, 3), date(2025, 2, 3)),
        (date(2025, 3, 31), date(2025, 2, 28)),
        (date(2025, 1, 15), date(2024, 12, 15)),
    ],
)
def test_the_month_before_has_the_same_day_or_its_last(today: date, before: date) -> None:
    assert month_before(today) == before
