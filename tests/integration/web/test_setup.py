from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.access import Role
from tests import factories

GIVEN = {
    "name": "Sekda",
    "email": "sekda@ketapang.example",
    "password": "kuda besar lari",
    "repeated": "kuda besar lari",
}


def test_a_new_installation_leads_to_set_up_and_from_there_to_the_first_government(
    client: FlaskClient, session: Session
) -> None:
    assert client.get("/").location == "/setup"
    page = client.get("/setup")
    assert page.status_code == 200
    answer = client.post("/setup", data=GIVEN)
    assert answer.location == "/governments/new"
    account = session.scalars(select(Account)).one()
    assert (account.role, account.email) == (Role.ADMINISTRATOR, "sekda@ketapang.example")
    assert client.get("/governments/new").status_code == 200


def test_set_up_is_gone_once_an_administrator_exists(client: FlaskClient, session: Session) -> None:
    factories.administrator(session)
    assert client.get("/setup").status_code == 404
    assert client.post("/setup", data=GIVEN).status_code == 404
    assert client.get("/").location == "/login"


def test_what_is_wrong_is_shown_beside_what_was_typed(client: FlaskClient, session: Session) -> None:
    wrong = {"name": "Sekda", "email": "sekda", "password": "short", "repeated": "other"}
    page = client.post("/setup", data=wrong)
    assert page.status_code == 422
    assert 'value="sekda"' in page.text
    assert "short" not in page.text
    assert session.scalars(select(Account)).all() == []


def test_a_password_with_the_own_name_in_it_is_refused(client: FlaskClient, session: Session) -> None:
    weak = {**GIVEN, "password": "sekda sekda sekda", "repeated": "sekda sekda sekda"}
    assert client.post("/setup", data=weak).status_code == 422
    assert session.scalars(select(Account)).all() == []
