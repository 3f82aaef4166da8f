"""The jobs that plan and send, called as functions, against a real database and a real mail server."""

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from spbe_tasks import clock, mailing, rendering, tokens, turns
from spbe_tasks.adapters import mail
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import Government, Message, MessageKind, MessageState
from spbe_tasks.rules.access import Role
from spbe_tasks.services import outbox, projections, reminders
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories, mailable, smtp
from tests.smtp import Mailbox
from workers import jobs


class Watched(mail.Connection):
    """A connection that counts the open transactions whenever the server is about to be called."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.open_transactions: list[int] = []

    def ensure(self) -> None:
        with db.session().get_bind().engine.connect() as connection:
            self.open_transactions.append(connection.scalar(OPEN_TRANSACTIONS) or 0)
        super().ensure()


OPEN_TRANSACTIONS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
)


def _settings_for(app: Flask, box: Mailbox) -> Settings:
    settings: Settings = app.extensions["settings"]
    return settings.model_copy(update={"smtp_port": box.port, "smtp_password": SecretStr("")})


def _plan_all() -> None:
    with transaction() as work:
        ids = work.session.scalars(select(Government.id)).all()
    for government_id in ids:
        jobs.plan_government(government_id)


@pytest.fixture
def box(app: Flask) -> Iterator[Mailbox]:
    with smtp.serving() as box:
        usual = app.extensions["mail"]
        app.extensions["mail"] = connection = Watched(_settings_for(app, box))
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
    for run in (_plan_all, _plan_all, jobs.sweep_outbox, jobs.sweep_outbox):
        run()
    assert sorted(each.to for each in box.received) == sorted(person.email for person, _ in people)
    assert box.connections == 1
    assert _states(session) == ["sent"] * 5
    answers = session.scalars(select(Message.server_answer).order_by(Message.id)).all()
    assert answers == [f"250 kept as {number}" for number in range(1, 6)]


def test_leaders_get_the_brief_of_the_month_once_however_often_it_is_planned(
    session: Session, box: Mailbox
) -> None:
    government = mailable.government(session, monthly_brief_day=min(mailable.today().day, 28))
    leaders = [factories.account(session, government, role) for role in (Role.COORDINATOR, Role.EXECUTIVE)]
    plan = factories.plan(session, government, target_index=Decimal("3.50"))
    session.flush()
    projections.rebuild(Work(session), plan.id, now=clock.now())
    for run in (_plan_all, _plan_all, jobs.sweep_outbox, _plan_all, jobs.sweep_outbox):
        run()
    assert sorted(each.to for each in box.received) == sorted(each.email for each in leaders)
    assert _states(session) == ["sent", "sent"]
    body = box.received[0].message.get_body(("plain",))
    assert body is not None
    assert "2,00" in body.get_content()
    assert "3,50" in body.get_content()


def test_one_bad_address_and_one_busy_server_answer_stop_nobody_else(session: Session, box: Mailbox) -> None:
    people = [
        person for person, _ in mailable.people_with_a_task_each(session, mailable.government(session), 4)
    ]
    box.at_rcpt = {people[0].email: "550 no such user", people[1].email: "451 greylisted"}
    people[2].name = "Baris\nganda"  # cannot be put into a header: this mail cannot even be made
    session.flush()
    _plan_all()
    jobs.sweep_outbox()
    assert [each.to for each in box.received] == [people[3].email]
    assert _states(session) == ["failed", "pending", "pending", "sent"]
    reasons = [row.reason for row in session.scalars(select(Message).order_by(Message.id))]
    assert reasons == ["refused", "try_later", "fault", None]


def test_without_a_mail_server_nothing_is_claimed_and_the_first_sweep_that_finds_one_sends(
    session: Session, app: Flask, box: Mailbox
) -> None:
    mailable.people_with_a_task_each(session, mailable.government(session), 2)
    _plan_all()
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
    _plan_all()
    box.drop = "end"
    jobs.sweep_outbox()
    _plan_all()
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
    jobs.sweep_outbox()
    jobs.sweep_outbox()
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


def test_planning_is_asked_for_one_government_at_a_time_where_the_window_is_open(session: Session) -> None:
    opens, closes = time(8, 0), time(9, 0)
    here = [
        mailable.government(session, timezone=zone, send_opens_at=opens, send_closes_at=closes)
        for zone in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
    ]
    mailable.government(session, is_mail_paused=True)
    unknown = mailable.government(session, timezone="Mars/Phobos")
    work = Work(session)
    reminders.ask_for_all(work, now=datetime.fromisoformat("2025-03-03T00:30:00+00:00"))  # 08.30 in Makassar
    assert set(work.jobs) == {(Job.PLAN_GOVERNMENT, (each.id,)) for each in (here[1], unknown)}


def test_an_invitation_leaves_before_the_digests_that_wait(session: Session, box: Mailbox) -> None:
    government = mailable.government(session)
    mailable.people_with_a_task_each(session, government, 2)
    _plan_all()
    person = factories.account(session, government, Role.REVIEWER)
    with transaction() as work:
        outbox.enqueue(work, account=person, kind=MessageKind.INVITE, now=clock.now())
    jobs.sweep_outbox()
    assert box.received[0].to == person.email
    assert len(box.received) == 3


def test_a_sweep_passes_while_another_runs_and_sends_once_that_one_has_ended(
    session: Session, box: Mailbox
) -> None:
    mailable.people_with_a_task_each(session, mailable.government(session), 1)
    _plan_all()
    with turns.take(turns.SENDING) as is_first:
        assert is_first
        jobs.sweep_outbox()
        assert _states(session) == ["pending"]
        assert box.connections == 0
    jobs.sweep_outbox()
    assert _states(session) == ["sent"]


def test_the_turn_to_send_is_free_again_after_an_error(session: Session) -> None:
    with pytest.raises(RuntimeError, match="halfway"), turns.take(turns.SENDING):
        raise RuntimeError("halfway")
    with turns.take(turns.SENDING) as is_free:
        assert is_free


@pytest.mark.own_database
def test_no_transaction_is_open_while_the_mail_server_is_called(
    app: Flask, session: Session, box: Mailbox
) -> None:
    governments = [mailable.government(session), mailable.government(session)]
    for government in governments:
        mailable.people_with_a_task_each(session, government, 2)
    session.commit()
    mailing.send_digests(governments[0].id)
    _plan_all()
    jobs.sweep_outbox()
    assert len(box.received) == 4
    watched = app.extensions["mail"]
    assert len(watched.open_transactions) >= 4
    assert set(watched.open_transactions) == {0}
