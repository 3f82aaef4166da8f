"""Pages about instruments: what is listed, shown and refused, and the way of an own one into the house."""

import html
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import InstrumentDocument
from tests.factories import SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.unit.instruments.small_instrument import SMALL, changed, line_of

UPLOAD = "/instruments/own/upload"


@pytest.fixture
def browser(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.coordinator)


def kept(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(InstrumentDocument)) or 0


def test_both_shipped_instruments_are_listed_and_the_provisional_one_says_so(browser: FlaskClient) -> None:
    page = browser.get("/instruments").text
    assert f"/instruments/{SPBE}" in page
    assert page.count("text-bg-warning") == 1
    assert "message-warning" in browser.get("/instruments/permenpanrb-8-2026").text
    assert "message-warning" not in browser.get(f"/instruments/{SPBE}").text


def test_the_file_of_a_shipped_instrument_passes_the_check_under_a_new_id(browser: FlaskClient) -> None:
    data = browser.get(f"/instruments/{SPBE}/file.yaml").data
    answer = browser.post(UPLOAD, data={"file": (BytesIO(data), "a.yaml"), "preview": "1"})
    assert answer.status_code == 422, "the id is that of the shipped one"
    own = data.replace(f"id: {SPBE}".encode(), b"id: kabupaten-2025", 1)
    answer = browser.post(UPLOAD, data={"file": (BytesIO(own), "a.yaml"), "preview": "1"})
    assert answer.status_code == 200
    assert 'name="store"' in answer.text


def test_every_mistake_is_shown_with_its_line_and_the_text_stays_to_be_mended(
    browser: FlaskClient, session: Session
) -> None:
    data = changed("weight: 66.7", "weight: 60").replace(b"regulation: None", b"regulasi: None")
    answer = browser.post(UPLOAD, data={"file": (BytesIO(data), "a.yaml"), "store": "1"})
    assert answer.status_code == 422
    aspect = line_of(data, "name_en: Aspect") + 1  # the weight that its indicators no longer add up to
    for line in (line_of(data, "regulasi"), aspect):
        assert f">{line}</td>" in answer.text
    assert "regulasi: None" in html.unescape(answer.text)
    assert kept(session) == 0


def test_what_is_previewed_is_stored_and_can_be_taken_away(browser: FlaskClient, session: Session) -> None:
    seen = browser.post(UPLOAD, data={"file": (BytesIO(SMALL.encode()), "a.yaml"), "preview": "1"})
    assert seen.status_code == 200
    assert kept(session) == 0
    stored = browser.post(UPLOAD, data={"text": SMALL, "store": "1"})
    assert stored.headers["Location"] == "/instruments/small"
    assert kept(session) == 1
    assert browser.get("/instruments/small/file.yaml").text == SMALL
    assert browser.post("/instruments/small/remove").headers["Location"] == "/instruments"
    assert browser.get("/instruments/small").status_code == 404


@pytest.mark.parametrize("given", [{}, {"file": (BytesIO(b"\xff\xfe\x00"), "a.yaml")}])
def test_what_is_no_text_is_refused_beside_the_field(
    browser: FlaskClient, session: Session, given: dict[str, object]
) -> None:
    answer = browser.post(UPLOAD, data={**given, "preview": "1"})
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert kept(session) == 0
