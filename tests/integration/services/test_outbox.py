"""Claiming a mail, and every way it can end, on real rows; what it says is checked where it is rendered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    Account,
    Agency,
    Government,
    Message,
    MessageKind,
    MessageState,
    Plan,
    ReminderIntent,
    Task,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.delivery import LEASE, MOST_ATTEMPTS, HandOver
from spbe_tasks.rules.digest import DigestGroup
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import dispatch, outbox
from spbe_tasks.services.digests import Digest
from spbe_tasks.services.letters import Letter, Mail, Parcel
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.services.send_round import Round
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

TODAY = NOW.date()
LATER = NOW + timedelta(minutes=5)


@dataclass
class Desk:
    """A focal point with one task that is due today, the intent for it and the digest that will tell it."""

    session: Session
    government: Government
    agency: Agency
    plan: Plan
    person: Account
    task: Task
    intent: ReminderIntent
    message: Message
    letters: list[Letter]

    def claim(self, now: datetime = NOW) -> Parcel | None:
        self.session.flush()
        for message_id in queries.list_due(self.session, now, 9):
            found = queries.lock_due(self.session, message_id, now)
            assert found
            return dispatch.claim(Work(self.session), found, self._render, known=Round(), now=now)
        return None

    def settle(self, outcome: HandOver, answer: str = "", now: datetime = LATER) -> None:
        self.session.flush()
        outbox.settle(Work(self.session), self.message.id, outcome, answer, now=now)
        self.session.flush()
        self.session.expire_all()

    def stand(self) -> tuple[str, str | None, str, str | None]:
        """Message and intent: state and reason of each."""
        self.session.flush()
        self.session.expire_all()
        return (
            self.message.state.value,
            self.message.reason,
            self.intent.state.value,
            self.intent.reason,
        )

    def _render(self, letter: Letter) -> Mail:
        self.letters.append(letter)
        return Mail("Perihal", b"isi", "isi", "<p>isi</p>")


@pytest.fixture
def desk(session: Session) -> Desk:
    government = factories.government(session)
    agency = factories.agency(session, government)
    person = factories.account(session, government, Role.FOCAL_POINT, agency)
    plan = factories.plan(session, government)
    task = factories.task(session, plan, agency, due_on=TODAY)
    intent = factories.intent(session, task, person)
    message = factories.message(session, person)
    return Desk(session, government, agency, plan, person, task, intent, message, [])


def test_a_claimed_mail_is_marked_as_handed_over_with_its_words_and_its_intents(desk: Desk) -> None:
    assert desk.claim() == Parcel(desk.message.id, desk.person.email, b"isi")
    assert desk.stand() == ("handing_over", None, "carried", None)
    assert (desk.message.attempts, desk.message.handed_over_at) == (1, NOW)
    assert (desk.message.to_address, desk.message.subject) == (desk.person.email, "Perihal")
    assert (desk.message.body_text, desk.message.body_html) == ("isi", "<p>isi</p>")
    assert desk.intent.message_id == desk.message.id


def test_a_mail_that_is_being_handed_over_cannot_be_claimed_again(desk: Desk) -> None:
    assert desk.claim()
    assert desk.claim(NOW + timedelta(hours=2)) is None


def test_a_mail_is_not_claimed_before_its_time(desk: Desk) -> None:
    desk.message.next_attempt_at = NOW + timedelta(seconds=1)
    assert desk.claim() is None
    assert desk.stand()[0] == "pending"


def test_the_digest_lists_everything_of_the_person_and_marks_what_it_reminds_of(desk: Desk) -> None:
    later = factories.task(desk.session, desk.plan, desk.agency, 34, due_on=TODAY + timedelta(days=60))
    factories.task(desk.session, desk.plan, desk.agency, 35, due_on=TODAY, state=State.SUBMITTED)
    elsewhere = factories.agency(desk.session, desk.government)
    factories.task(desk.session, desk.plan, elsewhere, 36, due_on=TODAY)
    desk.claim()
    digest = desk.letters[0].body
    assert isinstance(digest, Digest)
    listed = [
        (group, line.task_id, line.is_reminded) for group, lines in digest.groups.items() for line in lines
    ]
    assert listed == [(DigestGroup.DUE_TODAY, desk.task.id, True), (DigestGroup.LATER, later.id, False)]


def test_a_coordinators_digest_lists_what_nobody_else_is_there_for(desk: Desk) -> None:
    coordinator = factories.account(desk.session, desk.government, Role.COORDINATOR)
    deserted = factories.agency(desk.session, desk.government)
    left = factories.account(desk.session, desk.government, Role.FOCAL_POINT, deserted, is_active=False)
    orphan = factories.task(desk.session, desk.plan, deserted, 36, due_on=TODAY, assignee_id=left.id)
    factories.intent(desk.session, orphan, coordinator)
    desk.message.state = MessageState.SENT
    factories.message(desk.session, coordinator)
    desk.claim()
    digest = desk.letters[0].body
    assert isinstance(digest, Digest)
    assert [line.task_id for lines in digest.groups.values() for line in lines] == [orphan.id]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("task", "state", State.SUBMITTED), "nothing_left"),
        (("task", "due_version", 2), "nothing_left"),
        (("intent", "state", IntentState.CANCELLED), "nothing_left"),
        (("person", "is_active", False), "account_closed"),
        (("message", "local_date", TODAY - timedelta(days=1)), "day_passed"),
    ],
)
def test_a_digest_that_lost_its_point_meanwhile_is_cancelled_with_the_reason(
    desk: Desk, change: tuple[str, str, Any], reason: str
) -> None:
    row, name, value = change
    setattr(getattr(desk, row), name, value)
    assert desk.claim() is None
    assert desk.stand()[:2] == ("cancelled", reason)
    assert desk.message.finished_at == NOW
    assert desk.letters == []


def test_a_digest_is_not_sent_to_somebody_whose_task_went_to_a_colleague(desk: Desk) -> None:
    colleague = factories.account(desk.session, desk.government, Role.FOCAL_POINT, desk.agency)
    desk.task.assignee_id = colleague.id
    assert desk.claim() is None
    assert desk.stand()[:2] == ("cancelled", "nothing_left")


def test_after_office_hours_a_digest_waits_and_says_why(desk: Desk) -> None:
    evening = NOW + timedelta(hours=7)
    assert desk.claim(evening) is None
    assert desk.stand() == ("pending", "outside_window", "open", None)
    assert desk.message.next_attempt_at == evening + dispatch.HELD


def test_mail_of_a_paused_government_waits_without_being_looked_at(desk: Desk) -> None:
    desk.government.is_mail_paused = True
    desk.session.flush()
    assert not queries.list_due(desk.session, NOW, 9)
    assert not queries.has_due(desk.session, NOW)


def test_an_invitation_leaves_at_any_hour_and_needs_no_intent(desk: Desk) -> None:
    desk.message.state = MessageState.SENT
    sunday_night = datetime.fromisoformat("2025-03-02T16:00:00+00:00")
    asked = outbox.enqueue(Work(desk.session), account=desk.person, kind=MessageKind.INVITE, now=sunday_night)
    parcel = desk.claim(sunday_night)
    assert parcel
    assert parcel.message_id == asked.id
    assert desk.letters[0].body is None


def test_a_mail_that_is_asked_for_is_stored_with_the_local_date_and_a_job(
    desk: Desk,
) -> None:
    work = Work(desk.session)
    asked = outbox.enqueue(
        work,
        account=desk.person,
        kind=MessageKind.PASSWORD_RESET,
        now=datetime.fromisoformat("2025-03-03T18:00:00+00:00"),
    )
    assert asked.local_date == TODAY + timedelta(days=1)  # 01.00 in Ketapang
    assert list(work.jobs) == [(Job.SWEEP_OUTBOX, ())]


def test_an_administrators_mail_belongs_to_no_government(desk: Desk) -> None:
    desk.message.state = MessageState.SENT
    administrator = factories.administrator(desk.session)
    work = Work(desk.session)
    outbox.enqueue(work, account=administrator, kind=MessageKind.PASSWORD_RESET, now=NOW)
    assert desk.claim()
    assert desk.letters[0].sender.government_name == "SPBE Tasks"


@pytest.mark.parametrize(
    ("outcome", "stand"),
    [
        (HandOver.ACCEPTED, ("sent", None, "sent", None)),
        (HandOver.REFUSED, ("failed", "refused", "failed", "refused")),
        (HandOver.UNKNOWN, ("uncertain", "no_answer", "failed", "no_answer")),
        (HandOver.LATER, ("pending", "try_later", "open", None)),
    ],
)
def test_how_a_hand_over_ends_mail_and_intents(
    desk: Desk, outcome: HandOver, stand: tuple[str, str | None, str, str | None]
) -> None:
    desk.claim()
    desk.settle(outcome, "250 2.0.0 Ok: queued as 4F1")
    assert desk.stand() == stand
    assert desk.message.server_answer == "250 2.0.0 Ok: queued as 4F1"
    is_over = outcome is not HandOver.LATER
    assert desk.message.finished_at == (LATER if is_over else None)
    assert desk.intent.ended_at == (LATER if is_over else None)
    assert (desk.intent.message_id == desk.message.id) is is_over


def test_a_mail_put_back_is_made_anew_from_the_facts_of_its_next_attempt(desk: Desk) -> None:
    desk.claim()
    desk.settle(HandOver.LATER, "451 greylisted")
    assert desk.claim(LATER) is None
    desk.task.due_on = TODAY + timedelta(days=1)
    assert desk.claim(LATER + timedelta(minutes=1))
    digest = desk.letters[1].body
    assert isinstance(digest, Digest)
    assert list(digest.groups) == [DigestGroup.THIS_WEEK]


def test_the_waits_grow_to_four_hours_and_end(desk: Desk) -> None:
    now, waits = NOW, []
    invitation = outbox.enqueue(Work(desk.session), account=desk.person, kind=MessageKind.INVITE, now=NOW)
    desk.message = invitation
    while desk.message.state is MessageState.PENDING:
        assert desk.claim(now)
        desk.settle(HandOver.LATER, "421 busy", now=now)
        waits.append((desk.message.next_attempt_at - now).total_seconds() / 60)
        now = desk.message.next_attempt_at
    assert waits[:-1] == [1, 5, 15, 60, *[240] * (MOST_ATTEMPTS - 5)]
    assert desk.stand()[:2] == ("failed", "gave_up")


def test_a_late_answer_does_not_change_what_has_ended(desk: Desk) -> None:
    desk.claim()
    desk.settle(HandOver.UNKNOWN)
    desk.settle(HandOver.LATER, "451 no")
    assert desk.stand()[:2] == ("uncertain", "no_answer")


def test_a_mail_whose_sender_died_becomes_uncertain_after_the_lease_and_is_not_repeated(desk: Desk) -> None:
    desk.claim()
    work = Work(desk.session)
    desk.session.flush()
    assert outbox.expire(work, now=NOW + LEASE) == 0
    assert outbox.expire(work, now=NOW + LEASE + timedelta(seconds=1)) == 1
    assert desk.stand() == ("uncertain", "sender_died", "failed", "sender_died")
    assert desk.claim(NOW + timedelta(minutes=30)) is None


def test_a_mail_that_cannot_be_made_is_put_behind_the_others(desk: Desk) -> None:
    outbox.postpone(Work(desk.session), desk.message.id, now=NOW)
    assert desk.stand()[:2] == ("pending", "fault")
    assert desk.message.next_attempt_at == NOW + timedelta(minutes=1)
    desk.message.attempts = MOST_ATTEMPTS - 1
    outbox.postpone(Work(desk.session), desk.message.id, now=NOW)
    assert desk.stand()[:2] == ("failed", "fault")


def test_due_mail_says_that_the_server_cannot_be_reached_and_stays_due(desk: Desk) -> None:
    outbox.note_unreachable(Work(desk.session), "Connection refused", now=NOW)
    assert desk.stand()[:2] == ("pending", "server_unreachable")
    assert (desk.message.server_answer, desk.message.attempts) == ("Connection refused", 0)
    assert desk.claim()
    assert desk.stand()[:2] == ("handing_over", None)
