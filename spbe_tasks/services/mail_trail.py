"""How each mail ended, written into the trail, whose seals make it evidence (ADR 13)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Message, ReminderIntent
from spbe_tasks.services import trail
from spbe_tasks.work import Work

ACTION = "end_mail"
BATCH = 5_000
# By message id, the reminders a mail told.
Told = Mapping[int, list[Mapping[str, object]]]


def record(work: Work, *, now: datetime) -> int:
    """Write an event for each mail of a government that has ended and has none yet; returns how many it looked at.

    It runs before the events are sealed and not while mail is sent, so that sending stays as fast as it is. A mail that
    comes back later is written again.
    """
    rows = work.session.scalars(
        select(Message)
        .where(Message.finished_at.is_not(None), ~Message.is_in_trail)
        .order_by(Message.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    told = list_told(work.session, [each.id for each in rows])
    by_government: dict[int, list[Message]] = defaultdict(list)
    for message in rows:
        message.is_in_trail = True
        if message.government_id is not None:
            by_government[message.government_id].append(message)
    for government_id, messages in by_government.items():
        entries = [(ACTION, ("message", each.id), facts(each, told[each.id])) for each in messages]
        trail.record_many(work, entries, government_id=government_id, actor_id=None, at=now)
    return len(rows)


def facts(message: Message, told: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What the trail keeps of a mail: how it ended, in whose words, what it told, and a hash of what it said."""
    body = f"{message.subject or ''}\n{message.body_text or ''}"
    return {
        "kind": message.kind.value,
        "to": message.to_address,
        "state": message.state.value,
        "reason": message.reason,
        "answer": message.server_answer,
        "ended_at": message.finished_at.astimezone(UTC).isoformat() if message.finished_at else None,
        "attempts": message.attempts,
        "text_sha256": sha256(body.encode()).hexdigest() if message.subject else None,
        "told": list(told),
    }


def list_told(session: Session, message_ids: Sequence[int]) -> Told:
    """By message id, the reminders each of these mails told, as ``facts`` takes them."""
    rows = session.execute(
        select(
            ReminderIntent.id,
            ReminderIntent.message_id,
            ReminderIntent.task_id,
            ReminderIntent.evidence_id,
            ReminderIntent.due_version,
            ReminderIntent.rung,
        )
        .where(ReminderIntent.message_id.in_(message_ids))
        .order_by(ReminderIntent.id)
    )
    found: dict[int, list[Mapping[str, object]]] = defaultdict(list)
    for row in rows:
        thing = {"task": row.task_id} if row.task_id is not None else {"evidence": row.evidence_id}
        found[row.message_id].append(
            {"intent": row.id, **thing, "due_version": row.due_version, "rung": row.rung}
        )
    return found
