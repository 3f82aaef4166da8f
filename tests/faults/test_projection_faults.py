"""Workers killed in the middle of rebuilds: no request is lost, and the figures end right to the last digit."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import func, select, text

from spbe_tasks import create_app, failpoints
from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Plan, Projection, ProjectionRequest, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import tasks
from spbe_tasks.transaction import transaction
from tests import factories, oracle, services
from tests.factories import NOW
from tests.product import Product, settings_for, wait_for
from tests.services import PostgresServer
from tests.settings import make_settings
from tools.layout import ROOT
from tools.processes import clean_environment, kill_group

INDICATORS = (12, 21, 33, 34, 35, 42, 47)
PLANS, TASKS_OF_PLAN, AGENCIES = 10, 1_000, 22
BATCH, CLOSERS, KILLS = 25, 2, 6
# A rebuild counts dozens of closings; how many rebuilds these are depends on how fast the machine closes.
MOST_REBUILDS = TASKS_OF_PLAN // 25
SEED = text(
    "INSERT INTO task (government_id, plan_id, policy_id, indicator_number, agency_id, round, state, title,"
    " baseline_level, target_level, share_numerator, share_denominator, points, due_on, due_version, is_due_by_hand,"
    " state_changed_at, published_at, version)"
    " SELECT p.government_id, p.id, p.policy_id, number, a.id, 1, 'submitted', 'Tugas', 2, 4, 1, :agencies, 0.01,"
    " date '2025-06-30', 1, false, now(), now(), 1"
    " FROM plan p JOIN agency a ON a.government_id = p.government_id CROSS JOIN generate_series(1, 47) AS number"
    " WHERE p.id = :plan ORDER BY number, a.id LIMIT :tasks"
)


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
        reviewer = work.session.get_one(Account, reviewer_id)
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


def _ten_plans() -> list[int]:
    """Plans of ten governments, each with a thousand submitted tasks of 22 agencies on all indicators."""
    plan_ids = []
    for _ in range(PLANS):
        with transaction() as work:
            government = factories.government(work.session)
            factories.account(work.session, government, Role.REVIEWER)
            plan = factories.plan(work.session, government)
            for _ in range(AGENCIES):
                factories.agency(work.session, government)
            work.session.execute(SEED, {"plan": plan.id, "agencies": AGENCIES, "tasks": TASKS_OF_PLAN})
            plan_ids.append(plan.id)
    return plan_ids


def _start_closers(product: Product, plan_ids: Sequence[int]) -> list[subprocess.Popen[bytes]]:
    with (product.folder / "closers.log").open("ab") as log:
        return [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.faults.closers",
                    str(BATCH),
                    *map(str, plan_ids[part::CLOSERS]),
                ],
                cwd=ROOT,
                env=clean_environment(product.settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for part in range(CLOSERS)
        ]


def _accepted() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Task.state == State.ACCEPTED)) or 0


def _kill_while_they_close(product: Product, closers: Sequence[subprocess.Popen[bytes]]) -> None:
    """A worker after the other is killed, each time after so many closings more; its follower dies at another step.

    In the middle of it the broker forgets everything.
    """
    points = cycle(sorted(failpoints.REBUILD_POINTS))
    everything = PLANS * TASKS_OF_PLAN
    for number in range(KILLS):
        _wait_for_closings(everything * (number + 1) // (KILLS + 1), closers, product)
        name = f"worker-{number % 2}"
        product.kill(name)
        product.settings = {**product.settings, "FAILPOINT": f"{next(points)}:2"}
        product.start(name)
        if number == KILLS // 2:
            Redis.from_url(product.settings["REDIS_URL"]).flushall()
    for each in closers:
        assert each.wait(timeout=120) == 0, product.logs()


def _wait_for_closings(count: int, closers: Sequence[subprocess.Popen[bytes]], product: Product) -> None:
    def is_reached() -> bool:
        assert not any(each.poll() for each in closers), product.logs()
        return _accepted() >= count

    wait_for(is_reached, seconds=120, what=f"{count} closings\n{product.logs()}")


def _deaths(product: Product) -> int:
    logs = product.folder.glob("worker-*.log")
    return sum(log.read_text(errors="replace").count("failpoint ") for log in logs)


def test_workers_killed_at_every_step_under_ten_thousand_closings_lose_none(product: Product) -> None:
    plan_ids = _ten_plans()
    product.settings = {**product.settings, "FAILPOINT": "figures_written:2"}
    product.start("beat", "worker-0", "worker-1")
    closers = _start_closers(product, plan_ids)
    try:
        _kill_while_they_close(product, closers)
    finally:
        for each in closers:
            kill_group(each)
            each.wait()
    assert _deaths(product) >= len(failpoints.REBUILD_POINTS), product.logs()
    product.kill("worker-0")
    product.kill("worker-1")
    product.settings = {**product.settings, "FAILPOINT": ""}
    product.start("worker-0", "worker-1")
    wait_for(lambda: all(map(_is_settled, plan_ids)), seconds=90, what=f"the rebuilds\n{product.logs()}")
    assert _accepted() == PLANS * TASKS_OF_PLAN
    generations = []
    for plan_id in plan_ids:
        stored = db.session.get_one(Projection, plan_id)
        oracle.check_stored(db.session(), stored, evaluation_on=None)
        generations.append(stored.generation)
    assert max(generations) <= MOST_REBUILDS, generations
