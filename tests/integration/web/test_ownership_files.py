"""The matrix as a workbook: exported, changed in a spreadsheet, looked at, stored; and what cannot be taken."""

import io
import re
from fractions import Fraction

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse
from xlsxwriter import Workbook

from spbe_tasks.models import Event
from spbe_tasks.services import ownership
from spbe_tasks.services.ownership import Row
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

HEADINGS = ("Indikator", "Perangkat daerah", "Peran", "Bagian")
IMPORT = f"/ownership/{SPBE}/import"


@pytest.fixture
def browser(sign_in: SignIn, world: World, work: Work) -> FlaskClient:
    scope = factories.scope(world.coordinator)
    thirds = {world.kominfo.id: Fraction(1, 3), world.bappeda.id: Fraction(2, 3)}
    for number, shares in ((12, None), (13, thirds)):
        ownership.set_row(
            work,
            scope,
            instrument_id=SPBE,
            indicator_number=number,
            lead_id=world.kominfo.id,
            contributor_ids=[world.bappeda.id],
            shares=shares,  # type: ignore[arg-type]
            now=NOW,
        )
    return sign_in(world.coordinator)


def book(*rows: tuple[object, ...], headings: tuple[str, ...] = HEADINGS) -> bytes:
    stream = io.BytesIO()
    workbook = Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet()
    for position, row in enumerate((headings, *rows)):
        sheet.write_row(position, 0, row)
    workbook.close()
    return stream.getvalue()


def upload(browser: FlaskClient, data: bytes, **typed: str) -> TestResponse:
    return browser.post(IMPORT, data={"file": (io.BytesIO(data), "matriks.xlsx"), "preview": "1", **typed})


def carried(page: str) -> dict[str, str]:
    found = {
        name: re.search(rf'name="{name}" type="hidden" value="([^"]+)"', page) for name in ("content", "seen")
    }
    return {name: match[1] for name, match in found.items() if match}


def rows(session: Session, world: World) -> dict[int, Row]:
    return dict(ownership.matrix(session, factories.scope(world.coordinator), SPBE).rows)


def ownership_changes(session: Session) -> list[dict[str, object]]:
    return list(
        session.scalars(select(Event.data).where(Event.action == "set_owners").order_by(Event.id)).all()
    )


@pytest.mark.parametrize("locale", ["id", "en"])
def test_what_was_exported_changes_nothing_when_it_is_imported(
    browser: FlaskClient, world: World, session: Session, locale: str
) -> None:
    browser.post("/locale", data={"locale": locale, "next": "/"})
    file = browser.get(f"/ownership/{SPBE}/owners.xlsx")
    before = rows(session, world)
    page = upload(browser, file.data).text
    assert len(carried(page)) == 2
    assert 'name="store"' not in page
    events = ownership_changes(session)
    stored = browser.post(IMPORT, data={**carried(page), "store": "1"})
    assert stored.status_code == 302
    assert rows(session, world) == before
    assert ownership_changes(session) == events


def test_a_changed_workbook_is_looked_at_and_then_stored(
    browser: FlaskClient, world: World, session: Session
) -> None:
    data = book(
        (5, "bappeda", "utama", "3/4"),
        (5, world.kominfo.slug, "Pendukung", 0.25),
        (12, "Dinas Komunikasi", "lead", None),
        (13, None, None, None),
    )
    page = upload(browser, data)
    assert page.status_code == 200
    assert rows(session, world)[5].parts == {}
    answer = browser.post(IMPORT, data={**carried(page.text), "store": "1"})
    assert answer.location == f"/ownership?instrument={SPBE}"
    now = rows(session, world)
    assert now[5].share(world.bappeda.id) == Fraction(3, 4)
    assert (now[5].lead_id, now[5].contributor_ids) == (world.bappeda.id, (world.kominfo.id,))
    assert now[12].parts.keys() == {world.kominfo.id}
    assert now[13].parts == {}
    newest = ownership_changes(session)[-1]
    assert newest["because"] == "import"


def test_every_problem_is_told_at_once_by_row_and_nothing_is_stored(
    browser: FlaskClient, world: World, session: Session
) -> None:
    before = rows(session, world)
    kominfo = world.kominfo.slug
    answer = upload(
        browser,
        book(
            ("satu", kominfo, "utama", ""),
            (99, kominfo, "utama", ""),
            (5, "tak dikenal", "utama", ""),
            (5, kominfo, "bos", ""),
            (6, kominfo, "utama", "separuh"),
            (7, kominfo, "utama", ""),
            (7, kominfo, "pendukung", ""),
            (8, kominfo, "utama", ""),
            (8, "Bappeda", "utama", ""),
        ),
    )
    assert answer.status_code == 422
    told = re.findall(r'<td class="number" data-label="[^"]+">(\d+)</td>', answer.text)
    assert told == ["2", "3", "4", "5", "6", "8", "10"]
    assert rows(session, world) == before


def test_shares_that_do_not_add_up_are_told_with_their_row(browser: FlaskClient, world: World) -> None:
    answer = upload(
        browser, book((5, world.kominfo.slug, "utama", "1/2"), (5, "Bappeda", "pendukung", "1/3"))
    )
    assert answer.status_code == 422
    assert "5/6" in answer.text


@pytest.mark.parametrize("data", [b"", b"no workbook", book(headings=("a", "b", "c", "d"))])
def test_what_is_no_workbook_of_owners_is_refused_in_words(browser: FlaskClient, data: bytes) -> None:
    answer = upload(browser, data)
    assert answer.status_code == 422
    assert "message-danger" in answer.text


def test_a_matrix_that_changed_since_the_preview_is_shown_again(
    browser: FlaskClient, world: World, session: Session
) -> None:
    page = upload(browser, book((5, "Bappeda", "utama", ""))).text
    factories.ownership(session, world.kominfo, 5)
    session.commit()
    answer = browser.post(IMPORT, data={**carried(page), "store": "1"})
    assert answer.status_code == 409
    assert carried(answer.text)["seen"] != carried(page)["seen"]
    assert rows(session, world)[5].lead_id == world.kominfo.id


def test_the_agencies_of_another_government_are_unknown(
    browser: FlaskClient, world: World, session: Session
) -> None:
    stranger = factories.agency(session, factories.government(session), slug="asing", short_name="Asing")
    answer = upload(browser, book((5, stranger.slug, "utama", "")))
    assert answer.status_code == 422
