"""The share of work still open, by hand-computed rows of Kaplan and Meier's estimate, and what is drawn from it."""

from random import Random

import pytest

from spbe_tasks.rules.lead_times import LONGEST, Curve, LeadTime, cells_of, survival


def curve(*rows: tuple[int, bool]) -> Curve:
    return survival(cells_of(LeadTime(1, days, is_finished) for days, is_finished in rows))


def test_open_work_counts_as_at_risk_until_its_age() -> None:
    # Of four, one ends after 10 days; one of 15 is still open; of the two left one ends after 20, one after 40.
    found = curve((10, True), (15, False), (20, True), (40, True))
    assert found.days == (10, 20, 40)
    assert found.shares == pytest.approx((0.75, 0.375, 0.0))


def test_work_open_since_the_day_on_which_other_work_ended_was_at_risk_on_it() -> None:
    assert curve((10, True), (10, False)).shares == pytest.approx((0.5,))


def test_between_the_days_seen_the_share_falls_evenly() -> None:
    found = curve((10, True), (20, True))
    assert found.open_after(0) == pytest.approx(1.0)
    assert found.open_after(5) == pytest.approx(0.75)
    assert found.open_after(15) == pytest.approx(0.25)
    assert found.open_after(99) == 0.0


def test_the_days_by_which_parts_have_ended_and_none_beyond_what_was_seen() -> None:
    found = curve(*((day, True) for day in range(1, 10)), (50, False))
    assert [found.within(part) for part in (0.1, 0.5, 0.9)] == [1, 5, 9]
    assert curve((10, True), (20, False)).within(0.9) is None


def test_draws_follow_the_curve_and_take_at_least_a_day() -> None:
    chance = Random(1)
    found = curve(*((day, True) for day in range(1, 101)))
    drawn = sorted(found.remaining(0, [chance.random() for _ in range(2_000)]))
    assert drawn[0] >= 1
    assert drawn[-1] <= 100
    assert abs(drawn[1_000] - 50) <= 4


def test_what_is_older_than_anything_finished_ends_at_the_rate_of_the_slower_half() -> None:
    # Beyond the middle (day 10): one ends after 20, one of 30 is open: one end in 10 + 20 days.
    found = curve((10, True), (10, True), (20, True), (30, False))
    assert found.rate == pytest.approx(1 / 30)
    assert found.remaining(30, [0.0, 0.5, 0.9]) == [1, 21, 70]


def test_no_draw_is_longer_than_the_longest_told() -> None:
    slow = Curve((10,), (0.5,), 1e-9)
    assert slow.remaining(0, [0.999999]) == [LONGEST]


def test_work_that_outlasts_all_seen_leaves_a_share_open() -> None:
    cells = cells_of([LeadTime(1, 10), LeadTime(1, 20)])
    assert survival(cells, outlasting=1).shares == pytest.approx((2 / 3, 1 / 3))


def test_work_accepted_on_the_day_it_was_handed_over_is_no_division_by_zero() -> None:
    found = curve((0, True), (0, True), (1, False))
    assert found.remaining(0, [0.0, 0.99])[0] >= 1
