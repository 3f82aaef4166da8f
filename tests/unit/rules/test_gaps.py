"""Which indicators are low, who must raise them, and in which order."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.gaps import Owner, WantedPlan, find_gaps, gap_points
from spbe_tasks.rules.gaps import wanted_tasks as wanted_by
from spbe_tasks.rules.index import Level, compute
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.policy import DueDates, LevelRule, Policy
from spbe_tasks.rules.task_kind import TaskKind, at_stake
from tests.unit.rules.sample_instrument import REFUSING, SAMPLE, WEIGHTS

DUE = date(2026, 11, 30)
POLICY = Policy.simple(Decimal(3), Decimal(4), DUE)
NUMBERS = sorted(WEIGHTS)


def wanted_tasks(
    instrument: Instrument, by_number: dict[int, Level], owners: list[Owner], policy: Policy
) -> WantedPlan:
    return wanted_by(instrument, by_number, owners, policy, dates=DueDates.same(DUE))


def levels(**by_number: int | None) -> dict[int, Level]:
    """All indicators at 5 but those named, as ``i12=2``."""
    given_levels = {int(name[1:]): level for name, level in by_number.items()}
    return {n: _decimal(given_levels.get(n, 5)) for n in NUMBERS}


def _decimal(level: int | None) -> Level:
    return None if level is None else Decimal(level)


def owner(number: int, agency_id: int = 1, share: Fraction | None = None, *, lead: bool = True) -> Owner:
    return Owner(number, agency_id, f"agency-{agency_id:02}", is_lead=lead, share=share)


def codes(policy: Policy = POLICY, **by_number: int | None) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        find_gaps(SAMPLE, levels(**by_number), policy)
    return [problem.code for problem in caught.value.problems]


def gaps(policy: Policy = POLICY, **by_number: int | None) -> list[tuple[int, int, int]]:
    found = find_gaps(SAMPLE, levels(**by_number), policy)
    return [(gap.indicator_number, int(gap.baseline), int(gap.target)) for gap in found]


def test_only_levels_below_the_threshold_are_low() -> None:
    assert gaps(i1=2, i2=3, i12=1) == [(1, 2, 4), (12, 1, 4)]


def test_a_threshold_may_lie_between_two_levels() -> None:
    policy = replace(POLICY, threshold=LevelRule(Decimal("3.5")))
    assert gaps(policy, i1=3, i2=4) == [(1, 3, 4)]


def test_an_indicator_that_was_not_assessed_is_low_and_starts_from_zero() -> None:
    assert gaps(i1=None) == [(1, 0, 4)]


def test_not_assessed_is_refused_where_the_instrument_says_nothing_about_it() -> None:
    with pytest.raises(InvalidInputError) as caught:
        find_gaps(REFUSING, levels(i1=None), POLICY)
    assert [problem.code for problem in caught.value.problems] == ["level.not_assessed_refused"]


def test_a_target_of_its_own_decides_whether_an_indicator_is_low_and_what_it_is_to_reach() -> None:
    policy = replace(POLICY, target=LevelRule(Decimal(4), by_indicator={1: Decimal(5), 2: Decimal(2)}))
    assert gaps(policy, i1=4, i2=2, i12=2) == [(1, 4, 5), (12, 2, 4)]


def test_problems_of_levels_and_policy_are_told_together() -> None:
    assert codes(replace(POLICY, target=LevelRule(Decimal(6))), i1=9) == [
        "level.outside_scale",
        "policy.target_off_scale",
    ]


def test_every_owner_has_a_task_with_an_equal_share() -> None:
    plan = wanted_tasks(SAMPLE, levels(i1=2), [owner(1, 7), owner(1, 3, lead=False)], POLICY)
    assert [(t.agency_id, t.is_lead, t.share) for t in plan.tasks] == [
        (3, False, Fraction(1, 2)),
        (7, True, Fraction(1, 2)),
    ]
    first = plan.tasks[0]
    assert (first.baseline, first.target, first.due_on, first.title) == (
        Decimal(2),
        Decimal(4),
        DUE,
        "Indikator 1",
    )
    assert first.points == Fraction("0.0275")
    assert first.effort_days == 10


def test_given_shares_divide_points_and_effort() -> None:
    owners = [owner(1, 1, Fraction(2, 3)), owner(1, 2, Fraction(1, 3), lead=False)]
    plan = wanted_tasks(SAMPLE, levels(i1=2), owners, POLICY)
    assert [(t.points, t.effort_days) for t in plan.tasks] == [
        (Fraction(11, 300), Fraction(40, 3)),
        (Fraction(11, 600), Fraction(20, 3)),
    ]


@pytest.mark.parametrize(
    "shares",
    [
        (Fraction(1, 2), Fraction(1, 3)),
        (Fraction(1), Fraction(1)),
        (Fraction(3, 2), Fraction(-1, 2)),
        (Fraction(1), None),
    ],
)
def test_shares_that_do_not_make_a_whole_are_refused_by_indicator(
    shares: tuple[Fraction | None, ...],
) -> None:
    owners = [owner(12, agency, share) for agency, share in enumerate(shares)]
    with pytest.raises(InvalidInputError) as caught:
        wanted_tasks(SAMPLE, levels(i12=2), owners, POLICY)
    (problem,) = caught.value.problems
    assert (problem.code, problem.params["number"]) == ("ownership.shares_not_one", 12)


def test_an_agency_listed_twice_for_an_indicator_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        wanted_tasks(SAMPLE, levels(i12=2), [owner(12), owner(12)], POLICY)
    assert [problem.code for problem in caught.value.problems] == ["ownership.agency_listed_twice"]


def test_shares_of_an_indicator_that_is_not_low_do_not_matter() -> None:
    assert wanted_tasks(SAMPLE, levels(), [owner(12, 1, Fraction(1, 9))], POLICY) == WantedPlan((), ())


def test_a_low_indicator_without_owner_is_reported_not_dropped() -> None:
    plan = wanted_tasks(SAMPLE, levels(i1=2, i2=1, i21=2), [owner(2)], POLICY)
    assert [task.indicator_number for task in plan.tasks] == [2]
    assert plan.unowned == (1, 21)


@pytest.mark.parametrize(
    ("share", "weight", "target", "baseline", "expected"),
    [
        (Fraction(1), "2.75", 4, 2, Fraction("0.055")),
        (Fraction(1, 3), "2.75", 4, 0, Fraction(11, 300)),
        (Fraction(1), "2.75", "2.50", "1.25", Fraction("0.034375")),
    ],
)
def test_points_are_share_times_weight_times_levels(
    share: Fraction, weight: str, target: int | str, baseline: int | str, expected: Fraction
) -> None:
    levels = {"baseline": Decimal(baseline), "target": Decimal(target)}
    assert at_stake(TaskKind.GAP, share, Decimal(weight), **levels) == expected


def order(
    by_number: dict[str, int | None], owners: list[Owner], policy: Policy = POLICY
) -> list[tuple[int, int]]:
    plan = wanted_tasks(SAMPLE, levels(**by_number), owners, policy)
    return [(task.indicator_number, task.agency_id) for task in plan.tasks]


def test_more_points_come_first() -> None:
    assert order({"i1": 1, "i2": 2, "i21": 2}, [owner(1), owner(2), owner(21)]) == [(2, 1), (21, 1), (1, 1)]


def test_of_equal_points_the_one_that_others_wait_for_comes_first() -> None:
    # 12 (weight 20, 1 -> 4) and 40/63 of 2 (weight 47.25, 2 -> 4) are 0.6 points each; 12 is more effort.
    owners = [owner(2, 1, Fraction(40, 63)), owner(2, 2, Fraction(23, 63)), owner(12), owner(21)]
    assert order({"i2": 2, "i12": 1, "i21": 1}, owners) == [(12, 1), (2, 1), (21, 1), (2, 2)]
    assert order({"i2": 2, "i12": 1}, owners) == [(2, 1), (12, 1), (2, 2)]


def test_nothing_waits_for_an_indicator_that_is_high_enough_or_when_none_is_to_be_raised() -> None:
    owners = [owner(21), owner(12, 1), owner(12, 2)]
    plan = wanted_tasks(SAMPLE, levels(i12=1, i21=2), owners, POLICY)
    assert not any(task.unlocks_others for task in plan.tasks)
    plan = wanted_tasks(SAMPLE, levels(i12=2, i21=1), owners, POLICY)
    assert not any(task.unlocks_others for task in plan.tasks)


def test_of_equal_points_the_lesser_effort_comes_first() -> None:
    # 1 (weight 2.75) and 11/189 of 2 (weight 47.25), both 2 -> 4, are 0.055 points each.
    owners = [owner(1), owner(2, 1, Fraction(11, 189)), owner(2, 2, Fraction(178, 189))]
    assert order({"i1": 2, "i2": 2}, owners) == [(2, 2), (2, 1), (1, 1)]


def test_the_last_ties_are_broken_by_number_and_then_by_agency() -> None:
    owners = [owner(22, 2), owner(22, 1), owner(21, 2), owner(21, 1)]
    assert order({"i21": 2, "i22": 2}, owners) == [(21, 1), (21, 2), (22, 1), (22, 2)]


all_levels = st.fixed_dictionaries({n: st.none() | st.integers(1, 5).map(Decimal) for n in NUMBERS})
matrices = st.lists(st.tuples(st.sampled_from(NUMBERS), st.integers(1, 4)), unique=True, max_size=20).map(
    lambda cells: [owner(number, agency) for number, agency in cells]
)


@given(all_levels, matrices)
def test_points_and_unowned_gaps_add_up_to_the_rise_of_the_index(
    baseline: dict[int, Level], owners: list[Owner]
) -> None:
    plan = wanted_tasks(SAMPLE, baseline, owners, POLICY)
    owned = {task.indicator_number for task in plan.tasks}
    raised: dict[int, Level] = {**baseline, **dict.fromkeys(owned, Decimal(4))}
    rise = compute(SAMPLE, raised).index - compute(SAMPLE, baseline).index
    assert sum(task.points for task in plan.tasks) == rise
    low = {number for number, level in baseline.items() if (level or 0) < 3}
    assert owned | set(plan.unowned) == low
    worth = gap_points(SAMPLE, find_gaps(SAMPLE, baseline, POLICY))
    whole = compute(SAMPLE, {**baseline, **dict.fromkeys(low, Decimal(4))}).index
    assert sum(worth.values()) == whole - compute(SAMPLE, baseline).index
    assert worth.keys() == low


@given(all_levels, matrices.flatmap(lambda owners: st.tuples(st.just(owners), st.permutations(owners))))
def test_the_order_of_the_matrix_does_not_matter(
    baseline: dict[int, Level], both: tuple[list[Owner], list[Owner]]
) -> None:
    assert wanted_tasks(SAMPLE, baseline, both[0], POLICY) == wanted_tasks(SAMPLE, baseline, both[1], POLICY)
