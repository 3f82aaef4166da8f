import io
import json
import sys

import pytest
from flask import Flask
from sqlalchemy import select

from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Event, Message
from spbe_tasks.rules.access import Role
from spbe_tasks.services import people
from spbe_tasks.services.passwords import is_password
from spbe_tasks.transaction import transaction
from tests.factories import NOW, PASSWORD
from tests.integration.cli.conftest import Run

KETAPANG = ("--name", "Pemerintah Kabupaten Ketapang", "--kind", "kabupaten", "--timezone", "Asia/Pontianak")
BUDI = ("--email", "budi@ketapang.example", "--name", "Budi")
INSIDE = ("--government", "kabupaten-ketapang")


@pytest.fixture
def government(run: Run) -> str:
    code, output, _ = run("government", "add", *KETAPANG, "--json")
    assert code == 0
    return str(json.loads(output)["slug"])


def accounts(app: Flask) -> list[Account]:
    with app.app_context():
        return list(db.session.scalars(select(Account).order_by(Account.id)))


def test_a_focal_point_is_invited_and_the_printed_link_opens_the_account(
    run: Run, own_app: Flask, government: str
) -> None:
    run("agency", "add", *INSIDE, "--name", "Dinas Kominfo", "--short-name", "Diskominfo")
    code, output, errors = run(
        "user", "add", *BUDI, "--role", "focal_point", *INSIDE, "--agency", "diskominfo", "--json"
    )
    document = json.loads(output)
    assert (code, errors, document["state"]) == (0, [], "invited")
    path = document["activation_link"].removeprefix("http://127.0.0.1:8000")
    with own_app.app_context():
        assert db.session.scalars(select(Message.account_id)).all() == [document["id"]]
        assert "invite_account" in db.session.scalars(select(Event.action)).all()
    answer = own_app.test_client().post(path, data={"password": PASSWORD, "repeated": PASSWORD})
    assert answer.location == "/tasks/mine"
    code, output, _ = run("user", "list", *INSIDE, "--json")
    assert [(each["email"], each["state"]) for each in json.loads(output)] == [(BUDI[1], "active")]


def test_the_agency_of_another_government_is_not_found_by_its_slug(
    run: Run, own_app: Flask, government: str
) -> None:
    sanggau = (
        "--name",
        "Pemerintah Kabupaten Sanggau",
        "--kind",
        "kabupaten",
        "--timezone",
        "Asia/Pontianak",
    )
    _, output, _ = run("government", "add", *sanggau, "--json")
    elsewhere = ("--government", json.loads(output)["slug"])
    run("agency", "add", *elsewhere, "--name", "Dinas Kominfo", "--short-name", "Diskominfo")
    code, output, errors = run(
        "user", "add", *BUDI, "--role", "focal_point", *INSIDE, "--agency", "diskominfo"
    )
    assert (code != 0, output, len(errors)) == (True, "", 1)
    assert accounts(own_app) == []


def test_an_administrator_with_a_password_signs_in_at_once(
    run: Run, own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{PASSWORD}\n".encode())))
    code, output, _ = run("user", "add", *BUDI, "--role", "administrator", "--password-stdin")
    assert (code, "activate" in output, PASSWORD in output) == (0, False, False)
    with own_app.app_context(), transaction() as work:
        account = people.authenticate(work, BUDI[1], PASSWORD, now=NOW)
        assert account.role is Role.ADMINISTRATOR
    code, output, _ = run("user", "list")
    assert output == "budi@ketapang.example  Budi  administrator  active\n"


def test_a_password_given_to_a_person_of_a_government_is_theirs(
    run: Run, own_app: Flask, government: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PASSWORD.encode())))
    code, *_ = run("user", "add", *BUDI, "--role", "coordinator", *INSIDE, "--password-stdin")
    assert code == 0
    (account,) = accounts(own_app)
    assert is_password(account.password_hash, PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--role", "administrator", *INSIDE), 2),
        (("--role", "coordinator"), 2),
        (("--role", "king"), 2),
        (("--role", "coordinator", "--government", "nowhere"), 1),
        (("--role", "focal_point", *INSIDE), 1),
        (("--role", "coordinator", *INSIDE, "--name", " "), 1),
        (("--role", "focal_point", *INSIDE, "--agency", "nowhere"), 1),
    ],
)
def test_a_wrong_account_ends_with_a_message_and_nothing_stored(
    run: Run, own_app: Flask, government: str, arguments: tuple[str, ...], code: int
) -> None:
    found, output, errors = run("user", "add", *BUDI, *arguments)
    assert (found, output) == (code, "")
    assert errors
    assert accounts(own_app) == []


def test_a_taken_address_is_told(run: Run, own_app: Flask) -> None:
    run("user", "add", *BUDI, "--role", "administrator")
    code, _, errors = run("user", "add", *BUDI, "--role", "administrator")
    assert (code, len(errors)) == (1, 1)
    assert len(accounts(own_app)) == 1


def test_governments_and_agencies_are_listed(run: Run, government: str) -> None:
    assert run("government", "list")[1] == "kabupaten-ketapang  Pemerintah Kabupaten Ketapang\n"
    assert run("agency", "list", *INSIDE)[1] == "None yet.\n"
    assert run("agency", "list", "--government", "nowhere")[0] == 1
    assert run("government", "add", *KETAPANG)[0] == 1
    assert run("agency", "add", *INSIDE, "--name", " ", "--short-name", "X")[0] == 1
