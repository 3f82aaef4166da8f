"""What a report about a mail changes: the mail, the reminders in it, the person's address. On real rows."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Event,
    MailFeedback,
    Message,
    MessageState,
    ReminderIntent,
    Suppression,
    SuppressionReason,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.feedback import FeedbackKind, Report
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services import mail_feedback, suppressions
from spbe_tasks.services.mail_feedback import Feedback
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

DEAD = Report(FeedbackKind.BOUNCED, "budi@dinas.example", "5.1.1", "550 5.1.1 no such user")


@dataclass
class Desk:
    """A digest that has left, with one reminder in it."""

    session: Session
    account: Account
    message: Message
    intent: ReminderIntent

    def take(self, report: Report, *, key: str = "one", **values: object) -> bool:
        given: dict[str, object] = {"message_id": self.message.id} | values
        is_new = mail_feedback.take(Work(self.session), Feedback(key, report, **given), now=NOW)  # type: ignore[arg-type]
        self.session.flush()
        self.session.expire_all()
        return is_new

    @property
    def blocked(self) -> bool:
        return suppressions.is_standing(self.session, self.account.email)


@pytest.fixture
def desk(session: Session) -> Desk:
    government = factories.government(session)
    agency = factories.agency(session, government)
    account = factories.account(session, government, Role.FOCAL_POINT, agency, email="Budi@dinas.example")
    task = factories.task(session, factories.plan(session, government), agency)
    message = factories.message(
        session, account, state=MessageState.SENT, to_address=account.email, finished_at=NOW
    )
    intent = factories.intent(
        session, task, account, state=IntentState.SENT, message_id=message.id, ended_at=NOW
    )
    return Desk(session, account, message, intent)


def test_a_dead_address_ends_the_mail_its_reminders_and_all_further_mail(desk: Desk) -> None:
    assert desk.take(DEAD)
    assert (desk.message.state, desk.message.reason) == (MessageState.FAILED, "bounced")
    assert (desk.intent.state, desk.intent.reason) == (IntentState.FAILED, "bounced")
    row = desk.session.scalars(select(Suppression)).one()
    assert (row.address, row.reason) == ("budi@dinas.example", SuppressionReason.BOUNCED)
    assert row.detail == "5.1.1 550 5.1.1 no such user"
    actions = desk.session.scalars(select(Event.action).order_by(Event.id)).all()
    assert actions == ["mail_bounced", "suppress_address"]


def test_the_same_report_is_taken_in_once(desk: Desk) -> None:
    assert desk.take(DEAD)
    blocked = desk.session.scalars(select(Suppression.id)).one()
    suppressions.release(Work(desk.session), factories.scope(desk.account), blocked, now=NOW)
    assert not desk.take(DEAD)
    assert not desk.blocked
    assert len(desk.session.scalars(select(MailFeedback)).all()) == 1


def test_an_uncertain_mail_that_comes_back_is_certain(desk: Desk) -> None:
    desk.message.state, desk.intent.state = MessageState.UNCERTAIN, IntentState.FAILED
    desk.take(DEAD)
    assert (desk.message.state, desk.intent.reason) == (MessageState.FAILED, "bounced")


@pytest.mark.parametrize(
    "report",
    [Report(FeedbackKind.DELAYED, status="4.4.1"), Report(FeedbackKind.OTHER), Report(FeedbackKind.DELAYED)],
)
def test_what_only_takes_longer_is_noted_beside_the_mail(desk: Desk, report: Report) -> None:
    desk.take(report)
    assert (desk.message.state, desk.intent.state, desk.blocked) == (
        MessageState.SENT,
        IntentState.SENT,
        False,
    )
    assert desk.session.scalars(select(MailFeedback.message_id)).one() == desk.message.id


def test_a_full_mailbox_fails_the_mail_and_leaves_the_address(desk: Desk) -> None:
    desk.take(Report(FeedbackKind.BOUNCED, status="5.2.2"))
    assert (desk.message.state, desk.blocked) == (MessageState.FAILED, False)


def test_a_complaint_stops_mail_and_leaves_what_was_delivered(desk: Desk) -> None:
    desk.take(Report(FeedbackKind.COMPLAINED))
    assert (desk.message.state, desk.intent.state, desk.blocked) == (
        MessageState.SENT,
        IntentState.SENT,
        True,
    )


def test_a_report_about_no_mail_of_ours_changes_nothing_unless_it_is_signed(desk: Desk) -> None:
    desk.take(DEAD, message_id=None)
    assert not desk.blocked
    desk.take(DEAD, key="two", message_id=None, is_signed=True)
    assert desk.blocked
    assert desk.message.state is MessageState.SENT


def test_an_address_the_person_no_longer_has_is_not_blocked(desk: Desk) -> None:
    desk.account.email = "budi.baru@dinas.example"
    desk.session.flush()
    desk.take(DEAD)
    assert desk.session.scalars(select(Suppression)).all() == []
    assert desk.message.state is MessageState.FAILED


def test_a_mail_that_is_not_there_is_no_fault(desk: Desk) -> None:
    assert desk.take(DEAD, message_id=desk.message.id + 1_000)
    assert not desk.blocked


def test_a_mail_that_waits_is_left_to_its_sender(desk: Desk) -> None:
    desk.message.state = MessageState.PENDING
    desk.take(Report(FeedbackKind.BOUNCED, status="5.2.2"))
    assert desk.message.state is MessageState.PENDING
