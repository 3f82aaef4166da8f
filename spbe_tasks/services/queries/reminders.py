"""Selects of the reminder planner. For machine jobs: limited by a government's id, not by a scope."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Agency,
    Evidence,
    EvidenceUse,
    Government,
    Message,
    MessageKind,
    MessageState,
    Pack,
    PackUse,
    ReminderIntent,
    Submission,
    Task,
)
from spbe_tasks.rules import recipients as rules
from spbe_tasks.rules.calendar import ZONE_LABELS, local_date
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.rules.recipients import ExpiringEvidence, OpenTask
from spbe_tasks.rules.workflow import AGENCY_STATES, CLOSED_STATES, State
from spbe_tasks.services.queries.closing import in_open_plan

# Rungs by the beginning of their key; see rules.ladder.
ESCALATION = "escalation:%"
TOP = "escalation:executive"


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


def list_due(
    session: Session, government_id: int, horizon: date, zone: str, *, agency_id: int | None = None
) -> Sequence[OpenTask]:
    """The tasks in their agencies' hands, or in those of one, that are due by ``horizon``.

    Through the index of open due dates.
    """
    rows = select(*TASK).where(due(government_id, horizon))
    if agency_id is not None:
        rows = rows.where(Task.agency_id == agency_id)
    return _tasks(session.execute(rows), zone)


def list_in_review(session: Session, government_id: int, zone: str) -> Sequence[OpenTask]:
    """The tasks that wait for a reviewer, with who handed them in and when."""
    latest = (
        select(
            Submission.task_id,
            func.max(Submission.number).label("number"),
            func.max(Submission.submitted_at).label("submitted_at"),
            func.array_agg(Submission.submitted_by_id).label("by"),
            func.array_agg(Submission.submitted_as_id).label("as_"),
        )
        .where(Submission.task_id == Task.id)
        .group_by(Submission.task_id)
        .lateral()
    )
    rows = session.execute(
        select(*TASK, latest.c.number, latest.c.submitted_at, latest.c.by, latest.c.as_)
        .join(latest, latest.c.task_id == Task.id)
        .where(Task.government_id == government_id, Task.state == State.SUBMITTED, in_open_plan())
    )
    return [_open_task(row, zone, _submission(row, zone)) for row in rows]


def list_by_id(
    session: Session, government_id: int, task_ids: Collection[int], zone: str
) -> Sequence[OpenTask]:
    """These tasks, in any state; none of a closed plan, so that the planner takes them for closed ones."""
    if not task_ids:
        return ()
    ours = (Task.government_id == government_id, Task.id.in_(task_ids), in_open_plan())
    return _tasks(session.execute(select(*TASK).where(*ours)), zone)


def list_expiring(session: Session, government_id: int, horizon: date) -> Sequence[ExpiringEvidence]:
    """The evidence whose last day comes by ``horizon`` while an open task or a pack that is not closed needs it."""
    rows = session.execute(
        select(Evidence.id, Evidence.expires_on, Evidence.agency_id).where(
            Evidence.government_id == government_id,
            Evidence.expires_on <= horizon,
            Evidence.removed_at.is_(None),
            is_in_use(),
        )
    )
    return [ExpiringEvidence(row.id, row.expires_on, row.agency_id) for row in rows if row.expires_on]


def is_in_use() -> ColumnElement[bool]:
    """The condition on evidence that something under way rests on."""
    in_task = exists().where(
        EvidenceUse.evidence_id == Evidence.id,
        Task.id == EvidenceUse.task_id,
        Task.state.not_in(sorted(CLOSED_STATES)),
        in_open_plan(),
    )
    in_pack = exists().where(
        PackUse.evidence_id == Evidence.id, Pack.id == PackUse.pack_id, Pack.closed_at.is_(None)
    )
    return or_(in_task, in_pack)


def list_titles(
    session: Session, government_id: int, task_ids: Collection[int]
) -> Mapping[int, tuple[int, str]]:
    """Indicator number and title of these tasks, by id."""
    rows = select(Task.id, Task.indicator_number, Task.title).where(
        Task.government_id == government_id, Task.id.in_(task_ids)
    )
    return {row.id: (row.indicator_number, row.title) for row in session.execute(rows)}


def list_evidence_titles(
    session: Session, government_id: int, evidence_ids: Collection[int]
) -> Mapping[int, str]:
    """The titles of these pieces of evidence, by id."""
    rows = select(Evidence.id, Evidence.title).where(
        Evidence.government_id == government_id, Evidence.id.in_(evidence_ids)
    )
    return {row.id: row.title for row in session.execute(rows)}


def list_names(
    session: Session, government_id: int, account_ids: Collection[int]
) -> Mapping[int, tuple[str, str]]:
    """Name and address of these people, by id."""
    rows = select(Account.id, Account.name, Account.email).where(
        Account.government_id == government_id, Account.id.in_(account_ids)
    )
    return {row.id: (row.name, row.email) for row in session.execute(rows)}


def list_agency_names(session: Session, government_id: int, agency_ids: Collection[int]) -> Mapping[int, str]:
    """The names of these agencies, by id."""
    rows = select(Agency.id, Agency.name).where(
        Agency.government_id == government_id, Agency.id.in_(agency_ids)
    )
    return {row.id: row.name for row in session.execute(rows)}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody an intent waits for: one they chose how often to be told of, one that nobody can put off, or both."""

    account_id: int
    has_chosen: bool
    has_escalation: bool


def list_to_be_told(session: Session, government_id: int) -> Sequence[Waiting]:
    """Whom some intent waits for that a digest carries, by id; those for the top of the ladder wait for a brief."""
    is_escalation = ReminderIntent.rung.like(ESCALATION)
    rows = (
        select(
            ReminderIntent.account_id,
            func.bool_or(~is_escalation),
            func.bool_or(is_escalation),
        )
        .where(
            ReminderIntent.government_id == government_id,
            ReminderIntent.state == IntentState.OPEN,
            ReminderIntent.rung != TOP,
        )
        .group_by(ReminderIntent.account_id)
        .order_by(ReminderIntent.account_id)
    )
    return [Waiting(*row) for row in session.execute(rows)]


def list_told_today(session: Session, government_id: int, today: date) -> frozenset[int]:
    """The people whose digest of this local date has left or is leaving: they get no second one."""
    rows = select(Message.account_id).where(
        Message.government_id == government_id,
        Message.kind == MessageKind.DIGEST,
        Message.local_date == today,
        Message.state.not_in((MessageState.PENDING, MessageState.CANCELLED)),
    )
    return frozenset(session.scalars(rows))


TASK = (
    Task.id,
    Task.due_on,
    Task.due_version,
    Task.agency_id,
    Task.assignee_id,
    Task.state,
    Task.state_changed_at,
)


def due(government_id: int, horizon: date) -> ColumnElement[bool]:
    """The condition behind ``list_due``."""
    return (Task.government_id == government_id) & (Task.due_on <= horizon) & is_with_agency()


def is_with_agency() -> ColumnElement[bool]:
    """The condition on tasks that are their agency's turn, in a plan that is open."""
    # The second condition follows from the first; said as in the partial indexes, it lets them be used.
    is_turn = and_(Task.state.in_(AGENCY_STATES), Task.state.not_in(sorted(CLOSED_STATES)))
    return is_turn & in_open_plan()


def _tasks(rows: Iterable[Any], zone: str) -> Sequence[OpenTask]:
    return [open_task(row, zone) for row in rows]


def open_task(row: Any, zone: str) -> OpenTask:
    """A row of the columns ``TASK`` as the planner sees it; instants become days in ``zone``."""
    return _open_task(row, zone, None)


def _open_task(row: Any, zone: str, submission: rules.Submission | None) -> OpenTask:
    return OpenTask(
        row.id,
        row.due_on,
        row.due_version,
        row.agency_id,
        row.assignee_id,
        row.state,
        local_date(row.state_changed_at, zone),
        submission,
    )


def _submission(row: Any, zone: str) -> rules.Submission:
    submitters = frozenset(row.by) | frozenset(each for each in row.as_ if each is not None)
    return rules.Submission(row.number, local_date(row.submitted_at, zone), submitters)
