"""Evidence to look at: pages as pictures, for whom the evidence is, and remembered by the browser."""

import io

import pytest
from flask import Flask
from PIL import Image
from reportlab.pdfgen import canvas
from sqlalchemy.orm import Session

from spbe_tasks import page_pictures
from spbe_tasks.models import Evidence, EvidenceVersion, Scan
from spbe_tasks.readers import confined
from spbe_tasks.stored_files import storage
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World


@pytest.fixture(autouse=True)
def _afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered from another test; and what is said here is not about speed."""
    page_pictures._draw.cache_clear()
    page_pictures._count.cache_clear()
    monkeypatch.setattr(confined, "SECONDS", 120)


def _pdf(pages: int) -> bytes:
    file = io.BytesIO()
    drawing = canvas.Canvas(file)
    for number in range(pages):
        drawing.drawString(100, 700, f"Halaman {number + 1}")
        drawing.showPage()
    drawing.save()
    return file.getvalue()


def _keep(session: Session, world: World, content: bytes, media_type: str, **values: object) -> str:
    """Evidence of Diskominfo in one version; returns the address of that version's pages."""
    evidence: Evidence = factories.evidence(
        session, world.focal, storage().put(content), title="Perbup", **values
    )
    version = session.query(EvidenceVersion).filter_by(evidence_id=evidence.id).one()
    version.media_type, version.size_bytes = media_type, len(content)
    session.commit()
    return f"/evidence/{evidence.id}/versions/1/pages"


def test_a_pdf_is_shown_page_by_page(app: Flask, world: World, session: Session, sign_in: SignIn) -> None:
    address = _keep(session, world, _pdf(3), "application/pdf")
    browser = sign_in(world.reviewer)
    page = browser.get(address).text
    assert [f'src="{address}/{number}"' in page for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert page.count('loading="lazy"') == 3
    answer = browser.get(f"{address}/2")
    assert answer.mimetype == "image/webp"
    assert Image.open(io.BytesIO(answer.data)).size == (1_240, 1_754)


def test_the_browser_keeps_a_page_and_only_asks_whether_it_still_may(
    app: Flask, world: World, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = _keep(session, world, _pdf(1), "application/pdf")
    browser = sign_in(world.focal)
    first = browser.get(f"{address}/1")
    assert first.headers["Cache-Control"] == "private, no-cache"
    monkeypatch.setattr(confined, "draw", None)  # nothing is drawn for what follows
    again = browser.get(f"{address}/1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert sign_in(world.reviewer).get(f"{address}/1").data == first.data  # remembered here, too
    stranger = sign_in(world.other_focal)
    assert stranger.get(f"{address}/1", headers={"If-None-Match": first.headers["ETag"]}).status_code == 404


def test_a_picture_is_one_page_without_its_notes(
    app: Flask, world: World, session: Session, sign_in: SignIn
) -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(file, "JPEG", comment=b"RAHASIA")
    address = _keep(session, world, file.getvalue(), "image/jpeg")
    browser = sign_in(world.head)
    assert browser.get(address).text.count('loading="lazy"') == 1
    drawn = browser.get(f"{address}/1").data
    assert b"RAHASIA" not in drawn
    assert Image.open(io.BytesIO(drawn)).size == (300, 200)
    assert browser.get(f"{address}/2").status_code == 404


def test_other_kinds_are_only_for_keeping(
    app: Flask, world: World, session: Session, sign_in: SignIn
) -> None:
    address = _keep(session, world, b"PK\x03\x04", "application/zip")
    browser = sign_in(world.reviewer)
    page = browser.get(address)
    assert page.status_code == 200
    assert "<img src" not in page.text.partition("<main")[2]
    assert f'href="{address.removesuffix("/pages")}"' in page.text
    assert browser.get(f"{address}/1").status_code == 404


def test_a_damaged_file_says_so_and_can_be_kept(
    app: Flask, world: World, session: Session, sign_in: SignIn
) -> None:
    address = _keep(session, world, b"%PDF-1.7 nothing %%EOF", "application/pdf")
    browser = sign_in(world.reviewer)
    page = browser.get(address)
    assert page.status_code == 200
    assert 'class="message message-info"' in page.text
    assert browser.get(f"{address}/1").status_code == 422


def test_no_more_than_forty_pages_are_shown(
    app: Flask, world: World, session: Session, sign_in: SignIn
) -> None:
    address = _keep(session, world, _pdf(page_pictures.MOST_PAGES + 2), "application/pdf")
    browser = sign_in(world.reviewer)
    assert browser.get(address).text.count('loading="lazy"') == page_pictures.MOST_PAGES
    assert browser.get(f"{address}/{page_pictures.MOST_PAGES}").status_code == 200
    assert browser.get(f"{address}/{page_pictures.MOST_PAGES + 1}").status_code == 404


def test_what_is_infected_or_out_of_sight_is_not_shown(
    app: Flask, world: World, session: Session, sign_in: SignIn
) -> None:
    infected = _keep(session, world, _pdf(1), "application/pdf", scan=Scan.INFECTED)
    healthy = _keep(session, world, _pdf(2), "application/pdf")
    for address in (infected, f"{infected}/1"):
        assert sign_in(world.reviewer).get(address).status_code == 404
    for address in (healthy, f"{healthy}/1"):
        assert sign_in(world.other_focal).get(address).status_code == 404
