"""What a policy means: differences in words, loads of agencies, the index within reach, warnings."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.rules.gaps import Owner, wanted_tasks
from spbe_tasks.rules.index import compute
from spbe_tasks.rules.policy import DueDates, DueRule, Effort, LevelRule, LowRule, Policy, Priority
from spbe_tasks.rules.policy_review import AgencyLoad, Outlook, differences, loads, outlook, warnings
from spbe_tasks.rules.reconciliation import ExistingTask, reconcile
from spbe_tasks.rules.workflow import CancelKind, State
from tests.unit.rules.sample_instrument import SAMPLE

DUE = date(2026, 11, 30)
POLICY = Policy.simple(Decimal(3), Decimal(4), DUE)
LEVELS = {1: Decimal(2), 2: Decimal(4), 12: Decimal(1), 21: Decimal(1), 22: Decimal(5)}
OWNERS = [Owner(1, 7, "b", True), Owner(12, 7, "b", True), Owner(21, 8, "a", True)]


def tasks(policy: Policy = POLICY) -> tuple:
    return wanted_tasks(SAMPLE, LEVELS, OWNERS, policy, dates=DueDates.same(DUE)).tasks


def test_equal_policies_have_no_differences() -> None:
    assert differences(POLICY, Policy.simple(Decimal("3.00"), Decimal(4), DUE)) == ()


def test_each_difference_names_what_it_is_about_before_and_after() -> None:
    after = replace(
        POLICY,
        low_rule=LowRule.BELOW_TARGET,
        target=LevelRule(Decimal(4), {2: Decimal(3)}, {12: Decimal(5)}),
        due=DueRule(working_days=dict.fromkeys(Priority, 20)),
        effort=Effort(Decimal(8), {4: Decimal(20)}),
        capacities={"a": Decimal(0)},
    )
    found = {(each.what, each.key): (each.before, each.after) for each in differences(POLICY, after)}
    assert found == {
        ("low_rule", None): (LowRule.BELOW_LEVEL, LowRule.BELOW_TARGET),
        ("target_domain", "2"): (None, 3),
        ("target_indicator", "12"): (None, 5),
        **{("due_on", each.value): (DUE, None) for each in Priority},
        **{("due_days", each.value): (None, 20) for each in Priority},
        ("effort", None): (10, 8),
        ("effort_step", "4"): (None, 20),
        ("capacity", "a"): (None, 0),
    }


def test_a_first_policy_differs_in_everything_it_says() -> None:
    assert ("threshold", None, None, 3) in [
        (each.what, each.key, each.before, each.after) for each in differences(None, POLICY)
    ]


def test_loads_add_up_tasks_points_and_effort_by_agency() -> None:
    first, second = loads(tasks(), replace(POLICY, capacities={"b": Decimal(49)}))
    assert first == AgencyLoad(7, "b", 2, Fraction("0.655"), Fraction(50), Decimal(49))
    assert first.is_over
    assert second == AgencyLoad(8, "a", 1, Fraction("0.45"), Fraction(30), None)
    assert not second.is_over


def test_the_outlook_counts_what_is_new_and_what_people_decided() -> None:
    raised = compute(SAMPLE, {**LEVELS, 1: Decimal(4), 12: Decimal(4), 21: Decimal(4)}).index
    fresh = reconcile(tasks(), [])
    assert outlook(SAMPLE, LEVELS, fresh, {}, today=DUE) == Outlook(
        compute(SAMPLE, LEVELS).index, raised, (DUE,) * 3
    )
    given_up = ExistingTask(
        5,
        1,
        7,
        1,
        State.CANCELLED,
        "x",
        Decimal(2),
        Decimal(4),
        Fraction(1),
        DUE,
        cancel_kind=CancelKind.GIVEN_UP,
    )
    changes = reconcile(tasks(), [given_up])
    less = outlook(SAMPLE, LEVELS, changes, {5: given_up}, today=DUE)
    assert less.potential == compute(SAMPLE, {**LEVELS, 12: Decimal(4), 21: Decimal(4)}).index


def test_a_raise_without_its_prerequisite_is_not_within_reach() -> None:
    alone = [task for task in tasks() if task.indicator_number == 21]
    assert (
        outlook(SAMPLE, LEVELS, reconcile(alone, []), {}, today=DUE).potential
        == compute(SAMPLE, LEVELS).index
    )


def warned(policy: Policy = POLICY, **given: object) -> list[str]:
    found = warnings(
        Outlook(Fraction(2), Fraction(3), (DUE, DUE)),
        loads(tasks(policy), policy),
        **{"opens_on": None, "target_index": None, **given},  # type: ignore[arg-type]
    )
    return [problem.code.removeprefix("policy.warn_") for problem in found]


def test_nothing_is_warned_of_when_all_fits() -> None:
    assert warned(opens_on=date(2026, 12, 1), target_index=Decimal(3)) == []


def test_a_due_date_on_or_after_the_day_the_evaluation_opens_is_warned_of() -> None:
    assert warned(opens_on=DUE) == ["due_after_opening"]


def test_an_agency_without_or_beyond_its_capacity_is_warned_of() -> None:
    assert warned(replace(POLICY, capacities={"a": Decimal(0), "b": Decimal("49.99")})) == [
        "over_capacity",
        "no_capacity",
    ]


def test_a_target_that_stays_out_of_reach_is_warned_of() -> None:
    assert warned(target_index=Decimal("3.01")) == ["target_out_of_reach"]
