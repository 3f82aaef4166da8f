"""Selects of the reminder planner and the digest. For machine jobs: limited by a government's id, not by a scope."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Account, Government, Message, MessageKind, MessageState, ReminderIntent, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calendar import ZONE_LABELS
from spbe_tasks.rules.ladder import Rung
from spbe_tasks.rules.reminders import IntentState, LedgerEntry, OpenTask, People
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import AGENCY_STATES, CLOSED_STATES
from spbe_tasks.services.queries.closing import in_open_plan
from spbe_tasks.services.queries.people import ASSIGNABLE_ROLES, works_for


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger with its id; ``entry`` is what the planner sees of it."""

    intent_id: int
    entry: LedgerEntry


def list_mailed_governments(session: Session, now: datetime) -> Sequence[int]:
    """The governments whose mail is not paused and whose send window is open at ``now``, in random order.

    Days off are left to the calendar. One in a zone we do not know is listed: planning it says what is wrong.
    """
    is_open: list[ColumnElement[bool]] = [Government.timezone.not_in(ZONE_LABELS)]
    for zone in ZONE_LABELS:
        here = now.astimezone(ZoneInfo(zone)).time()
        window = (Government.send_opens_at <= here) & (Government.send_closes_at > here)
        is_open.append((Government.timezone == zone) & window)
    rows = select(Government.id).where(~Government.is_mail_paused, or_(*is_open)).order_by(func.random())
    return session.scalars(rows).all()


def load_people(session: Session, government_id: int) -> People:
    """Who can be reminded in a government: everybody whose account is open."""
    rows = session.execute(
        select(Account.id, Account.role, Account.agency_id)
        .where(Account.government_id == government_id, Account.is_active)
        .order_by(Account.id)
    ).all()
    assignable: dict[int, frozenset[int]] = {}
    focal_points: dict[int, tuple[int, ...]] = {}
    for row in rows:
        if row.agency_id is not None and row.role in ASSIGNABLE_ROLES:
            assignable[row.agency_id] = assignable.get(row.agency_id, frozenset()) | {row.id}
        if row.role is Role.FOCAL_POINT:
            focal_points[row.agency_id] = (*focal_points.get(row.agency_id, ()), row.id)
    return People(
        assignable=assignable,
        focal_points=focal_points,
        coordinators=tuple(row.id for row in rows if row.role is Role.COORDINATOR),
    )


@dataclass(frozen=True, slots=True)
class DigestTask:
    """A task as a digest needs it; ``points`` are index points."""

    task: OpenTask
    indicator_number: int
    title: str
    kind: TaskKind
    points: Decimal


def list_open_entries(
    session: Session, government_id: int, *, account_id: int | None = None
) -> Sequence[Entry]:
    """The intents that wait to be sent, to everybody or to one person; by id."""
    rows = select(*_ENTRY).where(
        ReminderIntent.government_id == government_id, ReminderIntent.state == IntentState.OPEN
    )
    if account_id is not None:
        rows = rows.where(ReminderIntent.account_id == account_id)
    return _entries(session.execute(rows.order_by(ReminderIntent.id)))


def list_entries_of(session: Session, government_id: int, horizon: date) -> Sequence[Entry]:
    """Every intent for the present due date of the tasks ``list_due`` gives, whatever became of it."""
    return _entries(
        session.execute(
            select(*_ENTRY)
            .join(Task, Task.id == ReminderIntent.task_id)
            .where(_due(government_id, horizon), ReminderIntent.due_version == Task.due_version)
        )
    )


def list_due(session: Session, government_id: int, horizon: date) -> Sequence[OpenTask]:
    """The tasks in their agencies' hands that are due by ``horizon``, through the index of open due dates."""
    return _tasks(session.execute(select(*_TASK).where(_due(government_id, horizon))))


def list_by_id(session: Session, government_id: int, task_ids: Collection[int]) -> Sequence[OpenTask]:
    """These tasks, in any state; none of a closed plan, so that the planner takes them for closed ones."""
    if not task_ids:
        return ()
    ours = (Task.government_id == government_id, Task.id.in_(task_ids), in_open_plan())
    rows = select(*_TASK).where(*ours)
    return _tasks(session.execute(rows))


def list_titles(
    session: Session, government_id: int, task_ids: Collection[int]
) -> Mapping[int, tuple[int, str]]:
    """Indicator number and title of these tasks, by id."""
    rows = select(Task.id, Task.indicator_number, Task.title).where(
        Task.government_id == government_id, Task.id.in_(task_ids)
    )
    return {row.id: (row.indicator_number, row.title) for row in session.execute(rows)}


def list_names(
    session: Session, government_id: int, account_ids: Collection[int]
) -> Mapping[int, tuple[str, str]]:
    """Name and address of these people, by id."""
    rows = select(Account.id, Account.name, Account.email).where(
        Account.government_id == government_id, Account.id.in_(account_ids)
    )
    return {row.id: (row.name, row.email) for row in session.execute(rows)}


def list_to_be_told(session: Session, government_id: int) -> Sequence[int]:
    """The accounts some intent waits for, by id."""
    rows = (
        select(ReminderIntent.account_id)
        .where(ReminderIntent.government_id == government_id, ReminderIntent.state == IntentState.OPEN)
        .distinct()
        .order_by(ReminderIntent.account_id)
    )
    return session.scalars(rows).all()


def list_told_today(session: Session, government_id: int, today: date) -> frozenset[int]:
    """The people whose digest of this local date has left or is leaving: they get no second one."""
    rows = select(Message.account_id).where(
        Message.government_id == government_id,
        Message.kind == MessageKind.DIGEST,
        Message.local_date == today,
        Message.state.not_in((MessageState.PENDING, MessageState.CANCELLED)),
    )
    return frozenset(session.scalars(rows))


def list_digest_tasks(session: Session, account: Account) -> Sequence[DigestTask]:
    """The tasks in their agencies' hands that ``account`` may be the one to be reminded of, whatever their date.

    A superset: ``rules.reminders.recipients`` has the last word.
    """
    rows = select(*_TASK, Task.indicator_number, Task.title, Task.kind, Task.points).where(
        Task.government_id == account.government_id,
        _is_with_agency(),
        or_(Task.assignee_id == account.id, *_as_fallback(account)),
    )
    return [
        DigestTask(_open_task(row), row.indicator_number, row.title, row.kind, row.points)
        for row in session.execute(rows)
    ]


def _as_fallback(account: Account) -> Sequence[ColumnElement[bool]]:
    assignee, focal_point = aliased(Account), aliased(Account)
    nobody = ~exists().where(assignee.id == Task.assignee_id, works_for(Task.agency_id, assignee))
    if account.role is Role.FOCAL_POINT:
        return [nobody & (Task.agency_id == account.agency_id)]
    if account.role is Role.COORDINATOR:
        is_focal_point = (
            focal_point.agency_id == Task.agency_id,
            focal_point.role == Role.FOCAL_POINT,
            focal_point.is_active,
        )
        return [nobody & ~exists().where(*is_focal_point)]
    return []


_ENTRY = (
    ReminderIntent.id,
    ReminderIntent.task_id,
    ReminderIntent.due_version,
    ReminderIntent.rung,
    ReminderIntent.account_id,
    ReminderIntent.state,
)
_TASK = (Task.id, Task.due_on, Task.due_version, Task.agency_id, Task.assignee_id, Task.state)


def _due(government_id: int, horizon: date) -> ColumnElement[bool]:
    return (Task.government_id == government_id) & (Task.due_on <= horizon) & _is_with_agency()


def _is_with_agency() -> ColumnElement[bool]:
    # The second condition follows from the first; said as in the partial indexes, it lets them be used.
    is_with_agency = Task.state.in_(AGENCY_STATES) & Task.state.not_in(sorted(CLOSED_STATES))
    return is_with_agency & in_open_plan()


def _tasks(rows: Iterable[Any]) -> Sequence[OpenTask]:
    return [_open_task(row) for row in rows]


def _open_task(row: Any) -> OpenTask:
    return OpenTask(row.id, row.due_on, row.due_version, row.agency_id, row.assignee_id, row.state)


def _entries(rows: Iterable[Any]) -> Sequence[Entry]:
    found = []
    for row in rows:
        rung = Rung.of_key(row.rung)
        if rung is not None:  # an entry of another ladder is that ladder's business
            key = (row.task_id, row.due_version, rung, row.account_id)
            found.append(Entry(row.id, LedgerEntry(*key, state=row.state)))
    return found
