"""``spbe-tasks government archive``."""

import json
from pathlib import Path
from zipfile import ZipFile

from flask import Flask

from spbe_tasks.transaction import transaction
from tests import factories
from tests.integration.cli.conftest import Run


def test_the_archive_of_one_government_is_written(own_app: Flask, run: Run, tmp_path: Path) -> None:
    with own_app.app_context(), transaction() as work:
        slug = factories.government(work.session).slug
        factories.government(work.session)
    code, output, _ = run("government", "archive", "--government", slug, "--to", tmp_path / "arsip.zip")
    assert code == 0
    assert output.startswith(str(tmp_path / "arsip.zip"))
    with ZipFile(tmp_path / "arsip.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["government"]["slug"], manifest["made_by"]) == (slug, None)
    assert manifest["tables"]["government"]["rows"] == 1


def test_nothing_is_written_for_a_government_that_is_not_there(run: Run, tmp_path: Path) -> None:
    code, _, errors = run("government", "archive", "--government", "nowhere", "--to", tmp_path / "arsip.zip")
    assert code == 1
    assert errors == ["error: There is no such government."]
    assert not (tmp_path / "arsip.zip").exists()


def test_there_is_no_command_that_deletes_a_government(run: Run) -> None:
    code, output, _ = run("government", "--help")
    assert code == 0
    assert "archive" in output
    assert "delete" not in output
