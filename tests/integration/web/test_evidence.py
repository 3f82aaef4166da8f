"""The library and the way files get into it: pages, plain forms, pieces, downloads."""

import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from spbe_tasks.models import Evidence, EvidenceUse, Scan
from spbe_tasks.services import evidence_uses
from spbe_tasks.services.queries import checklists
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
JSON = {"Accept": "application/json"}


@pytest.fixture
def focal(world: World, session: Session, sign_in: SignIn) -> FlaskClient:
    """The focal point of Diskominfo, who reads English."""
    world.focal.locale = "en"
    session.flush()
    return sign_in(world.focal)


def _send(client: FlaskClient, agency_id: int, *files: tuple[bytes, str], **fields: Any) -> TestResponse:
    data = {
        "agency_id": str(agency_id),
        "files": [(io.BytesIO(content), name) for content, name in files],
        **fields,
    }
    return client.post("/evidence/new", data=data, content_type="multipart/form-data")


def test_files_of_a_plain_form_are_stored_and_told_one_by_one(world: World, focal: FlaskClient) -> None:
    answer = _send(focal, world.kominfo.id, (PDF, "SK Tim.pdf"), (b"MZ program", "tim.pdf"))
    assert (answer.status_code, answer.location) == (302, "/evidence")
    page = focal.get("/evidence").text
    assert "SK Tim.pdf is stored." in page
    assert "tim.pdf is a program" in page
    assert page.count('class="row-title"') == 1


def _newest(session: Session) -> Evidence:
    session.expire_all()
    return session.scalars(select(Evidence).order_by(Evidence.id.desc()).limit(1)).one()


def _begin(client: FlaskClient, agency_id: int, content: bytes, name: str = "SK.pdf") -> str:
    fields = {"agency": agency_id, "name": name, "size": len(content)}
    answer = client.post("/evidence/uploads", data=fields, headers=JSON)
    assert answer.status_code == 200, answer.text
    return str(answer.json["address"])


def _append(client: FlaskClient, address: str, offset: int, piece: bytes) -> TestResponse:
    where = f"{address}/pieces?offset={offset}"
    return client.post(where, data=piece, content_type="application/octet-stream", headers=JSON)


def test_a_file_in_pieces_becomes_evidence_of_the_task_it_was_sent_from(
    world: World, session: Session, focal: FlaskClient
) -> None:
    address = _begin(focal, world.kominfo.id, PDF)
    assert _append(focal, address, 0, PDF[:20]).json["received"] == 20
    gap = _append(focal, address, 30, PDF[30:])
    assert (gap.status_code, gap.json["received"]) == (409, 20)
    assert focal.get(address, headers=JSON).json["received"] == 20
    early = focal.post(f"{address}/finish", headers=JSON)
    assert (early.status_code, early.json["error"]) == (409, "upload.incomplete")
    _append(focal, address, 20, PDF[20:])
    data = {"task": world.task.id, "criterion": ["3.a", "4.a"], "title": "SK Tim"}
    first, again = (focal.post(f"{address}/finish", data=data, headers=JSON) for _ in range(2))
    assert (first.json["title"], first.json["is_new"], again.json["id"]) == ("SK Tim", True, first.json["id"])
    uses = session.scalars(select(EvidenceUse).where(EvidenceUse.task_id == world.task.id))
    assert {(each.level, each.letter) for each in uses} == {(3, "a"), (4, "a")}
    kept = focal.get(f"{first.json['address']}/versions/1")
    assert kept.data == PDF


def test_what_is_refused_is_said_in_words_before_and_after_it_travelled(
    world: World, focal: FlaskClient
) -> None:
    fields = {"agency": world.kominfo.id, "name": "SK.pdf", "size": 26 * 1024 * 1024}
    before = focal.post("/evidence/uploads", data=fields, headers=JSON)
    assert before.status_code == 422
    assert before.json["messages"] == [
        "SK.pdf has 26 MB; a file may have at most 25 MB. Use lighter pictures, or divide it."
    ]
    address = _begin(focal, world.kominfo.id, b"MZ")
    _append(focal, address, 0, b"MZ")
    after = focal.post(f"{address}/finish", headers=JSON)
    assert (after.status_code, after.json["error"]) == (422, "invalid_input")
    assert after.json["messages"] == ["SK.pdf is a program. Evidence is a document or a picture."]


def test_the_limit_and_the_kinds_are_told_before_anything_is_chosen(world: World, focal: FlaskClient) -> None:
    page = focal.get("/evidence/new").text
    assert "PDF, PNG, JPG, DOCX, XLSX, PPTX, ODT, ODS, CSV, TXT; at most 25 MB each." in page
    assert f'data-limit="{25 * 1024 * 1024}"' in page
    assert 'accept=".pdf,.png,.jpg,.jpeg,' in page
    assert 'capture="environment"' in page


def test_a_piece_is_small_and_has_its_place(world: World, focal: FlaskClient) -> None:
    address = _begin(focal, world.kominfo.id, PDF)
    for wrong in (f"{address}/pieces", f"{address}/pieces?offset=-1", f"{address}/pieces?offset=x"):
        assert focal.post(wrong, data=PDF, headers=JSON).status_code == 422
    assert _append(focal, address, 0, b"x" * (1024 * 1024 + 1)).status_code == 422


def test_an_upload_of_somebody_else_does_not_exist(
    app: Flask, world: World, focal: FlaskClient, sign_in: SignIn
) -> None:
    address = _begin(focal, world.kominfo.id, PDF)
    folder = Path(app.extensions["settings"].storage_dir)
    before = set(folder.rglob("*"))
    for other in (sign_in(world.other_focal), sign_in(world.coordinator)):
        assert other.get(address, headers=JSON).status_code == 404
        assert _append(other, address, 0, PDF).status_code == 404
        assert other.post(f"{address}/finish", headers=JSON).status_code == 404
        assert other.post(f"{address}/abandon", headers=JSON).status_code == 404
    assert set(folder.rglob("*")) == before  # nor is anything kept for it
    assert focal.post(f"{address}/abandon", headers=JSON).status_code == 200
    assert focal.get(address, headers=JSON).status_code == 404


def test_a_download_is_never_a_page(world: World, session: Session, focal: FlaskClient) -> None:
    script = b"<script>alert(1)</script>"
    _send(focal, world.kominfo.id, (script, "catatan «1».txt"))
    answer = focal.get(f"/evidence/{_newest(session).id}/versions/1")
    assert answer.data == script
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "catatan%20%C2%AB1%C2%BB.txt" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(script))


def test_a_file_that_the_storage_does_not_give_is_asked_for_later(
    world: World, session: Session, focal: FlaskClient
) -> None:
    lost = factories.evidence(session, world.focal, "f" * 64)
    answer = focal.get(f"/evidence/{lost.id}/versions/1")
    assert answer.status_code == 503
    assert "does not answer. Nothing is lost" in answer.text


def test_the_same_content_again_leads_to_what_is_there(
    world: World, session: Session, focal: FlaskClient
) -> None:
    _send(focal, world.kominfo.id, (PDF, "SK.pdf"))
    kept = _newest(session).id
    answer = _send(focal, world.kominfo.id, (PDF, "SK lagi.pdf"))
    assert answer.location == f"/evidence/{kept}"
    assert "You have SK lagi.pdf already, as “SK”. That one is used." in focal.get(answer.location).text


def test_a_newer_version_takes_the_place_and_the_older_can_still_be_had(
    world: World, session: Session, focal: FlaskClient
) -> None:
    _send(focal, world.kominfo.id, (PDF, "SK.pdf"))
    kept = _newest(session).id
    newer = {"files": (io.BytesIO(PDF + b"\n"), "SK 2026.pdf")}
    assert focal.post(f"/evidence/{kept}/version", data=newer).location == f"/evidence/{kept}"
    page = focal.get(f"/evidence/{kept}").text
    assert "SK 2026.pdf" in page
    assert [focal.get(f"/evidence/{kept}/versions/{n}").data for n in (1, 2)] == [PDF, PDF + b"\n"]
    assert focal.get(f"/evidence/{kept}/versions/3").status_code == 404


def test_a_link_is_kept_and_shows_a_criterion_at_once(
    world: World, session: Session, focal: FlaskClient
) -> None:
    address = f"/evidence/new/link?task={world.task.id}&criterion=3.a"
    page = focal.get(address).text
    assert f'href="/tasks/{world.task.id}">Cancel' in page
    # The agency as the page itself says it: who keeps evidence of one agency is not asked.
    agency = dict(re.findall(r'type="hidden" name="(agency_id)" value="(.*?)"', page))
    typed = {**agency, "url": "https://jdih.ketapang.go.id/sk", "title": "SK di JDIH"}
    answer = focal.post(address, data=typed)
    assert answer.location == f"/tasks/{world.task.id}#criteria"
    page = focal.get(f"/evidence/{_newest(session).id}").text
    assert 'href="https://jdih.ketapang.go.id/sk" rel="noopener noreferrer nofollow"' in page
    assert "Criterion 3.a" in page
    bad = focal.post("/evidence/new/link", data=typed | {"url": "javascript:alert(1)"})
    assert bad.status_code == 422
    assert "is no address to open" in bad.text


def test_evidence_is_chosen_from_the_library_for_a_criterion(
    world: World, session: Session, focal: FlaskClient
) -> None:
    _send(focal, world.kominfo.id, (PDF, "SK.pdf"))
    kept, task = _newest(session).id, world.task.id
    for number in range(25):
        factories.evidence(session, world.focal, f"{number:064x}", title=f"Nomor {number}", created_at=NOW)
    page = focal.get(f"/evidence/choose?task={task}&criterion=3.a&criterion=4.a").text
    assert f"/evidence/choose?task={task}&amp;criterion=3.a&amp;criterion=4.a&amp;page=2" in page
    assert f'action="/evidence/{kept}/attach"' in page
    data = {"task": task, "criterion": "3.a"}
    assert focal.post(f"/evidence/{kept}/attach", data=data).location == f"/tasks/{task}#criteria"
    assert list(queries.by_place(checklists.read(session, task)["evidence"])) == [(3, "a")]
    focal.post(f"/evidence/{kept}/detach", data=data)
    assert checklists.read(session, task)["evidence"] == []
    assert focal.post(f"/evidence/{kept}/attach", data={"task": task}).status_code == 422
    for way in ("choose", "new/link"):
        assert focal.get(f"/evidence/{way}?task={task}").location == f"/tasks/{task}#evidence"
    assert "Say which criterion it shows" in focal.get(f"/tasks/{task}").text
    history = focal.get(f"/tasks/{task}").text
    assert "attached “SK” to 3.a" in history
    assert "took “SK” away from 3.a" in history


SEARCHES = {
    "q=penetapan": {"Keputusan Menetapkan Tim"},  # by the stem
    "q=keput": {"Keputusan Menetapkan Tim"},  # half typed
    "q=notulen_2": {"Rapat"},  # a file's name
    "q=33": {"Keputusan Menetapkan Tim"},  # the indicator it shows
    "q=jdih": {"Laman"},
    "q=%27%26%21": set(),
    "q=_%20%C2%B2": set(),
    "year_of=2023": {"Rapat"},
    "show=expiring": {"Rapat"},
    "show=unused": {"Rapat", "Laman"},
    "show=quarantined": {"Virus"},
    "show=usable": {"Keputusan Menetapkan Tim", "Rapat", "Laman"},
    "show=nonsense": {"Keputusan Menetapkan Tim", "Rapat", "Laman"},
}


@pytest.mark.parametrize("query", SEARCHES)
def test_the_library_is_searched_and_narrowed(
    world: World, session: Session, focal: FlaskClient, query: str
) -> None:
    decree = factories.evidence(session, world.focal, "a" * 64, title="Keputusan Menetapkan Tim")
    factories.evidence(
        session,
        world.focal,
        "b" * 64,
        title="Rapat",
        file_name="notulen_2.pdf",
        dated_on=date(2023, 5, 1),
        expires_on=date(2025, 5, 1),
    )
    factories.evidence(session, world.focal, "", title="Laman", url="https://jdih.ketapang.go.id")
    factories.evidence(session, world.focal, "c" * 64, title="Virus", scan=Scan.INFECTED, threat="Eicar")
    factories.evidence(session, world.other_focal, "d" * 64, title="Milik Bappeda")
    evidence_uses.attach(
        Work(session), factories.scope(world.focal), world.task.id, [(3, "a")], decree.id, now=NOW
    )
    answer = focal.get(f"/evidence?{query}")
    assert answer.status_code == 200
    found = set(re.findall(r'class="row-title"><a href="[^"]*">([^<]*)<', answer.text))
    assert found == SEARCHES[query]


def test_a_review_that_grows_old_is_given_a_date_to_count_until(
    world: World, session: Session, focal: FlaskClient
) -> None:
    review = factories.evidence(session, world.focal, "a" * 64, title="Reviu", dated_on=date(2025, 1, 31))
    task = factories.task(session, world.plan, world.kominfo, 1, target_level=Decimal(4))
    places = [(4, "b")]
    evidence_uses.attach(Work(session), factories.scope(world.focal), task.id, places, review.id, now=NOW)
    page = focal.get(f"/evidence/{review.id}").text
    assert "counts for 24 months only" in page
    assert f'href="/evidence/{review.id}/edit?expires=2027-01-31"' in page
    assert 'value="2027-01-31"' in focal.get(f"/evidence/{review.id}/edit?expires=2027-01-31").text
    typed = {"title": "Reviu", "dated_on": "2025-01-31", "expires_on": "2027-01-31"}
    focal.post(f"/evidence/{review.id}/edit", data=typed)
    assert "counts for 24 months only" not in focal.get(f"/evidence/{review.id}").text


def test_before_there_is_an_agency_nothing_can_be_sent(session: Session, sign_in: SignIn) -> None:
    early = factories.account(session, factories.government(session), locale="en")
    page = sign_in(early).get("/evidence/new").text
    assert "No agency yet" in page
    assert 'type="file"' not in page


@pytest.mark.parametrize(
    "address",
    ["/evidence?q=%00", "/evidence?agency={n}", "/evidence?year_of={n}", "/evidence/{n}", "/tasks/{n}"],
)
def test_what_no_column_takes_is_a_bad_request_and_the_next_one_is_answered(
    focal: FlaskClient, address: str
) -> None:
    answer = focal.get(address.format(n="9" * 20))
    assert answer.status_code == 400
    assert "This cannot be done in this way." in answer.text
    assert focal.get("/evidence").status_code == 200


def test_a_draft_with_what_no_text_can_hold_is_refused_and_not_an_error_of_ours(
    world: World, focal: FlaskClient
) -> None:
    answer = focal.post(f"/tasks/{world.task.id}/drafts/submit", data={"note": "a\x00b"}, headers=JSON)
    assert (answer.status_code, answer.json and answer.json["error"]) == (400, "http")
