"""Tests that guard the architecture: declared routes, known jobs, one line of migrations."""

import re
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from spbe_tasks import resources
from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.schema import newest_migration
from spbe_tasks.web.access import requirement_of
from tests import factories
from tools.layout import ROOT
from workers import schedule
from workers.jobs import JOBS, register


def test_every_route_declares_what_it_needs(app: Flask) -> None:
    undeclared = [endpoint for endpoint in app.view_functions if requirement_of(endpoint) is None]
    assert undeclared == []


def test_every_job_has_a_function_and_is_known_to_celery(app: Flask) -> None:
    assert set(JOBS) == set(Job)
    celery_app = app.extensions["broker"]
    register(celery_app, app)
    assert {str(job) for job in Job} <= set(celery_app.tasks)


def test_the_beat_table_names_jobs_and_no_hour_of_the_day() -> None:
    for entry in schedule.BEAT.values():
        assert entry["task"] in {str(job) for job in Job}
        assert isinstance(entry["schedule"], timedelta)


def test_the_architecture_lists_every_job_and_how_often_beat_asks_for_it() -> None:
    section = (
        (ROOT / "docs" / "architecture.md").read_text().partition("\n## Jobs\n")[2].partition("\n## ")[0]
    )
    listed = dict(re.findall(r"^\| `([a-z._]+)` \| (.*?) \|", section, re.MULTILINE))
    assert set(listed) == {str(job) for job in Job}
    told = {job: re.findall(r"beat, (\d+) (s|min)", asked_by) for job, asked_by in listed.items()}
    units = {"s": 1, "min": 60}
    assert {job: [int(number) * units[unit] for number, unit in found] for job, found in told.items()} == {
        job: [entry["schedule"].total_seconds() for entry in schedule.BEAT.values() if entry["task"] == job]
        for job in listed
    }


def test_migrations_have_one_head_and_it_is_the_tracked_one() -> None:
    folder = resources.folder("migrations")
    heads = ScriptDirectory(str(folder)).get_heads()
    assert heads == [newest_migration()]
    assert (folder / "HEAD").read_text().strip() == heads[0]


def test_models_and_migrations_agree(app: Flask) -> None:
    engine = create_engine(app.extensions["settings"].owner_url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), db.metadata)
    engine.dispose()
    assert differences == []


def test_the_application_owns_no_table(session: Session) -> None:
    owned = session.scalars(text("SELECT tablename FROM pg_tables WHERE tableowner = current_user")).all()
    assert owned == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET action = 'forged'",
        "DELETE FROM event",
        "UPDATE score SET level = 5",
        "DELETE FROM assessment_revision",
        "UPDATE assessment_revision SET cause = 'pin'",
        "UPDATE level_pin SET level = 5",
        "DELETE FROM level_pin",
        "UPDATE policy SET settings = '{}'",
        "DELETE FROM kept_conflict",
        "DROP TABLE event",
        "ALTER TABLE event DISABLE TRIGGER ALL",
    ],
)
def test_the_application_cannot_rewrite_what_is_written_once(session: Session, statement: str) -> None:
    factories.revision(session, factories.government(session))
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        session.execute(text(statement))
