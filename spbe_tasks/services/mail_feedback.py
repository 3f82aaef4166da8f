"""What comes back about our mails: each statement is taken in once, and a dead address is not written to again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from spbe_tasks.models import Account, MailFeedback, Message, MessageState, ReminderIntent, SuppressionReason
from spbe_tasks.rules.feedback import FeedbackKind, Report, blocks_address
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services import suppressions, trail
from spbe_tasks.services.outbox import Reason
from spbe_tasks.services.queries import outbox, people
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Feedback:
    """A report about a mail. ``message_id`` is our mail, proved by its name; None when it names none of ours.

    Only of whoever signed what they say (``is_signed``) an address alone is believed.
    """

    source_key: str
    report: Report
    message_id: int | None = None
    is_signed: bool = False


_ENDED = (MessageState.SENT, MessageState.UNCERTAIN)
_TOLD = (IntentState.SENT, IntentState.FAILED)
_REASONS = {
    FeedbackKind.BOUNCED: SuppressionReason.BOUNCED,
    FeedbackKind.COMPLAINED: SuppressionReason.COMPLAINED,
}


def take(work: Work, feedback: Feedback, *, now: datetime) -> bool:
    """Take a report in; False when that was done before, by its ``source_key``.

    A bounce for good ends the mail and the reminders in it as failed, also one that was uncertain. A dead address and
    a complaint suppress the person's address. What only says that it takes longer is noted beside the mail.
    """
    report = feedback.report
    message = outbox.lock_message(work.session, feedback.message_id) if feedback.message_id else None
    account = _account(work, feedback, message)
    if not _note(work, feedback, message, account, now):
        return False
    if message is not None and report.kind is FeedbackKind.BOUNCED:
        _bounce(work, message, report, now)
    if account is not None and blocks_address(report.kind, report.status):
        detail = " ".join(filter(None, (report.status, report.detail)))
        suppressions.suppress(work, account, _REASONS[report.kind], detail, now=now)
    return True


def _account(work: Work, feedback: Feedback, message: Message | None) -> Account | None:
    """Whose address it is about, if it still is theirs: of the mail that came back, else the one that was signed."""
    if message is not None:
        account = outbox.get_recipient(work.session, message.account_id)
        return account if account.email.lower() == (message.to_address or "").lower() else None
    if feedback.is_signed and feedback.report.address:
        return people.find_by_email(work.session, feedback.report.address)
    return None


def _note(
    work: Work, feedback: Feedback, message: Message | None, account: Account | None, now: datetime
) -> bool:
    report = feedback.report
    owner = message.government_id if message else account.government_id if account else None
    row = {
        "government_id": owner,
        "source_key": feedback.source_key,
        "kind": report.kind,
        "message_id": message.id if message else None,
        "address": report.address,
        "status": report.status,
        "detail": report.detail,
        "received_at": now,
    }
    new = insert(MailFeedback).values(row).on_conflict_do_nothing().returning(MailFeedback.id)
    return work.session.scalar(new) is not None


def _bounce(work: Work, message: Message, report: Report, now: datetime) -> None:
    if message.state not in _ENDED:
        return
    message.state, message.reason, message.finished_at = MessageState.FAILED, Reason.BOUNCED, now
    message.is_in_trail = False  # its end is another one now
    work.session.execute(
        update(ReminderIntent)
        .where(ReminderIntent.message_id == message.id, ReminderIntent.state.in_(_TOLD))
        .values(state=IntentState.FAILED, reason=Reason.BOUNCED, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    if message.government_id is not None:
        trail.record(
            work,
            "mail_bounced",
            ("message", message.id),
            government_id=message.government_id,
            actor_id=None,
            at=now,
            data={"status": report.status, "detail": report.detail},
        )
