"""Counts about the whole installation, for whoever runs it; no row of a government is shown."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Event, Government, Message, MessageState
from spbe_tasks.services.queries.bundle import AnySelect


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is, and how much waits."""

    governments: int
    unsealed_events: int
    pending_messages: int
    uncertain_messages: int
    failed_messages: int


def count_all(session: Session) -> Counts:
    """The installation's counts, in one statement."""
    columns = {
        "governments": select(func.count()).select_from(Government),
        "unsealed_events": select(func.count()).select_from(Event).where(Event.chain_position.is_(None)),
        "pending_messages": _messages(MessageState.PENDING),
        "uncertain_messages": _messages(MessageState.UNCERTAIN),
        "failed_messages": _messages(MessageState.FAILED),
    }
    row = session.execute(
        select(*(count.scalar_subquery().label(name) for name, count in columns.items()))
    ).one()
    return Counts(**row._mapping)


def _messages(state: MessageState) -> AnySelect:
    return select(func.count()).select_from(Message).where(Message.state == state)
