"""The pages that hold mail, let it go and show what it looks like."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.mail_samples import SAMPLES
from spbe_tasks.models import MailHold, MailStop, Message, MessageKind
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World


@pytest.fixture
def coordinator(world: World, sign_in: SignIn) -> FlaskClient:
    world.coordinator.locale = "en"
    return sign_in(world.coordinator)


def test_a_held_day_is_shown_above_the_outbox_until_somebody_releases_it(
    session: Session, world: World, coordinator: FlaskClient
) -> None:
    today = clock.today(world.government.timezone)
    hold = MailHold(government_id=world.government.id, on=today, cap=1000, held_at=clock.now())
    session.add(hold)
    session.flush()
    assert "1000 messages have left" in coordinator.get("/outbox").text
    answer = coordinator.post("/outbox/release", follow_redirects=True)
    assert "The mail goes on." in answer.text
    assert "messages have left" not in answer.text
    session.refresh(hold)
    assert hold.released_by_id == world.coordinator.id


def test_a_test_goes_to_oneself_and_leads_to_its_page(
    session: Session, world: World, coordinator: FlaskClient
) -> None:
    answer = coordinator.post("/outbox/test", follow_redirects=True)
    assert f"A test goes to {world.coordinator.email}" in answer.text
    asked = session.scalars(select(Message).where(Message.kind == MessageKind.TEST)).one()
    assert (asked.account_id, asked.government_id) == (world.coordinator.id, world.government.id)


def test_an_administrator_stops_all_mail_with_a_reason_and_lets_it_go_on(
    session: Session, world: World, sign_in: SignIn
) -> None:
    administrator = factories.administrator(session, locale="en")
    client = sign_in(administrator)
    assert client.post("/system/mail", data={"reason": " "}).status_code == 422
    page = client.post("/system/mail", data={"reason": "Wrong addresses"}, follow_redirects=True).text
    assert "No mail leaves since" in page
    assert "Wrong addresses" in page
    assert "Wrong addresses" in client.get("/system").text
    client.post("/system/mail/go-on")
    stop = session.scalars(select(MailStop)).one()
    assert (stop.stopped_by_id, stop.ended_by_id) == (administrator.id, administrator.id)
    assert "Let the mail go on" not in client.get("/system/mail").text


def test_people_of_a_government_read_above_their_outbox_that_all_mail_is_stopped(
    session: Session, world: World, coordinator: FlaskClient
) -> None:
    administrator = factories.administrator(session)
    session.add(MailStop(reason="x", stopped_at=clock.now(), stopped_by_id=administrator.id))
    session.flush()
    said = "The mail of the whole installation is stopped"
    assert said in coordinator.get("/outbox").text
    assert said in coordinator.post("/outbox/test", follow_redirects=True).text


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_gallery_shows_every_mail_in_a_frame_that_runs_nothing(
    coordinator: FlaskClient, language: str
) -> None:
    page = coordinator.get(f"/outbox/gallery?language={language}").text
    for name in SAMPLES:
        assert (
            f'<iframe sandbox loading="lazy" src="/outbox/gallery/body?name={name}&amp;language={language}"'
            in page
        )
        answer = coordinator.get(f"/outbox/gallery/body?name={name}&language={language}")
        assert f'<html lang="{language}">' in answer.text
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "'unsafe-inline'" in answer.headers["Content-Security-Policy"]
    assert coordinator.get("/outbox/gallery/body?name=other").status_code == 404
