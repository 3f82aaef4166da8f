"""Selects of the proof: every reminder there was, with the mail that told it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Event, Evidence, Message, ReminderIntent, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.ladder import Rung
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services.queries.bundle import AnySelect

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class ProofFilter:
    """Which reminders: of a task, an indicator, a person, a state; planned from a local day to another, inclusive."""

    task_id: int | None = None
    indicator_number: int | None = None
    account_id: int | None = None
    state: IntentState | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """One reminder: to whom, of what, at which rung, and the mail that told it (none: it ended without one).

    ``sealed_at`` is the position in the trail of how the mail ended; None while it is not sealed yet. ``event`` is what
    stands there.
    """

    intent: ReminderIntent
    message: Message | None
    account_name: str
    role: Role
    agency: str | None
    indicator_number: int | None
    title: str
    is_assignee: bool
    event: Mapping[str, Any] | None = None
    sealed_at: int | None = None

    @property
    def rung(self) -> Rung | None:
        """The step of the ladder it stood on; None for one of no ladder we know."""
        return Rung.of_key(self.intent.rung)


def count_proofs(session: Session, scope: Scope, wanted: ProofFilter, zone: str) -> int:
    """How many reminders ``list_proofs`` has over all its pages."""
    rows = (
        select(func.count())
        .select_from(ReminderIntent)
        .outerjoin(Task, Task.id == ReminderIntent.task_id)
        .where(*_conditions(scope, wanted, zone))
    )
    return session.scalar(rows) or 0


def list_proofs(
    session: Session, scope: Scope, wanted: ProofFilter, zone: str, *, page: int | None = None
) -> Sequence[Proof]:
    """One page of ``PAGE_SIZE`` reminders, newest first; without a page all of them."""
    rows = _select(scope, wanted, zone).order_by(ReminderIntent.id.desc())
    if page is not None:
        rows = rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    found = session.execute(rows).all()
    ends = _ends(session, scope, {row.Message.id for row in found if row.Message})
    return [_proof(row, ends) for row in found]


def _proof(row: Any, ends: Mapping[int, Event]) -> Proof:
    end = ends.get(row.Message.id) if row.Message else None
    return Proof(
        row.ReminderIntent,
        row.Message,
        row.account_name,
        row.role,
        row.agency,
        row.indicator_number,
        row.title or row.evidence_title or "",
        row.assignee_id == row.ReminderIntent.account_id,
        end.data if end else None,
        end.chain_position if end else None,
    )


def _select(scope: Scope, wanted: ProofFilter, zone: str) -> AnySelect:
    return (
        select(
            ReminderIntent,
            Message,
            Account.name.label("account_name"),
            Account.role,
            Task.indicator_number,
            Task.title,
            Task.assignee_id,
            Evidence.title.label("evidence_title"),
            Agency.short_name.label("agency"),
        )
        .join(Account, Account.id == ReminderIntent.account_id)
        .outerjoin(Task, Task.id == ReminderIntent.task_id)
        .outerjoin(Evidence, Evidence.id == ReminderIntent.evidence_id)
        .outerjoin(Agency, Agency.id == func.coalesce(Task.agency_id, Evidence.agency_id))
        .outerjoin(Message, Message.id == ReminderIntent.message_id)
        .where(*_conditions(scope, wanted, zone))
    )


def _conditions(scope: Scope, wanted: ProofFilter, zone: str) -> list[ColumnElement[bool]]:
    found = [ReminderIntent.government_id == scope.government_id]
    for column, value in (
        (ReminderIntent.task_id, wanted.task_id),
        (Task.indicator_number, wanted.indicator_number),
        (ReminderIntent.account_id, wanted.account_id),
        (ReminderIntent.state, wanted.state),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.from_on:
        found.append(ReminderIntent.planned_at >= _midnight(wanted.from_on, zone))
    if wanted.until_on:
        found.append(ReminderIntent.planned_at < _midnight(wanted.until_on + timedelta(days=1), zone))
    return found


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _ends(session: Session, scope: Scope, message_ids: set[int]) -> Mapping[int, Event]:
    """The latest end of each mail in the trail."""
    if not message_ids:
        return {}
    rows = session.scalars(
        select(Event)
        .where(
            and_(
                Event.government_id == scope.government_id,
                Event.subject_type == "message",
                Event.subject_id.in_(message_ids),
                Event.action == "end_mail",
            )
        )
        .order_by(Event.id)
    )
    return {row.subject_id: row for row in rows}
