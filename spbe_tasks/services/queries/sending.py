"""Selects of the sender of mail. For machine jobs: they see every government."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BindParameter, ColumnElement, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from spbe_tasks.models import (
    Account,
    DeliveryAttempt,
    Government,
    MailHold,
    MailStop,
    Message,
    MessageKind,
    MessageState,
    Suppression,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.delivery import HandOver
from spbe_tasks.services.queries.bundle import AnySelect

# Nobody waits for these at a screen: they leave after the others.
_IN_THE_END = (MessageKind.NEWS, MessageKind.BRIEF, MessageKind.MONTHLY, MessageKind.DIGEST)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that is locked, whom it is for, and whether their address is not written to."""

    message: Message
    account: Account
    is_suppressed: bool


def list_due(
    session: Session, now: datetime, limit: int, *, government_id: int | None = None
) -> Sequence[int]:
    """The next mails to send, of one government if it is named: what a person waits for first, then the longest due."""
    waits_less = case((Message.kind.in_(_IN_THE_END), Message.kind != MessageKind.NEWS), else_=None)
    order = (waits_less.asc().nulls_first(), Message.next_attempt_at, Message.id)
    rows = _due(select(Message.id), now, government_id).order_by(*order).limit(limit)
    return session.scalars(rows).all()


def has_due(session: Session, now: datetime, *, government_id: int | None = None) -> bool:
    """Whether ``list_due`` finds something."""
    return session.scalar(_due(select(Message.id), now, government_id).limit(1)) is not None


def lock_due(session: Session, message_id: int, now: datetime) -> Waiting | None:
    """A mail of ``list_due``, locked, with its reader; None when somebody else is at it or it is not due any more."""
    row = session.execute(_LOCKED, {"the_id": message_id, "the_time": now}).one_or_none()
    return Waiting(row[0], row[1], row[2]) if row else None


def _due(rows: AnySelect, now: datetime | BindParameter[datetime], government_id: int | None) -> AnySelect:
    # Mail of a paused government is not due: it waits without being looked at.
    rows = rows.outerjoin(Government, Government.id == Message.government_id).where(
        Message.state == MessageState.PENDING,
        Message.next_attempt_at <= now,
        or_(Message.government_id.is_(None), ~Government.is_mail_paused),
        ~_stopped(),
    )
    if government_id is not None:
        rows = rows.where(Message.government_id == government_id)
    return rows


def _stopped() -> ColumnElement[bool]:
    return select(MailStop.id).where(MailStop.ended_at.is_(None)).exists()


_IS_SUPPRESSED = (
    select(Suppression.id)
    .where(Suppression.address == func.lower(Account.email), Suppression.released_at.is_(None))
    .exists()
)
# Built once: it is run for every mail, and building it costs more.
_LOCKED = (
    _due(select(Message, Account, _IS_SUPPRESSED), bindparam("the_time"), None)
    .join(Account, Account.id == Message.account_id)
    .where(Message.id == bindparam("the_id"))
    .options(joinedload(Account.government), joinedload(Account.agency))
    .with_for_update(of=Message, skip_locked=True)
    .execution_options(populate_existing=True)
)


def find_stop(session: Session) -> MailStop | None:
    """The stop of the whole installation that stands, if one does."""
    return session.scalar(select(MailStop).where(MailStop.ended_at.is_(None)))


def list_stale(session: Session, handed_over_before: datetime) -> Sequence[int]:
    """The mails whose sender has not been heard of since, oldest first."""
    rows = select(Message.id).where(
        Message.state == MessageState.HANDING_OVER, Message.handed_over_at < handed_over_before
    )
    return session.scalars(rows.order_by(Message.handed_over_at, Message.id)).all()


def count_unknown(session: Session, message_id: int) -> int:
    """How many attempts at a mail ended without an answer of the server."""
    rows = select(func.count()).where(
        DeliveryAttempt.message_id == message_id, DeliveryAttempt.outcome == HandOver.UNKNOWN
    )
    return session.scalar(rows) or 0


def find_hold(session: Session, government_id: int, on: date) -> MailHold | None:
    """Whether the government reached its most messages on this local day, and who released it."""
    return session.get(MailHold, (government_id, on), populate_existing=True)


def count_handed_over(session: Session, government_id: int, since: datetime) -> int:
    """How many mails of a government were handed over since then, whatever the server said."""
    rows = select(func.count()).where(
        Message.government_id == government_id, Message.handed_over_at >= since, Message.attempts > 0
    )
    return session.scalar(rows) or 0


def list_handed_over(
    session: Session, government_id: int, since: datetime
) -> Mapping[str, Sequence[datetime]]:
    """When mails of a government were handed over since then, oldest first, by the domain they went to."""
    domain = func.lower(func.split_part(Message.to_address, "@", 2))
    rows = (
        select(domain.label("domain"), Message.handed_over_at)
        .where(Message.government_id == government_id, Message.handed_over_at >= since)
        .order_by(Message.handed_over_at)
    )
    found: dict[str, list[datetime]] = {}
    for row in session.execute(rows):
        found.setdefault(row.domain, []).append(row.handed_over_at)
    return found


def list_held(
    session: Session, government_id: int, kinds: Collection[MessageKind], condition: ColumnElement[bool]
) -> Sequence[int]:
    """The waiting mails of these kinds that meet a condition, locked, by id; those somebody is at are left out."""
    rows = (
        select(Message.id)
        .where(
            Message.government_id == government_id,
            Message.kind.in_(kinds),
            Message.state == MessageState.PENDING,
            condition,
        )
        .order_by(Message.id)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(rows).all()


def find_contact(session: Session, government_id: int) -> Account | None:
    """Whom people may ask: the coordinator who has been there longest, or None."""
    return session.scalar(
        select(Account)
        .where(Account.government_id == government_id, Account.role == Role.COORDINATOR, Account.is_active)
        .order_by(Account.id)
        .limit(1)
    )


def list_alerted(session: Session, government_id: int) -> Sequence[Account]:
    """Whom a hold is told to: the government's coordinators and the administrators, with open accounts."""
    rows = select(Account).where(
        Account.is_active,
        or_(
            Account.role == Role.ADMINISTRATOR,
            (Account.government_id == government_id) & (Account.role == Role.COORDINATOR),
        ),
    )
    return session.scalars(rows.order_by(Account.id)).all()
