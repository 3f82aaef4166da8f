"""The outbox: mails asked for, and how each ends. Knows neither templates nor mail servers."""

from datetime import datetime
from zoneinfo import ZoneInfo

from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, Government, Message, MessageKind, MessageState
from spbe_tasks.work import Work

# The zone of people who belong to no government: administrators.
DEFAULT_ZONE = "Asia/Jakarta"


def enqueue(work: Work, *, account: Account, kind: MessageKind, now: datetime) -> Message:
    """Ask for a mail of ``kind`` to ``account`` as soon as possible; returns the message, flushed.

    Its words and links are made when it is sent, never stored here. Asks for ``SEND_MESSAGE``; the sweep sends it too.
    """
    government = work.session.get(Government, account.government_id) if account.government_id else None
    message = Message(
        government_id=account.government_id,
        account_id=account.id,
        kind=kind,
        local_date=now.astimezone(ZoneInfo(government.timezone if government else DEFAULT_ZONE)).date(),
        state=MessageState.PENDING,
        next_attempt_at=now,
    )
    work.session.add(message)
    work.session.flush()
    work.after_commit(Job.SEND_MESSAGE, message.id)
    return message
