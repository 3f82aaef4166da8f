"""Evidence while a scanner is set up: what is infected is refused by content and kept apart, and nothing is lost."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Evidence, EvidenceUse, EvidenceVersion, Scan, UploadPiece
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from tests import factories, scanner
from tests.integration.conftest import make_app
from tests.scanner import EICAR, Scanner
from tests.services import PostgresServer
from tests.settings import make_settings

JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def running() -> Iterator[Scanner]:
    started = scanner.start()
    yield started
    started.stop()


@pytest.fixture
def address(running: Scanner) -> str:
    return running.address


@pytest.fixture
def app(postgres: PostgresServer, migrated: str, tmp_path: Path, address: str) -> Iterator[Flask]:
    name = f"scan_{uuid4().hex[:8]}"
    postgres.create_database(name, template=migrated)
    made = make_app(make_settings(postgres, name, tmp_path, clamd_address=address))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def person(app: Flask) -> Account:
    session = db.session()
    government = factories.government(session)
    agency = factories.agency(session, government)
    account = factories.account(session, government, Role.FOCAL_POINT, agency, locale="en")
    plan = factories.plan(session, government)
    factories.task(session, plan, agency, 33, state=State.IN_PROGRESS)
    session.commit()
    return account


@pytest.fixture
def focal(app: Flask, person: Account) -> FlaskClient:
    client = app.test_client()
    assert (
        client.post("/login", data={"email": person.email, "password": factories.PASSWORD}).status_code == 302
    )
    return client


def _document() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in (
            ("[Content_Types].xml", b""),
            ("word/document.xml", b""),
            ("word/media/a.txt", EICAR),
        ):
            package.writestr(part, content)
    return packed.getvalue()


def _arrive(client: FlaskClient, person: Account, content: bytes, name: str) -> str:
    fields = {"agency": person.agency_id, "name": name, "size": len(content)}
    address = client.post("/evidence/uploads", data=fields, headers=JSON).json["address"]
    client.post(
        f"{address}/pieces?offset=0", data=content, content_type="application/octet-stream", headers=JSON
    )
    return str(address)


def _count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(("content", "name"), [(EICAR, "sk.txt"), (_document(), "sk.docx")])
def test_the_test_virus_is_refused_by_content_and_nobody_gets_it(
    person: Account, focal: FlaskClient, content: bytes, name: str
) -> None:
    upload = _arrive(focal, person, content, name)
    answer = focal.post(f"{upload}/finish", headers=JSON)
    assert answer.status_code == 422
    assert f"{name} is infected (Eicar-Test" in answer.json["messages"][0]
    version = db.session.scalars(select(EvidenceVersion)).one()
    kept = version.evidence_id
    assert version.scan is Scan.INFECTED
    assert focal.get(f"/evidence/{kept}/versions/1").status_code == 404
    assert _count(UploadPiece) == 0
    assert name.partition(".")[0] not in focal.get("/evidence").text.partition("<tbody>")[2]
    assert f'href="/evidence/{kept}"' in focal.get("/evidence?show=quarantined").text
    page = focal.get(f"/evidence/{kept}").text
    assert "It is in quarantine" in page
    assert f"/evidence/{kept}/versions/" not in page


def test_a_file_of_a_plain_form_is_scanned_too(person: Account, focal: FlaskClient) -> None:
    files = [(io.BytesIO(EICAR), "virus.txt"), (io.BytesIO(b"Notulen rapat"), "notulen.txt")]
    data = {"agency_id": person.agency_id, "files": files}
    focal.post("/evidence/new", data=data, content_type="multipart/form-data")
    page = focal.get("/evidence").text
    assert "virus.txt is infected" in page
    scans = db.session.execute(select(EvidenceVersion.file_name, EvidenceVersion.scan)).all()
    assert {tuple(row) for row in scans} == {("virus.txt", Scan.INFECTED), ("notulen.txt", Scan.CLEAN)}


def test_an_infected_file_shows_nothing_and_takes_nobodys_place(person: Account, focal: FlaskClient) -> None:
    _finish = focal.post(f"{_arrive(focal, person, b'Keputusan', 'sk.txt')}/finish", headers=JSON)
    kept = _finish.json["id"]
    task_id = db.session.scalars(select(factories.Task.id)).one()
    for data in ({"evidence": kept}, {"task": task_id, "criterion": "3.a"}):
        answer = focal.post(f"{_arrive(focal, person, EICAR, 'sk.txt')}/finish", data=data, headers=JSON)
        assert answer.status_code == 422
    assert _count(EvidenceUse) == 0
    versions = select(EvidenceVersion).where(EvidenceVersion.evidence_id == kept)
    assert [each.scan for each in db.session.scalars(versions)] == [Scan.CLEAN]


def test_scanning_again_leaves_what_is_still_infected_where_it_is(
    person: Account, focal: FlaskClient
) -> None:
    focal.post(f"{_arrive(focal, person, EICAR, 'sk.txt')}/finish", headers=JSON)
    kept = db.session.scalars(select(Evidence.id)).one()
    answer = focal.post(f"/evidence/{kept}/scan", follow_redirects=True)
    assert "Still infected (Eicar-Test" in answer.text


class TestAway:
    """The scanner is set up and does not answer."""

    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return str(tmp_path / "nobody")

    def test_nothing_is_lost_while_the_scanner_is_away(
        self, app: Flask, person: Account, focal: FlaskClient, running: Scanner, tmp_path: Path
    ) -> None:
        upload = _arrive(focal, person, b"Keputusan", "sk.txt")
        away = focal.post(f"{upload}/finish", headers=JSON)
        assert away.status_code == 503
        assert "does not answer, so sk.txt was not taken yet" in away.json["messages"][0]
        assert (_count(Evidence), _count(UploadPiece)) == (0, 1)
        (tmp_path / "nobody").symlink_to(running.address)  # it is back
        assert focal.post(f"{upload}/finish", headers=JSON).status_code == 200

    def test_a_plain_form_says_so_and_stores_nothing(self, person: Account, focal: FlaskClient) -> None:
        data = {"agency_id": person.agency_id, "files": [(io.BytesIO(b"Keputusan"), "sk.txt")]}
        answer = focal.post("/evidence/new", data=data, content_type="multipart/form-data")
        assert answer.status_code == 503
        assert "does not answer" in answer.text
        assert _count(Evidence) == 0
