"""Selects about the outbox: for the sender by machine, for pages through a scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload

from spbe_tasks.models import Account, Government, Message, MessageKind, MessageState, ReminderIntent, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.ladder import Rung

PAGE_SIZE = 25
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed:
    """A message with the name of whom it is for."""

    message: Message
    account_name: str


@dataclass(frozen=True, slots=True)
class Told:
    """An intent that a message carries, with the task it is about."""

    intent: ReminderIntent
    indicator_number: int
    title: str
    due_on: date

    @property
    def rung(self) -> Rung | None:
        """The step of the due-date ladder it tells; None for one of another ladder."""
        return Rung.of_key(self.intent.rung)


def lock_next(session: Session, now: datetime, *, government_id: int | None = None) -> Message | None:
    """The next mail to send that nobody else is at, locked; of one government, if it is named. None: there is nothing.

    What a person waits for goes before digests; among equals the longest due is first.
    """
    due = (
        _due(select(Message), now, government_id)
        .order_by(Message.kind == MessageKind.DIGEST, Message.next_attempt_at, Message.id)
        .limit(1)
        .with_for_update(of=Message, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalar(due)


def has_due(session: Session, now: datetime, *, government_id: int | None = None) -> bool:
    """Whether ``lock_next`` may find something, without taking it."""
    found = _due(select(Message.id), now, government_id).limit(1)
    return session.scalar(found) is not None


def _due(rows: Select[T], now: datetime, government_id: int | None) -> Select[T]:
    # Mail of a paused government is not due: it waits without being looked at.
    rows = rows.outerjoin(Government, Government.id == Message.government_id).where(
        Message.state == MessageState.PENDING,
        Message.next_attempt_at <= now,
        or_(Message.government_id.is_(None), ~Government.is_mail_paused),
    )
    if government_id is not None:
        rows = rows.where(Message.government_id == government_id)
    return rows


def lock_message(session: Session, message_id: int) -> Message | None:
    """The message, locked, in whatever state; None when it does not exist."""
    wanted = select(Message).where(Message.id == message_id).with_for_update()
    return session.scalar(wanted.execution_options(populate_existing=True))


def list_stale(session: Session, handed_over_before: datetime) -> Sequence[int]:
    """The mails whose sender has not been heard of since, oldest first."""
    rows = select(Message.id).where(
        Message.state == MessageState.HANDING_OVER, Message.handed_over_at < handed_over_before
    )
    return session.scalars(rows.order_by(Message.handed_over_at, Message.id)).all()


def get_recipient(session: Session, account_id: int) -> Account:
    """The account a message is for, open or closed, with its government and agency."""
    wanted = (
        select(Account)
        .where(Account.id == account_id)
        .options(joinedload(Account.government), joinedload(Account.agency))
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).one()


def find_contact(session: Session, government_id: int) -> Account | None:
    """Whom people may ask: the coordinator who has been there longest, or None."""
    return session.scalar(
        select(Account)
        .where(Account.government_id == government_id, Account.role == Role.COORDINATOR, Account.is_active)
        .order_by(Account.id)
        .limit(1)
    )


def visible(scope: Scope) -> ColumnElement[bool]:
    """The condition of every page: mails of one government."""
    return Message.government_id == scope.government_id


def list_messages(
    session: Session, scope: Scope, *, state: MessageState | None = None, page: int = 1
) -> Sequence[Listed]:
    """One page of ``PAGE_SIZE`` mails, newest first."""
    rows = (
        select(Message, Account.name)
        .join(Account, Account.id == Message.account_id)
        .options(defer(Message.body_text), defer(Message.body_html))
        .where(visible(scope))
        .order_by(Message.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    if state is not None:
        rows = rows.where(Message.state == state)
    return [Listed(row.Message, row.name) for row in session.execute(rows)]


def list_digests(session: Session, scope: Scope, local_date: date) -> Sequence[Listed]:
    """The digests of one local date, by the names of those they are for."""
    rows = (
        select(Message, Account.name)
        .join(Account, Account.id == Message.account_id)
        .options(defer(Message.body_text), defer(Message.body_html))
        .where(visible(scope), Message.kind == MessageKind.DIGEST, Message.local_date == local_date)
        .order_by(Account.name, Message.id)
        .execution_options(populate_existing=True)
    )
    return [Listed(row.Message, row.name) for row in session.execute(rows)]


def count_messages(session: Session, scope: Scope) -> Mapping[MessageState, int]:
    """How many mails there are in each state; a state without any is left out."""
    rows = select(Message.state, func.count()).where(visible(scope)).group_by(Message.state)
    return {state: number for state, number in session.execute(rows)}


def get_message(session: Session, scope: Scope, message_id: int) -> Listed:
    """A mail of the scope's government. Raises NotFoundError for any other."""
    row = session.execute(
        select(Message, Account.name)
        .join(Account, Account.id == Message.account_id)
        .where(Message.id == message_id, visible(scope))
    ).one_or_none()
    if row is None:
        raise NotFoundError("message.not_found")
    return Listed(row.Message, row.name)


def list_told(session: Session, scope: Scope, message: Message) -> Sequence[Told]:
    """The intents a mail carries or carried, by due date and indicator."""
    rows = (
        select(ReminderIntent, Task.indicator_number, Task.title, Task.due_on)
        .join(Task, Task.id == ReminderIntent.task_id)
        .where(ReminderIntent.message_id == message.id, ReminderIntent.government_id == scope.government_id)
        .order_by(Task.due_on, Task.indicator_number, ReminderIntent.id)
    )
    return [
        Told(row.ReminderIntent, row.indicator_number, row.title, row.due_on) for row in session.execute(rows)
    ]
