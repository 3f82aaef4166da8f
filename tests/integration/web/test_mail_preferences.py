"""One's own mail: the page, and the link in a mail that ends it."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks import tokens
from spbe_tasks.models import Account, NewsKind, SuppressionReason
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.news import UNREFUSABLE
from spbe_tasks.rules.preferences import Cadence, NewsWish, Preference
from spbe_tasks.services import mail_preferences, suppressions
from spbe_tasks.tokens import MailList
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.conftest import SignIn
from tests.settings import SECRET

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
WEEKLY = Preference(Cadence.WEEKLY, {"commented": NewsWish.NEVER})


@pytest.fixture
def account(session: Session) -> Account:
    return factories.account(session, factories.government(session))


def _link(account: Account, mail_list: MailList = MailList.DIGEST) -> str:
    return "/unsubscribe/" + tokens.unsubscribe(SECRET, account.id, mail_list)


def test_the_page_shows_what_is_usual_and_keeps_what_differs(
    session: Session, account: Account, sign_in: SignIn
) -> None:
    browser = sign_in(account)
    page = browser.get("/profile/mail").get_data(as_text=True)
    chosen = re.findall(r"<input[^>]*\bchecked\b[^>]*>", page)
    assert [re.findall(r'\b(?:id|value)="([^"]+)"', each)[-1] for each in chosen] == ["daily", "y"]
    assert 'name="wants_monthly"' in chosen[1]
    usual = {
        kind.value: "at_once" if kind in ("returned", "mentioned", "extension_answered") else "digest"
        for kind in NewsKind
    }
    wanted = usual | {"cadence": "weekly", "commented": "never", "wants_monthly": "y"}
    answer = browser.post("/profile/mail", data=wanted)
    assert answer.location == "/profile/mail"
    assert mail_preferences.get(session, account.id) == WEEKLY


def test_what_cannot_be_switched_off_is_named(account: Account, sign_in: SignIn) -> None:
    page = sign_in(account).get("/profile/mail", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "cannot be switched off" in page or "tidak dapat dimatikan" in page


def test_a_leader_switches_the_monthly_brief_off_and_on(
    session: Session, account: Account, sign_in: SignIn
) -> None:
    account.role = Role.EXECUTIVE
    session.flush()
    browser = sign_in(account)
    for box, wants in (({}, False), ({"wants_monthly": "y"}, True)):
        at_once = {kind.value: "at_once" for kind in NewsKind}
        assert browser.post("/profile/mail", data=at_once | {"cadence": "daily"} | box).status_code == 302
        assert mail_preferences.get(session, account.id).wants_monthly is wants


def test_who_leads_nothing_is_not_asked_about_the_monthly_brief_and_keeps_what_they_chose(
    session: Session, sign_in: SignIn
) -> None:
    government = factories.government(session)
    agency = factories.agency(session, government)
    person = factories.account(session, government, Role.FOCAL_POINT, agency)
    browser = sign_in(person)
    assert 'name="wants_monthly"' not in browser.get("/profile/mail").text
    at_once = {kind.value: "at_once" for kind in NewsKind}
    browser.post("/profile/mail", data=at_once | {"cadence": "weekly"})
    assert mail_preferences.get(session, person.id).wants_monthly


def test_one_click_ends_the_monthly_brief_alone_and_can_be_taken_back(
    session: Session, account: Account, client: FlaskClient
) -> None:
    mail_preferences.store(Work(session), account.id, WEEKLY, now=NOW)
    session.flush()
    page = client.post(_link(account, MailList.MONTHLY), data=ONE_CLICK).text
    assert mail_preferences.get(session, account.id) == replace(WEEKLY, wants_monthly=False)
    undo = page.split('name="undo" value="')[1].split('"')[0]
    client.post(_link(account, MailList.MONTHLY), data={"undo": undo})
    assert mail_preferences.get(session, account.id) == WEEKLY


def test_a_choice_that_is_none_is_refused(session: Session, account: Account, sign_in: SignIn) -> None:
    assert sign_in(account).post("/profile/mail", data={"cadence": "hourly"}).status_code == 422
    assert mail_preferences.get(session, account.id) == Preference()


def test_the_page_says_that_mail_does_not_arrive(session: Session, account: Account, sign_in: SignIn) -> None:
    browser = sign_in(account)
    assert "message-warning" not in browser.get("/profile/mail").get_data(as_text=True)
    suppressions.suppress(Work(session), account, SuppressionReason.BOUNCED, "550", now=NOW)
    assert "message-warning" in browser.get("/profile/mail").get_data(as_text=True)


def test_following_the_link_changes_nothing(session: Session, account: Account, client: FlaskClient) -> None:
    page = client.get(_link(account))
    assert page.status_code == 200
    assert page.get_data(as_text=True).count('class="btn btn-primary"') == 1
    assert mail_preferences.get(session, account.id) == Preference()


def test_one_click_of_a_mail_program_ends_the_digest_without_session_and_token_of_a_form(
    app: Flask, session: Session, account: Account, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    for _ in range(2):
        assert client.post(_link(account), data=ONE_CLICK).status_code == 200
        assert mail_preferences.get(session, account.id) == Preference(Cadence.NEVER)


def test_ending_news_at_once_brings_them_into_the_digest(
    session: Session, account: Account, client: FlaskClient
) -> None:
    mail_preferences.store(Work(session), account.id, WEEKLY, now=NOW)
    client.post(_link(account, MailList.NEWS), data=ONE_CLICK)
    found = mail_preferences.get(session, account.id)
    assert found.cadence is Cadence.WEEKLY
    refusable = set(NewsKind) - UNREFUSABLE
    assert {kind: found.wish(kind, set(NewsKind)) for kind in refusable} == {
        kind: NewsWish.NEVER if kind == "commented" else NewsWish.DIGEST for kind in refusable
    }
    assert {found.wish(kind, set()) for kind in UNREFUSABLE} == {NewsWish.AT_ONCE}


def test_an_end_can_be_taken_back_to_what_was_chosen_before(
    session: Session, account: Account, client: FlaskClient
) -> None:
    mail_preferences.store(Work(session), account.id, WEEKLY, now=NOW)
    session.flush()
    page = client.post(_link(account), data=ONE_CLICK).get_data(as_text=True)
    undo = page.split('name="undo" value="')[1].split('"')[0]
    assert mail_preferences.get(session, account.id).cadence is Cadence.NEVER
    assert client.post(_link(account), data={"undo": undo}).status_code == 200
    assert mail_preferences.get(session, account.id) == WEEKLY


def test_nobody_takes_back_for_somebody_else(session: Session, account: Account, client: FlaskClient) -> None:
    other = factories.account(session, factories.government(session))
    client.post(_link(account), data=ONE_CLICK)
    undo = tokens.undo(SECRET, other.id, Preference().to_settings())
    assert client.post(_link(account), data={"undo": undo}).status_code == 404
    assert mail_preferences.get(session, account.id).cadence is Cadence.NEVER


@pytest.mark.parametrize("token", ["x", "WzEsImRpZ2VzdCJd.x", "a.b"])
def test_a_link_that_was_cut_off_says_so(client: FlaskClient, token: str) -> None:
    assert client.get(f"/unsubscribe/{token}").status_code == 404
    assert client.post(f"/unsubscribe/{token}", data=ONE_CLICK).status_code == 404
