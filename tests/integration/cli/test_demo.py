"""``spbe-tasks demo`` as a person types it: what it prints, that twice is once, and where it refuses."""

import json

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from spbe_tasks.demo.content import read_ketapang
from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Government, Task
from spbe_tasks.rules.access import Role
from tests import factories
from tests.integration.cli.conftest import Run
from tests.integration.conftest import SignIn, make_app

PUBLIC = "https://spbe.example.org"

pytestmark = [pytest.mark.own_database, pytest.mark.usefixtures("app")]


def _tasks() -> int | None:
    db.session.rollback()
    return db.session.scalar(select(func.count(Task.id)))


def test_the_demo_is_loaded_once_and_a_second_call_is_harmless(run: Run) -> None:
    code, output, _ = run("demo", "--json")
    printed = json.loads(output)
    assert (code, printed["is_new"], printed["is_illustrative"]) == (0, True, True)
    assert {account["role"] for account in printed["accounts"]} == set(Role)
    before = _tasks()
    code, output, _ = run("demo", "--json")
    assert (code, json.loads(output)["is_new"], _tasks()) == (0, False, before)


def test_the_accounts_are_printed_again_and_sign_in_through_the_page(run: Run, sign_in: SignIn) -> None:
    run("demo")
    code, output, _ = run("demo", "--accounts")
    assert code == 0
    password = read_ketapang().password
    assert f"password {password}" in output
    for account in db.session.scalars(select(Account)).all():
        assert account.email in output
        sign_in(account, password)


def test_a_demo_account_does_not_sign_in_where_others_reach_the_product(app: Flask, run: Run) -> None:
    run("demo")
    entry = {"email": "koordinator@ketapang.example", "password": read_ketapang().password}
    elsewhere = make_app(app.extensions["settings"].model_copy(update={"public_url": PUBLIC}))
    with elsewhere.app_context():
        answer = elsewhere.test_client().post("/login", data=entry, base_url=PUBLIC)
        db.session.remove()
        db.engine.dispose()
    assert answer.status_code == 422
    assert app.test_client().post("/login", data=entry).status_code == 302


def test_accounts_of_a_demo_that_is_not_there_are_an_error(run: Run) -> None:
    code, output, errors = run("demo", "--accounts")
    assert (code, output) == (1, "")
    assert errors == ["error: The demo is not loaded here. Load it with `spbe-tasks demo`."]


@pytest.mark.parametrize("arguments", [(), ("--governments", 1, "--tasks", 1)])
def test_no_invented_data_where_others_reach_the_product(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...]
) -> None:
    monkeypatch.setenv("PUBLIC_URL", PUBLIC)
    code, _, errors = run("demo", *arguments)
    assert code == 1
    assert "PUBLIC_URL" in errors[0]
    assert db.session.scalar(select(func.count(Government.id))) == 0


@pytest.mark.parametrize("arguments", [(), ("--governments", 1, "--tasks", 1)])
def test_no_invented_data_beside_a_real_government(run: Run, arguments: tuple[object, ...]) -> None:
    real = factories.government(db.session())
    db.session.commit()
    code, _, errors = run("demo", *arguments)
    assert code == 1
    assert real.name in errors[0]
    assert db.session.scalar(select(func.count(Government.id))) == 1


def test_governments_in_bulk_stand_beside_the_demo_and_are_analysed(run: Run) -> None:
    run("demo")
    before = _tasks() or 0
    code, output, _ = run("demo", "--governments", 2, "--tasks", 30, "--seed", 4, "--json")
    assert (code, json.loads(output)) == (0, {"governments": 2, "tasks": 30, "seed": 4})
    assert _tasks() == before + 30
    counted = text("SELECT reltuples FROM pg_class WHERE oid = 'task'::regclass")
    assert db.session.scalar(counted) == before + 30


def test_governments_without_tasks_are_wrong_usage(run: Run) -> None:
    assert run("demo", "--governments", 2)[0] == 2
