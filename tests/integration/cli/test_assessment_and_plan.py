import json
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from spbe_tasks.adapters.storage import FolderStorage
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import AssessmentRevision, Event, Plan, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import level_pins
from spbe_tasks.transaction import transaction
from tests import factories
from tests.factories import SPBE
from tests.integration.cli.conftest import Run

pytestmark = pytest.mark.own_database
SLUG = "kab-uji"


@pytest.fixture
def government(own_app: Flask) -> None:
    """A government with one agency that leads on indicators 1 and 2; nobody owns 3."""
    with own_app.app_context():
        session = db.session()
        government = factories.government(session, slug=SLUG)
        agency = factories.agency(session, government)
        factories.ownership(session, agency, 1)
        factories.ownership(session, agency, 2)
        session.commit()


def table(folder: Path, levels: dict[int, str], name: str = "nilai.csv") -> Path:
    rows = [f"{i.number};{levels.get(i.number, '3')}" for i in get_instrument(SPBE).indicators]
    file = folder / name
    file.write_text("\n".join(["nomor;tingkat", *rows]))
    return file


def count(app: Flask, model: type, *conditions: object) -> int:
    with app.app_context():
        return db.session().scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def imported(run: Run, file: Path, *more: object) -> dict[str, object]:
    options = ("--government", SLUG, "--year", 2024, "--kind", "official", "--json")
    code, output, errors = run("assessment", "import", file, *options, *more)
    assert (code, errors) == (0, [])
    return json.loads(output)


def generated(run: Run, *more: object) -> dict[str, object]:
    options = ("--government", SLUG, "--year", 2024, "--threshold", 3, "--json")
    code, output, errors = run("plan", "generate", *options, *more)
    assert (code, errors) == (0, [])
    return json.loads(output)


@pytest.mark.usefixtures("government")
def test_a_file_becomes_a_plan_and_a_second_run_finds_all_unchanged(
    run: Run, own_app: Flask, tmp_path: Path
) -> None:
    stored = imported(run, table(tmp_path, {1: "2", 2: "1", 3: "2"}))
    assert (stored["revision"], stored["is_new"], stored["instrument"]) == (1, True, SPBE)
    first = generated(run)
    assert [first[name] for name in ("created", "updated", "unchanged", "withdrawn")] == [2, 0, 0, 0]
    assert (first["unowned"], first["baseline"]) == ([3], "official 2024")
    second = generated(run)
    assert [second[name] for name in ("created", "updated", "unchanged", "withdrawn")] == [0, 0, 2, 0]
    published = generated(run, "--publish")
    assert (published["published"], published["unchanged"]) == (2, 2)
    assert count(own_app, Task, Task.state == State.ASSIGNED) == 2
    assert count(own_app, Event, Event.actor_id.is_not(None)) == 0


@pytest.mark.usefixtures("government")
def test_a_dry_run_stores_nothing(run: Run, own_app: Flask, tmp_path: Path) -> None:
    seen = imported(run, table(tmp_path, {1: "2"}), "--dry-run")
    assert (seen["revision"], seen["index"] is not None) == (None, True)
    assert count(own_app, AssessmentRevision) == 0
    imported(run, table(tmp_path, {1: "2"}))
    assert generated(run, "--dry-run")["created"] == 1
    assert (count(own_app, Plan), count(own_app, Task)) == (0, 0)


@pytest.mark.usefixtures("government")
def test_the_same_file_again_is_said_to_be_known(run: Run, tmp_path: Path) -> None:
    file = table(tmp_path, {1: "2"})
    imported(run, file)
    again = imported(run, file)
    assert (again["revision"], again["is_new"]) == (1, False)
    changed = imported(run, table(tmp_path, {1: "4"}))
    assert (changed["revision"], changed["changes"]) == (2, [{"number": 1, "before": "2.00", "after": "4"}])


@pytest.mark.usefixtures("government")
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_what_is_exported_is_imported_again_without_a_change(
    run: Run, own_app: Flask, tmp_path: Path, suffix: str
) -> None:
    imported(run, table(tmp_path, {1: "2", 7: "TN"}))
    options = ("--government", SLUG, "--year", 2024, "--kind", "official")
    exported = tmp_path / f"ekspor.{suffix}"
    assert run("assessment", "export", *options, "--output", exported) == (0, "", [])
    again = imported(run, exported, "--dry-run")
    assert (again["changes"], again["format"], again["not_assessed"]) == ([], suffix, [7])


@pytest.mark.usefixtures("government")
def test_a_file_that_would_not_be_what_its_name_says_is_not_written(run: Run, tmp_path: Path) -> None:
    imported(run, table(tmp_path, {1: "2"}))
    options = ("--government", SLUG, "--year", 2024, "--kind", "official")
    code, output, _ = run("assessment", "export", *options, "--output", tmp_path / "ekspor.ods")
    assert (code, output) == (2, "")
    assert not (tmp_path / "ekspor.ods").exists()


@pytest.mark.usefixtures("government")
def test_an_export_of_an_older_revision_goes_to_the_terminal(run: Run, tmp_path: Path) -> None:
    for level in ("2", "4"):
        imported(run, table(tmp_path, {1: level}))
    options = ("--government", SLUG, "--year", 2024, "--kind", "official", "--revision", 1)
    _, output, _ = run("assessment", "export", *options)
    assert output.splitlines()[1].startswith("1;2;")


@pytest.mark.usefixtures("government")
def test_the_original_is_kept_and_a_pinned_level_told(run: Run, own_app: Flask, tmp_path: Path) -> None:
    file = table(tmp_path, {1: "2"})
    imported(run, file)
    with own_app.app_context():
        session = db.session()
        revision = session.scalars(select(AssessmentRevision)).one()
        storage = FolderStorage(own_app.extensions["settings"].storage_dir)
        assert storage.read(revision.file_key or "") == file.read_bytes()
        operator = Scope(revision.government_id, None, Role.COORDINATOR)
        with transaction() as work:
            level_pins.pin(
                work,
                operator,
                revision.assessment_id,
                1,
                level=Decimal(5),
                reason="Putusan.",
                seen_number=None,
                now=factories.NOW,
            )
    again = imported(run, table(tmp_path, {1: "3", 2: "4"}))
    assert again["pinned"] == [{"number": 1, "level": "5.00", "read": "3"}]
    assert again["changes"] == [{"number": 2, "before": "3.00", "after": "4"}]


@pytest.mark.usefixtures("government")
def test_as_text_it_says_what_happened(run: Run, tmp_path: Path) -> None:
    options = ("--government", SLUG, "--year", 2024)
    _, output, _ = run("assessment", "import", table(tmp_path, {1: "-"}), *options, "--kind", "official")
    assert "Stored as revision 1" in output
    assert "Not assessed, counted as 0: [1]" in output
    _, output, _ = run("plan", "generate", *options, "--threshold", "3,0", "--publish")
    assert "1 created, 0 updated, 0 unchanged, 0 withdrawn, 1 published" in output


@pytest.mark.usefixtures("government")
def test_every_problem_is_a_line_and_the_exit_code_is_1(run: Run, own_app: Flask, tmp_path: Path) -> None:
    file = table(tmp_path, {1: "9", 5: "x", 47: "2,5"})
    code, output, errors = run(
        "assessment", "import", file, "--government", SLUG, "--year", 2024, "--kind", "official"
    )
    assert (code, output) == (1, "")
    assert [line.partition(":")[2].split(",")[0].strip() for line in errors] == ["row 2", "row 6", "row 48"]
    assert count(own_app, AssessmentRevision) == 0


@pytest.mark.usefixtures("government")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan", "generate", "--government", SLUG, "--year", 2024, "--threshold", 3), "Import it first"),
        (("plan", "generate", "--government", "nowhere", "--year", 2024, "--threshold", 3), "error:"),
        (("plan", "generate", "--government", SLUG, "--year", 1999, "--threshold", 3), "Say which one"),
    ],
)
def test_what_cannot_be_done_is_said_and_fails(run: Run, arguments: tuple[object, ...], words: str) -> None:
    code, _, errors = run(*arguments)
    assert code == 1
    assert words in " ".join(errors)
