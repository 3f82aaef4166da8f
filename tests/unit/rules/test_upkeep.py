"""Which levels have something to renew, the tasks for them, and what is lost when they fall."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.gaps import Owner, WantedTask
from spbe_tasks.rules.policy import DueDates, Policy
from spbe_tasks.rules.projection import Projection, TaskFact, project
from spbe_tasks.rules.reconciliation import Changes, ConflictReason, ExistingTask, reconcile
from spbe_tasks.rules.task_kind import TaskKind, at_stake
from spbe_tasks.rules.upkeep import renewal_months, wanted_upkeep
from spbe_tasks.rules.workflow import CancelKind, State

SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")
TODAY, DUE = date(2025, 3, 3), date(2025, 6, 30)
POLICY = replace(Policy.simple(Decimal(3), Decimal(3), DUE), has_upkeep=True)
# A policy's rule at level 4 asks for a review; a service at level 4 for integration only.
REVIEWED, INTEGRATED = 1, 47


def levels(**own: int) -> dict[int, Decimal | None]:
    found: dict[int, Decimal | None] = {each.number: Decimal(3) for each in SPBE.indicators}
    return found | {int(number.removeprefix("i")): Decimal(level) for number, level in own.items()}


def owner(number: int, agency_id: int = 1, share: Fraction | None = None) -> Owner:
    return Owner(number, agency_id, f"opd-{agency_id}", is_lead=agency_id == 1, share=share)


def wanted(
    levels: dict[int, Decimal | None], *owners: Owner, policy: Policy = POLICY
) -> tuple[WantedTask, ...]:
    return wanted_upkeep(SPBE, levels, owners, policy, dates=DueDates.same(DUE))


@pytest.mark.parametrize(
    ("number", "level", "months"),
    [
        (REVIEWED, "1", None),
        (REVIEWED, "3", None),
        (REVIEWED, "4", 24),
        (REVIEWED, "5", 12),
        (INTEGRATED, "3", None),
        (INTEGRATED, "4", None),
        (INTEGRATED, "5", 12),
    ],
)
def test_review_evidence_of_level_4_counts_for_two_years_and_level_5_is_kept_every_year(
    number: int, level: str, months: int | None
) -> None:
    assert renewal_months(SPBE, number, Decimal(level)) == months


def test_an_instrument_that_says_nothing_about_age_asks_for_no_upkeep() -> None:
    assert {renewal_months(PEMDI, each.number, Decimal(5)) for each in PEMDI.indicators} == {None}


def test_each_owner_of_a_level_that_would_fall_gets_a_task_that_keeps_it() -> None:
    found = wanted(levels(i1=4, i47=5), owner(1, 2), owner(1, 1), owner(47), owner(2))
    assert [(each.indicator_number, each.agency_id) for each in found] == [(1, 1), (1, 2), (47, 1)]
    assert {each.kind for each in found} == {TaskKind.UPKEEP}
    assert [each.baseline for each in found] == [each.target for each in found] == [4, 4, 5]
    assert [each.share for each in found] == [Fraction(1, 2), Fraction(1, 2), 1]
    # The share of what a fall by one costs.
    weights = {number: Fraction(SPBE.indicator(number).weight) for number in (1, 47)}
    assert [each.points for each in found] == [weights[1] / 200, weights[1] / 200, weights[47] / 100]
    assert {each.due_on for each in found} == {DUE}
    assert {each.effort_days for each in found} == {0}


def test_a_low_level_is_a_gap_and_no_upkeep() -> None:
    to_five = replace(POLICY, target=replace(POLICY.target, by_indicator={REVIEWED: Decimal(5)}))
    assert wanted(levels(i1=4), owner(REVIEWED), policy=to_five) == ()


def test_without_the_switch_nothing_is_kept_up() -> None:
    assert wanted(levels(i1=5), owner(REVIEWED), policy=replace(POLICY, has_upkeep=False)) == ()


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="invalid_input"):
        wanted(levels(i1=4), owner(REVIEWED, 1, Fraction(1, 2)), owner(REVIEWED, 2, Fraction(1, 3)))


@pytest.mark.parametrize(
    ("kind", "baseline", "target", "points"),
    [
        ("gap", "2", "4", "0.055"),
        ("hand_made", "2", "3", "0.0275"),
        ("hand_made", "3", "3", "0"),
        ("upkeep", "4", "4", "0.0275"),
        ("upkeep", "3", "4", "0.0275"),
    ],
)
def test_what_a_round_has_at_stake(kind: str, baseline: str, target: str, points: str) -> None:
    stake = at_stake(
        TaskKind(kind), Fraction(1), Decimal("2.75"), baseline=Decimal(baseline), target=Decimal(target)
    )
    assert stake == Fraction(points)


# Against the tasks that stand.


def standing(task: WantedTask, **changes: object) -> ExistingTask:
    row = ExistingTask(
        id=1,
        indicator_number=task.indicator_number,
        agency_id=task.agency_id,
        round=1,
        state=State.PLANNED,
        title=task.title,
        baseline=task.baseline,
        target=task.target,
        share=task.share,
        due_on=task.due_on,
        kind=task.kind,
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def kept() -> WantedTask:
    return wanted(levels(i1=4), owner(REVIEWED))[0]


def done(changes: Changes) -> dict[str, int]:
    names = ("create", "update", "unchanged", "withdraw", "conflicts")
    return {name: len(getattr(changes, name)) for name in names if getattr(changes, name)}


def test_an_upkeep_task_is_made_once() -> None:
    task = kept()
    made = reconcile([task], []).create[0]
    assert (made.kind, made.round, made.fields.points) == (TaskKind.UPKEEP, 1, task.points)
    assert done(reconcile([task], [standing(task)])) == {"unchanged": 1}


def test_a_planned_one_goes_when_the_switch_goes_off_and_comes_back_as_the_same_row() -> None:
    task = kept()
    assert done(reconcile([], [standing(task)])) == {"withdraw": 1}
    back = reconcile([task], [standing(task, state=State.WITHDRAWN)])
    assert [(each.task_id, each.restores) for each in back.update] == [(1, True)]


def test_a_published_one_that_is_no_longer_wanted_is_for_a_person_to_decide() -> None:
    found = reconcile([], [standing(kept(), state=State.IN_PROGRESS)])
    assert [each.reason for each in found.conflicts] == [ConflictReason.NO_LONGER_WANTED]


def test_accepted_at_its_level_it_is_done_and_below_it_the_next_round_restores_the_level() -> None:
    task = kept()
    assert done(reconcile([task], [standing(task, state=State.ACCEPTED, reached=Decimal(4))])) == {
        "unchanged": 1
    }
    fallen = standing(task, state=State.ACCEPTED, reached=Decimal(3))
    following = reconcile([task], [fallen]).create[0]
    assert (following.round, following.kind) == (2, TaskKind.UPKEEP)
    assert following.fields.baseline == 3
    assert following.fields.target == 4
    assert following.fields.points == task.points


def test_a_planned_task_of_another_kind_makes_way_and_rows_never_change_their_kind() -> None:
    task = kept()
    gap = standing(task, kind=TaskKind.GAP, baseline=Decimal(2), target=Decimal(3))
    found = reconcile([task], [gap])
    assert [each.task_id for each in found.withdraw] == [1]
    assert [(each.round, each.kind) for each in found.create] == [(2, TaskKind.UPKEEP)]
    after = [replace(gap, state=State.WITHDRAWN), standing(task, id=2, round=2)]
    assert done(reconcile([task], after)) == {"unchanged": 1}


def test_a_published_gap_task_is_not_turned_into_upkeep() -> None:
    task = kept()
    gap = standing(task, kind=TaskKind.GAP, state=State.ASSIGNED, baseline=Decimal(2), target=Decimal(3))
    assert done(reconcile([task], [gap])) == {"conflicts": 1}
    dropped = replace(gap, state=State.CANCELLED, cancel_kind=CancelKind.NOT_NEEDED)
    assert done(reconcile([task], [dropped])) == {"create": 1}
    given_up = replace(gap, state=State.CANCELLED, cancel_kind=CancelKind.GIVEN_UP)
    assert done(reconcile([task], [given_up])) == {"unchanged": 1}


@pytest.mark.parametrize("state", [each for each in State if each not in (State.WITHDRAWN, State.ACCEPTED)])
def test_a_task_made_by_hand_is_left_in_every_state(state: State) -> None:
    task = kept()
    cancel_kind = CancelKind.GIVEN_UP if state is State.CANCELLED else None
    by_hand = standing(task, kind=TaskKind.HAND_MADE, state=state, target=Decimal(5), cancel_kind=cancel_kind)
    for asked in ([task], []):
        assert done(reconcile(asked, [by_hand])) == {"unchanged": 1}


# What is at risk.


def fact(number: int, agency_id: int = 1, **changes: object) -> TaskFact:
    task = TaskFact(
        task_id=number * 10 + agency_id,
        indicator_number=number,
        agency_id=agency_id,
        round=1,
        state=State.IN_PROGRESS,
        baseline=Decimal(4),
        target=Decimal(4),
        due_on=DUE,
        share=Fraction(1),
        kind=TaskKind.UPKEEP,
    )
    return replace(task, **changes)  # type: ignore[arg-type]


def seen(*tasks: TaskFact) -> Projection:
    at_four = dict.fromkeys((each.number for each in SPBE.indicators), Decimal(4))
    return project(SPBE, at_four, tasks, today=TODAY, evaluation_on=DUE)


WEIGHT = Fraction(SPBE.indicator(1).weight) / 100


@pytest.mark.parametrize("state", ["planned", "assigned", "in_progress", "blocked", "submitted", "returned"])
def test_upkeep_that_is_not_accepted_counts_at_its_present_level_and_is_at_risk(state: str) -> None:
    found = seen(fact(1, state=State(state)))
    assert {found.secured.index, found.expected.index, found.potential.index} == {Fraction(4)}
    assert found.risk.indicators == (1,)
    assert found.risk.index == 4 - WEIGHT
    assert found.gap == 0


def test_accepted_upkeep_is_safe_and_one_that_was_given_up_is_not() -> None:
    safe = seen(fact(1, state=State.ACCEPTED, reached=Decimal(4))).risk
    assert safe.index == 4
    assert safe.indicators == ()
    given_up = fact(1, state=State.CANCELLED, cancel_kind=CancelKind.GIVEN_UP)
    assert seen(given_up).risk.indicators == (1,)
    not_needed = fact(1, state=State.CANCELLED, cancel_kind=CancelKind.NOT_NEEDED)
    assert seen(not_needed).risk.indicators == ()


def test_what_fell_already_is_in_the_figures_and_no_longer_at_risk() -> None:
    fallen = fact(1, state=State.ACCEPTED, reached=Decimal(3))
    following = fact(1, task_id=99, round=2, baseline=Decimal(3), state=State.ASSIGNED)
    found = seen(fallen, following)
    assert found.secured.index == 4 - WEIGHT
    assert (found.risk.index, found.risk.indicators) == (4 - WEIGHT, ())


def test_an_indicator_falls_once_however_many_agencies_have_not_renewed() -> None:
    found = seen(fact(1, 1), fact(1, 2), fact(1, 3, state=State.ACCEPTED, reached=Decimal(4)))
    assert (found.risk.index, found.risk.indicators) == (4 - WEIGHT, (1,))


def test_a_raise_by_hand_counts_only_as_far_as_the_agency_that_keeps_the_level_up_goes() -> None:
    raised = fact(2, 2, kind=TaskKind.HAND_MADE, target=Decimal(5))
    both = seen(fact(2), raised)
    assert both.potential.levels[2] == 4
    assert both.gap == 0
    not_needed = fact(2, state=State.CANCELLED, cancel_kind=CancelKind.NOT_NEEDED)
    higher = fact(2, state=State.ACCEPTED, reached=Decimal(5))
    for kept in (not_needed, higher):
        assert seen(kept, raised).potential.levels[2] == 5


def test_the_parts_of_agencies_add_up_to_the_gap_with_tasks_of_every_kind() -> None:
    raise_by_hand = fact(
        2, kind=TaskKind.HAND_MADE, target=Decimal(5), state=State.IN_PROGRESS, share=Fraction(1)
    )
    found = seen(fact(1), raise_by_hand, fact(3, 2, due_on=date(2025, 1, 1)))
    assert (
        found.gap == found.potential.index - found.baseline.index == Fraction(SPBE.indicator(2).weight) / 100
    )
    assert sum(row.points_late for row in found.agencies) == 0
    assert sum(row.tasks_overdue for row in found.agencies) == 1
