"""From a waiting message to a mail that is marked as being handed over: looked at again, made, claimed for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from spbe_tasks.models import Account, Government, Message, MessageKind, MessageState
from spbe_tasks.rules.monthly import is_same_month
from spbe_tasks.services import brakes, mail_bodies, outbox, reminders
from spbe_tasks.services.brakes import HELD_KINDS
from spbe_tasks.services.letters import Body, Kept, Letter, Parcel, Person, Render
from spbe_tasks.services.outbox import Reason
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.services.queries.sending import Waiting
from spbe_tasks.services.send_round import NO_GOVERNMENT, Round, Standing, domain_of
from spbe_tasks.work import Work

# A mail that may not leave now is looked at again after this long; the window may have been changed.
HELD = timedelta(minutes=10)
# What nobody asked for a moment ago waits for office hours.
_WAITS_FOR_WINDOW = frozenset({MessageKind.DIGEST, MessageKind.NEWS, MessageKind.BRIEF, MessageKind.MONTHLY})
# What it says is of one day.
_OF_A_DAY = frozenset({MessageKind.DIGEST, MessageKind.BRIEF})


class _NotNow(Exception):  # noqa: N818 - a decision, not a fault
    """The message is not to be sent, at least not yet; its row says why."""


def claim(work: Work, waiting: Waiting, render: Render, *, known: Round, now: datetime) -> Parcel | None:
    """Make a mail from a message got by ``sending.lock_due`` and mark it as being handed over; None: not to be sent.

    Looks again whether it still has a point, since that was asked a while ago: cancelled when the account is closed,
    the address is not written to, its day is over or nothing is left to tell; left waiting while its government may
    not be mailed, has reached its most messages of the day, or the domain had its share. Once this is committed nobody
    else will send it, whatever happens to the caller.
    """
    try:
        desk = _Desk.of(work, waiting, known, now)
        letter = desk.letter()
    except _NotNow:
        return None
    mail = render(letter)
    message, account = waiting.message, waiting.account
    message.state, message.reason, message.handed_over_at = MessageState.HANDING_OVER, None, now
    message.attempts += 1
    message.to_address, message.subject = account.email, mail.subject
    message.body_text, message.body_html = mail.kept_text, mail.kept_html
    if letter.body is not None:
        mail_bodies.carry(work, message, letter.body)
    if desk.standing:
        desk.standing.count(domain_of(account.email), now)
    return Parcel(message.id, account.email, mail.content)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A waiting mail that is looked at. ``standing`` is that of its government, if it has one.

    ``is_doubtful``: it was handed over before and may have arrived; it is repeated as it was, or ends as uncertain.
    """

    work: Work
    message: Message
    account: Account
    now: datetime
    standing: Standing | None
    is_doubtful: bool

    @classmethod
    def of(cls, work: Work, waiting: Waiting, known: Round, now: datetime) -> "_Desk":
        """The mail with what is known of its government, once it is certain that there is a reader for it."""
        message, account = waiting.message, waiting.account
        owner = _owner(work, message, account)
        standing = known.standing(work.session, owner, now) if owner else None
        is_doubtful = message.attempts > 0 and queries.count_unknown(work.session, message.id) > 0
        desk = cls(work, message, account, now, standing, is_doubtful)
        if not account.is_active:
            raise desk.ended(Reason.ACCOUNT_CLOSED)
        if waiting.is_suppressed and message.kind is not MessageKind.TEST:
            mail_bodies.suppress(work, message, now=now)
            raise desk.ended(Reason.SUPPRESSED)
        if message.kind in _WAITS_FOR_WINDOW and account.government_id != message.government_id:
            raise desk.ended(
                Reason.NOTHING_LEFT
            )  # an administrator by now: nothing of a government is theirs
        if owner and standing:
            desk.check_time(owner, standing)
            desk.check_amount(standing)
        return desk

    def check_time(self, government: Government, standing: Standing) -> None:
        """Whether the mail is of this day and the hour is right."""
        if self.message.kind in _OF_A_DAY and self.message.local_date != standing.today:
            raise self.ended(Reason.DAY_PASSED)
        is_monthly = self.message.kind is MessageKind.MONTHLY
        if is_monthly and not is_same_month(self.message.local_date, standing.today):
            raise self.ended(Reason.DAY_PASSED)
        if self.message.kind in _WAITS_FOR_WINDOW:
            hold = reminders.hold_of(government, standing.calendar, self.now)
            if hold:
                raise self.put_off(Reason(hold), self.now + HELD)

    def check_amount(self, standing: Standing) -> None:
        """Whether the government may send one more today, and one more to this domain now."""
        if self.message.kind not in HELD_KINDS:
            return
        if standing.is_full and self.message.government_id:
            cap = standing.policy.daily_cap
            brakes.hold(self.work, self.message.government_id, standing.today, cap=cap, now=self.now)
            raise self.put_off(Reason.DAILY_CAP, self.now + brakes.HELD)
        free = standing.wait_for(domain_of(self.account.email), self.now)
        if free:
            raise self.put_off(Reason.PACED, free)

    def put_off(self, reason: Reason, until: datetime) -> _NotNow:
        """Have the mail wait."""
        self.message.reason, self.message.next_attempt_at = reason, until
        return _NotNow()

    def ended(self, reason: Reason) -> _NotNow:
        """Have the mail end without being sent (again)."""
        if self.is_doubtful:
            outbox.end_doubtful(self.work, self.message, now=self.now)
        else:
            self.message.state, self.message.reason = MessageState.CANCELLED, reason
            self.message.finished_at = self.now
        return _NotNow()

    def letter(self) -> Letter:
        """What is to be said; a repetition says what was said."""
        kept = self._kept()
        body = None if kept else self._body()
        return Letter(
            message_id=self.message.id,
            kind=self.message.kind,
            at=self.now,
            person=_person(self.account),
            sender=self.standing.sender if self.standing else NO_GOVERNMENT,
            body=body,
            titles=mail_bodies.titles(self.work.session, self.account, body),
            kept=kept,
        )

    def _kept(self) -> Kept | None:
        message = self.message
        # Links that open an account are not kept: such a mail is made anew.
        if not self.is_doubtful or message.kind not in mail_bodies.WITH_BODY:
            return None
        return Kept(message.subject or "", message.body_text or "", message.body_html or "")

    def _body(self) -> Body | None:
        if self.message.kind not in mail_bodies.WITH_BODY or self.standing is None:
            return None
        session, message = self.work.session, self.message
        body = mail_bodies.build(session, message, self.account, self.standing, now=self.now)
        if not body:
            raise self.ended(Reason.NOTHING_LEFT)
        return body


def _owner(work: Work, message: Message, account: Account) -> Government | None:
    if message.government_id is None or message.government_id == account.government_id:
        return account.government if message.government_id else None
    return work.session.get(Government, message.government_id)


def _person(account: Account) -> Person:
    return Person(
        account_id=account.id,
        session_version=account.session_version,
        name=account.name,
        address=account.email,
        locale=account.locale,
        role=account.role,
        agency_name=account.agency.name if account.agency else None,
    )
