import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.models import Assessment, AssessmentKind, AssessmentRevision, LevelPin
from spbe_tasks.readers import reading
from spbe_tasks.readers.document import Format
from spbe_tasks.rules.access import Scope
from spbe_tasks.services import assessments
from spbe_tasks.work import Work
from tests import factories
from tests.factories import SPBE
from tests.integration.conftest import SignIn
from tests.integration.services.test_assessments import request, table
from tests.integration.web.conftest import World
from tests.integration.web.test_imports import fields, opened
from tests.statements import counted


@pytest.fixture
def browser(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.coordinator)


@pytest.fixture
def scope(world: World) -> Scope:
    return factories.scope(world.coordinator)


def imported(
    work: Work, scope: Scope, levels: dict[int, str] | None = None, **changes: object
) -> AssessmentRevision:
    """A revision of the official assessment of 2023, or of what ``changes`` say."""
    made = assessments.import_scores(work, scope, **request(table(levels), **{"year": 2023, **changes}))
    work.session.commit()
    return made


def row_of(page: str, number: int) -> str:
    """The line of an indicator in the table of levels."""
    name = get_instrument(SPBE).indicator(number).short_name("id")
    rest = page[page.index(name, page.rindex("<table")) :]
    return rest[: rest.index("</tr>")]


def test_the_kinds_of_a_year_stand_side_by_side(browser: FlaskClient, work: Work, scope: Scope) -> None:
    imported(work, scope)
    imported(work, scope, {1: "5"}, kind=AssessmentKind.SELF)
    page = browser.get("/assessments").text
    year = page[page.index(f'id="year-2023-{SPBE}"') :]
    figures = re.findall(r'<span class="stat-value">([^<]*)</span>', year)[:4]
    assert figures == ["2,04", "–", "–", "2,00"]


def test_an_older_revision_can_be_looked_at(browser: FlaskClient, work: Work, scope: Scope) -> None:
    for levels in ({}, {1: "4"}):
        made = imported(work, scope, levels)
    address = f"/assessments/{made.assessment_id}"
    assert browser.get(f"{address}?revision=1").status_code == 200
    assert browser.get(f"{address}?revision=3").status_code == 404


def test_the_history_says_what_each_revision_changed(browser: FlaskClient, work: Work, scope: Scope) -> None:
    for levels in ({}, {1: "4", 2: "1"}):
        made = imported(work, scope, levels)
    page = browser.get(f"/assessments/{made.assessment_id}").text
    history = page[
        page.index('<ol class="timeline">') : page.index("</ol>", page.index('<ol class="timeline">'))
    ]
    weights = [get_instrument(SPBE).indicator(number).weight for number in (1, 2)]
    gain = f"{(2 * weights[0] - weights[1]) / 100:.3f}".replace(".", ",")
    assert history.count('<span class="rise">') == 1
    assert f"+{gain}" in history


def test_not_assessed_is_shown_as_a_dash(browser: FlaskClient, work: Work, scope: Scope) -> None:
    made = imported(work, scope, {7: "TN"})
    assert ">–</td>" in row_of(browser.get(f"/assessments/{made.assessment_id}").text, 7)


def test_a_level_is_pinned_marked_and_released(
    browser: FlaskClient, work: Work, scope: Scope, session: Session
) -> None:
    address = f"/assessments/{imported(work, scope).assessment_id}"
    form = fields(browser.get(f"{address}/indicators/9/pin").text)
    for refused in (
        {"level": "9", "reason": "x"},
        {"level": "3", "reason": " "},
        {"level": "tiga", "reason": "x"},
    ):
        assert browser.post(f"{address}/indicators/9/pin", data=form | refused).status_code == 422
    assert session.scalar(select(LevelPin)) is None
    reason = "Berita acara klarifikasi 3 Maret."
    answer = browser.post(f"{address}/indicators/9/pin", data=form | {"level": "4", "reason": reason})
    assert answer.location == address
    page = browser.get(address).text
    assert reason in page
    assert 'class="sub pin-mark"' in row_of(page, 9)
    pin_page = browser.get(f"{address}/indicators/9/pin").text
    released = browser.post(f"{address}/indicators/9/release", data=fields(pin_page))
    assert released.location == address
    assert 'class="sub pin-mark"' not in browser.get(address).text
    assert 'class="sub pin-mark"' in row_of(browser.get(f"{address}?revision=2").text, 9)


def test_a_pin_on_a_revision_that_is_not_the_newest_any_more_keeps_what_was_typed(
    browser: FlaskClient, work: Work, scope: Scope
) -> None:
    address = f"/assessments/{imported(work, scope).assessment_id}/indicators/9/pin"
    form = fields(browser.get(address).text)
    imported(work, scope, {9: "3"})
    refused = browser.post(address, data=form | {"level": "4", "reason": "Klarifikasi."})
    assert refused.status_code == 409
    assert "Klarifikasi." in refused.text
    typed = fields(refused.text) | {"reason": "Klarifikasi."}
    assert browser.post(address, data=typed).status_code == 302


def test_an_unknown_indicator_cannot_be_pinned(browser: FlaskClient, work: Work, scope: Scope) -> None:
    assert (
        browser.get(f"/assessments/{imported(work, scope).assessment_id}/indicators/99/pin").status_code
        == 404
    )


def test_two_kinds_are_compared_level_by_level(browser: FlaskClient, work: Work, scope: Scope) -> None:
    official = imported(work, scope)
    self_made = imported(work, scope, {1: "5", 7: "TN"}, kind=AssessmentKind.SELF)
    page = browser.get(f"/assessments/{official.assessment_id}/compare?other={self_made.id}").text
    cells = re.findall(r'<td class="number"[^>]*>(.*?)</td>', row_of(page, 1))
    assert [re.sub(r"<[^>]*>", "", cell) for cell in cells[:3]] == ["5", "2", "−3"]
    likely = browser.get(f"/assessments/{official.assessment_id}/compare").text
    assert f'<option value="{self_made.id}" selected>' in likely


def test_a_foreign_revision_cannot_be_compared_with(
    browser: FlaskClient, work: Work, scope: Scope, session: Session
) -> None:
    own = imported(work, scope)
    foreign = factories.revision(session, factories.government(session))
    session.commit()
    address = f"/assessments/{own.assessment_id}/compare"
    assert browser.get(f"{address}?other={foreign.id}").status_code == 404
    assert f'value="{foreign.id}"' not in browser.get(address).text


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_what_is_exported_is_imported_as_the_same(
    browser: FlaskClient, work: Work, scope: Scope, suffix: str, session: Session
) -> None:
    made = imported(work, scope, {3: "5", 7: "TN"})
    exported = browser.get(f"/assessments/{made.assessment_id}/export.{suffix}")
    draft = opened(browser, exported.data, f"ekspor.{suffix}")
    browser.post(draft, data=fields(browser.get(draft).text) | {"year": "2023", "kind": "official"})
    page = browser.get(f"{draft}/compare").text
    assert 'id="changes"' in page
    assert (
        'class="row-title"'
        not in page[page.index('id="changes"') : page.index("<form", page.index('id="changes"'))]
    )


def test_the_empty_table_can_be_filled_in_and_read(browser: FlaskClient) -> None:
    answer = browser.get(f"/assessments/template/{SPBE}.csv")
    filled = re.sub(r"(?m)^(\d+);;", r"\1;3;", answer.text)
    assert browser.get(f"{opened(browser, filled.encode())}/compare").status_code == 200


def test_the_empty_workbook_names_its_instrument(browser: FlaskClient) -> None:
    answer = browser.get(f"/assessments/template/{SPBE}.xlsx")
    document = reading.read_document(answer.data, "kosong.xlsx", list_instruments())
    assert (document.format, document.instrument_id, len(document.rows)) == (Format.XLSX, SPBE, 47)


def test_a_table_of_an_unknown_kind_does_not_exist(browser: FlaskClient) -> None:
    assert browser.get(f"/assessments/template/{SPBE}.exe").status_code == 404


def test_another_governments_assessment_does_not_exist(browser: FlaskClient, session: Session) -> None:
    foreign = factories.revision(session, factories.government(session))
    assert browser.get(f"/assessments/{foreign.assessment_id}").status_code == 404
    listed = browser.get("/assessments").text
    own = session.scalars(select(Assessment.id).where(Assessment.id != foreign.assessment_id)).all()
    assert all(f'href="/assessments/{each}"' in listed for each in own)
    assert f'href="/assessments/{foreign.assessment_id}"' not in listed


@pytest.mark.parametrize("page", ["", "/compare", "/indicators/9/pin"])
def test_an_assessment_takes_few_statements(
    browser: FlaskClient, work: Work, scope: Scope, page: str
) -> None:
    for level in "2345":
        made = imported(work, scope, {1: level})
    address = f"/assessments/{made.assessment_id}{page}"
    with counted(db.engine) as statements:
        assert browser.get(address).status_code == 200
    assert len(statements) <= 11, "\n\n".join(statements)
