"""What supervisors and browsers ask before anybody has signed in."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from spbe_tasks.extensions import db
from spbe_tasks.services import system
from spbe_tasks.work import Work
from tests.factories import NOW


def test_a_process_that_answers_is_live(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "ok"}


def test_a_migrated_database_is_ready(client: FlaskClient) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "database": "ok"})


@pytest.mark.own_database
def test_a_database_without_the_last_migration_is_not_ready(app: Flask, client: FlaskClient) -> None:
    with db.engine.connect() as connection:
        privileged = connection.execute(
            text("SELECT has_table_privilege('alembic_version', 'UPDATE')")
        ).scalar()
    assert not privileged  # only the owner says where the schema stands
    owner = create_engine(app.extensions["settings"].owner_url)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    owner.dispose()
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "spbe-tasks db upgrade" in answer.json["database"]


def test_a_silent_background_and_a_dead_broker_are_named(client: FlaskClient, work: Work) -> None:
    system.record_heartbeat(work, now=NOW)  # long ago
    work.session.commit()
    answer = client.get("/health/system")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == "ok"
    assert answer.json["broker"] == "unreachable"
    assert answer.json["background"].startswith("silent")


@pytest.mark.parametrize("name", ["bootstrap.min.css", "bootstrap.bundle.min.js", "icons.svg"])
def test_what_every_page_loads_is_sent_compressed(client: FlaskClient, name: str) -> None:
    with client.get(f"/static/vendor/{name}", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.data) < 40_000
