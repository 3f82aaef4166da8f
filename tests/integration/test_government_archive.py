"""The archive of a government: nothing is missing, nothing secret is in it, and it is of one moment."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from spbe_tasks.adapters.storage import StorageError
from spbe_tasks.building import government_archive, run
from spbe_tasks.extensions import db
from spbe_tasks.models import Agency, BuildKind, BuildState, BuiltFile, Event, Government
from spbe_tasks.rules.access import Scope
from spbe_tasks.services import built_files, trail
from spbe_tasks.services.queries import archives as queries
from spbe_tasks.services.queries.files import REFERRING
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction
from tests import factories
from tests.factories import NOW
from tests.full_government import NOT_FILLED, fill

pytestmark = pytest.mark.own_database


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive on the disk."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.folder / "manifest.json").read_text())  # type: ignore[no-any-return]

    def rows(self, table: str) -> list[dict[str, Any]]:
        lines = (self.folder / "tables" / f"{table}.ndjson").read_text().splitlines()
        return [json.loads(line) for line in lines]


def _make(government: Government, folder: Path, *, name: str = "arsip") -> Unpacked:
    path = folder / f"{name}.zip"
    government_archive.write(db.engine, government.id, path, made_by=None, now=NOW)
    with ZipFile(path) as archive:
        archive.extractall(folder / name)
    return Unpacked(folder / name)


@pytest.fixture
def governments(session: Session) -> tuple[Government, Government]:
    full = fill(session, "ketapang", storage().put), fill(session, "sambas", storage().put)
    session.commit()
    return full


@pytest.fixture
def archive(governments: tuple[Government, Government], tmp_path: Path) -> Unpacked:
    with transaction() as work:
        trail.seal(work)
    return _make(governments[0], tmp_path)


def _placed() -> Iterator[tuple[str, str]]:
    """Every table, and where it stands: in the archive, or kept back for a reason."""
    archived = {table.name for table in queries.list_tables()}
    for name in db.metadata.tables:
        yield name, "archived" if name in archived else queries.KEPT_BACK.get(name, "")


def test_every_table_is_archived_or_kept_back_for_a_reason() -> None:
    assert {name: place for name, place in _placed() if not place} == {}
    assert set(db.metadata.tables) >= set(queries.KEPT_BACK)


def test_every_row_and_column_of_the_government_is_in_it_and_no_row_of_another(
    session: Session, governments: tuple[Government, Government], archive: Unpacked
) -> None:
    own = governments[0].id
    for table in queries.list_tables():
        wanted = session.scalar(select(func.count()).where(queries.of_government(table, own)))
        told, rows = archive.manifest["tables"][table.name], archive.rows(table.name)
        assert len(rows) == told["rows"] == wanted
        assert wanted or table.name in NOT_FILLED, f"{table.name} is empty: this proves nothing"
        kept_back = set(queries.KEPT_BACK_COLUMNS.get(table.name, {}))
        for row in rows:
            assert set(row) == {column.name for column in table.columns} - kept_back
            assert row.get("government_id", own) == own


def test_no_secret_is_in_it(
    session: Session, governments: tuple[Government, Government], archive: Unpacked
) -> None:
    suspicious = {
        f"{table.name}.{name}"
        for table in queries.list_tables()
        for name in queries.columns_of(table)
        if any(word in name for word in ("password", "digest", "secret", "token", "session"))
    }
    # The seal of an event, and the name of an instrument's file: nobody gets in with either.
    assert suspicious == {"event.chain_digest", "instrument_document.digest"}
    everything = b"".join(path.read_bytes() for path in archive.folder.rglob("*") if path.is_file())
    for words in ("account password_hash", "account calendar_digest", "api_key digest"):
        assert f"ketapang {words}".encode() not in everything


def test_every_stored_file_is_packed_or_kept_back_for_a_reason() -> None:
    assert queries.PACKED_FILES | set(queries.KEPT_BACK_FILES) == set(REFERRING)


def test_files_stand_under_readable_names_with_their_digests(archive: Unpacked) -> None:
    packed = {each["path"]: each for each in archive.manifest["files"]}
    on_disk = [path for path in (archive.folder / "files").rglob("*") if path.is_file()]
    assert len(packed) == len(on_disk) == 2 + 2 + 2 + 1  # versions of evidence, revisions, drafts, the logo
    for path in on_disk:
        told = packed[str(path.relative_to(archive.folder))]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == told["sha256"]
        assert path.stat().st_size == told["bytes"]
    assert "files/evidence/ketapang_agency_short_name_0/1-ketapang_evidence_title_0/" in " ".join(packed)


def test_names_of_files_lead_nowhere_else(
    session: Session, governments: tuple[Government, Government], tmp_path: Path
) -> None:
    session.execute(update(Agency).values(short_name="../../etc"))
    session.commit()
    paths = [each["path"] for each in _make(governments[0], tmp_path).manifest["files"]]
    assert not [path for path in paths if ".." in path or path.startswith("/")]


def test_every_digest_of_the_manifest_is_right(archive: Unpacked) -> None:
    manifest = archive.manifest
    entries = [*manifest["tables"].values(), *manifest["files"], *manifest["instruments"]]
    for entry in entries:
        content = (archive.folder / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert {each["path"] for each in manifest["instruments"]} == {
        f"instruments/{name}.yaml" for name in (factories.SPBE, "own-0", "own-1")
    }
    assert (archive.folder / "instruments/own-0.yaml").read_bytes() == (
        b"ketapang instrument_document content 0"
    )


def test_the_trail_is_verified_without_this_product(archive: Unpacked) -> None:
    def verify() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(archive.folder / "verify_trail.py")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    answer = verify()
    assert answer.stdout.startswith("INTACT: 2 events"), answer
    told: Mapping[str, Any] = archive.manifest["trail"]
    assert (told["sealed"], told["unsealed"], told["broken_at"]) == (2, 0, None)
    assert told["head"] in answer.stdout
    events = archive.folder / "tables" / "event.ndjson"
    events.write_text(events.read_text().replace("event action 1", "event action 9"))
    assert "BROKEN at position 2" in verify().stderr
    events.write_text("".join(events.read_text().splitlines(keepends=True)[:1]))
    assert "missing from the end" in verify().stderr


def test_it_is_of_one_moment_however_long_it_takes(
    session: Session, governments: tuple[Government, Government], tmp_path: Path
) -> None:
    """Somebody adds an agency and an event while the first table is written: neither is in it."""

    def meanwhile(done: int, _total: int) -> None:
        if done == 1:
            with transaction() as work:
                factories.agency(work.session, governments[0], slug="terlambat")
                trail.record(
                    work, "late", ("agency", 1), government_id=governments[0].id, actor_id=None, at=NOW
                )

    path = tmp_path / "arsip.zip"
    government_archive.write(
        db.engine,
        governments[0].id,
        path,
        made_by=None,
        now=NOW,
        progress=meanwhile,  # type: ignore[arg-type]
    )
    assert session.scalar(select(func.count()).where(Event.action == "late")) == 1
    with ZipFile(path) as archive:
        assert b"terlambat" not in archive.read("tables/agency.ndjson")
        assert b"late" not in archive.read("tables/event.ndjson")


def test_a_file_that_is_no_longer_what_was_stored_is_not_passed_off_as_it(
    app: Flask, governments: tuple[Government, Government], tmp_path: Path
) -> None:
    key = governments[0].logo_key
    assert key
    (app.extensions["settings"].storage_dir / key[:2] / key).write_bytes(b"something else")
    with pytest.raises(StorageError, match="holds something else"):
        _make(governments[0], tmp_path)


def test_it_is_called_after_the_day_it_is_where_the_government_lies(
    app: Flask, governments: tuple[Government, Government], tmp_path: Path
) -> None:
    evening = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)  # two in the night of the 25th in Pontianak
    name = government_archive.write(
        db.engine, governments[0].id, tmp_path / "arsip.zip", made_by=None, now=evening
    )
    assert name == f"Arsip_{governments[0].slug}_2026-11-25.zip"


def test_a_worker_builds_it_for_an_administrator_too(
    session: Session, governments: tuple[Government, Government]
) -> None:
    person = factories.administrator(session)
    session.commit()
    where = Scope(governments[0].id, person.id, person.role)
    with transaction() as work:
        built_id = built_files.ask(work, where, BuildKind.GOVERNMENT_ARCHIVE, {}, now=NOW).id
    run.build(built_id)
    built = session.get_one(BuiltFile, built_id)
    assert (built.state, built.media_type) == (BuildState.READY, "application/zip")
    assert built.file_key
    assert (built.file_name or "").startswith("Arsip_ketapang")
    content = storage().read(built.file_key)
    # Its name in the storage is its SHA-256: what the record of a deletion keeps.
    assert hashlib.sha256(content).hexdigest() == built.file_key
