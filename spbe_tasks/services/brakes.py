"""What keeps mail back on purpose: a day's most messages of a government, and a stop of the whole installation."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, update
from sqlalchemy.dialects.postgresql import insert

from spbe_tasks.jobs import Job
from spbe_tasks.models import MailHold, MailStop, Message, MessageKind
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.services import outbox, trail
from spbe_tasks.services.outbox import Reason
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.work import Work

# A person asked for the others a moment ago and waits for them.
HELD_KINDS: Collection[MessageKind] = frozenset(
    {MessageKind.DIGEST, MessageKind.NEWS, MessageKind.BRIEF, MessageKind.MONTHLY, MessageKind.INVITE}
)
# Mail that is held is looked at again after this long; its release does not wait for that.
HELD = timedelta(minutes=10)


def hold(work: Work, government_id: int, on: date, *, cap: int, now: datetime) -> None:
    """Keep all mail of a government that no person waits for back on the local day ``on``; drops nothing.

    The first to find the ``cap`` reached tells the coordinators and administrators, once a day.
    """
    first = insert(MailHold).values(government_id=government_id, on=on, cap=cap, held_at=now)
    made = work.session.scalar(first.on_conflict_do_nothing().returning(MailHold.government_id))
    held = {"reason": Reason.DAILY_CAP, "next_attempt_at": now + HELD}
    _change(work, government_id, held, Message.next_attempt_at <= now)
    if made is None:
        return
    for account in queries.list_alerted(work.session, government_id):
        outbox.enqueue(work, account=account, kind=MessageKind.ALERT, now=now, government_id=government_id)
    data = {"on": on.isoformat(), "cap": cap}
    trail.record(
        work,
        "hold_mail",
        ("government", government_id),
        government_id=government_id,
        actor_id=None,
        at=now,
        data=data,
    )


def release(work: Work, scope: Scope, on: date, *, now: datetime) -> None:
    """Let a government's mail go on for the rest of the local day ``on``, if it is held. Asks for ``SWEEP_OUTBOX``."""
    found = queries.find_hold(work.session, scope.government_id, on)
    if found is None or found.released_at is not None:
        return
    found.released_at, found.released_by_id = now, scope.account_id
    free = {"reason": None, "next_attempt_at": now}
    _change(work, scope.government_id, free, Message.reason == Reason.DAILY_CAP)
    data = {"on": on.isoformat()}
    trail.record_by(work, scope, "release_mail", ("government", scope.government_id), now=now, data=data)
    work.after_commit(Job.SWEEP_OUTBOX)


def stop_all(work: Work, reason: str, *, actor_id: int, now: datetime) -> None:
    """Stop the mail of the whole installation, invitations and new passwords too, until ``go_on``.

    A mail that is being handed over still ends. Raises InvalidInputError without a reason; twice is as once.
    """
    if not reason.strip():
        raise InvalidInputError.of("mail_stop.no_reason", "reason")
    row = {"reason": " ".join(reason.split()), "stopped_at": now, "stopped_by_id": actor_id}
    work.session.execute(insert(MailStop).values(**row).on_conflict_do_nothing())


def go_on(work: Work, *, actor_id: int, now: datetime) -> None:
    """Let the mail of the installation go on. Asks for ``SWEEP_OUTBOX``; without a stop nothing happens."""
    found = queries.find_stop(work.session)
    if found is not None:
        found.ended_at, found.ended_by_id = now, actor_id
        work.after_commit(Job.SWEEP_OUTBOX)


def _change(
    work: Work, government_id: int, values: Mapping[str, object], condition: ColumnElement[bool]
) -> None:
    waiting = queries.list_held(work.session, government_id, HELD_KINDS, condition)
    work.session.execute(
        update(Message)
        .where(Message.id.in_(waiting))
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )
