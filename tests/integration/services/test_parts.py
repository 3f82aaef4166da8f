from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Event, TaskPart
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidTransitionError,
    NotFoundError,
)
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import parts
from spbe_tasks.services.parts import MOST_PARTS, PartWords
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.work import Work
from tests import factories
from tests.factories import DUE_ON, NOW
from tests.integration.web.conftest import World, world

__all__ = ["world"]
DRAFT = PartWords("Menyusun draf")


@pytest.fixture
def colleague(session: Session, world: World) -> Account:
    return factories.account(session, world.government, Role.FOCAL_POINT, world.kominfo, name="Tono")


def told(session: Session, task_id: int) -> list[tuple[str, str]]:
    rows = select(Event).where(Event.subject_type == "task", Event.subject_id == task_id).order_by(Event.id)
    return [(each.action, each.data["title"]) for each in session.scalars(rows)]


def refusal(call: Callable[[], object]) -> set[tuple[str, str | None]]:
    with pytest.raises(InvalidInputError) as refused:
        call()
    return {(each.code, each.field) for each in refused.value.problems}


def test_people_of_the_agency_divide_a_task_and_everything_is_in_its_history(
    work: Work, world: World, colleague: Account
) -> None:
    focal, task = factories.scope(world.focal), world.task
    said = PartWords("Menyusun draf", colleague.id, date(2025, 5, 30))
    first = parts.add(work, focal, task.id, said, now=NOW)
    second = parts.add(work, focal, task.id, PartWords("Tanda tangan"), now=NOW)
    assert (first.position, second.position) == (1, 2)
    assert (first.assignee_id, first.due_on) == (colleague.id, date(2025, 5, 30))

    parts.change(work, focal, second.id, replace(said, title="Tanda tangan bupati"), version=1, now=NOW)
    parts.tick(work, factories.scope(colleague), first.id, is_done=True, version=1, now=NOW)
    assert (first.is_done, first.done_by_id, first.done_at) == (True, colleague.id, NOW)
    parts.tick(work, focal, first.id, is_done=False, version=None, now=NOW)
    assert (first.is_done, first.done_by_id, first.done_at) == (False, None, None)
    assert parts.remove(work, focal, second.id, version=None, now=NOW) == task.id

    work.session.flush()
    assert work.session.scalars(select(TaskPart.title)).all() == ["Menyusun draf"]
    assert told(work.session, task.id) == [
        ("add_part", "Menyusun draf"),
        ("add_part", "Tanda tangan"),
        ("change_part", "Tanda tangan bupati"),
        ("finish_part", "Menyusun draf"),
        ("reopen_part", "Menyusun draf"),
        ("remove_part", "Tanda tangan bupati"),
    ]


def test_saying_the_same_twice_changes_nothing(work: Work, world: World) -> None:
    focal = factories.scope(world.focal)
    part = parts.add(work, focal, world.task.id, DRAFT, now=NOW)
    parts.change(work, focal, part.id, DRAFT, version=1, now=NOW)
    parts.tick(work, focal, part.id, is_done=True, version=1, now=NOW)
    parts.tick(work, focal, part.id, is_done=True, version=None, now=NOW)
    assert [action for action, _ in told(work.session, world.task.id)] == ["add_part", "finish_part"]


def test_a_coordinator_divides_any_task_and_nobody_else_does(work: Work, world: World) -> None:
    task_id = world.task.id
    assert parts.add(work, factories.scope(world.coordinator), task_id, DRAFT, now=NOW).position == 1
    for other in (world.reviewer, world.head, world.executive):
        with pytest.raises(ForbiddenError):
            parts.add(work, factories.scope(other), task_id, DRAFT, now=NOW)
    with pytest.raises(NotFoundError):
        parts.add(work, factories.scope(world.other_focal), task_id, DRAFT, now=NOW)


def test_a_part_of_another_agencys_task_does_not_exist(work: Work, world: World) -> None:
    part = factories.part(work.session, world.task)
    for change in (
        lambda scope: parts.tick(work, scope, part.id, is_done=True, version=1, now=NOW),
        lambda scope: parts.change(work, scope, part.id, DRAFT, version=1, now=NOW),
        lambda scope: parts.remove(work, scope, part.id, version=1, now=NOW),
    ):
        with pytest.raises(NotFoundError):
            change(factories.scope(world.other_focal))


@pytest.mark.parametrize("state", [State.CANCELLED, State.WITHDRAWN])
def test_a_closed_task_is_not_divided_any_more(work: Work, world: World, state: State) -> None:
    part = factories.part(work.session, world.task)
    world.task.state = state
    world.task.cancel_kind = "given_up" if state is State.CANCELLED else None  # type: ignore[assignment]
    work.session.flush()
    with pytest.raises(InvalidTransitionError):
        parts.tick(work, factories.scope(world.focal), part.id, is_done=True, version=1, now=NOW)


def test_everything_wrong_with_a_part_is_told_at_once(work: Work, world: World) -> None:
    focal = factories.scope(world.focal)
    wrong = PartWords("  ", world.other_focal.id, DUE_ON + timedelta(days=1))
    assert refusal(lambda: parts.add(work, focal, world.task.id, wrong, now=NOW)) == {
        ("field.required", "title"),
        ("task.assignee_outside_agency", "assignee_id"),
        ("part.due_after_task", "due_on"),
    }
    mistyped = replace(DRAFT, due_on=date(1925, 5, 1))
    assert refusal(lambda: parts.add(work, focal, world.task.id, mistyped, now=NOW)) == {
        ("due_date.outside_years", "due_on")
    }


def test_a_task_has_a_limited_number_of_parts(work: Work, world: World) -> None:
    for position in range(MOST_PARTS):
        factories.part(work.session, world.task, position=position)
    focal = factories.scope(world.focal)
    assert refusal(lambda: parts.add(work, focal, world.task.id, DRAFT, now=NOW)) == {("part.too_many", None)}


def test_who_looked_at_an_older_version_is_refused(work: Work, world: World) -> None:
    focal = factories.scope(world.focal)
    part = parts.add(work, focal, world.task.id, DRAFT, now=NOW)
    parts.change(work, focal, part.id, replace(DRAFT, title="Draf kedua"), version=1, now=NOW)
    with pytest.raises(ConflictError, match=r"part\.stale_version"):
        parts.change(work, focal, part.id, DRAFT, version=1, now=NOW)
    with pytest.raises(ConflictError, match=r"part\.stale_version"):
        parts.tick(work, focal, part.id, is_done=True, version=1, now=NOW)


def test_a_task_with_an_open_part_is_on_the_desk_of_whoever_has_it(
    work: Work, world: World, colleague: Account
) -> None:
    world.task.assignee_id = world.focal.id
    world.shared.assignee_id = world.focal.id
    mine = factories.scope(colleague)
    assert [row.id for row in queries.list_own(work.session, mine)] == []
    part = factories.part(work.session, world.task, assignee_id=colleague.id)
    assert [(row.id, row.own_parts) for row in queries.list_own(work.session, mine)] == [(world.task.id, 1)]
    parts.tick(work, mine, part.id, is_done=True, version=None, now=NOW)
    assert [row.id for row in queries.list_own(work.session, mine)] == []
