"""Planning and sending, for a job or a command: a transaction to claim, the mail server outside any transaction, a
second transaction to write down how it came out.
"""

import logging
import time
from functools import partial

from celery.exceptions import SoftTimeLimitExceeded
from flask import current_app

from spbe_tasks import clock, rendering, turns
from spbe_tasks.adapters import mail
from spbe_tasks.config import Settings
from spbe_tasks.jobs import Job
from spbe_tasks.services import dispatch, outbox, reminders
from spbe_tasks.services.letters import Parcel, Render
from spbe_tasks.services.queries import outbox as outbox_queries
from spbe_tasks.transaction import transaction

log = logging.getLogger(__name__)
# A sweep stops here and asks for another, so that a worker that is told to stop does so soon.
MOST_SECONDS = 60.0


def sweep() -> None:
    """Send what is due, the longest due first, unless a sweep is under way anywhere.

    It stops after a minute and asks for another. Mails whose sender died become uncertain.

    One sweep at a time in the whole installation, whoever asked for it: a backlog, or a mail server that is slow to
    answer, takes one worker process, and the others go on rebuilding figures. What comes in meanwhile is sent by the
    sweep that runs, or by the next one of beat. That no mail is sent twice does not depend on it: each is claimed.
    """
    if not _is_due():
        return  # so that an idle installation does not call the mail server twice a minute
    with turns.take(turns.SENDING) as is_ours:
        is_rest = is_ours and _send_due()
    if is_rest:
        _ask_for_sweep()


def send_digests(government_id: int) -> reminders.Outcome:
    """Plan the reminders of one government and send its mail now; says what was planned, or why nothing leaves.

    For a person who waits at a terminal, so it does not wait for a sweep: the two share the mail between them.
    """
    with transaction() as work:
        outcome = reminders.plan_government(work, government_id, now=clock.now())
    if outcome.hold is None and _is_due(government_id) and _send_due(government_id):
        _ask_for_sweep()
    return outcome


def _is_due(government_id: int | None = None) -> bool:
    """Settle what dead senders left behind; whether there is something to send.

    In a transaction of its own: none may stay open while the mail server is called.
    """
    with transaction() as work:
        outbox.expire(work, now=clock.now())
        return outbox_queries.has_due(work.session, clock.now(), government_id=government_id)


def _ask_for_sweep() -> None:
    with transaction() as work:
        work.after_commit(Job.SWEEP_OUTBOX)


def _send_due(government_id: int | None = None) -> bool:
    """Send until nothing is left or a minute is over; whether something may be left."""
    deadline = time.monotonic() + MOST_SECONDS
    while _send_next(government_id):
        if time.monotonic() > deadline:
            return True
    return False


def _send_next(government_id: int | None) -> bool:
    """Send one mail; False when there is none that is free, or no server to send it to."""
    connection: mail.Connection = current_app.extensions["mail"]
    try:
        connection.ensure()  # before the claim: a mail that cannot go anywhere stays where it is
    except mail.Failure as error:
        _note_unreachable(str(error))
        return False
    now, found = clock.now(), None
    try:
        with transaction() as work:
            message = outbox_queries.lock_next(work.session, now, government_id=government_id)
            if message is None:
                return False
            found = message.id
            parcel = dispatch.claim(work, message, _render(), now=now)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        if found is None:
            raise
        log.exception("message %s could not be made", found)
        with transaction() as work:
            outbox.postpone(work, found, now=now)
        return True
    if parcel:
        _hand_over(connection, parcel)
    return True


def _hand_over(connection: mail.Connection, parcel: Parcel) -> None:
    reply = connection.hand_over(parcel.to_address, parcel.content)
    with transaction() as work:
        outbox.settle(work, parcel.message_id, reply.outcome, reply.words, now=clock.now())
    log.info("message %s: %s", parcel.message_id, reply.outcome)


def _note_unreachable(words: str) -> None:
    log.warning("the mail server cannot be reached: %s", words)
    with transaction() as work:
        outbox.note_unreachable(work, words, now=clock.now())


def _render() -> Render:
    settings: Settings = current_app.extensions["settings"]
    office = rendering.Office(settings.public_url, settings.secret_key.get_secret_value(), settings.mail_from)
    return partial(rendering.render, office=office)
