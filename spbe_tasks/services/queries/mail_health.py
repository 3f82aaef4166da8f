"""Selects about the health of mail: what waits, what failed, which governments cannot be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Government,
    MailHold,
    MailStop,
    Message,
    MessageState,
    ReminderIntent,
    Suppression,
)


@dataclass(frozen=True, slots=True)
class MailHealth:
    """The mail of the whole installation. Instants are UTC; governments are given by their slugs."""

    stop_reason: str | None
    last_planned_at: datetime | None
    oldest_waiting_at: datetime | None
    waiting: int
    uncertain: int
    failed: int
    suppressed: int
    held: Sequence[str]
    paused: Sequence[str]
    without_sender: Sequence[str]
    without_reply_to: Sequence[str]


def load(session: Session, now: datetime) -> MailHealth:
    """All that the doctor of reminders looks at in the database; of the holds those of the last day."""
    waiting = session.execute(
        select(func.count(), func.min(Message.next_attempt_at)).where(Message.state == MessageState.PENDING)
    ).one()
    held = select(Government.slug).join(MailHold, MailHold.government_id == Government.id)
    return MailHealth(
        stop_reason=session.scalar(select(MailStop.reason).where(MailStop.ended_at.is_(None))),
        last_planned_at=session.scalar(select(func.max(ReminderIntent.planned_at))),
        oldest_waiting_at=waiting[1],
        waiting=waiting[0],
        uncertain=_count(session, MessageState.UNCERTAIN),
        failed=_count(session, MessageState.FAILED),
        suppressed=session.scalar(select(func.count()).where(Suppression.released_at.is_(None))) or 0,
        held=session.scalars(
            held.where(MailHold.released_at.is_(None), MailHold.held_at > now - timedelta(days=1))
            .distinct()
            .order_by(Government.slug)
        ).all(),
        paused=_slugs(session, Government.is_mail_paused.is_(True)),
        without_sender=_slugs(session, Government.sender_name == ""),
        without_reply_to=_slugs(session, or_(Government.reply_to.is_(None), Government.reply_to == "")),
    )


def _count(session: Session, state: MessageState) -> int:
    return session.scalar(select(func.count()).select_from(Message).where(Message.state == state)) or 0


def _slugs(session: Session, condition: ColumnElement[bool]) -> Sequence[str]:
    return session.scalars(select(Government.slug).where(condition).order_by(Government.slug)).all()
