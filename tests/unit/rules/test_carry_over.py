from dataclasses import replace

import pytest

from spbe_tasks.instruments.crosswalk_loader import find_crosswalk
from spbe_tasks.rules.carry_over import Kin, ancestors_of, where_to
from spbe_tasks.rules.crosswalk import Crosswalk
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State, is_open

NEW = Kin(100, 5, 1, 1, State.PLANNED)
OLD = Kin(1, 5, 1, 1, State.IN_PROGRESS)
# The new indicator 5 follows the old 5 and 6, the new 7 is new; nothing follows the old 8.
WALK = Crosswalk("old", "new", False, {5: (5, 6), 6: (5,), 7: ()}, (8,))


@pytest.mark.parametrize("state", [each for each in State if each is not State.WITHDRAWN])
def test_the_same_finding_is_cited_whatever_became_of_it(state: State) -> None:
    assert ancestors_of([NEW], [replace(OLD, state=state)]) == {100: (1,)}


@pytest.mark.parametrize(
    ("earlier", "why"),
    [
        (replace(OLD, state=State.WITHDRAWN), "it was withdrawn"),
        (replace(OLD, agency_id=2), "it was another agency's"),
        (replace(OLD, indicator_number=6), "it was another indicator's"),
        (replace(OLD, kind=TaskKind.UPKEEP), "keeping a level was no finding"),
    ],
)
def test_other_tasks_are_no_ancestors(earlier: Kin, why: str) -> None:
    assert ancestors_of([NEW], [earlier]) == {}, why


@pytest.mark.parametrize("kind", [TaskKind.UPKEEP, TaskKind.HAND_MADE])
def test_only_tasks_of_a_gap_descend(kind: TaskKind) -> None:
    assert ancestors_of([replace(NEW, kind=kind)], [OLD]) == {}


def test_of_several_rounds_the_last_one_that_stands_is_cited() -> None:
    rounds = [
        replace(OLD, task_id=3, round=3, state=State.WITHDRAWN),
        replace(OLD, task_id=1, round=1, state=State.ACCEPTED),
        replace(OLD, task_id=2, round=2),
    ]
    assert ancestors_of([NEW], rounds) == {100: (2,)}
    assert ancestors_of([NEW], reversed(rounds)) == {100: (2,)}


@pytest.mark.parametrize("state", list(State))
def test_through_a_crosswalk_only_open_tasks_are_cited(state: State) -> None:
    found = ancestors_of([NEW], [replace(OLD, state=state)], WALK)
    assert found == ({100: (1,)} if is_open(state) else {})


def test_through_a_crosswalk_a_task_may_have_several_ancestors() -> None:
    earlier = [replace(OLD, task_id=2, indicator_number=6), OLD]
    assert ancestors_of([NEW], earlier, WALK) == {100: (1, 2)}


def test_through_a_crosswalk_ones_own_tasks_go_first_and_else_everybodys_count() -> None:
    theirs = replace(OLD, task_id=2, agency_id=2)
    assert ancestors_of([NEW], [OLD, theirs], WALK) == {100: (1,)}
    assert ancestors_of([replace(NEW, agency_id=3)], [OLD, theirs], WALK) == {100: (1, 2)}


def test_a_new_indicator_that_follows_nothing_has_no_ancestor() -> None:
    assert ancestors_of([replace(NEW, indicator_number=7)], [OLD], WALK) == {}


def test_every_open_task_is_told_where_it_goes_or_that_nothing_follows() -> None:
    ended = replace(OLD, task_id=8, indicator_number=8)
    closed = replace(OLD, task_id=9, state=State.ACCEPTED)
    assert where_to([OLD, ended, closed], WALK) == {1: (5, 6), 8: ()}


def test_every_task_that_goes_somewhere_is_cited_there_by_the_shipped_crosswalk() -> None:
    walk = find_crosswalk("permenpanrb-59-2020", "permenpanrb-8-2026")
    assert walk is not None
    earlier = [replace(OLD, task_id=number, indicator_number=number) for number in range(1, 48)]
    new = [replace(NEW, task_id=100 + number, indicator_number=number) for number in walk.followed]
    cited = ancestors_of(new, earlier, walk)
    for task_id, numbers in where_to(earlier, walk).items():
        assert all(task_id in cited[100 + number] for number in numbers)
        assert bool(numbers) != (task_id in walk.dropped)
