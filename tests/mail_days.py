"""A day of a government's mail acted out on real rows: planned, built from the facts, and taken as sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from spbe_tasks.models import Account, Government, Message, MessageKind, MessageState, News, ReminderIntent
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.services import briefs, digests, reminders
from spbe_tasks.services.briefs import Brief
from spbe_tasks.services.digests import Digest
from spbe_tasks.work import Work


@dataclass(frozen=True)
class Mailed:
    """A mail that left: to whom, what it said, and the names of the rungs it told, in order."""

    account_id: int
    kind: MessageKind
    body: Digest | Brief
    told: tuple[str, ...]


def act_out(work: Work, government_id: int, *, now: datetime) -> list[Mailed]:
    """Plan a government at ``now`` and send all its mail of the day; by account and kind."""
    work.session.flush()
    outcome = reminders.plan_government(work, government_id, now=now)
    if outcome.hold:
        return []
    government = work.session.get_one(Government, government_id)
    today = local_date(now, government.timezone)
    waiting = select(Message).where(
        Message.government_id == government_id,
        Message.state == MessageState.PENDING,
        Message.local_date == today,
        Message.kind.in_((MessageKind.DIGEST, MessageKind.BRIEF)),
    )
    found = []
    for message in work.session.scalars(waiting.order_by(Message.account_id, Message.kind)).all():
        account = work.session.get_one(Account, message.account_id)
        build = digests.build if message.kind is MessageKind.DIGEST else briefs.build
        body = build(work.session, account, today=today)
        message.state = MessageState.SENT if body else MessageState.CANCELLED
        work.session.flush()
        if body:
            found.append(Mailed(account.id, message.kind, body, _carry(work, message, body)))
    return found


def _carry(work: Work, message: Message, body: Digest | Brief) -> tuple[str, ...]:
    told = work.session.scalars(
        update(ReminderIntent)
        .where(ReminderIntent.id.in_(body.intent_ids), ReminderIntent.state == IntentState.OPEN)
        .values(state=IntentState.SENT, message_id=message.id, ended_at=message.next_attempt_at)
        .execution_options(synchronize_session=False)
        .returning(ReminderIntent.rung)
    ).all()
    assert len(told) == len(body.intent_ids)
    if isinstance(body, Digest) and body.news:
        work.session.execute(
            update(News)
            .where(News.id.in_(body.news_ids))
            .values(message_id=message.id, told_at=message.next_attempt_at)
        )
    return tuple(sorted(told))
