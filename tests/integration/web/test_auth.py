import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.rules.access import Role
from spbe_tasks.services import system
from spbe_tasks.work import Work
from tests import factories
from tests.factories import PASSWORD
from tests.integration.conftest import SignIn


def test_a_link_from_a_mail_is_followed_after_signing_in(client: FlaskClient, session: Session) -> None:
    account = factories.account(session, factories.government(session))
    turned_away = client.get("/profile?x=1")
    assert turned_away.location == "/login?next=/profile?x%3D1"
    answer = client.post(turned_away.location, data={"email": account.email, "password": PASSWORD})
    assert answer.location == "/profile?x=1"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
)
def test_a_link_leads_to_no_other_site(client: FlaskClient, session: Session, target: str) -> None:
    account = factories.administrator(session)
    answer = client.post(
        "/login", query_string={"next": target}, data={"email": account.email, "password": PASSWORD}
    )
    assert answer.location == "/governments"


def test_a_refused_sign_in_keeps_the_address_and_not_the_password(client: FlaskClient) -> None:
    page = client.post("/login", data={"email": "orang@ketapang.example", "password": "rahasia sekali"})
    assert page.status_code == 422
    assert "orang@ketapang.example" in page.text
    assert "rahasia sekali" not in page.text


@pytest.mark.parametrize("email", ["a\x00b@ketapang.example", "x" * 10_000, "", "\u202e"])
def test_strange_addresses_are_refused_and_break_nothing(client: FlaskClient, email: str) -> None:
    assert client.post("/login", data={"email": email, "password": "x"}).status_code == 422


def test_guessing_at_one_account_is_stopped_and_others_in_the_office_still_sign_in(
    client: FlaskClient, session: Session
) -> None:
    government = factories.government(session)
    victim, colleague = factories.account(session, government), factories.administrator(session)
    session.commit()  # a refused attempt rolls back
    wrong = {"email": victim.email, "password": "wrong"}
    assert [client.post("/login", data=wrong).status_code for _ in range(11)] == [422] * 10 + [429]
    right = {"email": victim.email.upper(), "password": PASSWORD}
    assert client.post("/login", data=right).status_code == 429
    answer = client.post("/login", data={"email": colleague.email, "password": PASSWORD})
    assert answer.status_code == 302


def test_a_closed_account_is_signed_out_at_once(sign_in: SignIn, session: Session) -> None:
    account = factories.account(session, factories.government(session), Role.EXECUTIVE)
    browser = sign_in(account)
    assert browser.get("/profile").status_code == 200
    account.is_active = False
    session.flush()
    assert browser.get("/profile").status_code == 302


def test_a_forged_form_is_refused(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    answer = client.post("/login", data={"email": "a@ketapang.example", "password": "x"})
    assert answer.status_code == 400


def test_signing_out_ends_the_session(sign_in: SignIn, session: Session) -> None:
    browser = sign_in(factories.administrator(session))
    browser.post("/logout")
    assert browser.get("/governments").status_code == 302


def test_the_demos_accounts_are_offered_where_the_demo_is_and_only_on_this_machine(
    app: Flask, session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get("/login", headers={"Accept-Language": "en"}).text
    assert "Accounts of the demo" not in page
    factories.government(session, slug="ketapang", is_illustrative=True)
    session.commit()
    page = client.get("/login", headers={"Accept-Language": "en"}).text
    assert "koordinator@ketapang.example" in page
    elsewhere = app.extensions["settings"].model_copy(update={"public_url": "https://spbe.example.go.id"})
    monkeypatch.setitem(app.extensions, "settings", elsewhere)
    page = client.get("/login", headers={"Accept-Language": "en"}).text
    assert "koordinator@ketapang.example" not in page


@pytest.mark.parametrize("is_alive", [True, False])
def test_an_administrator_is_told_on_signing_in_that_nothing_runs_in_the_background(
    session: Session, sign_in: SignIn, is_alive: bool
) -> None:
    administrator = factories.administrator(session, locale="en")
    if is_alive:
        system.record_heartbeat(Work(session), now=clock.now())
    session.commit()
    page = sign_in(administrator).get("/governments").get_data(as_text=True)
    assert ("worker and beat are silent" in page) is not is_alive
