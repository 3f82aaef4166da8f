"""How mails ended, in the trail."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Event, Government, Message, MessageState
from spbe_tasks.rules.feedback import FeedbackKind, Report
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services import mail_feedback, mail_trail, trail
from spbe_tasks.services.mail_feedback import Feedback
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

LATER = NOW + timedelta(minutes=1)


def _sent(session: Session, **values: object) -> tuple[Account, Message]:
    account = factories.account(session, factories.government(session))
    return account, factories.message(
        session,
        account,
        **{
            "state": MessageState.SENT,
            "to_address": account.email,
            "subject": "3 tugas",
            "body_text": "isi",
            "server_answer": "250 kept",
            "attempts": 1,
            "finished_at": NOW,
            **values,
        },
    )


def _events(session: Session) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.action == "end_mail").order_by(Event.id)))


def test_each_mail_that_ended_is_written_once_with_what_it_told(session: Session, work: Work) -> None:
    account, message = _sent(session)
    government = session.get_one(Government, account.government_id)
    agency = factories.agency(session, government)
    task = factories.task(session, factories.plan(session, government), agency)
    intent = factories.intent(session, task, account, state=IntentState.SENT, message_id=message.id)
    assert mail_trail.record(work, now=LATER) == 1
    session.flush()
    assert mail_trail.record(work, now=LATER) == 0
    (event,) = _events(session)
    assert (event.subject_type, event.subject_id, event.at) == ("message", message.id, LATER)
    assert event.data["state"] == "sent"
    assert event.data["answer"] == "250 kept"
    assert event.data["told"] == [{"intent": intent.id, "task": task.id, "due_version": 1, "rung": "due"}]
    assert event.data == mail_trail.facts(message, mail_trail.list_told(session, [message.id])[message.id])


def test_a_mail_that_waits_has_no_end_yet(session: Session, work: Work) -> None:
    _sent(session, state=MessageState.PENDING, finished_at=None)
    assert mail_trail.record(work, now=LATER) == 0


def test_a_mail_that_comes_back_ends_again(session: Session, work: Work) -> None:
    _, message = _sent(session)
    mail_trail.record(work, now=LATER)
    session.flush()
    mail_feedback.take(
        work, Feedback("k", Report(FeedbackKind.BOUNCED, status="5.1.1"), message.id), now=LATER
    )
    session.flush()
    assert mail_trail.record(work, now=LATER) == 1
    session.flush()
    assert [event.data["state"] for event in _events(session)] == ["sent", "failed"]


def test_an_administrators_mail_is_of_no_chain_and_looked_at_once(session: Session, work: Work) -> None:
    administrator = factories.administrator(session)
    factories.message(session, administrator, state=MessageState.SENT, finished_at=NOW)
    assert mail_trail.record(work, now=LATER) == 1
    session.flush()
    assert mail_trail.record(work, now=LATER) == 0
    assert _events(session) == []


def test_a_change_of_the_row_shows_against_the_seal(session: Session, work: Work) -> None:
    account, message = _sent(session)
    mail_trail.record(work, now=LATER)
    session.flush()
    trail.seal(work)
    session.flush()
    assert account.government_id is not None
    assert trail.verify(session, account.government_id).is_intact
    session.execute(update(Message).where(Message.id == message.id).values(server_answer="250 other"))
    session.expire_all()
    (event,) = _events(session)
    assert event.chain_position is not None
    assert event.data != mail_trail.facts(message, [])
