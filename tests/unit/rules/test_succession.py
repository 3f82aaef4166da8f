"""Which of several tasks that meet goes on, and what must hold whatever merges with whatever."""

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.ownership import Part
from spbe_tasks.rules.projection import TaskFact, project
from spbe_tasks.rules.succession import MergedAway, Transfer, after_passing, pass_on, pass_parts
from spbe_tasks.rules.workflow import CancelKind, State, is_open
from tests.unit.rules.sample_instrument import SAMPLE

TODAY = date(2025, 3, 3)
A, B, C, OTHER = 1, 2, 3, 9
HALF, WHOLE = Fraction(1, 2), Fraction(1)


def task(task_id: int, agency_id: int, state: State = State.ASSIGNED, **values: object) -> TaskFact:
    defaults: dict[str, object] = {
        "indicator_number": 1,
        "round": 1,
        "baseline": Decimal(2),
        "target": Decimal(4),
        "due_on": TODAY,
        "share": HALF,
        "reached": Decimal(4) if state is State.ACCEPTED else None,
        "cancel_kind": CancelKind.GIVEN_UP if state is State.CANCELLED else None,
    }
    return TaskFact(task_id=task_id, agency_id=agency_id, state=state, **defaults | values)  # type: ignore[arg-type]


def test_a_lone_task_goes_over_as_it_is() -> None:
    passing = pass_on([task(10, A)], {(1, A): C})
    assert passing.transfers == (Transfer(10, C, 1, HALF),)
    assert passing.merged == ()


def test_of_two_tasks_the_further_goes_on_with_both_shares_and_the_other_is_linked() -> None:
    passing = pass_on([task(10, A), task(11, B, State.SUBMITTED)], {(1, A): C, (1, B): C})
    assert passing.transfers == (Transfer(11, C, 1, WHOLE),)
    assert passing.merged == (MergedAway(10, into_id=11),)


@pytest.mark.parametrize(
    ("nearer", "further"),
    [
        (task(10, A, State.CANCELLED, cancel_kind=CancelKind.NOT_NEEDED), task(11, B, State.CANCELLED)),
        (task(10, A, State.CANCELLED), task(11, B, State.PLANNED)),
        (task(10, A, State.PLANNED), task(11, B, State.ASSIGNED)),
        (task(10, A, State.ASSIGNED), task(11, B, State.BLOCKED)),
        (task(10, A, State.BLOCKED), task(11, B, State.IN_PROGRESS)),
        (task(10, A, State.IN_PROGRESS), task(11, B, State.RETURNED)),
        (task(10, A, State.RETURNED), task(11, B, State.SUBMITTED)),
        (task(10, A, State.SUBMITTED), task(11, B, State.ACCEPTED)),
        (task(10, A, State.ACCEPTED, reached=Decimal(4)), task(11, B, State.ACCEPTED, reached=Decimal(5))),
        (task(11, A), task(10, B)),
    ],
)
def test_state_then_level_then_age_say_which_task_is_further(nearer: TaskFact, further: TaskFact) -> None:
    for tasks in ([nearer, further], [further, nearer]):
        passing = pass_on(tasks, {(1, A): C, (1, B): C})
        assert [each.task_id for each in passing.transfers] == [further.task_id]
        assert passing.merged == (MergedAway(nearer.task_id, further.task_id),)


def test_of_two_tasks_in_the_same_state_the_later_round_goes_on_with_all_its_rounds() -> None:
    first = task(10, A, State.ACCEPTED, reached=Decimal(3))
    second = task(11, A, round=2, baseline=Decimal(3))
    passing = pass_on([first, second, task(12, B)], {(1, A): C, (1, B): C})
    assert passing.transfers == (Transfer(10, C, 1, HALF), Transfer(11, C, 2, WHOLE))
    assert passing.merged == (MergedAway(12, into_id=11),)


def test_an_agency_that_takes_over_numbers_the_rounds_after_its_own() -> None:
    own = [task(20, B, State.WITHDRAWN), task(21, B, State.PLANNED, round=2)]
    passing = pass_on([*own, task(10, A, State.IN_PROGRESS)], {(1, A): B})
    assert passing.transfers == (Transfer(10, B, 3, WHOLE),)
    assert passing.merged == (MergedAway(21, into_id=10),)


def test_the_own_task_goes_on_where_it_is_further_and_gets_the_share() -> None:
    passing = pass_on([task(10, A), task(20, B, State.SUBMITTED)], {(1, A): B})
    assert passing.transfers == (Transfer(20, B, 1, WHOLE),)
    assert passing.merged == (MergedAway(10, into_id=20),)


def test_of_two_alike_the_own_task_goes_on() -> None:
    assert pass_on([task(10, A), task(20, B)], {(1, A): B}).merged == (MergedAway(10, into_id=20),)


def test_what_was_withdrawn_stays_as_history_where_it_is() -> None:
    assert pass_on([task(10, A, State.WITHDRAWN)], {(1, A): C}).transfers == ()


def test_a_division_sends_each_indicator_to_its_own_agency() -> None:
    tasks = [task(10, A), task(11, A, indicator_number=2), task(12, A, indicator_number=3)]
    passing = pass_on(tasks, {(1, A): B, (2, A): C})
    assert passing.transfers == (Transfer(10, B, 1, HALF), Transfer(11, C, 1, HALF))


def test_parts_are_added_and_one_of_them_led() -> None:
    parts = {A: Part(is_lead=True), B: Part(is_lead=False), OTHER: Part(is_lead=False)}
    assert pass_parts(parts, {A: C, B: C}) == {
        C: Part(is_lead=True, share=Fraction(2, 3)),
        OTHER: Part(is_lead=False, share=Fraction(1, 3)),
    }


def test_equal_parts_stay_equal_parts_when_nothing_meets() -> None:
    parts = {A: Part(is_lead=False), OTHER: Part(is_lead=True)}
    assert pass_parts(parts, {A: C}) == {C: Part(is_lead=False), OTHER: Part(is_lead=True)}
    assert pass_parts({A: Part(is_lead=True)}, {A: C}) == {C: Part(is_lead=True)}


def test_an_explicit_share_goes_over_exactly() -> None:
    parts = {A: Part(is_lead=True, share=Fraction(1, 7)), B: Part(is_lead=False, share=Fraction(6, 7))}
    assert pass_parts(parts, {A: B}) == {B: Part(is_lead=True)}
    assert pass_parts(parts, {A: C}) == {
        C: Part(is_lead=True, share=Fraction(1, 7)),
        B: Part(is_lead=False, share=Fraction(6, 7)),
    }


@st.composite
def plans(draw: st.DrawFn) -> list[TaskFact]:
    """Chains of rounds as the product makes them: every round but the last is accepted below the target."""
    tasks: list[TaskFact] = []
    for number in (1, 2):
        agencies = draw(st.lists(st.sampled_from([A, B, C, OTHER]), unique=True, max_size=4))
        for agency_id in agencies:
            share = Fraction(1, len(agencies))
            rounds = draw(st.integers(1, 3))
            for each in range(1, rounds + 1):
                last = each == rounds
                state = draw(st.sampled_from(State)) if last else State.ACCEPTED
                reached = Decimal(4) if last else Decimal(3)
                made = task(
                    len(tasks) + 1,
                    agency_id,
                    state,
                    indicator_number=number,
                    round=each,
                    share=share,
                    reached=reached if state is State.ACCEPTED else None,
                    cancel_kind=CancelKind.GIVEN_UP if state is State.CANCELLED else None,
                )
                tasks.append(made)
    return draw(st.permutations(tasks))


TAKERS = st.sampled_from(
    [
        {(number, agency): C for number in (1, 2) for agency in (A, B)},
        {(number, A): B for number in (1, 2)},
        {(1, A): B, (2, A): C},
        {(1, A): B},
    ]
)


@given(plans(), TAKERS)
def test_nothing_open_is_lost_keys_stay_unique_and_points_add_up_to_the_gap(
    tasks: list[TaskFact], takers: dict[tuple[int, int], int]
) -> None:
    passing = pass_on(tasks, takers)
    after = after_passing(tasks, passing)
    by_id = {each.task_id: each for each in after}
    into = {each.task_id: each.into_id for each in passing.merged}
    for before in tasks:
        if is_open(before.state):
            now = by_id[before.task_id]
            goes_on = by_id[into[before.task_id]] if before.task_id in into else now
            assert goes_on.state is not State.WITHDRAWN
            key = (before.indicator_number, before.agency_id)
            assert goes_on.agency_id == takers.get(key, before.agency_id)
    keys = Counter((each.indicator_number, each.agency_id, each.round) for each in after)
    assert max(keys.values(), default=1) == 1
    opened = Counter((each.indicator_number, each.agency_id) for each in after if is_open(each.state))
    assert max(opened.values(), default=1) == 1
    assert not [
        each for each in after if (each.indicator_number, each.agency_id) in takers and is_open(each.state)
    ]
    assert _gap(after) == _gap(tasks)


@given(plans(), TAKERS)
def test_passing_on_twice_changes_nothing_more(
    tasks: list[TaskFact], takers: dict[tuple[int, int], int]
) -> None:
    once = pass_on(tasks, takers)
    assert pass_on(list(reversed(tasks)), takers) == once
    assert pass_on(after_passing(tasks, once), takers) == pass_on([], takers)


def _gap(tasks: object) -> Fraction:
    levels = {each.number: Decimal(2) for each in SAMPLE.indicators}
    return project(SAMPLE, levels, tasks, today=TODAY, evaluation_on=None).gap  # type: ignore[arg-type]
