"""What a policy says of each indicator, task and agency, and what it may not say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.policy import DueRule, Effort, LevelRule, LowRule, Policy, Priority
from spbe_tasks.rules.policy_check import check
from tests.unit.rules.sample_instrument import SAMPLE

DUE = date(2026, 11, 30)
POLICY = Policy.simple(Decimal(3), Decimal(4), DUE)
CALENDAR = WorkCalendar("Asia/Jakarta")
HIGH, MIDDLE, LOW = Priority
NAN = Decimal("NaN")


def levels(default: int | str, domains: dict[int, int] | None = None, **own: int | str) -> LevelRule:
    """``i12=4`` is an exception of indicator 12."""
    by_indicator = {int(name[1:]): Decimal(level) for name, level in own.items()}
    return LevelRule(Decimal(default), {n: Decimal(v) for n, v in (domains or {}).items()}, by_indicator)


def problems(**changes: object) -> list[tuple[str, str | None]]:
    found = check(SAMPLE, replace(POLICY, **changes))  # type: ignore[arg-type]
    return [(problem.code.removeprefix("policy."), problem.field) for problem in found]


def test_an_indicators_own_level_wins_over_its_domains_and_that_over_the_default() -> None:
    rule = levels(3, {1: 4}, i2=5)
    assert [rule.of(SAMPLE, number) for number in (1, 2, 12)] == [4, 5, 3]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (LowRule.BELOW_LEVEL, {1: 5, 2: 2, 12: 3, 21: 3}),
        (LowRule.BELOW_TARGET, {1: 5, 2: 4, 12: 4, 21: 4}),
        (LowRule.LISTED_ONLY, {1: 5, 2: 4, 12: None, 21: None}),
    ],
)
def test_the_rule_says_below_which_level_an_indicator_is_low(
    rule: LowRule, expected: dict[int, int | None]
) -> None:
    policy = replace(POLICY, low_rule=rule, threshold=levels(3, i2=2), target=levels(4, i1=5, i2=4))
    assert {number: policy.low_below(SAMPLE, number) for number in expected} == expected


def test_a_policy_as_usual_has_no_problem() -> None:
    assert problems() == []
    assert problems(due=DueRule(working_days=dict.fromkeys(Priority, 20))) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"target": levels(6)}, [("target_off_scale", "target_level")]),
        ({"target": levels("3.5")}, [("target_off_scale", "target_level")]),
        ({"threshold": levels("4.5")}, [("threshold_above_target", "threshold")]),
        ({"threshold": levels("NaN")}, [("threshold_off_scale", "threshold")]),
        ({"threshold": levels("2.555")}, [("threshold_off_scale", "threshold")]),
        ({"threshold": levels(3, i7=3)}, [("unknown_indicator", "threshold_indicator_7")]),
        ({"target": levels(4, i7=3)}, [("unknown_indicator", "target_level_indicator_7")]),
        ({"target": levels(4, i1=0)}, [("indicator_target_off_scale", "target_level_indicator_1")]),
        ({"target": levels(4, {9: 3})}, [("unknown_domain", "target_level_domain_9")]),
        ({"target": levels(4, {2: 9})}, [("domain_target_off_scale", "target_level_domain_2")]),
        ({"target": levels(4, {2: 2})}, [("threshold_above_target", "target_level_domain_2")]),
        ({"threshold": levels(3, {1: 5})}, [("threshold_above_target", "threshold_domain_1")]),
        ({"threshold": levels(3, i2=5)}, [("threshold_above_target", "threshold_indicator_2")]),
        ({"due": DueRule()}, [("due_unclear", "due_rule")]),
        (
            {"due": DueRule(working_days={HIGH: 0, MIDDLE: 751, LOW: 5})},
            [("bad_working_days", "due_days_high"), ("bad_working_days", "due_days_middle")],
        ),
        (
            {"due": replace(DueRule.on(DUE), high_from=Decimal("-1"))},
            [("bad_points", "high_from")] * 1 + [("priorities_out_of_order", "high_from")],
        ),
        (
            {"due": replace(DueRule.on(DUE), middle_from=Decimal("0.2"))},
            [("priorities_out_of_order", "high_from")],
        ),
        ({"due": replace(DueRule.on(DUE), middle_from=NAN)}, [("bad_points", "middle_from")]),
        ({"effort": Effort(Decimal(-1))}, [("bad_effort", "effort")]),
        (
            {"effort": Effort(by_step={1: Decimal(2), 6: Decimal(2)})},
            [("unknown_step", "effort_step_1"), ("unknown_step", "effort_step_6")],
        ),
        ({"effort": Effort(by_step={4: Decimal("1e9")})}, [("bad_effort", "effort_step_4")]),
        (
            {"effort": Effort(by_indicator={7: Decimal(1), 12: NAN})},
            [("unknown_indicator", "effort_indicator_7"), ("bad_effort", "effort_indicator_12")],
        ),
        ({"capacities": {"bkpsdm": Decimal(-1)}}, [("bad_capacity", "capacity_bkpsdm")]),
        ({"capacities": {"bkpsdm": Decimal("1.005")}}, [("bad_capacity", "capacity_bkpsdm")]),
        ({"capacities": {"bkpsdm": Decimal(0)}}, []),
    ],
)
def test_a_policy_that_cannot_be_carried_out_is_refused_at_its_place(
    changes: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert problems(**changes) == expected


def test_all_mistakes_are_told_at_once() -> None:
    found = problems(target=levels(9), effort=Effort(NAN), capacities={"a": NAN})
    assert [code for code, _ in found] == ["target_off_scale", "bad_effort", "bad_capacity"]


def test_a_threshold_does_not_matter_where_indicators_are_low_below_their_target() -> None:
    assert problems(low_rule=LowRule.BELOW_TARGET, threshold=levels(5)) == []


def test_one_day_for_all_moves_to_the_next_working_day() -> None:
    dates = DueRule.on(date(2026, 8, 15)).dates(CALENDAR, DUE)  # Saturday; Monday the 17th is a holiday
    assert (dates.first, dates.last) == (date(2026, 8, 18), date(2026, 8, 18))


def test_working_days_count_from_the_day_after_and_leave_out_weekends_and_holidays() -> None:
    # Friday 14 August 2026; the 17th is Independence Day.
    rule = DueRule(working_days={HIGH: 1, MIDDLE: 2, LOW: 5})
    dates = rule.dates(CALENDAR, date(2026, 8, 14))
    assert [dates.days[each].day for each in Priority] == [18, 19, 24]


@pytest.mark.parametrize(
    ("stake", "day"), [("0.05", 1), ("0.0499", 2), ("0.025", 2), ("0.0249", 3), ("0", 3)]
)
def test_the_points_at_stake_decide_the_priority_both_bounds_included(stake: str, day: int) -> None:
    rule = DueRule(fixed_on={HIGH: date(2026, 9, 1), MIDDLE: date(2026, 9, 2), LOW: date(2026, 9, 3)})
    assert rule.dates(CALENDAR, DUE).on(Fraction(stake)).day == day


def test_effort_adds_up_the_steps_and_a_partial_step_costs_its_fraction() -> None:
    effort = Effort(Decimal(10), by_step={4: Decimal(30)}, by_indicator={2: Decimal("2.5")})
    assert effort.days(1, Decimal(2), Decimal(4)) == 40
    assert effort.days(1, Decimal(0), Decimal(1)) == 10
    assert effort.days(1, Decimal("2.5"), Decimal("3.25")) == Fraction(5) + Fraction("7.5")
    assert effort.days(2, Decimal(1), Decimal(4)) == Fraction("7.5")
    assert effort.days(1, Decimal(3), Decimal(3)) == 0


hundredths = st.integers(0, 500).map(lambda value: Decimal(value) / 100)


@given(
    st.lists(hundredths, min_size=3, max_size=3, unique=True), st.dictionaries(st.integers(2, 5), hundredths)
)
def test_effort_is_the_same_in_one_go_and_in_parts(stops: list[Decimal], steps: dict[int, Decimal]) -> None:
    effort = Effort(Decimal(7), by_step=steps)
    stops.sort()
    parts = sum((effort.days(1, low, high) for low, high in pairwise(stops)), Fraction(0))
    assert effort.days(1, stops[0], stops[-1]) == parts
