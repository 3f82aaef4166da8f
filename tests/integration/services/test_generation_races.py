"""Generation against somebody who works on a task of the same plan at that moment, each in a real transaction."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.policy import Policy
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import plans, tasks
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE
from tests.product import wait_for

pytestmark = pytest.mark.own_database


def _generate(scope: Scope) -> Generated:
    with transaction() as work:
        return plans.generate(
            work,
            scope,
            Order(SPBE, 2024, threshold=Decimal(3), target_level=Decimal(4)),
            publish=True,
            now=NOW,
        )


def _somebody_waits() -> bool:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with db.engine.connect() as connection:
        return bool(connection.scalar(waiting))


def test_generation_waits_for_an_acceptance_and_finds_the_round_it_has_opened(
    app: Flask, session: Session
) -> None:
    government = factories.government(session)
    agency = factories.agency(session, government)
    coordinator = factories.scope(factories.account(session, government))
    focal = factories.scope(factories.account(session, government, Role.FOCAL_POINT, agency))
    factories.revision(session, government, {1: 2}, level=3)
    factories.ownership(session, agency, 1)
    session.commit()
    assert _generate(coordinator).created == 1
    task_id = session.scalars(select(Task.id)).one()
    for action, given in ((Action.START, {}), (Action.SUBMIT, {"note": "bukti"})):
        with transaction() as work:
            tasks.act(work, focal, task_id, action, given, version=None, now=NOW)

    def generate_elsewhere() -> Generated:
        with app.app_context():
            return _generate(coordinator)

    with ThreadPoolExecutor(1) as pool:
        accepted = {"reached_level": Decimal(3)}
        tasks.act(Work(session), coordinator, task_id, Action.ACCEPT, accepted, version=None, now=NOW)
        session.flush()
        waiting = pool.submit(generate_elsewhere)
        wait_for(_somebody_waits, seconds=10, what="generation to meet the task that is being accepted")
        session.commit()
        done = waiting.result(timeout=10)
    assert (done.created, done.updated, done.unchanged, done.withdrawn) == (0, 0, 1, 0)
    rounds = session.execute(select(Task.round, Task.state).order_by(Task.round)).all()
    assert [tuple(row) for row in rounds] == [(1, State.ACCEPTED), (2, State.ASSIGNED)]


def test_two_people_who_store_at_once_get_two_numbers(app: Flask, session: Session) -> None:
    government = factories.government(session)
    scopes = [factories.scope(factories.account(session, government)) for _ in range(2)]
    session.commit()

    def store(scope: Scope, target: int) -> int:
        policy = Policy.simple(Decimal(3), Decimal(target), date(2025, 6, 30))
        with app.app_context(), transaction() as work:
            return plans.store_policy(work, scope, Order(SPBE, 2024, policy=policy), now=NOW).number

    with ThreadPoolExecutor(1) as pool:
        held = Policy.simple(Decimal(3), Decimal(3), date(2025, 6, 30))
        first = plans.store_policy(Work(session), scopes[0], Order(SPBE, 2024, policy=held), now=NOW)
        waiting = pool.submit(store, scopes[1], 4)
        wait_for(_somebody_waits, seconds=10, what="the second to meet the number the first has taken")
        session.commit()
        assert (first.number, waiting.result(timeout=10)) == (1, 2)
