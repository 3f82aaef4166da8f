"""What programs read with a person's key, and how people make and end keys."""

import re
from fractions import Fraction
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from spbe_tasks import clock
from spbe_tasks.models import Account, ApiKey, Event, Projection
from spbe_tasks.services import api_keys, projection_record, projections
from spbe_tasks.services.figure_documents import FIGURES
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

SECRET = "spbe_rahasia"


def read(client: FlaskClient, address: str, secret: str = SECRET) -> TestResponse:
    return client.get(f"/api/v1{address}", headers={"Authorization": f"Bearer {secret}"})


def document(answer: TestResponse) -> dict[str, Any]:
    assert isinstance(answer.json, dict)
    return answer.json


@pytest.fixture
def computed(session: Session, world: World) -> World:
    projections.rebuild(Work(session), world.plan.id, now=NOW, is_forced=True)
    return world


def _given(session: Session, account: Account) -> ApiKey:
    return factories.api_key(session, account, SECRET)


def test_a_key_is_shown_once_and_reads_what_its_person_may_read(
    session: Session, computed: World, sign_in: SignIn, client: FlaskClient
) -> None:
    browser = sign_in(computed.executive)
    page = browser.post("/profile/keys", data={"name": "Portal data provinsi"}).text
    found = re.search(r'id="new-key" value="(spbe_[^"]+)"', page)
    assert found
    assert found[1] not in browser.get("/profile/keys").text
    answer = read(client, "/plans", found[1])
    assert [each["id"] for each in document(answer)["plans"]] == [computed.plan.id]
    assert document(answer)["government"]["slug"] == computed.government.slug
    key = session.scalars(select(ApiKey)).one()
    assert found[1] not in key.digest
    assert key.last_used_on == clock.today(computed.government.timezone)


def test_an_ended_key_opens_nothing(
    session: Session, computed: World, sign_in: SignIn, client: FlaskClient
) -> None:
    key = _given(session, computed.executive)
    assert read(client, "/plans").status_code == 200
    sign_in(computed.executive).post(f"/profile/keys/{key.id}/end")
    refused = read(client, "/plans")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert "Authorization" in document(refused)["messages"][0]
    actions = session.scalars(select(Event.action).where(Event.actor_id == computed.executive.id)).all()
    assert "end_api_key" in actions


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}])
def test_without_a_key_nothing_is_read(client: FlaskClient, header: dict[str, str]) -> None:
    assert client.get("/api/v1/plans", headers=header).status_code == 401


def test_the_key_of_a_closed_account_opens_nothing(
    session: Session, computed: World, client: FlaskClient
) -> None:
    _given(session, computed.executive)
    computed.executive.is_active = False
    session.flush()
    assert read(client, "/plans").status_code == 401


def test_figures_are_those_that_are_stored_to_the_last_digit(
    session: Session, computed: World, client: FlaskClient
) -> None:
    _given(session, computed.executive)
    found = document(read(client, f"/plans/{computed.plan.id}/figures"))
    stored = session.get_one(Projection, computed.plan.id)
    record = projection_record.read(stored)
    assert {name: Fraction(found["figures"][name]["exact"]) for name in FIGURES} == {
        name: record.figures[name].index for name in FIGURES
    }
    assert found["figures"]["baseline"]["index"] == "2.00"
    assert found["generation"] == stored.generation
    domains = {each["number"]: Fraction(each["secured"]["exact"]) for each in found["domains"]}
    assert domains == record.figures["secured"].domains


def test_every_indicator_has_its_level_in_each_figure(
    session: Session, computed: World, client: FlaskClient
) -> None:
    _given(session, computed.executive)
    rows = document(read(client, f"/plans/{computed.plan.id}/indicators"))["indicators"]
    assert len(rows) == 47
    levels = next(each["levels"] for each in rows if each["number"] == 33)
    assert (levels["baseline"], levels["potential"]) == ("2", "4")


def test_a_focal_points_key_reads_the_own_agency_only(
    session: Session, computed: World, client: FlaskClient
) -> None:
    _given(session, computed.focal)
    mine = document(read(client, f"/plans/{computed.plan.id}/agencies"))["agencies"]
    assert [each["name"] for each in mine] == ["Diskominfo"]


def test_an_executives_key_reads_every_agency(session: Session, computed: World, client: FlaskClient) -> None:
    _given(session, computed.executive)
    rows = document(read(client, f"/plans/{computed.plan.id}/agencies"))["agencies"]
    assert {each["name"] for each in rows} == {"Diskominfo", "Bappeda"}


@pytest.mark.parametrize("what", ["figures", "indicators", "agencies"])
def test_another_governments_plan_does_not_exist_for_a_key(
    session: Session, computed: World, client: FlaskClient, what: str
) -> None:
    _given(session, computed.executive)
    theirs = factories.plan(session, factories.government(session))
    answer = read(client, f"/plans/{theirs.id}/{what}")
    assert (answer.status_code, document(answer)["error"]) == (404, "plan.not_found")


def test_figures_that_no_worker_has_computed_yet_are_told_as_missing(
    session: Session, world: World, client: FlaskClient
) -> None:
    _given(session, world.executive)
    answer = read(client, f"/plans/{world.plan.id}/figures")
    assert (answer.status_code, document(answer)["error"]) == (404, "projection.not_computed")


def test_a_person_has_a_limited_number_of_keys(session: Session, world: World, sign_in: SignIn) -> None:
    for _ in range(api_keys.MOST_KEYS):
        factories.api_key(session, world.executive)
    answer = sign_in(world.executive).post("/profile/keys", data={"name": "Satu lagi"})
    assert answer.status_code == 422
    assert str(api_keys.MOST_KEYS) in answer.text
