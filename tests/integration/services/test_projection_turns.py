"""Rebuilds take turns, replace nothing newer than what they started from, and rest while changes pour in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import Plan, Projection, ProjectionRequest, ProjectionSnapshot, Task
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import projections
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.statements import counted


def _ask(session: Session, plan: Plan, *ages: float) -> None:
    """One request for each age in seconds, each of a change of its own."""
    for age in ages:
        session.add(
            ProjectionRequest(plan_id=plan.id, requested_at=func.clock_timestamp() - timedelta(seconds=age))
        )
    session.flush()


def _stored(session: Session, plan_id: int) -> Projection:
    return session.get_one(Projection, plan_id, populate_existing=True)


def _requests(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(ProjectionRequest)) or 0


@pytest.fixture
def plan(session: Session) -> Plan:
    government = factories.government(session)
    plan: Plan = factories.plan(session, government)
    factories.task(session, plan, factories.agency(session, government), 33)
    return plan


def test_the_snapshot_of_a_day_keeps_the_levels_of_what_is_secured_and_expected(
    work: Work, plan: Plan
) -> None:
    task = work.session.scalars(select(Task)).one()
    task.state = State.SUBMITTED
    projections.rebuild(work, plan.id, now=NOW)
    levels = work.session.scalars(select(ProjectionSnapshot.levels)).one()
    assert levels is not None
    assert (levels["secured"]["33"], levels["expected"]["33"]) == ("2.00", "3.00")
    assert {len(each) for each in levels.values()} == {47}
    task.state, task.reached_level = State.ACCEPTED, Decimal(3)
    projections.rebuild(work, plan.id, now=NOW, is_forced=True)
    levels = work.session.scalars(select(ProjectionSnapshot.levels)).one()
    assert levels is not None
    assert levels["secured"]["33"] == "3.00"


def test_single_changes_are_counted_one_by_one_without_a_rest(work: Work, plan: Plan) -> None:
    for generation in (1, 2, 3):
        _ask(work.session, plan, 0)
        assert projections.answer(work, plan.id, now=NOW)
        assert _stored(work.session, plan.id).generation == generation


def test_a_transaction_that_asks_many_times_is_one_change(work: Work, plan: Plan) -> None:
    for _ in range(40):
        projections.request(work, plan.id)
    assert projections.answer(work, plan.id, now=NOW)
    assert _stored(work.session, plan.id).rests_until is None


def test_a_job_whose_change_was_counted_ends_after_one_statement(work: Work, plan: Plan) -> None:
    _ask(work.session, plan, 0)
    projections.answer(work, plan.id, now=NOW)
    with counted(work.session.connection()) as seen:
        assert not projections.answer(work, plan.id, now=NOW)
    assert len(seen) == 1


def test_changes_that_pour_in_wait_for_the_end_of_a_rest_and_are_counted_then(work: Work, plan: Plan) -> None:
    _ask(work.session, plan, 0.3, 0.2, 0.1)
    assert projections.answer(work, plan.id, now=NOW)
    _ask(work.session, plan, 0)
    assert not projections.answer(work, plan.id, now=NOW)
    assert not projections.rebuild(work, plan.id, now=NOW, may_rest=True)
    assert _requests(work.session) == 1
    work.session.execute(update(Projection).values(rests_until=func.clock_timestamp()))
    assert projections.answer(work, plan.id, now=NOW)
    assert (_requests(work.session), _stored(work.session, plan.id).generation) == (0, 2)


def test_a_rest_ends_when_nothing_more_comes(work: Work, plan: Plan) -> None:
    _ask(work.session, plan, *(0.01 * age for age in range(60)))
    assert projections.answer(work, plan.id, now=NOW)
    _ask(work.session, plan, 5)
    assert projections.answer(work, plan.id, now=NOW)


def test_who_rebuilds_by_hand_does_not_wait_for_a_rest(work: Work, plan: Plan) -> None:
    _ask(work.session, plan, 0.3, 0.2, 0.1)
    assert projections.answer(work, plan.id, now=NOW)
    _ask(work.session, plan, 0)
    assert projections.rebuild(work, plan.id, now=NOW)


def test_changes_that_waited_for_a_worker_which_was_down_cause_no_rest(work: Work, plan: Plan) -> None:
    _ask(work.session, plan, *range(60, 100))
    assert projections.answer(work, plan.id, now=NOW)
    assert _stored(work.session, plan.id).rests_until is None


def test_the_sweep_asks_for_what_a_rest_has_gathered_and_not_before(work: Work, plan: Plan) -> None:
    _ask(work.session, plan, *(0.01 * age for age in range(60)))
    projections.answer(work, plan.id, now=NOW)
    _ask(work.session, plan, 8, 0)
    projections.sweep_lost(work)
    assert not work.jobs
    work.session.execute(update(Projection).values(rests_until=func.clock_timestamp()))
    projections.sweep_lost(work)
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (plan.id,))]


@contextmanager
def _halted(before: str) -> Iterator[tuple[Event, Event]]:
    """Let the first thread that is about to send a statement beginning with these words wait: (it waits, let it go)."""
    waits, go = Event(), Event()

    def halt(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        if statement.startswith(before) and not waits.is_set():
            waits.set()
            assert go.wait(timeout=60)

    event.listen(db.engine, "before_cursor_execute", halt)
    try:
        yield waits, go
    finally:
        go.set()
        event.remove(db.engine, "before_cursor_execute", halt)


def _later(app: Flask, do: Callable[[], object], said: list[object]) -> Thread:
    def run() -> None:
        with app.app_context():
            said.append(do())
            db.session.remove()

    thread = Thread(target=run)
    thread.start()
    return thread


def _set_up() -> tuple[int, int]:
    with transaction() as work:
        government = factories.government(work.session)
        plan = factories.plan(work.session, government)
        task = factories.task(
            work.session, plan, factories.agency(work.session, government), 33, state=State.SUBMITTED
        )
        projections.request(work, plan.id)
        return plan.id, task.id


def _rebuild(plan_id: int) -> bool:
    with transaction() as work:
        return projections.rebuild(work, plan_id, now=NOW)


def _accept(plan_id: int, task_id: int, level: int) -> None:
    with transaction() as work:
        task = work.session.get_one(Task, task_id)
        task.state, task.reached_level = State.ACCEPTED, Decimal(level)
        projections.request(work, plan_id)


@pytest.mark.own_database
def test_figures_that_were_overtaken_without_a_turn_replace_nothing_and_are_asked_for_again(
    app: Flask,
) -> None:
    plan_id, task_id = _set_up()
    assert _rebuild(plan_id)
    _accept(plan_id, task_id, 4)
    said: list[object] = []
    with _halted("INSERT INTO projection ") as (waits, go):
        late = _later(app, lambda: _rebuild(plan_id), said)
        assert waits.wait(timeout=60)
        # Whoever writes without having taken a turn: an operator, a program of another version.
        with db.engine.begin() as other:
            other.execute(text("UPDATE projection SET generation = generation + 1, secured = 4"))
        go.set()
        late.join(timeout=60)
    assert said == [False]
    session = db.session()
    assert (_stored(session, plan_id).generation, _stored(session, plan_id).secured) == (2, Decimal(4))
    assert _requests(session) == 1
    session.rollback()
    assert _rebuild(plan_id)
    assert _stored(db.session(), plan_id).secured == Decimal("2.055")


@pytest.mark.own_database
def test_the_first_figures_of_a_plan_do_not_replace_those_that_came_first(app: Flask) -> None:
    plan_id, _ = _set_up()
    said: list[object] = []
    with _halted("INSERT INTO projection ") as (waits, go):
        late = _later(app, lambda: _rebuild(plan_id), said)
        assert waits.wait(timeout=60)
        with db.engine.begin() as other:
            other.execute(
                text(
                    "INSERT INTO projection (plan_id, government_id, generation, rebuilt_at, as_of_on, baseline,"
                    " secured, expected, potential, details)"
                    " SELECT id, government_id, 1, now(), current_date, 1, 1, 1, 1, '{}' FROM plan"
                )
            )
        go.set()
        late.join(timeout=60)
    assert said == [False]
    session = db.session()
    assert (_stored(session, plan_id).generation, _stored(session, plan_id).secured) == (1, Decimal(1))
    assert session.scalar(select(func.count()).select_from(ProjectionSnapshot)) == 0


@pytest.mark.own_database
def test_a_rebuild_waits_for_its_turn_and_reads_the_facts_after_it(app: Flask) -> None:
    plan_id, task_id = _set_up()
    said: list[object] = []
    with _halted("INSERT INTO projection ") as (waits, go):
        first = _later(app, lambda: _rebuild(plan_id), said)
        assert waits.wait(timeout=60)
        _accept(plan_id, task_id, 4)
        second = _later(app, lambda: _rebuild(plan_id), said)
        go.set()
        first.join(timeout=60)
        second.join(timeout=60)
    assert said == [True, True]
    session = db.session()
    assert (_stored(session, plan_id).generation, _stored(session, plan_id).secured) == (2, Decimal("2.055"))
    assert _requests(session) == 0
