"""Selects of the ledger of reminders. For machine jobs: limited by a government's id, not by a scope."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from spbe_tasks.models import ReminderIntent, Task
from spbe_tasks.rules.ladder import Rung
from spbe_tasks.rules.ledger import IntentState, LedgerEntry
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.closing import in_open_plan
from spbe_tasks.services.queries.reminders import due

_REVIEW = "review+%"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger with its id; ``entry`` is what the planner sees of it."""

    intent_id: int
    entry: LedgerEntry


def list_open_entries(
    session: Session, government_id: int, *, account_id: int | None = None
) -> Sequence[Entry]:
    """The intents that wait to be sent, to everybody or to one person; by id."""
    rows = _OPEN if account_id is None else _OPEN_OF_ONE
    return _entries(session.execute(rows, {"the_government": government_id, "the_account": account_id}))


def list_entries_of(session: Session, government_id: int, horizon: date) -> Sequence[Entry]:
    """Every intent for the present due date of the tasks ``list_due`` gives, whatever became of it."""
    return _entries(
        session.execute(
            select(*_ENTRY)
            .join(Task, Task.id == ReminderIntent.task_id)
            .where(due(government_id, horizon), ReminderIntent.due_version == Task.due_version)
        )
    )


def list_review_entries(session: Session, government_id: int) -> Sequence[Entry]:
    """Every intent about a submission of the tasks ``list_in_review`` gives."""
    rows = select(*_ENTRY).join(Task, Task.id == ReminderIntent.task_id)
    return _entries(
        session.execute(
            rows.where(
                Task.government_id == government_id,
                Task.state == State.SUBMITTED,
                in_open_plan(),
                ReminderIntent.rung.like(_REVIEW),
            )
        )
    )


def list_evidence_entries(session: Session, evidence_ids: Collection[int]) -> Sequence[Entry]:
    """Every intent about these pieces of evidence."""
    if not evidence_ids:
        return ()
    return _entries(session.execute(select(*_ENTRY).where(ReminderIntent.evidence_id.in_(evidence_ids))))


_ENTRY = (
    ReminderIntent.id,
    ReminderIntent.task_id,
    ReminderIntent.due_version,
    ReminderIntent.rung,
    ReminderIntent.account_id,
    ReminderIntent.state,
    ReminderIntent.episode,
    ReminderIntent.evidence_id,
)
_OPEN = (
    select(*_ENTRY)
    .where(
        ReminderIntent.government_id == bindparam("the_government"),
        ReminderIntent.state == IntentState.OPEN,
    )
    .order_by(ReminderIntent.id)
)
# Built once: every digest asks for it, and building a statement costs more than running it.
_OPEN_OF_ONE = _OPEN.where(ReminderIntent.account_id == bindparam("the_account"))


def _entries(rows: Iterable[Any]) -> Sequence[Entry]:
    found = []
    for row in rows:
        rung = Rung.of_key(row.rung)
        if rung is not None:  # an entry of a later release's ladder is that release's business
            entry = LedgerEntry(
                row.task_id,
                row.due_version,
                rung,
                row.account_id,
                row.state,
                row.episode,
                row.evidence_id,
            )
            found.append(Entry(row.id, entry))
    return found
