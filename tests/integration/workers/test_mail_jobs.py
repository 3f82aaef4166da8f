"""The jobs that plan and send, called as functions, against a real database and a real mail server."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock, rendering, tokens
from spbe_tasks.adapters import mail
from spbe_tasks.models import Message, MessageKind, MessageState
from spbe_tasks.rules.access import Role
from spbe_tasks.services import outbox
from spbe_tasks.transaction import transaction
from tests import factories, mailable, smtp
from tests.smtp import Mailbox
from workers import jobs


@pytest.fixture
def box(app: Flask) -> Iterator[Mailbox]:
    with smtp.serving() as box:
        usual, settings = app.extensions["mail"], app.extensions["settings"]
        here = settings.model_copy(update={"smtp_port": box.port, "smtp_password": SecretStr("")})
        app.extensions["mail"] = connection = mail.Connection(here)
        yield box
        connection.close()
        app.extensions["mail"] = usual


def _states(session: Session) -> list[str]:
    session.expire_all()
    return [row.state.value for row in session.scalars(select(Message).order_by(Message.id))]


def test_planned_and_swept_every_person_gets_one_mail_through_one_connection(
    session: Session, box: Mailbox
) -> None:
    people = mailable.people_with_a_task_each(session, mailable.government(session), 5)
    for job in (jobs.plan_reminders, jobs.plan_reminders, jobs.sweep_outbox, jobs.sweep_outbox):
        job()
    assert sorted(each.to for each in box.received) == sorted(person.email for person, _ in people)
    assert box.connections == 1
    assert _states(session) == ["sent"] * 5
    answers = session.scalars(select(Message.server_answer).order_by(Message.id)).all()
    assert answers == [f"250 kept as {number}" for number in range(1, 6)]


def test_one_bad_address_and_one_busy_server_answer_stop_nobody_else(session: Session, box: Mailbox) -> None:
    people = [
        person for person, _ in mailable.people_with_a_task_each(session, mailable.government(session), 4)
    ]
    box.at_rcpt = {people[0].email: "550 no such user", people[1].email: "451 greylisted"}
    people[2].name = "Baris\nganda"  # cannot be put into a header: this mail cannot even be made
    session.flush()
    jobs.plan_reminders()
    jobs.sweep_outbox()
    assert [each.to for each in box.received] == [people[3].email]
    assert _states(session) == ["failed", "pending", "pending", "sent"]
    reasons = [row.reason for row in session.scalars(select(Message).order_by(Message.id))]
    assert reasons == ["refused", "try_later", "fault", None]


def test_without_a_mail_server_nothing_is_claimed_and_the_first_sweep_that_finds_one_sends(
    session: Session, app: Flask, box: Mailbox
) -> None:
    mailable.people_with_a_task_each(session, mailable.government(session), 2)
    jobs.plan_reminders()
    there = app.extensions["mail"]
    app.extensions["mail"] = mail.Connection(app.extensions["settings"].model_copy(update={"smtp_port": 1}))
    jobs.sweep_outbox()
    assert [(row.state, row.reason, row.attempts) for row in session.scalars(select(Message))] == [
        (MessageState.PENDING, "server_unreachable", 0)
    ] * 2
    app.extensions["mail"] = there
    jobs.sweep_outbox()
    assert _states(session) == ["sent", "sent"]


def test_a_connection_lost_after_the_content_began_is_uncertain_and_never_repeated(
    session: Session, box: Mailbox
) -> None:
    mailable.people_with_a_task_each(session, mailable.government(session), 2)
    jobs.plan_reminders()
    box.drop = "end"
    jobs.sweep_outbox()
    jobs.plan_reminders()
    jobs.sweep_outbox()
    assert _states(session) == ["uncertain", "sent"]
    assert set(box.count_by_id.values()) == {1}


def test_an_invitation_carries_a_working_link_that_the_kept_copy_does_not_show(
    session: Session, app: Flask, box: Mailbox
) -> None:
    government = mailable.government(session)
    person = factories.account(session, government, Role.FOCAL_POINT, factories.agency(session, government))
    session.commit()
    with transaction() as work:
        message_id = outbox.enqueue(work, account=person, kind=MessageKind.INVITE, now=clock.now()).id
    jobs.send_message(message_id)
    jobs.send_message(message_id)
    [received] = box.received
    text = received.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    address = "http://127.0.0.1:8000/activate/"
    token = text.partition(address)[2].split()[0]
    claim = tokens.read(
        app.extensions["settings"].secret_key.get_secret_value(),
        tokens.Purpose.ACTIVATE,
        token,
        now=clock.now(),
    )
    assert claim.account_id == person.id
    kept = session.get_one(Message, message_id, populate_existing=True)
    assert kept.body_text
    assert kept.body_html
    assert token not in kept.body_text + kept.body_html
    assert address + rendering.HIDDEN in kept.body_text


def test_a_government_that_cannot_be_planned_stops_no_other(
    session: Session, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    broken = mailable.government(session, timezone="Mars/Phobos")
    mailable.people_with_a_task_each(session, mailable.government(session), 1)
    session.commit()
    jobs.plan_reminders()
    jobs.sweep_outbox()
    assert len(box.received) == 1
    assert f"reminders of government {broken.id} could not be planned" in caplog.text
