"""The rungs of the due-date ladder and the mornings they are sent on, with literal dates."""

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.calendar import Holiday, HolidayKind, WorkCalendar
from spbe_tasks.rules.ladder import (
    Ladder,
    LadderName,
    Level,
    Rung,
    current_rung,
    horizon,
    send_day,
)
from spbe_tasks.rules.reminder_policy import DEFAULT_POLICY

CALENDAR = WorkCalendar("Asia/Jakarta")
LADDER = DEFAULT_POLICY.due_ladder
RUNGS = tuple(islice(LADDER.rungs(), 30))
due_dates = st.dates(date(2025, 1, 1), date(2027, 12, 31))
rungs = st.sampled_from(RUNGS)


def key_on(due_on: date, today: date, calendar: WorkCalendar = CALENDAR) -> str | None:
    rung = current_rung(due_on, today, calendar, ladder=LADDER)
    return rung.key if rung else None


def test_the_ladder_has_the_rungs_of_the_contract() -> None:
    assert [rung.key for rung in RUNGS[:21]] == [
        *("due-14", "due-7", "due-3", "due-1", "due", "overdue+1", "overdue+3", "overdue+7"),
        *("overdue+14", "overdue+21", "overdue+28", "overdue+35", "overdue+42", "overdue+49", "overdue+56"),
        *("overdue+63", "overdue+70", "overdue+77", "overdue+84", "overdue+114", "overdue+144"),
    ]


def test_every_key_names_its_rung_again() -> None:
    assert [Rung.of_key(rung.key) for rung in RUNGS] == list(RUNGS)


@pytest.mark.parametrize(
    "key", ["", "due+1", "due-", "overdue", "overdue+", "escalation+3", "due-3 ", "due-٣"]
)
def test_a_key_of_another_ladder_names_no_rung(key: str) -> None:
    assert Rung.of_key(key) is None


@pytest.mark.parametrize(
    ("due_on", "key", "expected"),
    [
        # Due on Friday 26 June 2026, an ordinary week.
        (date(2026, 6, 26), "due-14", date(2026, 6, 12)),
        (date(2026, 6, 26), "due-3", date(2026, 6, 23)),
        (date(2026, 6, 26), "due", date(2026, 6, 26)),
        (date(2026, 6, 26), "overdue+1", date(2026, 6, 29)),  # Saturday goes to Monday
        (date(2026, 6, 26), "overdue+3", date(2026, 6, 29)),
        # Due on Sunday 28 June: Monday would be too late, so Friday.
        (date(2026, 6, 28), "due-3", date(2026, 6, 25)),
        (date(2026, 6, 28), "due-1", date(2026, 6, 26)),
        (date(2026, 6, 28), "due", date(2026, 6, 26)),
        (date(2026, 6, 28), "overdue+1", date(2026, 6, 29)),
        # Due on Monday 15 June: the Sunday before goes to the Monday itself, which is not after the due date.
        (date(2026, 6, 15), "due-1", date(2026, 6, 15)),
        # Due on Tuesday 16 June, the Islamic new year.
        (date(2026, 6, 16), "due", date(2026, 6, 15)),
        # Due on 24 March, the last day of Lebaran's joint leave: everything near it moves before Nyepi.
        (date(2026, 3, 24), "due-7", date(2026, 3, 17)),
        (date(2026, 3, 24), "due-3", date(2026, 3, 17)),
        (date(2026, 3, 24), "due-1", date(2026, 3, 17)),
        (date(2026, 3, 24), "due", date(2026, 3, 17)),
        (date(2026, 3, 24), "overdue+1", date(2026, 3, 25)),
        # Due on 25 March, the first day back.
        (date(2026, 3, 25), "due-7", date(2026, 3, 25)),
        (date(2026, 3, 25), "due-1", date(2026, 3, 25)),
        # Due just before the leave: overdue rungs wait until it ends.
        (date(2026, 3, 17), "overdue+1", date(2026, 3, 25)),
        (date(2026, 3, 17), "overdue+7", date(2026, 3, 25)),
        (date(2026, 3, 17), "overdue+14", date(2026, 3, 31)),
        # Due on New Year's Day 2027, a Friday.
        (date(2027, 1, 1), "due", date(2026, 12, 31)),
        (date(2027, 1, 1), "due-7", date(2026, 12, 28)),  # Christmas is a Friday before a weekend
        # Lebaran 2027 with Nyepi: 8 to 15 March.
        (date(2027, 3, 14), "due", date(2027, 3, 5)),
        (date(2027, 3, 14), "overdue+1", date(2027, 3, 16)),
    ],
)
def test_a_rung_is_sent_on_a_working_morning(due_on: date, key: str, expected: date) -> None:
    rung = Rung.of_key(key)
    assert rung is not None
    assert send_day(rung, due_on, CALENDAR) == expected


@pytest.mark.parametrize(
    ("due_on", "today", "expected"),
    [
        (date(2026, 6, 26), date(2026, 6, 11), None),
        (date(2026, 6, 26), date(2026, 6, 12), "due-14"),
        (date(2026, 6, 26), date(2026, 6, 18), "due-14"),
        (date(2026, 6, 26), date(2026, 6, 19), "due-7"),
        (date(2026, 6, 26), date(2026, 6, 24), "due-3"),  # born or woken inside a window: its rung, no other
        (date(2026, 6, 26), date(2026, 6, 26), "due"),
        (date(2026, 6, 26), date(2026, 6, 28), "due"),  # Sunday after: nothing new before Monday
        (date(2026, 6, 26), date(2026, 6, 29), "overdue+3"),  # both reached on Monday: the higher
        (date(2026, 6, 28), date(2026, 6, 26), "due"),
        (date(2026, 3, 24), date(2026, 3, 16), "due-14"),
        (date(2026, 3, 24), date(2026, 3, 17), "due"),
        (date(2026, 3, 25), date(2026, 3, 24), "due-14"),
        (date(2026, 6, 26), date(2026, 9, 18), "overdue+84"),
        (date(2026, 6, 26), date(2026, 10, 16), "overdue+84"),
        (date(2026, 6, 26), date(2026, 10, 19), "overdue+114"),  # 18 October is a Sunday
        (date(2026, 6, 26), date(2026, 11, 17), "overdue+144"),
    ],
)
def test_the_highest_rung_reached_wins(due_on: date, today: date, expected: str | None) -> None:
    assert key_on(due_on, today) == expected


def test_a_local_holiday_moves_a_rung() -> None:
    anniversary = Holiday(date(2026, 6, 23), "Hari Jadi Kabupaten", HolidayKind.LOCAL)
    calendar = WorkCalendar("Asia/Jakarta", (anniversary,))
    assert key_on(date(2026, 6, 26), date(2026, 6, 23)) == "due-3"
    assert key_on(date(2026, 6, 26), date(2026, 6, 23), calendar) == "due-7"
    assert key_on(date(2026, 6, 26), date(2026, 6, 24), calendar) == "due-3"


def test_another_ladder_is_only_other_data() -> None:
    ladder = Ladder(offsets=(-2, 0), then_every_days=10)
    assert [rung.step for rung in islice(ladder.rungs(), 4)] == [-2, 0, 10, 20]
    assert current_rung(date(2026, 6, 8), date(2026, 6, 18), CALENDAR, ladder=ladder) == Rung(10)


@given(due_dates, rungs)
def test_a_rung_is_sent_no_later_than_the_first_working_morning_after_it_is_reached(
    due_on: date, rung: Rung
) -> None:
    reached_on = due_on + timedelta(days=rung.step)
    sent_on = send_day(rung, due_on, CALENDAR)
    assert CALENDAR.is_working_day(sent_on)
    assert sent_on <= CALENDAR.next_working_day(reached_on)
    if rung.step <= 0:
        assert sent_on <= due_on
    else:
        assert sent_on >= reached_on


@given(due_dates)
def test_send_days_never_fall_as_the_rung_rises(due_on: date) -> None:
    sent_on = [send_day(rung, due_on, CALENDAR) for rung in RUNGS]
    assert all(earlier <= later for earlier, later in pairwise(sent_on))


@given(due_dates, st.integers(-30, 400))
def test_the_current_rung_is_the_last_one_whose_day_has_come(due_on: date, days: int) -> None:
    today = due_on + timedelta(days=days)
    come = [rung for rung in RUNGS if send_day(rung, due_on, CALENDAR) <= today]
    assert current_rung(due_on, today, CALENDAR, ladder=LADDER) == (come[-1] if come else None)


# Closed from 1 to 31 July 2026: longer than the first rung looks ahead.
CLOSED_JULY = WorkCalendar(
    "Asia/Jakarta",
    local=tuple(Holiday(date(2026, 7, day), "Libur panjang", HolidayKind.LOCAL) for day in range(1, 32)),
)


@given(
    today=st.dates(date(2026, 6, 1), date(2026, 8, 15)),
    ahead=st.integers(-10, 60),
    calendar=st.sampled_from([CALENDAR, CLOSED_JULY]),
)
def test_nothing_due_after_the_horizon_stands_on_a_rung(
    today: date, ahead: int, calendar: WorkCalendar
) -> None:
    due_on = today + timedelta(days=ahead)
    is_on_a_rung = current_rung(due_on, today, calendar, ladder=LADDER) is not None
    assert not is_on_a_rung or due_on <= horizon(today, calendar, ladder=LADDER)


def test_the_horizon_is_a_fortnight_or_the_end_of_a_closure_that_starts_tomorrow() -> None:
    assert horizon(date(2026, 6, 24), CALENDAR, ladder=LADDER) == date(2026, 7, 8)
    assert horizon(date(2026, 6, 30), CLOSED_JULY, ladder=LADDER) == date(2026, 8, 2)  # a Sunday
    assert key_on(date(2026, 8, 2), date(2026, 6, 30), CLOSED_JULY) == "due"


@pytest.mark.parametrize(
    ("rung", "key"),
    [
        (Rung(Level.AGENCY_HEAD, LadderName.ESCALATION), "escalation:agency_head"),
        (Rung(Level.EXECUTIVE, LadderName.ESCALATION), "escalation:executive"),
        (Rung(5, LadderName.REVIEW), "review+5"),
        (Rung(-30, LadderName.EXPIRY), "expiry-30"),
        (Rung(0, LadderName.EXPIRY), "expiry"),
    ],
)
def test_rungs_of_the_other_ladders_have_names_of_their_own_and_are_read_back(rung: Rung, key: str) -> None:
    assert rung.key == key
    assert Rung.of_key(key) == rung


@pytest.mark.parametrize("key", ["escalation:mayor", "escalation:", "review", "review-3", "expiry+3"])
def test_a_name_no_ladder_has_is_no_rung(key: str) -> None:
    assert Rung.of_key(key) is None


def test_a_ladder_that_ends_has_no_rung_after_its_last() -> None:
    ladder = Ladder((-7, 0), name=LadderName.EXPIRY)
    due_on = date(2026, 6, 26)
    assert [rung.key for rung in ladder.rungs()] == ["expiry-7", "expiry"]
    assert current_rung(due_on, date(2027, 6, 26), WorkCalendar("Asia/Jakarta"), ladder=ladder) == Rung(
        0, LadderName.EXPIRY
    )
