"""Blocked addresses on screen: the list, releasing one, and where else people see that mail does not arrive."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Suppression
from spbe_tasks.services import suppressions
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

MARK = "mail does not arrive"


@pytest.fixture
def coordinator(world: World, sign_in: SignIn) -> FlaskClient:
    world.coordinator.locale = "en"
    return sign_in(world.coordinator)


@pytest.fixture
def blocked(session: Session, world: World) -> Suppression:
    row = factories.suppression(session, world.focal)
    session.commit()
    return row


def _page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_list_says_whose_address_is_blocked_and_why(
    coordinator: FlaskClient, world: World, blocked: Suppression
) -> None:
    page = _page(coordinator, "/reminders/addresses")
    for words in (world.focal.name, world.focal.email, "A mail came back", "550 5.1.1 no such user"):
        assert words in page


def test_a_released_address_gets_mail_again_and_stays_on_record(
    coordinator: FlaskClient, session: Session, world: World, blocked: Suppression
) -> None:
    answer = coordinator.post(f"/reminders/addresses/{blocked.id}/release")
    assert answer.location == "/reminders/addresses"
    assert not suppressions.is_standing(session, world.focal.email)
    page = _page(coordinator, "/reminders/addresses")
    assert "No address is blocked" in page
    assert "Released before" in page


def test_mail_to_somebody_is_stopped_by_hand(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    coordinator.post(
        "/reminders/addresses", data={"account_id": str(world.head.id), "detail": "Pindah tugas"}
    )
    row = session.scalars(select(Suppression)).one()
    assert (row.address, row.detail, row.made_by_id) == (
        world.head.email,
        "Pindah tugas",
        world.coordinator.id,
    )


def test_a_reason_is_asked_for(coordinator: FlaskClient, session: Session, world: World) -> None:
    answer = coordinator.post("/reminders/addresses", data={"account_id": str(world.head.id), "detail": " "})
    assert answer.status_code == 422
    assert session.scalars(select(Suppression)).all() == []


def test_nobody_of_another_government_is_blocked_or_released(
    coordinator: FlaskClient, session: Session
) -> None:
    stranger = factories.account(session, factories.government(session))
    theirs = factories.suppression(session, stranger)
    session.commit()
    assert coordinator.post(f"/reminders/addresses/{theirs.id}/release").status_code == 404
    assert (
        coordinator.post(
            "/reminders/addresses", data={"account_id": str(stranger.id), "detail": "x"}
        ).status_code
        == 422
    )
    assert stranger.email not in _page(coordinator, "/reminders/addresses")


def test_people_and_agency_pages_mark_whose_mail_does_not_arrive(
    coordinator: FlaskClient, world: World, blocked: Suppression
) -> None:
    assert _page(coordinator, "/people").count(MARK) == 1
    assert MARK in _page(coordinator, f"/people/{world.focal.id}")
    assert MARK not in _page(coordinator, f"/people/{world.head.id}")
    assert _page(coordinator, f"/agencies/{world.kominfo.id}").count(MARK) == 1


def test_the_person_is_told_when_signing_in(world: World, blocked: Suppression, sign_in: SignIn) -> None:
    world.focal.locale = world.head.locale = "en"
    assert "Mail to your address does not arrive" in sign_in(world.focal).get("/tasks/mine").get_data(
        as_text=True
    )
    assert "does not arrive" not in sign_in(world.head).get("/profile").get_data(as_text=True)
