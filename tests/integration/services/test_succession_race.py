"""Agencies merge while people work on their tasks, each in a real transaction of their own."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Agency, Event, Ownership, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.succession import SuccessionKind
from spbe_tasks.rules.workflow import OPEN_STATES, Action, State
from spbe_tasks.services import succession, tasks
from spbe_tasks.services.succession_order import NEW, Order
from spbe_tasks.transaction import transaction
from tests import factories
from tests.factories import NOW
from tests.races import race

pytestmark = pytest.mark.own_database
HALF = {"share_numerator": 1, "share_denominator": 2}
NUMBERS = (12, 13, 14, 15)


def test_work_that_is_handed_in_during_a_merger_is_neither_lost_nor_left_behind(
    app: Flask, session: Session
) -> None:
    government = factories.government(session)
    plan = factories.plan(session, government)
    a, b, c = (factories.agency(session, government) for _ in range(3))
    scope = factories.scope(factories.account(session, government))
    worker = factories.scope(factories.account(session, government, Role.FOCAL_POINT, a))
    mine = [
        factories.task(session, plan, a, number, state=State.IN_PROGRESS, **HALF).id for number in NUMBERS
    ]
    for number in NUMBERS:
        factories.task(session, plan, b, number, state=State.RETURNED, **HALF)
    session.commit()

    def submit(task_id: int) -> Callable[[], None]:
        def run() -> None:
            with transaction() as work:
                tasks.act(work, worker, task_id, Action.SUBMIT, {"note": "bukti"}, version=None, now=NOW)

        return run

    def merge() -> None:
        with transaction() as work:
            succession.carry_out(work, scope, Order(SuccessionKind.MERGE, (a.id, b.id), c.id), now=NOW)

    answers = race(app, [merge, *(submit(task_id) for task_id in mine)])
    assert answers[0] == "done"
    # Whoever came after the merger finds the task gone from their sight or closed, and is told so.
    assert set(answers[1:]) <= {"done", "task.not_found", "task.illegal_transition", "task.action_forbidden"}
    session.expire_all()
    for number, task_id, answer in zip(NUMBERS, mine, answers[1:], strict=True):
        rows = session.scalars(select(Task).where(Task.indicator_number == number)).all()
        going_on = [row for row in rows if row.state in OPEN_STATES]
        assert [row.agency_id for row in going_on] == [c.id]
        assert all(row.merged_into_id == going_on[0].id for row in rows if row is not going_on[0])
        if answer == "done":
            assert (going_on[0].id, going_on[0].state) == (task_id, State.SUBMITTED)


def test_two_mergers_of_one_agency_at_once_leave_everything_with_one_successor(
    app: Flask, session: Session
) -> None:
    government = factories.government(session)
    plan = factories.plan(session, government)
    a, b, c = (factories.agency(session, government) for _ in range(3))
    scope = factories.scope(factories.account(session, government))
    for number in NUMBERS:
        factories.ownership(session, a, number)
        factories.task(session, plan, a, number)
    session.commit()

    def into(successor_id: int) -> Callable[[], None]:
        def run() -> None:
            with transaction() as work:
                order = Order(SuccessionKind.MERGE, (a.id,), successor_id)
                succession.carry_out(work, scope, order, now=NOW)

        return run

    assert sorted(race(app, [into(b.id), into(c.id)])) == ["done", "invalid_input"]
    session.expire_all()
    owners = set(session.scalars(select(Ownership.agency_id)))
    assert len(owners) == 1
    assert set(session.scalars(select(Task.agency_id))) == owners


def test_a_merger_that_fails_at_its_end_leaves_nothing_changed(app: Flask, session: Session) -> None:
    government = factories.government(session)
    plan = factories.plan(session, government)
    a, b = (factories.agency(session, government) for _ in range(2))
    factories.agency(session, government, slug="baru", short_name="Baru")
    scope = factories.scope(factories.account(session, government))
    task = factories.task(session, plan, a, 12)
    session.commit()
    order = Order(SuccessionKind.MERGE, (a.id, b.id), NEW, new_name="Dinas Baru", new_short_name="Baru")
    with pytest.raises(InvalidInputError) as caught, transaction() as work:
        succession.carry_out(work, scope, order, now=NOW)
    assert [(each.code, each.field) for each in caught.value.problems] == [("agency.taken", "new_short_name")]
    session.expire_all()
    assert (task.agency_id, len(session.scalars(select(Agency)).all())) == (a.id, 3)
    assert session.scalars(select(Event)).all() == []
