"""Several people deciding about one task at the same moment, each in a real transaction of their own."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import CriterionClaim, Event, ProjectionRequest, Submission, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import criteria, tasks
from spbe_tasks.transaction import transaction
from tests import factories
from tests.factories import NOW
from tests.races import race

pytestmark = pytest.mark.own_database
RACERS = 8


@pytest.fixture
def desk(app: Flask, session: Session) -> tuple[int, int, Scope, list[Scope]]:
    """A submitted task with its version, its focal point, and eight reviewers."""
    government = factories.government(session)
    agency = factories.agency(session, government)
    focal = factories.scope(factories.account(session, government, Role.FOCAL_POINT, agency))
    reviewers = [
        factories.scope(factories.account(session, government, Role.REVIEWER)) for _ in range(RACERS)
    ]
    task = factories.task(session, factories.plan(session, government), agency, target_level=Decimal(4))
    session.commit()
    with transaction() as work:
        tasks.act(work, focal, task.id, Action.START, {}, version=None, now=NOW)
    with transaction() as work:
        tasks.act(work, focal, task.id, Action.SUBMIT, {"note": "bukti"}, version=None, now=NOW)
    return task.id, task.version, focal, reviewers


def acting(
    task_id: int, scope: Scope, action: Action, version: int | None, **given: object
) -> Callable[[], None]:
    def run() -> None:
        with transaction() as work:
            tasks.act(work, scope, task_id, action, given, version=version, now=NOW)

    return run


def actions_of(session: Session, task_id: int) -> list[str]:
    wanted = select(Event.action).where(Event.subject_type == "task", Event.subject_id == task_id)
    return list(session.scalars(wanted.order_by(Event.id)))


def count(session: Session, model: type, *conditions: object) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


@pytest.mark.parametrize("knows_version", [True, False])
def test_of_many_who_accept_or_return_at_once_exactly_one_decides(
    app: Flask, session: Session, desk: tuple[int, int, Scope, list[Scope]], knows_version: bool
) -> None:
    task_id, version, _, reviewers = desk
    seen = version if knows_version else None
    runners = [
        acting(task_id, each, Action.ACCEPT, seen, reached_level=Decimal(3))
        if number % 2
        else acting(task_id, each, Action.RETURN, seen, reason="kurang")
        for number, each in enumerate(reviewers)
    ]
    answers = race(app, runners)
    refusal = "task.stale_version" if knows_version else "task.illegal_transition"
    assert sorted(answers) == sorted(["done"] + [refusal] * (RACERS - 1))
    session.expire_all()
    task = session.get_one(Task, task_id)
    assert actions_of(session, task_id)[:2] == ["start", "submit"]
    (decision,) = actions_of(session, task_id)[2:]
    assert task.state is (State.ACCEPTED if decision == "accept" else State.RETURNED)
    assert (task.reached_level is None) == (decision == "return")
    assert count(session, Task, Task.plan_id == task.plan_id) == (2 if decision == "accept" else 1)
    assert count(session, ProjectionRequest) == 3


def test_many_who_submit_at_once_leave_one_submission(
    app: Flask, session: Session, desk: tuple[int, int, Scope, list[Scope]]
) -> None:
    task_id, _, focal, reviewers = desk
    acting(task_id, reviewers[0], Action.RETURN, None, reason="kurang")()
    answers = race(app, [acting(task_id, focal, Action.SUBMIT, None, note="lagi")] * RACERS)
    assert sorted(answers) == ["done"] + ["task.illegal_transition"] * (RACERS - 1)
    numbers = session.scalars(select(Submission.number).where(Submission.task_id == task_id))
    assert sorted(numbers) == [1, 2]


def test_submitting_and_accepting_at_once_never_lets_one_person_do_both(
    app: Flask, session: Session, desk: tuple[int, int, Scope, list[Scope]]
) -> None:
    task_id, _, focal, reviewers = desk
    acting(task_id, reviewers[0], Action.RETURN, None, reason="kurang")()
    both = Scope(focal.government_id, focal.account_id, Role.COORDINATOR, focal.agency_id)
    runners = [acting(task_id, both, Action.SUBMIT, None, note="bukti")]
    runners += [acting(task_id, both, Action.ACCEPT, None, reached_level=Decimal(4))] * (RACERS - 1)
    answers = race(app, runners)
    assert answers[0] == "done"
    assert set(answers[1:]) <= {"task.illegal_transition", "task.four_eyes"}
    session.expire_all()
    assert session.get_one(Task, task_id).state is State.SUBMITTED


def test_of_many_who_claim_on_the_same_version_one_is_stored_and_the_others_are_told(
    app: Flask, session: Session, desk: tuple[int, int, Scope, list[Scope]]
) -> None:
    task_id, _, focal, reviewers = desk
    acting(task_id, reviewers[0], Action.RETURN, None, reason="kurang")()
    session.expire_all()
    version = session.get_one(Task, task_id).version
    session.commit()

    def claiming(number: int) -> Callable[[], None]:
        def run() -> None:
            said = {(3, "a"): (True, f"bukti {number}")}
            with transaction() as work:
                criteria.claim(work, focal, task_id, said, now=NOW, version=version)

        return run

    answers = race(app, [claiming(number) for number in range(RACERS)])
    assert sorted(answers) == ["done"] + ["task.stale_version"] * (RACERS - 1)
    claim = session.scalars(select(CriterionClaim).where(CriterionClaim.task_id == task_id)).one()
    assert claim.explanation == f"bukti {answers.index('done')}"
