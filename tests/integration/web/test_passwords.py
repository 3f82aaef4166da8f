from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock, tokens
from spbe_tasks.models import Account, Message
from spbe_tasks.rules.access import Role
from spbe_tasks.services.passwords import is_password
from spbe_tasks.tokens import Claim, Purpose
from tests import factories
from tests.integration.conftest import SignIn
from tests.settings import SECRET

NEW = "kuda besar lari pagi"
TWICE = {"password": NEW, "repeated": NEW}


@pytest.fixture
def account(session: Session) -> Account:
    government = factories.government(session)
    return factories.account(session, government, Role.EXECUTIVE, name="Ibu Sekda", password_hash=None)


def path(account: Account, purpose: Purpose = Purpose.ACTIVATE, age: timedelta = timedelta(0)) -> str:
    claim = Claim(account.id, account.session_version)
    token = tokens.make(SECRET, purpose, claim, now=clock.now() - age)
    return f"/{purpose}/{token}"


def test_an_invitation_opens_the_account_and_signs_in(client: FlaskClient, account: Account) -> None:
    address = path(account)
    page = client.get(address)
    assert (page.status_code, "Ibu Sekda" in page.text) == (200, True)
    answer = client.post(address, data=TWICE)
    assert answer.status_code == 302
    assert is_password(account.password_hash, NEW)
    assert client.get("/profile").status_code == 200


def test_looking_at_the_link_does_not_use_it_up(client: FlaskClient, account: Account) -> None:
    address = path(account)
    assert [client.get(address).status_code for _ in range(3)] == [200, 200, 200]


def test_a_used_link_says_so_and_what_to_do(client: FlaskClient, account: Account) -> None:
    address = path(account)
    client.post(address, data=TWICE)
    for page in (
        client.get(address),
        client.post(address, data={"password": "x" * 20, "repeated": "x" * 20}),
    ):
        assert page.status_code == 410
        assert "/forgot-password" in page.text
    assert is_password(account.password_hash, NEW)


@pytest.mark.parametrize(
    ("purpose", "age"), [(Purpose.ACTIVATE, timedelta(days=7)), (Purpose.RESET, timedelta(hours=2))]
)
def test_an_old_link_no_longer_works(
    client: FlaskClient, account: Account, purpose: Purpose, age: timedelta
) -> None:
    assert client.get(path(account, purpose, age)).status_code == 410
    assert client.get(path(account, purpose, age - timedelta(minutes=1))).status_code == 200


def test_a_reset_link_is_no_invitation(client: FlaskClient, account: Account) -> None:
    token = path(account, Purpose.RESET).rpartition("/")[2]
    assert client.get(f"/activate/{token}").status_code == 410
    assert client.get("/activate/nonsense").status_code == 410


def test_two_different_passwords_are_refused(client: FlaskClient, account: Account) -> None:
    assert client.post(path(account), data={"password": NEW, "repeated": NEW + "x"}).status_code == 422
    assert account.password_hash is None


def test_a_reset_ends_the_sessions_of_other_browsers(
    sign_in: SignIn, client: FlaskClient, session: Session
) -> None:
    account = factories.account(session, factories.government(session), Role.EXECUTIVE)
    elsewhere = sign_in(account)
    assert elsewhere.get("/profile").status_code == 200
    client.post(path(account, Purpose.RESET), data=TWICE)
    assert elsewhere.get("/profile").location.startswith("/login")


def test_forgotten_answers_the_same_for_strangers(client: FlaskClient, session: Session) -> None:
    account = factories.account(session, factories.government(session))
    known = client.post("/forgot-password", data={"email": account.email})
    unknown = client.post("/forgot-password", data={"email": "nobody@ketapang.example"})
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert known.text.replace(account.email, "") == unknown.text.replace("nobody@ketapang.example", "")
    assert session.scalars(select(Message.account_id)).all() == [account.id]


def test_nobodys_inbox_is_flooded_whoever_asks(app: Flask, session: Session) -> None:
    account = factories.account(session, factories.government(session))
    answers = [
        app.test_client().post("/forgot-password", data={"email": account.email}).status_code
        for _ in range(6)
    ]
    assert answers == [200] * 5 + [429]
    assert len(session.scalars(select(Message)).all()) == 5
