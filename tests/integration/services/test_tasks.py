from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Event, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, NotFoundError
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import tasks
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW


@pytest.fixture
def chain(session: Session) -> tuple[Task, dict[str, object]]:
    government = factories.government(session)
    agency = factories.agency(session, government)
    people = {
        "focal": factories.account(session, government, Role.FOCAL_POINT, agency),
        "coordinator": factories.account(session, government, Role.COORDINATOR, agency),
        "reviewer": factories.account(session, government, Role.REVIEWER),
    }
    task = factories.task(session, factories.plan(session, government), agency)
    return task, {name: factories.scope(person) for name, person in people.items()}


def _act(work: Work, scope: object, task: Task, action: Action, **given: object) -> Task:
    return tasks.act(work, scope, task.id, action, given, version=None, now=NOW)  # type: ignore[arg-type]


def test_start_submit_and_accept_write_events_and_ask_for_a_rebuild(work: Work, chain: tuple) -> None:
    task, scopes = chain
    _act(work, scopes["focal"], task, Action.START)
    _act(work, scopes["focal"], task, Action.SUBMIT, note="Perbup 12/2025 pasal 4")
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    work.session.flush()
    assert task.state is State.ACCEPTED
    assert task.reached_level == 3
    events = work.session.scalars(select(Event).where(Event.subject_id == task.id).order_by(Event.id)).all()
    assert [event.action for event in events] == ["start", "submit", "accept"]
    assert events[2].data == {"from": "submitted", "to": "accepted", "reached_level": "3"}
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (task.plan_id,))]


def test_accepting_below_the_target_opens_the_next_round_from_the_level_reached(
    work: Work, chain: tuple
) -> None:
    task, scopes = chain
    task.target_level = Decimal(4)
    _act(work, scopes["focal"], task, Action.START)
    _act(work, scopes["focal"], task, Action.SUBMIT, note="bukti")
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    following = work.session.scalars(select(Task).where(Task.plan_id == task.plan_id, Task.round == 2)).one()
    assert (following.state, following.baseline_level, following.target_level) == (State.ASSIGNED, 3, 4)
    assert following.points == Decimal("0.0275")


def test_reopening_withdraws_the_untouched_next_round(work: Work, chain: tuple) -> None:
    task, scopes = chain
    task.target_level = Decimal(4)
    _act(work, scopes["focal"], task, Action.START)
    _act(work, scopes["focal"], task, Action.SUBMIT, note="bukti")
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    _act(work, scopes["coordinator"], task, Action.REOPEN, reason="bukti ternyata draf")
    work.session.flush()
    following = work.session.scalars(select(Task).where(Task.plan_id == task.plan_id, Task.round == 2)).one()
    assert following.state is State.WITHDRAWN
    assert (task.state, task.reached_level) == (State.IN_PROGRESS, None)


def test_whoever_submitted_cannot_accept(work: Work, chain: tuple) -> None:
    task, scopes = chain
    _act(work, scopes["coordinator"], task, Action.START)
    _act(work, scopes["coordinator"], task, Action.SUBMIT, note="bukti")
    with pytest.raises(ForbiddenError) as refused:
        _act(work, scopes["coordinator"], task, Action.ACCEPT, reached_level=Decimal(3))
    assert refused.value.code == "task.four_eyes"


def test_a_stale_version_is_told_so(work: Work, chain: tuple) -> None:
    task, scopes = chain
    with pytest.raises(ConflictError):
        tasks.act(work, scopes["focal"], task.id, Action.START, {}, version=task.version - 1, now=NOW)


def test_another_agencys_task_does_not_exist_for_a_focal_point(work: Work, chain: tuple) -> None:
    task, _ = chain
    other = factories.agency(
        work.session, work.session.get_one(type(task), task.id) and _government(work, task)
    )
    stranger = factories.account(work.session, _government(work, task), Role.FOCAL_POINT, other)
    with pytest.raises(NotFoundError):
        _act(work, factories.scope(stranger), task, Action.START)


def _government(work: Work, task: Task):  # type: ignore[no-untyped-def]
    from spbe_tasks.models import Government

    return work.session.get_one(Government, task.government_id)
