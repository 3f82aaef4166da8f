"""Reading what comes back about our mails, for a job or a webhook: one transaction for each statement."""

import hashlib
import logging

from flask import current_app

from spbe_tasks import clock, message_ids, turns
from spbe_tasks.adapters import mailbox
from spbe_tasks.config import Settings
from spbe_tasks.readers import delivery_report
from spbe_tasks.rules.feedback import Report
from spbe_tasks.services import mail_feedback, system
from spbe_tasks.services.mail_feedback import Feedback
from spbe_tasks.transaction import transaction

log = logging.getLogger(__name__)


def read_mailbox() -> int:
    """Take in what is new in the mailbox for bounces; returns how many mails were read. None is set up: nothing.

    One process at a time. A mail is marked as read after its transaction: one that dies in between leaves it to the
    next reading, which knows it again. Raises nothing for what the server does: the next reading tries again.
    """
    address = _settings().mailbox_address
    if address is None:
        return 0
    with turns.take(turns.READING) as is_ours:
        return _read(address) if is_ours else 0


def take(source_key: str, report: Report, *, is_signed: bool) -> bool:
    """Take one statement in, about whichever of our mails it names; False when it was taken in before."""
    secret = _settings().secret_key.get_secret_value()
    found = (message_ids.read(secret, each) for each in report.message_ids)
    message_id = next((each for each in found if each is not None), None)
    with transaction() as work:
        feedback = Feedback(source_key, report, message_id, is_signed)
        return mail_feedback.take(work, feedback, now=clock.now())


def _read(address: str) -> int:
    count = 0
    try:
        with mailbox.letters(address) as found:
            for letter in found:
                take(_key(letter.content), delivery_report.read(letter.content), is_signed=False)
                letter.mark_read()
                count += 1
    except mailbox.Failure as error:
        log.warning("the mailbox for bounces cannot be read: %s", error)
        return count
    with transaction() as work:
        system.record_reading(work, now=clock.now())
    return count


def _key(content: bytes) -> str:
    """The same for a mail wherever it lies, so that moving the mailbox takes nothing in twice."""
    return f"mail:{hashlib.sha256(content).hexdigest()}"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
