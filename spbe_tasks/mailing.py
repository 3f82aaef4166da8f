"""Planning and sending, for a job or a command: a transaction to claim, the mail server outside any transaction, a
second transaction to write down how it came out, which claims the next mail as well.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from celery.exceptions import SoftTimeLimitExceeded
from flask import current_app
from sqlalchemy.exc import OperationalError

from spbe_tasks import clock, failpoints, rendering, turns
from spbe_tasks.adapters import mail
from spbe_tasks.adapters.mail import Connection, Reply
from spbe_tasks.config import Settings
from spbe_tasks.jobs import Job
from spbe_tasks.mail_headers import Office
from spbe_tasks.services import dispatch, news_mail, outbox, reminders
from spbe_tasks.services.letters import Parcel, Render
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.services.send_round import Round
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work

log = logging.getLogger(__name__)
# A sweep stops here and asks for another, so that a worker that is told to stop does so soon.
MOST_SECONDS = 60.0
# How long a known outcome is kept in hand while the database is away, before it is lost and the mail uncertain.
DATABASE_SECONDS = 60.0
# So many are looked up at a time; what a person waits for is at most so many mails away.
AT_A_TIME = 50


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
        news_mail.ask(work, government_id, now=clock.now())
    if outcome.hold is None and _is_due(government_id) and _send_due(government_id):
        _ask_for_sweep()
    return outcome


def send_one(message_id: int) -> None:
    """Send one mail that was asked for just now, for a person who waits for the server's answer."""
    sender = _Sender(current_app.extensions["mail"], _render())
    sender.send([message_id], time.monotonic() + MOST_SECONDS)


def _is_due(government_id: int | None = None) -> bool:
    """Settle what dead senders left behind; whether there is something to send.

    In a transaction of its own: none may stay open while the mail server is called.
    """
    with transaction() as work:
        outbox.expire(work, now=clock.now())
        return queries.has_due(work.session, clock.now(), government_id=government_id)


def _ask_for_sweep() -> None:
    with transaction() as work:
        work.after_commit(Job.SWEEP_OUTBOX)


def _send_due(government_id: int | None = None) -> bool:
    """Send until nothing is left or a minute is over; whether something may be left."""
    deadline = time.monotonic() + MOST_SECONDS
    sender = _Sender(current_app.extensions["mail"], _render())
    for message_ids in _due(government_id):
        if not sender.send(message_ids, deadline):
            return sender.is_reachable
    return False


def _due(government_id: int | None) -> Iterator[Sequence[int]]:
    """What is due, some at a time, until nothing new is."""
    seen: set[int] = set()
    while True:
        with transaction() as work:
            found = queries.list_due(work.session, clock.now(), AT_A_TIME, government_id=government_id)
        if seen.issuperset(found):
            return  # nothing, or mails that somebody else is at
        seen.update(found)
        yield found


@dataclass
class _Sender:
    """Sends one mail after another. The transaction that ends one claims the next: one commit for each mail.

    ``ended`` is how the last one came out, until that is written down.
    """

    connection: Connection
    render: Render
    known: Round = field(default_factory=Round)
    ended: tuple[int, Reply] | None = None
    is_reachable: bool = True

    def send(self, message_ids: Sequence[int], deadline: float) -> bool:
        """Send these; False when time is up or there is no server to send them to."""
        try:
            for message_id in message_ids:
                if time.monotonic() > deadline or not self._reach():
                    return False
                parcel = self._claim(message_id)
                if parcel:
                    self._hand_over(parcel)
            return True
        finally:
            self._write_down()

    def _reach(self) -> bool:
        """Have a connection before a mail is claimed: one that cannot go anywhere stays where it is."""
        try:
            self.connection.ensure()
        except mail.Failure as error:
            self.is_reachable = False
            log.warning("the mail server cannot be reached: %s", error)
            with transaction() as work:
                outbox.note_unreachable(work, str(error), now=clock.now())
        return self.is_reachable

    def _claim(self, message_id: int) -> Parcel | None:
        failpoints.reach("before_claim")
        now = clock.now()
        try:
            with transaction() as work:
                self._settle(work)
                waiting = queries.lock_due(work.session, message_id, now)
                parcel = (
                    dispatch.claim(work, waiting, self.render, known=self.known, now=now) if waiting else None
                )
                failpoints.reach("claimed")
        except SoftTimeLimitExceeded:
            raise  # the job's own end, not a fault of this mail
        except OperationalError as error:
            # Nobody knows whether the mark was stored, but nothing was handed over.
            log.warning("message %s is not claimed: %s", message_id, error.orig)
            self._write_down()
            _store(lambda work: outbox.take_back(work, message_id, marked_at=now, now=clock.now()))
            return None
        except Exception:
            # Whatever is wrong with this one mail must not keep the mails behind it: it goes back, with its reason.
            log.exception("message %s could not be made", message_id)
            self._write_down()
            _store(lambda work: outbox.postpone(work, message_id, now=now))
            return None
        self.ended = None
        failpoints.reach("marked")
        return parcel

    def _hand_over(self, parcel: Parcel) -> None:
        reply = self.connection.hand_over(parcel.to_address, parcel.content)
        failpoints.reach("answered")
        self.ended = parcel.message_id, reply
        log.info("message %s: %s", parcel.message_id, reply.outcome)

    def _write_down(self) -> None:
        """Store how the last mail came out, when no other is claimed after it."""
        if self.ended:
            _store(self._settle)
            self.ended = None

    def _settle(self, work: Work) -> None:
        if self.ended:
            message_id, reply = self.ended
            outbox.settle(work, message_id, reply.outcome, reply.words, now=clock.now())
            failpoints.reach("settled")


def _store(change: Callable[[Work], None]) -> None:
    """Do ``change`` in a transaction, again and again while the database is away."""
    deadline = time.monotonic() + DATABASE_SECONDS
    while True:
        try:
            with transaction() as work:
                change(work)
            return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _render() -> Render:
    settings: Settings = current_app.extensions["settings"]
    office = Office(settings.public_url, settings.secret_key.get_secret_value(), settings.mail_from)
    return partial(rendering.render, office=office)
