"""Two rebuilds at once and a closing in between, at every step of the first: the later facts win, without a sweep."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from threading import Event, Thread, current_thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Projection, ProjectionRequest
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import projections, tasks
from spbe_tasks.transaction import transaction
from tests import factories, oracle
from tests.factories import NOW
from tests.product import wait_for

pytestmark = pytest.mark.own_database
# As many tasks as a rebuild may have statements: one is closed before each of them.
CLOSINGS = 40
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def _stage() -> tuple[int, int, list[int]]:
    with transaction() as work:
        government = factories.government(work.session)
        reviewer = factories.account(work.session, government, Role.REVIEWER)
        plan = factories.plan(work.session, government)
        agency = factories.agency(work.session, government)
        rows = [
            factories.task(work.session, plan, agency, number, state=State.SUBMITTED)
            for number in range(1, CLOSINGS + 1)
        ]
        return plan.id, reviewer.id, [row.id for row in rows]


def _accept(task_id: int, reviewer_id: int) -> None:
    with transaction() as work:
        scope = factories.scope(work.session.get_one(Account, reviewer_id))
        tasks.act(work, scope, task_id, Action.ACCEPT, {"reached_level": Decimal(3)}, version=None, now=NOW)


def _rebuilding(app: Flask, plan_id: int, name: str) -> Thread:
    def run() -> None:
        with app.app_context():
            with transaction() as work:
                projections.rebuild(work, plan_id, now=NOW)
            db.session.remove()

    return Thread(target=run, name=name)


@contextmanager
def _halted(name: str, step: int) -> Iterator[tuple[Event, Event]]:
    """Let the thread of this name wait before its statement number ``step``: (it waits, let it go)."""
    waits, go, sent = Event(), Event(), []

    def halt(*_: Any) -> None:
        if current_thread().name == name:
            sent.append(1)
            if len(sent) == step:
                waits.set()
                assert go.wait(timeout=60)

    event.listen(db.engine, "before_cursor_execute", halt)
    try:
        yield waits, go
    finally:
        go.set()
        event.remove(db.engine, "before_cursor_execute", halt)


def _is_under_way(second: Thread) -> bool:
    """Whether the second rebuild has ended, or waits for its turn."""
    if not second.is_alive():
        return True
    with db.engine.connect() as connection:
        return bool(connection.scalar(WAITING))


def _interleave(app: Flask, plan_id: int, step: int, close: Callable[[], None]) -> bool:
    """Have a closing and a second rebuild fall before statement ``step`` of a first; False: it has no such."""
    first, second = (_rebuilding(app, plan_id, f"{name}-{step}") for name in ("first", "second"))
    with _halted(first.name, step) as (waits, go):
        first.start()
        wait_for(lambda: waits.is_set() or not first.is_alive(), seconds=60, what="the first rebuild")
        was_halted = waits.is_set()
        close()
        second.start()
        wait_for(lambda: _is_under_way(second), seconds=60, what="the second rebuild")
        go.set()
        first.join(timeout=60)
        second.join(timeout=60)
    return was_halted


def test_whenever_a_closing_falls_into_a_rebuild_the_next_one_counts_it(app: Flask) -> None:
    plan_id, reviewer_id, task_ids = _stage()
    for step, task_id in enumerate(task_ids, start=1):
        with transaction() as work:
            projections.request(work, plan_id)
        was_halted = _interleave(app, plan_id, step, partial(_accept, task_id, reviewer_id))
        waiting = db.session.scalar(select(func.count()).select_from(ProjectionRequest))
        assert waiting == 0, f"before statement {step}: the second rebuild did not count the closing"
        oracle.check_stored(db.session(), db.session.get_one(Projection, plan_id), evaluation_on=None)
        db.session.rollback()
        if not was_halted:
            break
    assert not was_halted, "a rebuild has more statements than there are tasks to close"
    assert step > 5
