"""The outbox: mails asked for, and how each ends. ``dispatch`` claims them; neither knows a mail server."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update

from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, Government, Message, MessageKind, MessageState, ReminderIntent
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.delivery import LEASE, HandOver, next_attempt
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.services.queries import outbox as queries
from spbe_tasks.work import Work

# The zone of people who belong to no government: administrators.
DEFAULT_ZONE = "Asia/Jakarta"
LONGEST_ANSWER = 500


class Reason(StrEnum):
    """Why a mail ended or waits as it does; kept beside its state, with words in the templates."""

    ACCOUNT_CLOSED = "account_closed"
    DAY_PASSED = "day_passed"
    NOTHING_LEFT = "nothing_left"
    DAY_OFF = "day_off"
    OUTSIDE_WINDOW = "outside_window"
    PAUSED = "paused"
    REFUSED = "refused"
    TRY_LATER = "try_later"
    GAVE_UP = "gave_up"
    SERVER_UNREACHABLE = "server_unreachable"
    NO_ANSWER = "no_answer"
    SENDER_DIED = "sender_died"
    FAULT = "fault"
    BOUNCED = "bounced"


def enqueue(work: Work, *, account: Account, kind: MessageKind, now: datetime) -> Message:
    """Ask for a mail of ``kind`` to ``account`` as soon as possible; returns the message, flushed.

    Its words and links are made when it is sent, never stored here. Asks for ``SWEEP_OUTBOX``.
    """
    government = work.session.get(Government, account.government_id) if account.government_id else None
    message = Message(
        government_id=account.government_id,
        account_id=account.id,
        kind=kind,
        local_date=local_date(now, government.timezone if government else DEFAULT_ZONE),
        state=MessageState.PENDING,
        next_attempt_at=now,
    )
    work.session.add(message)
    work.session.flush()
    work.after_commit(Job.SWEEP_OUTBOX)
    return message


def settle(
    work: Work,
    message_id: int,
    outcome: HandOver,
    answer: str,
    *,
    now: datetime,
    reason: Reason | None = None,
) -> None:
    """Write down how a hand-over came out, with the server's own words; ends the intents the mail carries.

    LATER puts the mail back, and its intents with it, until the next attempt; nothing else is ever repeated. A
    message that is no longer being handed over is left as it is.
    """
    message = queries.lock_message(work.session, message_id)
    if message is None or message.state is not MessageState.HANDING_OVER:
        return
    message.server_answer = answer[:LONGEST_ANSWER] or None
    again_at = next_attempt(message.attempts, now) if outcome is HandOver.LATER else None
    if again_at:
        message.state, message.reason, message.next_attempt_at = (
            MessageState.PENDING,
            Reason.TRY_LATER,
            again_at,
        )
        _move_intents(work, message.id, {"state": IntentState.OPEN, "message_id": None})
        return
    message.state, intents_end, usual_reason = _ENDINGS[outcome]
    message.reason, message.finished_at = reason or usual_reason, now
    _move_intents(work, message.id, {"state": intents_end, "reason": message.reason, "ended_at": now})


# An intent whose mail may or may not have arrived is not proven to be sent, and is not told again either.
_ENDINGS: dict[HandOver, tuple[MessageState, IntentState, Reason | None]] = {
    HandOver.ACCEPTED: (MessageState.SENT, IntentState.SENT, None),
    HandOver.REFUSED: (MessageState.FAILED, IntentState.FAILED, Reason.REFUSED),
    HandOver.LATER: (MessageState.FAILED, IntentState.FAILED, Reason.GAVE_UP),
    HandOver.UNKNOWN: (MessageState.UNCERTAIN, IntentState.FAILED, Reason.NO_ANSWER),
}


def expire(work: Work, *, now: datetime) -> int:
    """Mails whose sender died while handing over become ``uncertain`` and are not repeated; returns how many."""
    stale = queries.list_stale(work.session, now - LEASE)
    for message_id in stale:
        settle(work, message_id, HandOver.UNKNOWN, "", now=now, reason=Reason.SENDER_DIED)
    return len(stale)


def postpone(work: Work, message_id: int, *, now: datetime) -> None:
    """Put off a mail that could not even be made, so that the others go first; given up like any other in the end."""
    message = queries.lock_message(work.session, message_id)
    if message is None or message.state is not MessageState.PENDING:
        return
    message.attempts += 1
    again_at = next_attempt(message.attempts, now)
    message.reason = Reason.FAULT
    if again_at:
        message.next_attempt_at = again_at
    else:
        message.state, message.finished_at = MessageState.FAILED, now


def note_unreachable(work: Work, answer: str, *, now: datetime) -> None:
    """Say on every mail that is due why it waits. They stay due: the next sweep that finds a server sends them."""
    due = (
        select(Message.id)
        .where(
            Message.state == MessageState.PENDING,
            Message.next_attempt_at <= now,
            Message.reason.is_distinct_from(Reason.SERVER_UNREACHABLE),
        )
        .with_for_update(skip_locked=True)
    )
    work.session.execute(
        update(Message)
        .where(Message.id.in_(due))
        .values(reason=Reason.SERVER_UNREACHABLE, server_answer=answer[:LONGEST_ANSWER] or None)
        .execution_options(synchronize_session=False)
    )


def _move_intents(work: Work, message_id: int, values: Mapping[str, object]) -> None:
    work.session.execute(
        update(ReminderIntent)
        .where(ReminderIntent.message_id == message_id, ReminderIntent.state == IntentState.CARRIED)
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )
