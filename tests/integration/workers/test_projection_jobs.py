"""Workers as they run, under a burst of changes: few rebuilds, nothing lost, and a single change counted at once."""

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from spbe_tasks import create_app
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.models import Projection, ProjectionRequest, Task
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import projections
from spbe_tasks.transaction import transaction
from tests import factories, oracle, services
from tests.product import Product, settings_for, wait_for
from tests.races import race_processes
from tests.services import PostgresServer
from tests.settings import make_settings

PLANS, CHANGES_EACH, PEOPLE = 2, 150, 3
# A run for each change would be 150; a burst of some seconds brings about four, one on a slow machine some more.
MOST_RUNS = 30


@pytest.fixture
def installation(
    postgres: PostgresServer, migrated: str, tmp_path: Path
) -> Iterator[tuple[Product, Settings]]:
    database = f"burst_{uuid4().hex[:8]}"
    postgres.create_database(database, template=migrated)
    folder = services.new_folder()
    valkey = services.start_valkey(folder)
    running = Product(settings_for(postgres, database, valkey, smtp_port=1, folder=tmp_path), tmp_path)
    settings = make_settings(postgres, database, tmp_path, redis_url=SecretStr(valkey.url))
    with create_app(settings).app_context():
        yield running, settings
        running.stop()
        db.session.remove()
        db.engine.dispose()
    valkey.stop()
    shutil.rmtree(folder)
    postgres.drop_database(database)


def _plans() -> dict[int, list[int]]:
    """Plans with their tasks: every indicator, several agencies."""
    made: dict[int, list[int]] = {}
    with transaction() as work:
        for _ in range(PLANS):
            government = factories.government(work.session)
            plan = factories.plan(work.session, government)
            agencies = [factories.agency(work.session, government) for _ in range(-(-CHANGES_EACH // 47))]
            made[plan.id] = [
                factories.task(
                    work.session, plan, agencies[place // 47], 1 + place % 47, state=State.SUBMITTED
                ).id
                for place in range(CHANGES_EACH)
            ]
    return made


def close(task_id: int) -> None:
    """What accepting a task means to the projection, in a transaction of its own."""
    with transaction() as work:
        task = work.session.get_one(Task, task_id)
        task.state, task.reached_level = State.ACCEPTED, Decimal(3)
        projections.request(work, task.plan_id)


def _is_settled() -> bool:
    db.session.rollback()
    return not db.session.scalar(select(func.count()).select_from(ProjectionRequest))


def _generations() -> dict[int, int]:
    db.session.rollback()
    return {row.plan_id: row.generation for row in db.session.scalars(select(Projection))}


def test_a_burst_of_closings_causes_few_rebuilds_and_one_consistent_result(
    installation: tuple[Product, Settings],
) -> None:
    product, settings = installation
    plans = _plans()
    product.start("worker", "beat")
    # The plans in turn, as everywhere at once.
    ids = [task_id for turn in zip(*plans.values(), strict=True) for task_id in turn]
    said = race_processes(
        settings, [[(close, (task_id,)) for task_id in ids[place::PEOPLE]] for place in range(PEOPLE)]
    )
    assert {each for answers in said for each in answers} == {"done"}
    wait_for(_is_settled, seconds=120, what=f"the figures\n{product.logs()}")
    runs = _generations()
    assert runs.keys() == plans.keys()
    assert all(number <= MOST_RUNS for number in runs.values()), runs
    for plan_id in plans:
        stored = db.session.get_one(Projection, plan_id)
        oracle.check_stored(db.session(), stored, evaluation_on=None)
        assert stored.secured == stored.potential


def test_what_piled_up_while_no_worker_ran_is_one_rebuild(installation: tuple[Product, Settings]) -> None:
    product, _ = installation
    plans = _plans()
    for task_ids in plans.values():
        for task_id in task_ids[:40]:
            close(task_id)
    product.start("worker")
    wait_for(_is_settled, seconds=120, what=f"the figures\n{product.logs()}")
    assert set(_generations().values()) == {1}
    for plan_id in plans:
        oracle.check_stored(db.session(), db.session.get_one(Projection, plan_id), evaluation_on=None)
