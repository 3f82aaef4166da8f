"""Working days and mail hours, on the real calendars of 2026 and 2027."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.calendar import (
    WEEKEND_REASON,
    Holiday,
    HolidayKind,
    SendWindow,
    WorkCalendar,
    is_open,
    local_date,
    national_holidays,
    zone_label,
)
from spbe_tasks.rules.errors import InvalidInputError

WIB = WorkCalendar("Asia/Jakarta")
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 3, 17), None),
        (date(2026, 3, 18), "Cuti Bersama Hari Suci Nyepi"),
        (date(2026, 3, 19), "Hari Suci Nyepi"),
        (date(2026, 3, 20), "Cuti Bersama Hari Raya Idul Fitri"),
        (date(2026, 3, 21), "Hari Raya Idul Fitri"),  # a Saturday too: the holiday's name says more
        (date(2026, 3, 22), "Hari kedua dari Hari Raya Idul Fitri"),
        (date(2026, 3, 24), "Cuti Bersama Hari Raya Idul Fitri"),
        (date(2026, 3, 25), None),
        (date(2026, 3, 28), WEEKEND_REASON),
        (date(2026, 8, 17), "Hari Kemerdekaan Republik Indonesia"),
        (date(2027, 3, 10), "Hari Raya Idul Fitri (perkiraan)"),
        (date(2027, 5, 19), "Cuti Bersama Hari Raya Waisak"),
    ],
)
def test_a_day_off_says_why(day: date, reason: str | None) -> None:
    assert WIB.why_not_working(day) == reason
    assert WIB.is_working_day(day) is (reason is None)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (date(2026, 3, 17), date(2026, 3, 17), date(2026, 3, 17)),
        (date(2026, 3, 18), date(2026, 3, 17), date(2026, 3, 25)),  # Nyepi runs into Lebaran
        (date(2026, 3, 24), date(2026, 3, 17), date(2026, 3, 25)),
        (date(2026, 6, 14), date(2026, 6, 12), date(2026, 6, 15)),
        (date(2026, 12, 26), date(2026, 12, 23), date(2026, 12, 28)),
        (date(2027, 1, 1), date(2026, 12, 31), date(2027, 1, 4)),
        (date(2027, 3, 13), date(2027, 3, 5), date(2027, 3, 16)),  # Nyepi and Lebaran in one week
    ],
)
def test_the_nearest_working_days_are_found_across_holidays(day: date, before: date, after: date) -> None:
    assert WIB.previous_working_day(day) == before
    assert WIB.next_working_day(day) == after


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2026, 6, 12), date(2026, 6, 12), 0),
        (date(2026, 6, 12), date(2026, 6, 14), 0),  # Friday to Sunday
        (date(2026, 6, 12), date(2026, 6, 15), 1),  # Friday to Monday
        (date(2026, 6, 12), date(2026, 6, 19), 4),  # 16 June is the Islamic new year
        (date(2026, 3, 17), date(2026, 3, 25), 1),  # all of Lebaran counts for nothing
        (date(2026, 6, 19), date(2026, 6, 12), 0),
    ],
)
def test_working_days_are_counted_after_the_start_up_to_the_end(start: date, end: date, count: int) -> None:
    assert WIB.working_days_between(start, end) == count


def test_a_local_holiday_closes_an_ordinary_day() -> None:
    anniversary = Holiday(date(2026, 6, 10), "Hari Jadi Kabupaten", HolidayKind.LOCAL)
    calendar = WorkCalendar("Asia/Pontianak", (anniversary,))
    assert calendar.why_not_working(date(2026, 6, 10)) == "Hari Jadi Kabupaten"
    assert calendar.next_working_day(date(2026, 6, 10)) == date(2026, 6, 11)


@pytest.mark.parametrize("day", [date(2026, 3, 24), date(2026, 3, 28), date(2027, 3, 10)])
def test_a_local_override_opens_a_joint_leave_a_saturday_and_an_estimated_holiday(day: date) -> None:
    override = Holiday(day, "Hari kerja pengganti", HolidayKind.WORKING_DAY_OVERRIDE)
    assert not WIB.is_working_day(day)
    assert WorkCalendar("Asia/Jakarta", (override,)).why_not_working(day) is None


def test_a_day_listed_twice_is_refused() -> None:
    day = date(2026, 6, 10)
    rows = (Holiday(day, "A", HolidayKind.LOCAL), Holiday(day, "B", HolidayKind.WORKING_DAY_OVERRIDE))
    with pytest.raises(InvalidInputError) as refused:
        WorkCalendar("Asia/Jakarta", rows)
    assert refused.value.problems[0].code == "calendar.day_listed_twice"


def test_a_calendar_without_any_working_weekday_is_refused() -> None:
    with pytest.raises(InvalidInputError) as refused:
        WorkCalendar("Asia/Jakarta", weekend=frozenset(range(7)))
    assert refused.value.problems[0].code == "calendar.no_working_weekday"


def test_a_six_day_week_works_on_saturday() -> None:
    calendar = WorkCalendar("Asia/Jayapura", weekend=frozenset({6}))
    assert calendar.is_working_day(date(2026, 6, 13))
    assert not calendar.is_working_day(date(2026, 6, 14))


def test_the_national_table_tells_public_holidays_from_joint_leave() -> None:
    kinds = {holiday.on: holiday.kind for holiday in national_holidays(2026)}
    assert len(kinds) == 25
    assert kinds[date(2026, 3, 19)] is HolidayKind.PUBLIC
    assert kinds[date(2026, 3, 20)] is HolidayKind.JOINT_LEAVE
    assert list(kinds) == sorted(kinds)


@given(days)
def test_neighbouring_working_days_enclose_the_day_and_nothing_between(day: date) -> None:
    before, after = WIB.previous_working_day(day), WIB.next_working_day(day)
    assert before <= day <= after
    assert WIB.is_working_day(before)
    assert WIB.is_working_day(after)
    assert (before == day == after) is WIB.is_working_day(day)
    assert WIB.working_days_between(before, after) == (0 if before == after else 1)


@given(days, days, days)
def test_working_days_add_up_over_a_day_between(a: date, b: date, c: date) -> None:
    first, middle, last = sorted((a, b, c))
    whole = WIB.working_days_between(first, last)
    assert whole == WIB.working_days_between(first, middle) + WIB.working_days_between(middle, last)
    assert whole <= (last - first).days


@pytest.mark.parametrize(
    ("zone", "label", "opening_utc"),
    [
        ("Asia/Jakarta", "WIB", time(0, 30)),
        ("Asia/Pontianak", "WIB", time(0, 30)),
        ("Asia/Makassar", "WITA", time(23, 30)),
        ("Asia/Jayapura", "WIT", time(22, 30)),
    ],
)
def test_each_zone_opens_at_half_past_seven_of_its_own_morning(
    zone: str, label: str, opening_utc: time
) -> None:
    monday = datetime(2026, 6, 15, 7, 30, tzinfo=ZoneInfo(zone))
    assert zone_label(zone) == label
    assert monday.astimezone(UTC).time() == opening_utc
    calendar, window = WorkCalendar(zone), SendWindow()
    assert is_open(window, calendar, monday.astimezone(UTC))
    assert not is_open(window, calendar, monday.astimezone(UTC) - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-06-15T07:29:59", False),
        ("2026-06-15T07:30:00", True),
        ("2026-06-15T15:59:59", True),
        ("2026-06-15T16:00:00", False),
        ("2026-06-14T10:00:00", False),  # Sunday
        ("2026-06-16T10:00:00", False),  # Islamic new year
        ("2026-03-24T10:00:00", False),  # joint leave
    ],
)
def test_mail_leaves_only_on_working_days_inside_the_window(local: str, expected: bool) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Asia/Jakarta"))
    assert is_open(SendWindow(), WIB, now) is expected


def test_the_local_date_decides_not_the_date_in_utc() -> None:
    still_sunday_in_utc = datetime(2026, 6, 14, 23, 0, tzinfo=UTC)  # Monday 08:00 in Jayapura
    assert is_open(SendWindow(), WorkCalendar("Asia/Jayapura"), still_sunday_in_utc)
    assert local_date(still_sunday_in_utc, "Asia/Jayapura") == date(2026, 6, 15)
    assert local_date(still_sunday_in_utc, "Asia/Makassar") == date(2026, 6, 15)
    assert local_date(still_sunday_in_utc - timedelta(hours=8), "Asia/Jayapura") == date(2026, 6, 15)
    assert local_date(still_sunday_in_utc - timedelta(hours=8), "Asia/Jakarta") == date(2026, 6, 14)


def test_a_naive_instant_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="aware"):
        is_open(SendWindow(), WIB, datetime(2026, 6, 15, 10, 0))  # noqa: DTZ001 - the mistake itself


def test_a_window_that_closes_before_it_opens_is_refused() -> None:
    with pytest.raises(InvalidInputError) as refused:
        SendWindow(time(16, 0), time(7, 30))
    assert refused.value.problems[0].code == "calendar.window_closes_before_it_opens"


def test_a_zone_outside_indonesia_has_no_label() -> None:
    with pytest.raises(InvalidInputError) as refused:
        zone_label("Europe/Berlin")
    assert refused.value.problems[0].params == {"zone": "Europe/Berlin"}
