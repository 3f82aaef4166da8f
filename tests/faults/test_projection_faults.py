"""A worker killed in the middle of a rebuild: no request is lost, and the figures end right to the last digit."""

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan, Projection, ProjectionRequest, Task
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import tasks
from spbe_tasks.transaction import transaction
from tests import factories, oracle, services
from tests.factories import NOW
from tests.product import Product, settings_for, wait_for
from tests.services import PostgresServer
from tests.settings import make_settings

INDICATORS = (12, 21, 33, 34, 35, 42, 47)


@pytest.fixture
def product(postgres: PostgresServer, migrated: str, tmp_path: Path) -> Iterator[Product]:
    database = f"fault_{uuid4().hex[:8]}"
    postgres.create_database(database, template=migrated)
    folder = services.new_folder()
    valkey = services.start_valkey(folder)
    running = Product(settings_for(postgres, database, valkey, smtp_port=1, folder=tmp_path), tmp_path)
    app = create_app(make_settings(postgres, database, tmp_path, redis_url=SecretStr(valkey.url)))
    with app.app_context():
        yield running
        running.stop()
        db.session.remove()
        db.engine.dispose()
    valkey.stop()
    shutil.rmtree(folder)
    postgres.drop_database(database)


def _published_plan() -> tuple[int, list[int], int]:
    with transaction() as work:
        government = factories.government(work.session)
        plan = factories.plan(work.session, government)
        agency = factories.agency(work.session, government)
        reviewer = factories.account(work.session, government)
        rows = [
            factories.task(work.session, plan, agency, number, state=State.SUBMITTED) for number in INDICATORS
        ]
        return plan.id, [row.id for row in rows], reviewer.id


def _accept(task_id: int, reviewer_id: int, level: int) -> None:
    with transaction() as work:
        reviewer = work.session.get_one(factories.Account, reviewer_id)
        given = {"reached_level": Decimal(level)}
        tasks.act(work, factories.scope(reviewer), task_id, Action.ACCEPT, given, version=None, now=NOW)


def _is_settled(plan_id: int) -> bool:
    db.session.rollback()
    waiting = db.session.scalars(select(ProjectionRequest.id)).all()
    return not waiting and db.session.get(Projection, plan_id) is not None


def _blocked_rebuilds() -> int:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    db.session.rollback()
    return db.session.scalar(waiting) or 0


def test_a_killed_worker_loses_no_closing(product: Product) -> None:
    plan_id, task_ids, reviewer_id = _published_plan()
    product.start("worker")
    # Whoever holds the plan's row keeps the rebuild in its middle, where the worker is then killed.
    with db.engine.connect() as holder:
        holder.execute(text("SELECT 1 FROM plan WHERE id = :id FOR NO KEY UPDATE"), {"id": plan_id})
        for task_id in task_ids:
            _accept(task_id, reviewer_id, level=3)
        wait_for(_blocked_rebuilds, seconds=60, what="a rebuild to wait in its middle")
        product.kill("worker")
    product.start("worker", "beat")
    wait_for(lambda: _is_settled(plan_id), seconds=90, what=f"the rebuild\n{product.logs()}")
    stored = db.session.get_one(Projection, plan_id)
    plan = db.session.get_one(Plan, plan_id)
    expected = oracle.projected(db.session(), plan.id, today=stored.as_of_on, evaluation_on=None)
    assert {name: getattr(stored, name) for name in expected} == expected
    closed = db.session.scalars(select(Task.id).where(Task.state == State.ACCEPTED)).all()
    assert sorted(closed) == sorted(task_ids)
