"""One commit per unit of work; jobs only after it. The broker here is a real Valkey."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from flask import Flask
from pydantic import SecretStr
from redis import Redis

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import Government
from spbe_tasks.rules.errors import ConflictError
from spbe_tasks.transaction import transaction
from tests import factories, services
from tests.integration.conftest import make_settings
from tests.services import PostgresServer, ValkeyServer

pytestmark = pytest.mark.own_database


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    folder = services.new_folder()
    server = services.start_valkey(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def own_app(postgres: PostgresServer, migrated: str, tmp_path: Path, valkey: ValkeyServer) -> Iterator[Flask]:
    name = f"own_{tmp_path.name[:40]}"
    postgres.create_database(name, template=migrated)
    app = create_app(make_settings(postgres, name, tmp_path, redis_url=SecretStr(valkey.url)))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    postgres.drop_database(name)


def _queued(app: Flask) -> int:
    return len(_messages(app))


def _messages(app: Flask) -> list[dict[str, Any]]:
    celery_app: Celery = app.extensions["broker"]
    with celery_app.connection_for_read() as connection:
        channel = connection.default_channel
        client: Redis = channel.client
        return [json.loads(each) for each in client.lrange("celery", 0, -1)]


def test_a_job_asked_for_twice_is_sent_once_after_the_commit(app: Flask) -> None:
    before = _queued(app)
    with transaction() as work:
        work.after_commit(Job.SEAL_EVENTS)
        work.after_commit(Job.SEAL_EVENTS)
        assert _queued(app) == before
    assert _queued(app) == before + 1


def test_planning_one_government_lapses_when_it_was_asked_for_again(app: Flask) -> None:
    before = datetime.now(UTC)
    with transaction() as work:
        work.after_commit(Job.PLAN_GOVERNMENT, 1)
        work.after_commit(Job.SEAL_EVENTS)
    expires = {each["headers"]["task"]: each["headers"]["expires"] for each in _messages(app)}
    assert expires["events.seal"] is None
    assert datetime.fromisoformat(expires["reminders.plan_government"]) >= before + timedelta(minutes=1)


def test_nothing_is_stored_or_sent_after_an_error(app: Flask) -> None:
    before = _queued(app)
    with pytest.raises(RuntimeError, match="halfway"), transaction() as work:
        factories.government(work.session, slug="never")
        work.after_commit(Job.SEAL_EVENTS)
        raise RuntimeError("halfway")
    assert db.session.query(Government).filter_by(slug="never").count() == 0
    assert _queued(app) == before


def test_a_second_transaction_inside_the_first_is_refused(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="does not nest"), transaction(), transaction():
        pass


def test_a_taken_key_is_a_conflict_that_names_the_constraint(app: Flask) -> None:
    with transaction() as work:
        factories.government(work.session, slug="taken")
    with pytest.raises(ConflictError) as refused, transaction() as work:
        factories.government(work.session, slug="taken")
    assert refused.value.params["constraint"] == "uq_government_slug"


def test_the_second_of_two_writers_of_one_row_is_told(app: Flask) -> None:
    with transaction() as work:
        government_id = factories.government(work.session).id
    with pytest.raises(ConflictError), transaction() as work:
        mine = work.session.get_one(Government, government_id)
        with db.engine.begin() as other:
            other.exec_driver_sql("UPDATE government SET version = version + 1")
        mine.name = "Nama baru"


def test_work_is_stored_when_the_broker_dies(
    app: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = services.new_folder()
    dying = services.start_valkey(folder)
    own = create_app(app.extensions["settings"].model_copy(update={"redis_url": SecretStr(dying.url)}))
    with own.app_context():
        with transaction() as work:
            work.after_commit(Job.SEAL_EVENTS)
        dying.kill()
        with transaction() as work:
            government_id = factories.government(work.session).id
            work.after_commit(Job.SEAL_EVENTS)
        assert db.session.get(Government, government_id) is not None
        db.session.remove()
        db.engine.dispose()
    shutil.rmtree(folder)
    assert "not sent" in caplog.text
