"""Planning and sending, for a job or a command: a transaction to claim, the mail server outside any transaction, a
second transaction to write down how it came out.
"""

import logging
import time
from functools import partial

from celery.exceptions import SoftTimeLimitExceeded
from flask import current_app

from spbe_tasks import clock, rendering
from spbe_tasks.adapters import mail
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.services import dispatch, outbox, reminders
from spbe_tasks.services.letters import Parcel, Render
from spbe_tasks.services.queries import outbox as outbox_queries
from spbe_tasks.services.queries import reminders as reminder_queries
from spbe_tasks.transaction import transaction

log = logging.getLogger(__name__)
# A sweep stops here and asks for another, so that a worker that is told to stop does so soon.
MOST_SECONDS = 60.0


def plan_all() -> None:
    """Plan the reminders of every government, each in a transaction of its own; one that fails stops no other."""
    for government_id in reminder_queries.list_mailed_governments(db.session()):
        try:
            with transaction() as work:
                reminders.plan_government(work, government_id, now=clock.now())
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("reminders of government %s could not be planned", government_id)


def send_digests(government_id: int) -> reminders.Outcome:
    """Plan the reminders of one government and send its mail now; says what was planned, or why nothing leaves."""
    with transaction() as work:
        outcome = reminders.plan_government(work, government_id, now=clock.now())
    if outcome.hold is None:
        send_due(government_id=government_id)
    return outcome


def send(message_id: int) -> None:
    """Send one mail if it is due and nobody else is at it."""
    if outbox_queries.has_due(db.session(), clock.now(), message_id=message_id):
        _send_next(message_id=message_id)


def send_due(*, government_id: int | None = None) -> None:
    """Send what is due, the longest due first, until nothing is left or a minute is over; then ask for the rest.

    Several may run at once, here and elsewhere: each mail is claimed by one. Mails whose sender died become uncertain.
    """
    with transaction() as work:
        outbox.expire(work, now=clock.now())
    if not outbox_queries.has_due(db.session(), clock.now(), government_id=government_id):
        return  # so that an idle installation does not call the mail server twice a minute
    deadline = time.monotonic() + MOST_SECONDS
    while _send_next(government_id=government_id):
        if time.monotonic() > deadline:
            with transaction() as work:
                work.after_commit(Job.SWEEP_OUTBOX)
            return


def _send_next(*, message_id: int | None = None, government_id: int | None = None) -> bool:
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
            message = outbox_queries.lock_next(
                work.session, now, message_id=message_id, government_id=government_id
            )
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
