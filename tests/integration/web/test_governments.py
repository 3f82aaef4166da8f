import io
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from spbe_tasks.models import Account, EvaluationCalendar, Government, LocalHoliday
from spbe_tasks.readers.images import Limits
from spbe_tasks.rules.access import Role
from spbe_tasks.web import governments
from tests import factories
from tests.integration.conftest import SignIn
from tests.unit.readers.test_images import jpeg, png

SETTINGS = {
    "name": "Kabupaten Baru",
    "timezone": "Asia/Jayapura",
    "sender_name": "SPBE Baru",
    "reply_to": "",
    "send_opens_at": "08:00",
    "send_closes_at": "15:30",
}


@pytest.fixture
def administrator(session: Session) -> Account:
    return factories.administrator(session)


@pytest.fixture
def coordinator(session: Session) -> Account:
    return factories.account(session, factories.government(session))


def upload(browser: FlaskClient, content: bytes, name: str = "logo.png") -> TestResponse:
    return browser.post("/settings/logo", data={"file": (io.BytesIO(content), name)})


def test_an_administrator_opens_a_government_and_works_in_it(
    sign_in: SignIn, session: Session, administrator: Account
) -> None:
    browser = sign_in(administrator)
    assert browser.get("/people").location == "/governments"
    given = {"name": "Pemerintah Kota Pontianak", "kind": "kota", "timezone": "Asia/Pontianak"}
    answer = browser.post("/governments/new", data=given)
    assert answer.location == "/settings"
    assert session.scalars(select(Government.slug)).all() == ["kota-pontianak"]
    assert "Pemerintah Kota Pontianak" in browser.get("/settings").text


def test_a_taken_short_name_is_told_beside_what_was_typed(
    sign_in: SignIn, session: Session, administrator: Account
) -> None:
    factories.government(session, slug="ketapang")
    given = {
        "name": "Kabupaten Ketapang",
        "kind": "kabupaten",
        "timezone": "Asia/Jakarta",
        "slug": "ketapang",
    }
    page = sign_in(administrator).post("/governments/new", data=given)
    assert page.status_code == 422
    assert 'value="Kabupaten Ketapang"' in page.text


def test_an_administrator_chooses_between_governments(
    sign_in: SignIn, session: Session, administrator: Account
) -> None:
    first, second = factories.government(session), factories.government(session)
    visitors = [factories.account(session, each, name=f"Warga {each.id}") for each in (first, second)]
    browser = sign_in(administrator)
    for chosen, seen in ((first, visitors[0]), (second, visitors[1])):
        browser.post(f"/governments/{chosen.id}/choose")
        page = browser.get("/people").text
        assert [person.email in page for person in visitors] == [person is seen for person in visitors]
    assert browser.post("/governments/0/choose").status_code == 404


def test_the_list_of_governments_is_searched_and_paged(
    sign_in: SignIn, session: Session, administrator: Account
) -> None:
    for number in range(30):
        factories.government(session, name=f"Kabupaten {number:02}")
    browser = sign_in(administrator)
    assert browser.get("/governments").text.count("Kabupaten ") == 25 * 2
    assert browser.get("/governments?page=2").text.count("Kabupaten ") == 5 * 2
    found = browser.get("/governments?q=ten 07").text
    assert ("Kabupaten 07" in found, "Kabupaten 08" in found) == (True, False)
    assert browser.get("/governments?q=%25").status_code == 200


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_sees_the_list_of_governments(sign_in: SignIn, session: Session, role: Role) -> None:
    government = factories.government(session)
    browser = sign_in(factories.account(session, government, role, factories.agency(session, government)))
    assert browser.get("/governments").status_code == 403
    assert browser.post(f"/governments/{government.id}/choose").status_code == 403
    assert browser.get("/system").status_code == 403


def test_a_coordinator_changes_the_settings(sign_in: SignIn, session: Session, coordinator: Account) -> None:
    browser = sign_in(coordinator)
    version = session.get_one(Government, coordinator.government_id).version
    answer = browser.post("/settings", data={**SETTINGS, "version": version, "is_mail_paused": "y"})
    assert answer.location == "/settings"
    government = session.get_one(Government, coordinator.government_id)
    assert (government.name, government.timezone, government.is_mail_paused) == (
        "Kabupaten Baru",
        "Asia/Jayapura",
        True,
    )
    assert government.reply_to is None


def test_the_day_of_the_monthly_brief_is_chosen_and_taken_back(
    sign_in: SignIn, session: Session, coordinator: Account
) -> None:
    browser = sign_in(coordinator)
    government = session.get_one(Government, coordinator.government_id)
    for typed, stored in (("5", 5), ("28", 28), ("", None)):
        answer = browser.post("/settings", data={**SETTINGS, "monthly_brief_day": typed})
        assert answer.status_code == 302
        session.refresh(government)
        assert government.monthly_brief_day == stored
        page = browser.get("/settings").text
        choices = page.partition('name="monthly_brief_day"')[2].partition("</select>")[0]
        assert f'<option selected value="{typed}">' in choices
        assert choices.count("selected") == 1
    assert "/outbox/gallery#mail-monthly" in page


def test_a_second_writer_keeps_what_they_typed_and_may_store_it_knowingly(
    sign_in: SignIn, session: Session, coordinator: Account
) -> None:
    browser = sign_in(coordinator)
    opened = session.get_one(Government, coordinator.government_id).version
    browser.post("/settings", data={**SETTINGS, "version": opened})
    mine = {**SETTINGS, "name": "Kabupaten Lain", "version": opened}
    page = browser.post("/settings", data=mine)
    assert page.status_code == 409
    assert 'value="Kabupaten Lain"' in page.text
    government = session.get_one(Government, coordinator.government_id)
    assert government.name == "Kabupaten Baru"
    assert browser.post("/settings", data={**mine, "version": government.version}).status_code == 302
    assert government.name == "Kabupaten Lain"


def test_a_clash_hands_out_the_newest_version_and_a_mistake_keeps_the_opened_one(
    sign_in: SignIn, session: Session, coordinator: Account
) -> None:
    browser = sign_in(coordinator)
    opened = session.get_one(Government, coordinator.government_id).version
    browser.post("/settings", data={**SETTINGS, "version": opened})
    newest = session.get_one(Government, coordinator.government_id).version
    clash = browser.post("/settings", data={**SETTINGS, "version": opened})
    mistake = browser.post("/settings", data={**SETTINGS, "name": "", "version": opened})
    assert (clash.status_code, mistake.status_code) == (409, 422)
    assert f'name="version" type="hidden" value="{newest}"' in clash.text
    assert f'name="version" type="hidden" value="{opened}"' in mistake.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"timezone": "UTC"},
        {"send_opens_at": "25:00"},
        {"send_closes_at": "07:00"},
        {"reply_to": "nobody"},
        {"monthly_brief_day": "0"},
        {"monthly_brief_day": "29"},
        {"monthly_brief_day": "x"},
    ],
)
def test_wrong_settings_are_shown_again_and_not_stored(
    sign_in: SignIn, session: Session, coordinator: Account, wrong: dict[str, str]
) -> None:
    page = sign_in(coordinator).post("/settings", data={**SETTINGS, **wrong})
    assert page.status_code == 422
    assert session.get_one(Government, coordinator.government_id).name != "Kabupaten Baru"


@pytest.mark.parametrize(("content", "media_type"), [(png(), "image/png"), (jpeg(), "image/jpeg")])
def test_a_logo_is_served_to_its_government_alone(
    sign_in: SignIn, session: Session, coordinator: Account, content: bytes, media_type: str
) -> None:
    browser = sign_in(coordinator)
    assert upload(browser, content, "anything.exe").status_code == 302
    key = session.get_one(Government, coordinator.government_id).logo_key
    assert f"/logo/{key}" in browser.get("/profile").text
    logo = browser.get(f"/logo/{key}")
    assert (logo.data, logo.mimetype) == (content, media_type)
    assert logo.headers["X-Content-Type-Options"] == "nosniff"
    assert (logo.cache_control.private, logo.cache_control.max_age) == (True, 31_536_000)
    assert browser.get(f"/logo/{key}", headers={"If-None-Match": logo.headers["ETag"]}).status_code == 304
    stranger = sign_in(factories.account(session, factories.government(session)))
    assert stranger.get(f"/logo/{key}").status_code == 404


def test_a_removed_logo_is_gone(sign_in: SignIn, session: Session, coordinator: Account) -> None:
    browser = sign_in(coordinator)
    upload(browser, png())
    key = session.get_one(Government, coordinator.government_id).logo_key
    browser.post("/settings/logo/remove")
    assert browser.get(f"/logo/{key}").status_code == 404
    assert "/logo/" not in browser.get("/profile").text


@pytest.mark.parametrize("content", [b"", b"<svg onload='x'/>", b"GIF89a" + b"\0" * 99, png(width=4000)])
def test_what_is_no_small_picture_is_refused(
    sign_in: SignIn, session: Session, coordinator: Account, content: bytes
) -> None:
    page = upload(sign_in(coordinator), content)
    assert page.status_code == 422
    assert session.get_one(Government, coordinator.government_id).logo_key is None


def test_a_heavy_picture_is_refused(
    sign_in: SignIn, coordinator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(governments, "LOGO_LIMITS", Limits(size=1024, side=2048))
    browser = sign_in(coordinator)
    assert upload(browser, png() + b"\0" * 1024).status_code == 422
    assert upload(browser, png()).status_code == 302


def test_no_file_at_all_is_refused(sign_in: SignIn, coordinator: Account) -> None:
    assert sign_in(coordinator).post("/settings/logo", data={}).status_code == 422


def test_evaluation_dates_are_entered_by_year(
    sign_in: SignIn, session: Session, coordinator: Account
) -> None:
    browser = sign_in(coordinator)
    assert browser.get("/settings/evaluation?open=2024").location == "/settings/evaluation/2024"
    dates = {"self_assessment_opens_on": "2025-06-01", "result_on": "2026-01-20"}
    assert browser.post("/settings/evaluation/2024", data=dates).status_code == 302
    row = session.scalars(select(EvaluationCalendar)).one()
    assert (row.year, row.self_assessment_opens_on, row.result_on) == (
        2024,
        date(2025, 6, 1),
        date(2026, 1, 20),
    )
    assert "/settings/evaluation/2024" in browser.get("/settings/evaluation").text
    page = browser.post("/settings/evaluation/2024", data={**dates, "interviews_on": "2025-05-01"})
    assert page.status_code == 422
    assert 'value="2025-05-01"' in page.text
    assert browser.post("/settings/evaluation/2024", data={"result_on": "soon"}).status_code == 422


def test_holidays_are_added_and_removed(sign_in: SignIn, session: Session, coordinator: Account) -> None:
    browser = sign_in(coordinator)
    given = {"on": "2025-05-01", "name": "Hari Buruh setempat", "kind": "local", "decree": "100/2025"}
    assert browser.post("/settings/holidays", data=given).status_code == 302
    page = browser.get("/settings/holidays").text
    assert "Hari Buruh setempat" in page
    assert page.count("Hari Buruh Internasional") >= 1
    assert browser.post("/settings/holidays", data=given).status_code == 422
    row = session.scalars(select(LocalHoliday)).one()
    stranger = sign_in(factories.account(session, factories.government(session)))
    assert stranger.post(f"/settings/holidays/{row.id}/remove").status_code == 404
    assert browser.post(f"/settings/holidays/{row.id}/remove").status_code == 302
    assert session.scalars(select(LocalHoliday)).all() == []


@pytest.mark.parametrize("year", ["0", "1", "99999", "x", "-5"])
def test_a_strange_calendar_year_breaks_nothing(sign_in: SignIn, coordinator: Account, year: str) -> None:
    assert sign_in(coordinator).get(f"/settings/holidays?calendar={year}").status_code == 200


def test_the_settings_lead_those_who_import_to_the_instruments(
    sign_in: SignIn, administrator: Account, coordinator: Account
) -> None:
    assert 'href="/instruments"' in sign_in(coordinator).get("/settings").text
    browser = sign_in(administrator)
    browser.post(f"/governments/{coordinator.government_id}/choose")
    assert 'href="/instruments"' not in browser.get("/settings").text
