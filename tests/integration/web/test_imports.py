import html
import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from spbe_tasks.adapters.storage import FolderStorage
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.messages import describe, translate
from spbe_tasks.models import AssessmentDraft, AssessmentRevision, Score
from spbe_tasks.readers import reading
from spbe_tasks.readers.check import check
from spbe_tasks.readers.document import Place, Row
from spbe_tasks.rules.errors import Problem
from tests import factories
from tests.factories import SPBE
from tests.integration.conftest import SignIn
from tests.integration.services.test_assessments import table
from tests.integration.web.conftest import World
from tests.statements import counted

UPLOAD = "/assessments/import"


@pytest.fixture
def browser(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.coordinator)


def upload(browser: FlaskClient, data: bytes, name: str = "nilai.csv") -> Any:
    # Encoded here: the test client would leave the temporary file of a large body open.
    boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(data), name)})
    return browser.post(UPLOAD, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def opened(browser: FlaskClient, data: bytes, name: str = "nilai.csv") -> str:
    """Upload a file; the address of the draft that it became."""
    answer = upload(browser, data, name)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def fields(page: str) -> dict[str, str]:
    """Every field of the page's main form as a browser would send it back."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page[page.index("<main") :]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = value[1] if value else ""
    for select_tag in re.findall(r'<select[^>]*name="([^"]*)".*?</select>', page, re.DOTALL):
        whole = page[page.index(f'name="{select_tag}"') :]
        chosen = re.search(r'<option selected value="([^"]*)"', whole[: whole.index("</select>")])
        found[select_tag] = chosen[1] if chosen else ""
    return found


def change(browser: FlaskClient, draft: str, **changes: str) -> TestResponse:
    """Post the check page with some fields changed."""
    return browser.post(draft, data=fields(browser.get(draft).text) | changes)


def store(browser: FlaskClient, draft: str) -> TestResponse:
    """From the comparison to the stored revision."""
    return browser.post(f"{draft}/store", data=fields(browser.get(f"{draft}/compare").text))


def revisions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AssessmentRevision)) or 0


def drafts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AssessmentDraft)) or 0


def test_a_file_is_read_checked_compared_and_then_stored(browser: FlaskClient, session: Session) -> None:
    before = revisions(session)
    draft = opened(browser, table({7: "TN"}))
    assert (browser.get(draft).status_code, browser.get(f"{draft}/compare").status_code) == (200, 200)
    assert revisions(session) == before
    answer = store(browser, draft)
    assert answer.status_code == 302
    assert (revisions(session), drafts(session)) == (before + 1, 0)
    newest = session.scalars(select(AssessmentRevision).order_by(AssessmentRevision.id.desc())).first()
    assert newest is not None
    assert (newest.file_name, newest.format) == ("nilai.csv", "csv")
    assert newest.file_sha256[:12] in browser.get(answer.location).text


def test_what_the_file_says_of_itself_is_shown_and_chosen(browser: FlaskClient, session: Session) -> None:
    page = browser.get(opened(browser, table())).text
    assert get_instrument(SPBE).regulation in page[page.index("<dl") : page.index("</dl>")]
    chosen = fields(page)
    assert (chosen["instrument_id"], chosen["kind"]) == (SPBE, "official")


def test_a_new_revision_of_an_assessment_is_taken_for_that_assessment_whatever_the_file_leaves_open(
    browser: FlaskClient, session: Session
) -> None:
    draft = opened(browser, table())
    stored = store(browser, change(browser, draft, year="2023", kind="interview").location)
    page = browser.get(stored.location).text
    link = re.search(r'href="(/assessments/import\?of=\d+)"', page)
    assert link is not None
    assert browser.get(link[1]).status_code == 200
    answer = browser.post(link[1], data={"text": table({7: "3"}).decode()})
    chosen = fields(browser.get(answer.location).text)
    assert (chosen["instrument_id"], chosen["year"], chosen["kind"]) == (SPBE, "2023", "interview")


def test_no_revision_of_another_governments_assessment_can_be_begun(
    browser: FlaskClient, session: Session
) -> None:
    foreign = factories.revision(session, factories.government(session)).assessment_id
    before = drafts(session)
    assert browser.get(f"{UPLOAD}?of={foreign}").status_code == 404
    assert browser.post(f"{UPLOAD}?of={foreign}", data={"text": table().decode()}).status_code == 404
    assert drafts(session) == before


NAMES = ["../../etc/passwd", "C:\\windows\\a.csv", 'a"; filename=b.html', "<img src=x onerror=alert(1)>.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_a_files_name_is_only_a_text_and_never_a_path_a_header_or_markup(
    browser: FlaskClient, app: Flask, name: str
) -> None:
    draft = opened(browser, table(), name)
    assert "<img src=x" not in browser.get(draft).text
    answer = browser.get(f"{draft}/original")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Bad" not in answer.headers
    assert answer.data == table()
    stored = [path for path in Path(app.extensions["settings"].storage_dir).rglob("*") if path.is_file()]
    assert all(re.fullmatch("[0-9a-f]{64}", path.name) for path in stored)


def test_every_indicator_stands_in_the_table_and_those_with_problems_on_top(browser: FlaskClient) -> None:
    page = browser.get(opened(browser, table({40: "9", 12: "x"}))).text
    order = [int(number) for number in re.findall(r'<tr id="indicator-(\d+)"', page)]
    assert order == [12, 40, *(number for number in range(1, 48) if number not in {12, 40})]
    assert page.count('aria-invalid="true"') == 2
    assert 'value="9"' in page


SEEDED = {3: "9", 4: "0", 5: "x", 8: "2.5", 11: "-1", 14: "III", 19: "3 Mei", 23: "2024-03-02", 31: "4/5"}


@pytest.mark.parametrize("locale", ["id", "en"])
def test_twelve_different_errors_are_all_told_in_one_pass_in_either_language(
    browser: FlaskClient, world: World, session: Session, locale: str
) -> None:
    world.coordinator.locale = locale
    before = revisions(session)
    # Nine wrong levels, a row that stands twice, one that is missing, one of no indicator.
    data = table(SEEDED).replace(b"\n46,2", b"\n45,2") + b"\nnomor lima,3"
    instrument = get_instrument(SPBE)
    document = reading.read_document(data, "nilai.csv", list_instruments())
    problems = check(document, instrument, list_instruments()).problems
    assert len(problems) == 12
    page = html.unescape(browser.get(opened(browser, data)).text)
    told = [describe(each, locale) for each in problems if each.code != "level.missing"]
    assert [each for each in told if each.partition(". ")[0] not in page] == []
    assert translate("Not in the file. Write its level.", locale) in page
    assert revisions(session) == before


def test_wrong_levels_are_corrected_in_place_in_several_rounds(
    browser: FlaskClient, session: Session
) -> None:
    draft = opened(browser, table({3: "9", 5: "x"}))
    assert browser.get(f"{draft}/compare").location == draft
    page = browser.get(change(browser, draft, level_3="4", level_5="tiga").location).text
    assert 'value="tiga"' in page
    assert page.count('aria-invalid="true"') == 1
    answer = change(browser, draft, level_5="2", compare="1")
    assert answer.location == f"{draft}/compare"
    store(browser, draft)
    newest = session.scalar(select(func.max(AssessmentRevision.id)))
    scores = {
        each.indicator_number: (each.level, each.corrected_from)
        for each in session.scalars(select(Score).where(Score.revision_id == newest))
    }
    assert (scores[3], scores[5], scores[6]) == ((4, "9"), (2, "x"), (2, None))


def test_what_was_typed_stays_when_somebody_else_changed_the_draft(browser: FlaskClient) -> None:
    draft = opened(browser, table({3: "9"}))
    mine = fields(browser.get(draft).text)
    change(browser, draft, level_4="5")
    refused = browser.post(draft, data=mine | {"level_3": "punya saya"})
    assert refused.status_code == 409
    assert 'value="punya saya"' in refused.text
    again = browser.post(draft, data=fields(refused.text) | {"level_3": "1"})
    assert again.status_code == 302


def test_a_wrong_year_stands_beside_its_field_with_the_levels_below(browser: FlaskClient) -> None:
    draft = opened(browser, table({3: "x"}))
    page = browser.get(change(browser, draft, year="2031").location).text
    assert 'id="year-error"' in page
    assert page.count('aria-invalid="true"') == 2  # the year and the level
    refused = change(browser, draft, year="dua ribu", level_3="4")
    assert refused.status_code == 422
    assert 'name="level_3" id="level_3" value="4"' in refused.text


def test_rows_of_no_indicator_are_listed_by_place_and_can_be_left_out(
    browser: FlaskClient, world: World, session: Session
) -> None:
    rows = [Row(str(number), "3", Place(row=number + 1)) for number in range(1, 48)]
    total = Row("Jumlah", "141", Place(sheet="Nilai", row=49, column="A"))
    draft = factories.draft(session, world.government, rows=[*rows, total])
    session.commit()
    address = f"{UPLOAD}/{draft.id}"
    page = browser.get(address).text
    assert "<code" in page
    assert "Jumlah" in page
    assert browser.get(f"{address}/compare").status_code == 302
    answer = change(browser, address, leaves_out_unknown="y", compare="1")
    assert browser.get(answer.location).status_code == 200


def test_the_grid_is_empty_at_first_without_alarm_and_is_stored_once_filled(
    browser: FlaskClient, session: Session
) -> None:
    before = revisions(session)
    opened_grid = browser.post(f"{UPLOAD}/grid", data={"instrument_id": SPBE, "year": "2025", "kind": "self"})
    draft = opened_grid.location
    page = browser.get(draft).text
    assert 'aria-invalid="true"' not in page
    assert len(re.findall(r'name="level_\d+"', page)) == len(get_instrument(SPBE).indicators)
    typed = {f"level_{number}": "2" for number in range(1, 48)}
    assert change(browser, draft, **typed, compare="1").location == f"{draft}/compare"
    assert store(browser, draft).status_code == 302
    assert revisions(session) == before + 1


def test_an_empty_template_is_not_taken_for_a_government_without_a_level(browser: FlaskClient) -> None:
    empty = browser.get(f"/assessments/template/{SPBE}.csv").data
    draft = opened(browser, empty)
    page = browser.get(draft).text
    assert describe(Problem("level.none_given"), "id") in html.unescape(page)
    assert "are read and in order" not in page
    assert browser.get(f"{draft}/compare").location == draft
    # Somebody who says so by hand may store it.
    answer = change(browser, draft, **{f"level_{number}": "-" for number in range(1, 48)})
    assert browser.get(f"{answer.location}/compare").status_code == 200


def test_a_second_import_shows_only_what_changes_and_the_pin_it_keeps(browser: FlaskClient) -> None:
    first = store(browser, opened(browser, table())).location
    browser.post(f"{first}/indicators/9/pin", data={"level": "4", "reason": "Berita acara klarifikasi."})
    page = browser.get(f"{opened(browser, table({5: '3'}))}/compare").text
    changes = page[page.index('id="changes"') : page.index("</table>", page.index('id="changes"'))]
    assert re.findall(r'<td class="number hide-on-card">(\d+)</td>', changes) == ["5"]
    kept = page[page.index('id="pins"') :]
    assert "dipertahankan 4" in kept or "kept at 4" in kept


def test_the_same_file_with_the_same_levels_is_not_offered_for_storing(
    browser: FlaskClient, session: Session
) -> None:
    store(browser, opened(browser, table()))
    before = revisions(session)
    draft = opened(browser, table())
    page = browser.get(f"{draft}/compare").text
    assert f'action="{draft}/store"' not in page
    assert browser.post(f"{draft}/store", data={"version": "1", "former": "1"}).status_code == 302
    assert revisions(session) == before
    corrected = opened(browser, table())
    change(browser, corrected, level_4="5")
    assert f'action="{corrected}/store"' in browser.get(f"{corrected}/compare").text


def test_a_revision_made_meanwhile_is_shown_before_anything_is_stored(
    browser: FlaskClient, session: Session
) -> None:
    late = opened(browser, table({2: "4"}))
    looked_at = fields(browser.get(f"{late}/compare").text)
    store(browser, opened(browser, table({3: "5"})))
    before = revisions(session)
    refused = browser.post(f"{late}/store", data=looked_at)
    assert refused.status_code == 409
    assert revisions(session) == before
    assert browser.post(f"{late}/store", data=fields(refused.text)).status_code == 302
    assert revisions(session) == before + 1


def test_levels_that_somebody_else_made_wrong_meanwhile_are_shown_to_be_mended(
    browser: FlaskClient, session: Session
) -> None:
    draft, before = opened(browser, table()), revisions(session)
    form = fields(browser.get(f"{draft}/compare").text)
    change(browser, draft, level_7="9")
    refused = browser.post(f"{draft}/store", data=form)
    assert refused.status_code == 409
    shown = fields(refused.text)
    assert shown["level_7"] == "9"
    assert revisions(session) == before
    assert browser.post(draft, data=shown | {"level_7": "3", "compare": "1"}).location == f"{draft}/compare"
    assert store(browser, draft).status_code == 302


def test_an_unfinished_import_waits_in_the_list_and_can_be_discarded(
    browser: FlaskClient, session: Session
) -> None:
    draft = opened(browser, table({3: "x"}), "rapat 3.csv")
    listed = browser.get("/assessments").text
    assert f'href="{draft}"' in listed
    assert "rapat 3.csv" in listed
    assert browser.post(f"{draft}/discard").status_code == 302
    assert browser.get(draft).status_code == 404
    assert drafts(session) == 0


def test_the_original_can_be_had_back_before_and_after_storing(browser: FlaskClient, app: Flask) -> None:
    data = table({7: "TN"})
    draft = opened(browser, data, "nilai SPBE.csv")
    first = browser.get(f"{draft}/original")
    page = store(browser, draft).location
    for answer in (first, browser.get(f"{page}/original")):
        assert answer.data == data
        assert answer.headers["Content-Disposition"] == 'attachment; filename="nilai SPBE.csv"'
        assert answer.mimetype == "application/octet-stream"
    storage = FolderStorage(app.extensions["settings"].storage_dir)
    assert storage.read(storage.put(data)) == data


def test_the_remarks_can_be_had_as_a_workbook_that_is_mended_and_imported(browser: FlaskClient) -> None:
    draft = opened(browser, table({3: "9", 5: "x"}))
    assert f'href="{draft}/remarks.xlsx"' in browser.get(draft).text
    workbook = browser.get(f"{draft}/remarks.xlsx")
    assert workbook.headers["Content-Disposition"].startswith("attachment")
    again = opened(browser, workbook.data, "catatan.xlsx")
    page = browser.get(again).text
    assert 'value="x"' in page
    assert page.count('aria-invalid="true"') == 2


def test_a_pasted_table_is_taken_like_a_file(browser: FlaskClient) -> None:
    answer = browser.post(UPLOAD, data={"text": table().decode()})
    assert browser.get(answer.location).status_code == 200


def test_a_file_that_cannot_be_read_is_told_beside_its_field_and_leaves_no_draft(
    browser: FlaskClient, session: Session
) -> None:
    answer = upload(browser, b"\x00\x01\x02\x03" * 50)
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert drafts(session) == 0


def test_nothing_given_is_said_beside_the_field(browser: FlaskClient) -> None:
    answer = browser.post(UPLOAD, data={})
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text


def test_a_file_of_fifty_megabytes_is_refused_with_a_page(browser: FlaskClient, session: Session) -> None:
    answer = upload(browser, b"1,2\n" * 12_500_000)
    assert answer.status_code == 413
    assert "10 MB" in answer.text
    assert drafts(session) == 0


@pytest.mark.parametrize("page", ["", "/compare"])
def test_a_draft_takes_few_statements_however_much_is_wrong(
    browser: FlaskClient, session: Session, page: str
) -> None:
    store(browser, opened(browser, table()))
    draft = opened(browser, table({1: "4"} if page else dict.fromkeys(range(1, 40), "9")))
    with counted(db.engine) as statements:
        assert browser.get(draft + page).status_code == 200
    assert len(statements) <= 10, "\n\n".join(statements)


@pytest.mark.parametrize("person", ["focal", "head", "reviewer", "executive"])
def test_only_the_coordinator_may_import(sign_in: SignIn, world: World, person: str) -> None:
    browser = sign_in(getattr(world, person))
    for path in ("/assessments", UPLOAD, f"/assessments/template/{SPBE}.csv"):
        assert browser.get(path).status_code == 403
