"""Selects about the outbox: for the sender by machine, for pages through a scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, defer, joinedload

from spbe_tasks.models import (
    Account,
    DeliveryAttempt,
    Evidence,
    MailFeedback,
    Message,
    MessageKind,
    MessageState,
    ReminderIntent,
    Task,
)
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
    """An intent that a message carries, with the task (or evidence, which has no indicator) it is about."""

    intent: ReminderIntent
    indicator_number: int | None
    title: str
    due_on: date

    @property
    def rung(self) -> Rung | None:
        """The step of its ladder; None for one of no ladder we know."""
        return Rung.of_key(self.intent.rung)


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    """Which mails a list is of: of a kind, to a person; None: of every kind, to everybody."""

    kind: MessageKind | None = None
    account_id: int | None = None


EVERYTHING = OutboxFilter()


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


def _wanted(scope: Scope, wanted: OutboxFilter) -> list[ColumnElement[bool]]:
    found = [visible(scope)]
    if wanted.kind is not None:
        found.append(Message.kind == wanted.kind)
    if wanted.account_id is not None:
        found.append(Message.account_id == wanted.account_id)
    return found


def list_messages(
    session: Session,
    scope: Scope,
    wanted: OutboxFilter = EVERYTHING,
    *,
    state: MessageState | None = None,
    page: int = 1,
) -> Sequence[Listed]:
    """One page of ``PAGE_SIZE`` mails, newest first."""
    rows = (
        select(Message, Account.name)
        .join(Account, Account.id == Message.account_id)
        .options(defer(Message.body_text), defer(Message.body_html))
        .where(*_wanted(scope, wanted))
        .order_by(Message.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    if state is not None:
        rows = rows.where(Message.state == state)
    return [Listed(row.Message, row.name) for row in session.execute(rows)]


def list_reminding(session: Session, scope: Scope, local_date: date) -> Sequence[Listed]:
    """The digests and briefs, weekly and monthly, of one local date, by the names of those they are for."""
    rows = (
        select(Message, Account.name)
        .join(Account, Account.id == Message.account_id)
        .options(defer(Message.body_text), defer(Message.body_html))
        .where(
            visible(scope),
            Message.kind.in_((MessageKind.DIGEST, MessageKind.BRIEF, MessageKind.MONTHLY)),
            Message.local_date == local_date,
        )
        .order_by(Account.name, Message.id)
        .execution_options(populate_existing=True)
    )
    return [Listed(row.Message, row.name) for row in session.execute(rows)]


def count_messages(
    session: Session, scope: Scope, wanted: OutboxFilter = EVERYTHING
) -> Mapping[MessageState, int]:
    """How many mails there are in each state; a state without any is left out."""
    rows = select(Message.state, func.count()).where(*_wanted(scope, wanted)).group_by(Message.state)
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
    day = func.coalesce(Task.due_on, Evidence.expires_on)
    rows = (
        select(ReminderIntent, Task.indicator_number, func.coalesce(Task.title, Evidence.title), day)
        .outerjoin(Task, Task.id == ReminderIntent.task_id)
        .outerjoin(Evidence, Evidence.id == ReminderIntent.evidence_id)
        .where(ReminderIntent.message_id == message.id, ReminderIntent.government_id == scope.government_id)
        .order_by(day, Task.indicator_number, ReminderIntent.id)
    )
    return [Told(*row) for row in session.execute(rows)]


def list_attempts(session: Session, message: Message) -> Sequence[DeliveryAttempt]:
    """Every try to hand the mail over, first to last."""
    rows = select(DeliveryAttempt).where(DeliveryAttempt.message_id == message.id)
    return session.scalars(rows.order_by(DeliveryAttempt.number)).all()


def list_feedback(session: Session, message: Message) -> Sequence[MailFeedback]:
    """What came back about the mail afterwards, first to last."""
    rows = select(MailFeedback).where(MailFeedback.message_id == message.id)
    return session.scalars(rows.order_by(MailFeedback.id)).all()
