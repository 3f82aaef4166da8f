"""The self-assessment on the command line."""

import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Role
from spbe_tasks.stored_files import storage
from tests import factories
from tests.integration.cli.conftest import Run

SLUG = "kab-uji"
OPTIONS = ("--government", SLUG, "--year", 2025)
pytestmark = [pytest.mark.own_database, pytest.mark.usefixtures("worked")]


@pytest.fixture
def worked(own_app: Flask) -> None:
    """A plan of 2024 with a task on indicator 33 that one evidence shows."""
    with own_app.app_context():
        session = db.session()
        government = factories.government(session, slug=SLUG)
        agency = factories.agency(session, government)
        focal = factories.account(session, government, Role.FOCAL_POINT, agency)
        task = factories.task(session, factories.plan(session, government), agency, 33)
        item = factories.evidence(session, focal, storage().put(b"isi"), title="SK Tim")
        factories.evidence_use(session, task, item, 3, "a")
        session.commit()


def test_it_is_begun_shown_and_packed(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        code, _, errors = run("pack", "begin", *OPTIONS)
        assert (code, errors) == (0, [])
    code, output, _ = run("pack", "show", *OPTIONS, "--json")
    assert code == 0
    document = json.loads(output)
    assert (document["indicators"], len(document["entries"])) == (47, 47)
    assert document["entries"][32]["claimed_level"] == "2"
    assert "With evidence: " in run("pack", "show", *OPTIONS)[1]
    path = tmp_path / "paket.zip"
    code, output, _ = run("pack", "package", *OPTIONS, "--indicator", 33, "-o", path)
    assert (code, "1 files of 1 documents" in output) == (0, True)
    with zipfile.ZipFile(path) as archive:
        assert "33.a.SK_Tim.txt" in archive.namelist()


def test_what_was_not_begun_is_said(run: Run) -> None:
    code, _, errors = run("pack", "show", *OPTIONS)
    assert code != 0
    assert "self-assessment" in errors[0]
