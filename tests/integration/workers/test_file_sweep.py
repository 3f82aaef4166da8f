"""The sweep of stored files: only what no row refers to any more, and nothing that was just given."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from spbe_tasks import clock, stored_files
from spbe_tasks.extensions import db
from spbe_tasks.services.queries import files
from tests import factories
from workers import jobs

pytestmark = pytest.mark.own_database


def _stored(app: Flask, content: bytes, *, age: timedelta) -> str:
    key = stored_files.storage().put(content)
    then = (clock.now() - age).timestamp()
    os.utime(Path(app.extensions["settings"].storage_dir) / key[:2] / key, (then, then))
    return key


def test_files_of_revisions_imports_and_logos_stay_and_forgotten_ones_go(
    app: Flask, session: Session
) -> None:
    long_ago, hours_ago = timedelta(days=30), timedelta(hours=20)
    kept = [_stored(app, content, age=long_ago) for content in (b"revision", b"draft", b"logo")]
    kept.append(_stored(app, b"just given", age=hours_ago))
    forgotten = _stored(app, b"discarded", age=long_ago)
    government = factories.government(session, logo_key=kept[2])
    factories.account(session, government)
    factories.revision(session, government, file_key=kept[0])
    factories.draft(session, government, file_key=kept[1], changed_at=clock.now())
    session.commit()
    for _ in range(2):
        jobs.sweep_drafts()
    folder = Path(app.extensions["settings"].storage_dir)
    assert {path.name for path in folder.rglob("*") if path.is_file()} == set(kept)
    assert forgotten not in kept


def test_every_column_that_names_a_file_keeps_it_from_the_sweep() -> None:
    naming = {
        (table.name, column.name)
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.name.endswith(("file_key", "logo_key", "storage_key"))
    }
    assert naming == {(each.class_.__tablename__, each.key) for each in files.REFERRING}
