"""``spbe-tasks evidence``, and what the doctor says about files and scanning."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from spbe_tasks import clock
from spbe_tasks.models import Scan
from spbe_tasks.rules.access import Role
from spbe_tasks.transaction import transaction
from tests import factories, scanner
from tests.integration.cli.conftest import Run


@pytest.fixture
def slug(own_app: Flask) -> str:
    """A government whose two agencies have a decree that ended and an infected file each."""
    with own_app.app_context(), transaction() as work:
        session = work.session
        government = factories.government(session)
        for agency_slug in ("kominfo", "bappeda"):
            agency = factories.agency(session, government, slug=agency_slug, short_name=agency_slug.title())
            person = factories.account(session, government, Role.FOCAL_POINT, agency)
            factories.evidence(
                session, person, "a" * 64, title=f"SK {agency_slug}", expires_on=date(2020, 1, 2)
            )
            factories.evidence(session, person, "b" * 64, title="Surat", scan=Scan.INFECTED, threat="Eicar")
        return str(government.slug)


def test_the_library_is_listed_as_text_and_as_json(run: Run, slug: str) -> None:
    code, output, _ = run("evidence", "list", "--government", slug)
    assert code == 0
    assert [line.split("  ")[1:] for line in output.splitlines()] == [
        ["Bappeda", "SK bappeda (sk.txt, until 2020-01-02), tasks: 0"],
        ["Kominfo", "SK kominfo (sk.txt, until 2020-01-02), tasks: 0"],
    ]
    _, output, _ = run(
        "evidence", "list", "--government", slug, "--show", "quarantined", "--agency", "kominfo", "--json"
    )
    (told,) = json.loads(output)
    assert (told["agency_name"], told["title"], told["threat"]) == ("Kominfo", "Surat", "Eicar")


def test_what_ends_soon_goes_by_the_day_of_the_government_and_not_of_the_server(
    run: Run, own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = datetime(2025, 3, 3, 18, tzinfo=UTC)  # in Ketapang it is the fourth already
    with own_app.app_context(), transaction() as work:
        government = factories.government(work.session)
        agency = factories.agency(work.session, government)
        person = factories.account(work.session, government, Role.FOCAL_POINT, agency)
        for days, key in ((90, "c"), (91, "d")):
            ends = date(2025, 3, 4) + timedelta(days=days)
            factories.evidence(work.session, person, key * 64, title=f"SK {days}", expires_on=ends)
        slug = str(government.slug)
    monkeypatch.setattr(clock, "now", lambda: evening)
    _, output, _ = run("evidence", "list", "--government", slug, "--show", "expiring", "--json")
    assert [each["title"] for each in json.loads(output)] == ["SK 90"]


def test_the_doctor_looks_at_the_storage_and_the_scanner(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said() -> dict[str, tuple[bool, str]]:
        findings = json.loads(run("doctor", "--json")[1])
        return {each["name"]: (each["is_well"], each["words"]) for each in findings}

    assert said()["storage"] == (True, "keeps files")
    assert said()["virus scanner"] == (True, "none is set up: evidence is not scanned")
    monkeypatch.setenv("CLAMD_ADDRESS", str(tmp_path / "nobody"))
    (tmp_path / "no-folder").write_text("")
    monkeypatch.setenv("STORAGE_DIR", str(tmp_path / "no-folder"))
    found = said()
    assert not found["virus scanner"][0]
    assert not found["storage"][0]
    running = scanner.start()
    monkeypatch.setenv("CLAMD_ADDRESS", running.address)
    assert said()["virus scanner"] == (True, "answers")
    running.stop()
