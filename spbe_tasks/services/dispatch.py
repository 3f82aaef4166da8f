"""From a waiting message to a mail that is marked as being handed over: looked at again, made, claimed for good."""

from datetime import datetime, timedelta

from sqlalchemy import update

from spbe_tasks.models import Account, Government, Message, MessageKind, MessageState, ReminderIntent
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.services import calendars, digests, reminders
from spbe_tasks.services.digests import Digest
from spbe_tasks.services.letters import Letter, Parcel, Person, Render, Sender
from spbe_tasks.services.outbox import DEFAULT_ZONE, Reason
from spbe_tasks.services.queries import outbox as queries
from spbe_tasks.work import Work

PRODUCT = "SPBE Tasks"
# A digest that may not leave now is looked at again after this long; the window may have been changed.
HELD = timedelta(minutes=10)


class _NotNow(Exception):  # noqa: N818 - a decision, not a fault
    """The message is not to be sent, at least not yet; its row says why."""


def claim(work: Work, message: Message, render: Render, *, now: datetime) -> Parcel | None:
    """Make a mail from a message got by ``queries.lock_next`` and mark it as being handed over; None: not to be sent.

    Looks again whether it still has a point, since that was asked a while ago: cancelled when the account is closed,
    a digest's day is over or it has nothing left to remind of; left waiting when its government may not be mailed
    now. Once this is committed nobody else will send it, whatever happens to the caller.
    """
    account = queries.get_recipient(work.session, message.account_id)
    try:
        digest = _recheck(work, message, account, now)
    except _NotNow:
        return None
    mail = render(_letter(work, message, account, digest, now=now))
    message.state, message.reason, message.handed_over_at = MessageState.HANDING_OVER, None, now
    message.attempts += 1
    message.to_address, message.subject = account.email, mail.subject
    message.body_text, message.body_html = mail.kept_text, mail.kept_html
    if digest:
        _carry(work, message, digest)
    return Parcel(message.id, account.email, mail.content)


def _recheck(work: Work, message: Message, account: Account, now: datetime) -> Digest | None:
    if not account.is_active:
        raise _cancelled(message, Reason.ACCOUNT_CLOSED, now)
    if message.kind is not MessageKind.DIGEST:
        return None  # asked for by a person who waits for it: leaves at any hour
    government = account.government
    if government is None:  # an administrator by now: nothing of a government is theirs
        raise _cancelled(message, Reason.NOTHING_LEFT, now)
    today = local_date(now, government.timezone)
    if message.local_date != today:
        raise _cancelled(message, Reason.DAY_PASSED, now)
    hold = reminders.hold_of(government, calendars.load(work.session, government), now)
    if hold:
        message.reason, message.next_attempt_at = Reason(hold), now + HELD
        raise _NotNow
    digest = digests.build(work.session, account, today=today)
    if digest is None:
        raise _cancelled(message, Reason.NOTHING_LEFT, now)
    return digest


def _cancelled(message: Message, reason: Reason, now: datetime) -> _NotNow:
    message.state, message.reason, message.finished_at = MessageState.CANCELLED, reason, now
    return _NotNow()


def _carry(work: Work, message: Message, digest: Digest) -> None:
    work.session.execute(
        update(ReminderIntent)
        .where(ReminderIntent.id.in_(digest.intent_ids), ReminderIntent.state == IntentState.OPEN)
        .values(state=IntentState.CARRIED, message_id=message.id)
        .execution_options(synchronize_session=False)
    )


def _letter(
    work: Work, message: Message, account: Account, digest: Digest | None, *, now: datetime
) -> Letter:
    return Letter(
        message_id=message.id,
        kind=message.kind,
        at=now,
        person=Person(
            account_id=account.id,
            session_version=account.session_version,
            name=account.name,
            address=account.email,
            locale=account.locale,
            role=account.role,
            agency_name=account.agency.name if account.agency else None,
        ),
        sender=_sender(work, account.government),
        digest=digest,
    )


def _sender(work: Work, government: Government | None) -> Sender:
    if government is None:
        return Sender(PRODUCT, PRODUCT, DEFAULT_ZONE, reply_to=None, contact=None)
    contact = queries.find_contact(work.session, government.id)
    words = f"{contact.name} ({government.reply_to or contact.email})" if contact else government.reply_to
    return Sender(
        government_name=government.name,
        name=government.sender_name,
        zone=government.timezone,
        reply_to=government.reply_to,
        contact=words,
    )
