"""The outbox: mails asked for, and how each ends. ``dispatch`` claims them; neither knows a mail server."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update

from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    Account,
    DeliveryAttempt,
    Government,
    Message,
    MessageKind,
    MessageState,
    News,
    ReminderIntent,
)
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.delivery import LEASE, REPEAT_AFTER, HandOver, next_attempt
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services import accepted, reminder_policies
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.services.queries.outbox import lock_message
from spbe_tasks.work import Work

# The zone of people who belong to no government: administrators.
DEFAULT_ZONE = "Asia/Jakarta"
LONGEST_ANSWER = 500
CARRIES_NEWS = frozenset({MessageKind.NEWS, MessageKind.DIGEST})


class Reason(StrEnum):
    """Why a mail ended or waits as it does; kept beside its state, with words in the templates."""

    ACCOUNT_CLOSED = "account_closed"
    SUPPRESSED = "suppressed"
    DAY_PASSED = "day_passed"
    NOTHING_LEFT = "nothing_left"
    DAY_OFF = "day_off"
    OUTSIDE_WINDOW = "outside_window"
    PAUSED = "paused"
    DAILY_CAP = "daily_cap"
    PACED = "paced"
    REPEAT = "repeat"
    REFUSED = "refused"
    TRY_LATER = "try_later"
    GAVE_UP = "gave_up"
    SERVER_UNREACHABLE = "server_unreachable"
    NO_ANSWER = "no_answer"
    SENDER_DIED = "sender_died"
    FAULT = "fault"
    BOUNCED = "bounced"


def enqueue(
    work: Work, *, account: Account, kind: MessageKind, now: datetime, government_id: int | None = None
) -> Message:
    """Ask for a mail of ``kind`` to ``account`` as soon as possible; returns the message, flushed.

    It belongs to the person's own government unless another is named. Its words and links are made when it is sent,
    never stored here. Asks for ``SWEEP_OUTBOX``.
    """
    owner = government_id or account.government_id
    government = work.session.get(Government, owner) if owner else None
    message = Message(
        government_id=owner,
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


def ask_for_test(work: Work, account_id: int, government_id: int | None, *, now: datetime) -> Message:
    """Ask for a test to a person, as mail of a government leaves; it leaves at any hour. Asks for ``SWEEP_OUTBOX``."""
    account = work.session.get_one(Account, account_id)
    message = enqueue(work, account=account, kind=MessageKind.TEST, now=now, government_id=government_id)
    message.to_address = account.email
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
    """Write down how a hand-over came out, with the server's own words; ends what the mail carries.

    LATER puts the mail back, and what it carries with it, until the next attempt. UNKNOWN ends it as uncertain, unless
    the government's policy has such a mail repeated and it was not yet: then it waits for its one repetition and keeps
    what it carries. A message that is no longer being handed over is left as it is.
    """
    if outcome is HandOver.ACCEPTED and accepted.write_down(
        work.session, message_id, answer[:LONGEST_ANSWER], now=now
    ):
        return
    message = lock_message(work.session, message_id)
    if message is None or message.state is not MessageState.HANDING_OVER:
        return
    is_doubtful = message.attempts > 1 and queries.count_unknown(work.session, message.id) > 0
    _record_attempt(work, message, outcome, answer, now=now)
    message.server_answer = answer[:LONGEST_ANSWER] or None
    again_at = _again_at(work, message, outcome, is_doubtful=is_doubtful, now=now)
    if again_at is None:
        _end(
            work,
            message,
            HandOver.UNKNOWN if _may_have_arrived(outcome, is_doubtful) else outcome,
            now,
            reason,
        )
        return
    message.state, message.next_attempt_at = MessageState.PENDING, again_at
    message.reason = Reason.REPEAT if is_doubtful or outcome is HandOver.UNKNOWN else Reason.TRY_LATER
    if message.reason is Reason.TRY_LATER:
        _let_go(work, message)


def _record_attempt(work: Work, message: Message, outcome: HandOver, answer: str, *, now: datetime) -> None:
    work.session.add(
        DeliveryAttempt(
            message_id=message.id,
            number=message.attempts,
            government_id=message.government_id,
            outcome=outcome,
            answer=answer[:LONGEST_ANSWER],
            at=now,
        )
    )


def _again_at(
    work: Work, message: Message, outcome: HandOver, *, is_doubtful: bool, now: datetime
) -> datetime | None:
    """When to hand the mail over again; None: never."""
    if outcome is HandOver.LATER:
        return next_attempt(message.attempts, now)
    if outcome is not HandOver.UNKNOWN or is_doubtful or message.government_id is None:
        return None
    policy = reminder_policies.current(work.session, message.government_id)
    return now + REPEAT_AFTER if policy.repeat_uncertain else None


def _may_have_arrived(outcome: HandOver, is_doubtful: bool) -> bool:
    """Whether nobody can tell: an earlier attempt is without an answer, and none was taken for certain since."""
    return is_doubtful and outcome is not HandOver.ACCEPTED


def end_doubtful(work: Work, message: Message, *, now: datetime) -> None:
    """End a mail that waits for its repetition and is not to be repeated after all: it stays uncertain."""
    _end(work, message, HandOver.UNKNOWN, now, None)


# An intent whose mail may or may not have arrived is not proven to be sent, and is not told again either.
_ENDINGS: dict[HandOver, tuple[MessageState, IntentState, Reason | None]] = {
    HandOver.ACCEPTED: (MessageState.SENT, IntentState.SENT, None),
    HandOver.REFUSED: (MessageState.FAILED, IntentState.FAILED, Reason.REFUSED),
    HandOver.LATER: (MessageState.FAILED, IntentState.FAILED, Reason.GAVE_UP),
    HandOver.UNKNOWN: (MessageState.UNCERTAIN, IntentState.FAILED, Reason.NO_ANSWER),
}


def _end(work: Work, message: Message, outcome: HandOver, now: datetime, reason: Reason | None) -> None:
    message.state, intents_end, usual_reason = _ENDINGS[outcome]
    message.reason, message.finished_at = reason or usual_reason, now
    _move_intents(work, message.id, {"state": intents_end, "reason": message.reason, "ended_at": now})
    if outcome is HandOver.ACCEPTED:
        _move_news(work, message, {"told_at": now})


def _let_go(work: Work, message: Message) -> None:
    """What the mail carried was not told: the next attempt, or another mail, takes it up."""
    _move_intents(work, message.id, {"state": IntentState.OPEN, "message_id": None})
    _move_news(work, message, {"message_id": None})


def expire(work: Work, *, now: datetime) -> int:
    """Mails whose sender died while handing over end as an unanswered hand-over does; returns how many."""
    stale = queries.list_stale(work.session, now - LEASE)
    for message_id in stale:
        settle(work, message_id, HandOver.UNKNOWN, "", now=now, reason=Reason.SENDER_DIED)
    return len(stale)


def take_back(work: Work, message_id: int, *, marked_at: datetime, now: datetime) -> None:
    """Put back a mail that may have been marked at ``marked_at`` but was not handed over, as its sender knows."""
    message = lock_message(work.session, message_id)
    if message and message.state is MessageState.HANDING_OVER and message.handed_over_at == marked_at:
        settle(work, message_id, HandOver.LATER, "", now=now)


def postpone(work: Work, message_id: int, *, now: datetime) -> None:
    """Put off a mail that could not even be made, so that the others go first; given up like any other in the end."""
    message = lock_message(work.session, message_id)
    if message is None or message.state is not MessageState.PENDING:
        return
    message.attempts += 1
    again_at = next_attempt(message.attempts, now)
    message.reason = Reason.FAULT
    if again_at:
        message.next_attempt_at = again_at
    else:
        _end(work, message, HandOver.LATER, now, Reason.FAULT)


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


def _move_news(work: Work, message: Message, values: Mapping[str, object]) -> None:
    if message.kind in CARRIES_NEWS:
        work.session.execute(
            update(News)
            .where(News.message_id == message.id)
            .values(dict(values))
            .execution_options(synchronize_session=False)
        )


def _move_intents(work: Work, message_id: int, values: Mapping[str, object]) -> None:
    work.session.execute(
        update(ReminderIntent)
        .where(ReminderIntent.message_id == message_id, ReminderIntent.state == IntentState.CARRIED)
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )
