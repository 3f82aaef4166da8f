"""Selects about the outbox: for the sender by machine, for pages through a scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, defer, joinedload

from spbe_tasks.models import Account, Message, MessageKind, MessageState, ReminderIntent, Task
from spbe_tasks.rules.access import Scope
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


def lock_message(session: Session, message_id: int) -> Message | None:
    """The message, locked, in whatever state; None when it does not exist."""
    wanted = select(Message).where(Message.id == message_id).with_for_update()
    return session.scalar(wanted.execution_options(populate_existing=True))


def get_recipient(session: Session, account_id: int) -> Account:
    """The account a message is for, open or closed, with its government and agency."""
    wanted = (
        select(Account)
        .where(Account.id == account_id)
        .options(joinedload(Account.government), joinedload(Account.agency))
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).one()


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
