"""Predicted against official, on numbers worked out by hand; what always holds, on any."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.calibration import (
    Compared,
    CutOff,
    CutOffReason,
    Decision,
    Discount,
    Lean,
    Tally,
    compare,
    cut_off,
    decisive,
    discount,
    in_force,
    tallies,
    tally,
)

SPBE = get_instrument("permenpanrb-59-2020")
NUMBERS = [each.number for each in SPBE.indicators]
IMPORTED_ON = date(2025, 1, 20)


def levels(changed: dict[int, int | None] | None = None) -> dict[int, Decimal | None]:
    """Every indicator at level 2 but those that changed."""
    every: dict[int, Decimal | None] = dict.fromkeys(NUMBERS, Decimal(2))
    return every | {n: None if value is None else Decimal(value) for n, value in (changed or {}).items()}


def compared(
    predicted: dict[int, int | None],
    official: dict[int, int | None],
    baseline: dict[int, int | None] | None = None,
) -> dict[int, Compared]:
    found = compare(SPBE, baseline=levels(baseline), predicted=levels(predicted), official=levels(official))
    return {each.number: each for each in found}


def accepted(task_id: int, number: int, reached: int | None, **values: int) -> Decision:
    return Decision(
        task_id,
        number,
        values.get("agency_id", 1),
        values.get("round", 1),
        values.get("person_id", 7),
        None if reached is None else Decimal(reached),
    )


@pytest.mark.parametrize(
    ("closes_on", "opens_on", "expected"),
    [
        (date(2024, 8, 31), date(2024, 7, 1), CutOff(date(2024, 8, 31), CutOffReason.CLOSED)),
        (None, date(2024, 7, 1), CutOff(date(2024, 7, 1), CutOffReason.OPENED)),
        (None, None, CutOff(date(2025, 1, 19), CutOffReason.IMPORTED)),
        # A prediction made after the result was known would be none.
        (date(2025, 1, 20), date(2024, 7, 1), CutOff(date(2025, 1, 19), CutOffReason.IMPORTED)),
        (date(2025, 1, 19), None, CutOff(date(2025, 1, 19), CutOffReason.CLOSED)),
    ],
)
def test_the_prediction_stands_when_the_self_assessment_closes(
    closes_on: date | None, opens_on: date | None, expected: CutOff
) -> None:
    assert cut_off(closes_on=closes_on, opens_on=opens_on, imported_on=IMPORTED_ON) == expected


@pytest.mark.parametrize(
    ("predicted", "official", "difference", "is_raise", "is_confirmed", "kept_levels"),
    [
        (4, 4, 0, True, True, 2),  # came true
        (4, 3, -1, True, False, 1),  # half of it
        (4, 1, -3, True, False, 0),  # fell instead: nothing of the gain, and never less than nothing
        (3, 5, 2, True, True, 1),  # more than predicted: no more than the gain
        (2, 3, 1, False, True, 0),  # nothing was predicted
        (2, 1, -1, False, False, 0),
    ],
)
def test_an_indicator_is_compared_in_levels_and_its_gain_in_index_points(
    predicted: int, official: int, difference: int, is_raise: bool, is_confirmed: bool, kept_levels: int
) -> None:
    found = compared({33: predicted}, {33: official})[33]
    weight = Fraction(SPBE.indicator(33).weight) / 100
    assert found.difference == difference
    assert (found.is_raise, found.is_confirmed) == (is_raise, is_confirmed)
    assert found.gain == max(predicted - 2, 0) * weight
    assert found.kept == kept_levels * weight


def test_not_assessed_counts_as_nothing() -> None:
    found = compared({5: None}, {5: 2}, baseline={5: None})[5]
    assert (found.predicted, found.difference) == (Decimal(0), Decimal(2))
    assert not found.is_raise


def test_every_indicator_is_compared_in_the_order_of_the_instrument() -> None:
    assert list(compared({}, {})) == NUMBERS


def test_a_mean_is_exact_and_counts_what_was_confirmed() -> None:
    found = compared({1: 3, 2: 4, 3: 3}, {1: 3, 2: 3, 3: 2})
    assert tally([found[1], found[2], found[3]]) == Tally(count=3, confirmed=1, mean=Fraction(-2, 3))
    assert tally([]) is None


@pytest.mark.parametrize(
    ("count", "mean", "lean"),
    [
        (4, Fraction(-3), Lean.TOO_FEW),
        (5, Fraction(-1, 4), Lean.ABOVE),
        (5, Fraction(-24, 100), Lean.AGREES),
        (5, Fraction(0), Lean.AGREES),
        (5, Fraction(24, 100), Lean.AGREES),
        (5, Fraction(1, 4), Lean.BELOW),
    ],
)
def test_a_mean_says_something_from_five_verdicts_and_a_quarter_of_a_level(
    count: int, mean: Fraction, lean: Lean
) -> None:
    assert Tally(count, 0, mean).lean is lean


def test_a_reopened_task_has_no_verdict_until_it_is_accepted_again() -> None:
    first, reopened = accepted(1, 33, 3), accepted(1, 33, None, person_id=8)
    again = accepted(1, 33, 4, person_id=9)
    assert in_force([first, reopened]) == ()
    assert in_force([first, reopened, again]) == (again,)


def test_of_several_rounds_the_latest_accepted_one_counts() -> None:
    first, second = accepted(1, 33, 3), accepted(2, 33, 4, round=2)
    other = accepted(3, 33, 3, agency_id=2)
    assert in_force([first, second, other]) == (second, other)
    taken_back = accepted(2, 33, None, round=2)
    assert in_force([first, second, other, taken_back]) == (first, other)


def test_a_verdict_above_the_prediction_was_not_tried() -> None:
    """Two agencies: one reached 4, the other 3; the plan predicted 3, and that the evaluator judged."""
    high, low = accepted(1, 33, 4), accepted(2, 33, 3, agency_id=2)
    found = compared({33: 3}, {33: 2})
    assert decisive([high, low], found.values()) == ((low, found[33]),)


def test_verdicts_are_told_by_agency_and_by_reviewer() -> None:
    """Reviewer 7 accepted 1 and 2 of agency 1, reviewer 8 accepted 3 of agency 1 and 4 of agency 2."""
    verdicts = [
        accepted(1, 1, 4),
        accepted(2, 2, 3),
        accepted(3, 3, 3, person_id=8),
        accepted(4, 4, 3, agency_id=2, person_id=8),
    ]
    found = compared({1: 4, 2: 3, 3: 3, 4: 3}, {1: 2, 2: 3, 3: 3, 4: 4})
    both = decisive(verdicts, found.values())
    assert tallies(both, lambda each: each.agency_id) == {
        1: Tally(3, 2, Fraction(-2, 3)),
        2: Tally(1, 1, Fraction(1)),
    }
    assert tallies(both, lambda each: each.person_id) == {
        7: Tally(2, 1, Fraction(-1)),
        8: Tally(2, 2, Fraction(1, 2)),
    }


def test_the_discount_is_the_share_of_the_predicted_points_that_came_true() -> None:
    """Plan one: 33 to 36 from 2 to 3, three came true. Plan two: 33 from 2 to 4, half came true. All weigh the same."""
    assert len({SPBE.indicator(n).weight for n in (33, 34, 35, 36)}) == 1
    one = compared({33: 3, 34: 3, 35: 3, 36: 3}, {33: 3, 34: 3, 35: 3, 36: 2}).values()
    two = compared({33: 4}, {33: 3}).values()
    untouched = compared({}, {40: 5}).values()
    found = discount([tuple(one), tuple(two), tuple(untouched)])
    assert found == Discount(kept=Fraction(4, 6), count=5, plans=2)


def test_fewer_than_five_raised_indicators_say_nothing() -> None:
    assert discount([tuple(compared({1: 3, 2: 3, 3: 3, 4: 3}, {}).values())]) is None
    assert discount([tuple(compared({1: 3, 2: 3, 3: 3, 4: 3, 5: 3}, {}).values())]) == Discount(
        Fraction(0), 5, 1
    )
    assert discount([]) is None


LEVELS = st.fixed_dictionaries({number: st.integers(1, 5).map(Decimal) for number in NUMBERS})


@given(
    baseline=LEVELS,
    predicted=LEVELS,
    official=LEVELS,
    owners=st.lists(st.integers(1, 4), min_size=47, max_size=47),
)
def test_the_parts_add_up_to_the_whole_for_any_levels(
    baseline: dict[int, Decimal],
    predicted: dict[int, Decimal],
    official: dict[int, Decimal],
    owners: list[int],
) -> None:
    found = compare(SPBE, baseline=baseline, predicted=predicted, official=official)
    whole = tally(found)
    assert whole is not None
    verdicts = [
        Decision(n, n, owner, 1, owner, predicted[n]) for n, owner in zip(NUMBERS, owners, strict=True)
    ]
    parts = tallies(decisive(verdicts, found), lambda each: each.agency_id).values()
    assert sum(each.count for each in parts) == whole.count
    assert sum(each.confirmed for each in parts) == whole.confirmed
    assert sum(each.mean * each.count for each in parts) == whole.mean * whole.count
    told = discount([found])
    assert told is None or 0 <= told.kept <= 1
    if all(official[n] >= predicted[n] for n in NUMBERS) and told is not None:
        assert told.kept == 1
