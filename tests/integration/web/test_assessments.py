import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Assessment, AssessmentRevision
from tests import factories
from tests.factories import SPBE
from tests.integration.conftest import SignIn
from tests.integration.services.test_assessments import table
from tests.integration.web.conftest import World

UPLOAD = "/assessments/import"


@pytest.fixture
def browser(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.coordinator)


def upload(browser: FlaskClient, data: bytes, name: str = "nilai.csv", **changes: Any) -> Any:
    form = {
        "instrument_id": SPBE,
        "year": "2023",
        "kind": "official",
        "file": FileStorage(io.BytesIO(data), name),
    }
    # Encoded here: the test client would leave the temporary file of a large body open.
    boundary, body = encode_multipart(form | changes)
    return browser.post(UPLOAD, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def hidden_fields(html: str) -> dict[str, str]:
    form = html[html.index('action="/assessments/store"') :]
    tags = re.findall(r"<input[^>]*>", form[: form.index("</form>")])
    names = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
    return {name[1]: value[1] if value else "" for name, value in names if name}


def revisions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AssessmentRevision)) or 0


def test_a_table_is_checked_compared_and_then_stored(browser: FlaskClient, session: Session) -> None:
    before = revisions(session)
    checked = upload(browser, table({7: "TN"}))
    html = checked.get_data(as_text=True)
    assert checked.status_code == 200
    assert revisions(session) == before
    answer = browser.post("/assessments/store", data=hidden_fields(html))
    assert answer.status_code == 302
    assert revisions(session) == before + 1
    newest = session.scalars(select(AssessmentRevision).order_by(AssessmentRevision.id.desc())).first()
    assert newest is not None
    assert newest.file_name == "nilai.csv"
    page = browser.get(answer.location).get_data(as_text=True)
    assert newest.file_sha256[:12] in page


def test_twelve_errors_are_all_shown_and_the_choices_kept(browser: FlaskClient, session: Session) -> None:
    before = revisions(session)
    numbers = range(1, 13)
    answer = upload(browser, table(dict.fromkeys(numbers, "9")), kind="interview")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    rows = re.findall(r'<td class="number" data-label="[^"]*">(\d+)</td>', html)
    assert [int(row) for row in rows] == [number + 1 for number in numbers]
    assert '<option selected value="interview">' in html
    assert 'value="2023"' in html
    assert "12,9" in html[html.index("<textarea") :], "the table is offered for mending"
    assert revisions(session) == before


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"PK\x03\x04\x00\x00", "file.truncated"),
        (b"\x00\x01\x02\x03" * 50, "file.unknown"),
        (b"1,2\n" * 300_000, "file.too_many_rows"),
    ],
)
def test_a_file_that_is_no_table_is_named(browser: FlaskClient, data: bytes, code: str) -> None:
    from spbe_tasks.messages import WORDS, translate

    answer = upload(browser, data)
    words = translate(WORDS[code], "id", limit=20_000).partition(". ")[0]
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_a_file_of_fifty_megabytes_is_refused_with_a_page(browser: FlaskClient, session: Session) -> None:
    before = revisions(session)
    answer = upload(browser, b"1,2\n" * 12_500_000)
    assert answer.status_code == 413
    assert "10 MB" in answer.get_data(as_text=True)
    assert revisions(session) == before


def test_a_large_table_survives_the_way_to_the_confirmation_and_back(browser: FlaskClient) -> None:
    wide = table(heading="number,level,name").replace(b"\n", b"," + b"x" * 15_000 + b"\n")
    wide = wide.replace(b"number,level,name,", b"number,level,name,note,")[:-1] + b"2"
    checked = upload(browser, wide)
    assert checked.status_code == 200, checked.get_data(as_text=True)[:2000]
    fields = hidden_fields(checked.get_data(as_text=True))
    assert len(fields["content"]) > 500_000
    assert browser.post("/assessments/store", data=fields).status_code == 302


def test_nothing_given_is_said_beside_the_field(browser: FlaskClient) -> None:
    form = {"instrument_id": SPBE, "year": "2023", "kind": "official"}
    answer = browser.post(UPLOAD, data=form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.get_data(as_text=True)


def test_a_wrong_year_stands_beside_its_field_and_the_table_below(browser: FlaskClient) -> None:
    answer = upload(browser, table({3: "x"}), year="2031")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="year-error"' in html
    assert "<code" in html


def test_the_known_file_is_not_offered_for_storing(browser: FlaskClient) -> None:
    first = upload(browser, table())
    browser.post("/assessments/store", data=hidden_fields(first.get_data(as_text=True)))
    again = upload(browser, table())
    assert again.status_code == 200
    assert 'action="/assessments/store"' not in again.get_data(as_text=True)


def test_a_tampered_confirmation_is_checked_like_any_table(browser: FlaskClient, session: Session) -> None:
    fields = hidden_fields(upload(browser, table()).get_data(as_text=True))
    before = revisions(session)
    for content in ("no base64!", "MSw5"):
        assert browser.post("/assessments/store", data=fields | {"content": content}).status_code == 422
    assert revisions(session) == before


def test_not_assessed_is_shown_as_a_dash(browser: FlaskClient) -> None:
    checked = upload(browser, table({7: "TN"}))
    answer = browser.post("/assessments/store", data=hidden_fields(checked.get_data(as_text=True)))
    page = browser.get(answer.location).get_data(as_text=True)
    name = get_instrument(SPBE).indicator(7).short_name("id")
    row = page[page.index(name) :]
    assert ">–</td>" in row[: row.index("</tr>")]


def test_the_empty_table_can_be_filled_in_and_read(browser: FlaskClient) -> None:
    answer = browser.get(f"/assessments/template/{SPBE}.csv")
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/csv"
    filled = re.sub(r"(?m)^(\d+);;", r"\1;3;", text)
    assert upload(browser, filled.encode()).status_code == 200


def test_an_older_revision_can_be_looked_at(browser: FlaskClient, session: Session) -> None:
    for levels in ({}, {1: "4"}):
        fields = hidden_fields(upload(browser, table(levels)).get_data(as_text=True))
        location = browser.post("/assessments/store", data=fields).location
    assert browser.get(f"{location}?revision=1").status_code == 200
    assert browser.get(f"{location}?revision=3").status_code == 404


def test_another_governments_assessment_does_not_exist(browser: FlaskClient, session: Session) -> None:
    foreign = factories.revision(session, factories.government(session))
    assert browser.get(f"/assessments/{foreign.assessment_id}").status_code == 404
    listed = browser.get("/assessments").get_data(as_text=True)
    own = session.scalars(select(Assessment.id).where(Assessment.id != foreign.assessment_id)).all()
    assert all(f'href="/assessments/{each}"' in listed for each in own)
    assert f'href="/assessments/{foreign.assessment_id}"' not in listed


@pytest.mark.parametrize("person", ["focal", "head", "reviewer", "executive"])
def test_only_the_coordinator_may_import(sign_in: SignIn, world: World, person: str) -> None:
    browser = sign_in(getattr(world, person))
    for path in ("/assessments", UPLOAD, f"/assessments/template/{SPBE}.csv"):
        assert browser.get(path).status_code == 403
