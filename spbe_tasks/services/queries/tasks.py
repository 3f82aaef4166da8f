"""Selects of many tasks. Every one starts from ``visible``: the page, its count, the export and the API see the same.

The selects of one task's page are in ``task_pages``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from spbe_tasks.models import Account, Agency, CriterionClaim, Plan, Submission, Task, TaskAncestor, TaskPart
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.carry_over import Lineage
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import AGENCY_STATES, OPEN_STATES, State
from spbe_tasks.services.queries import bundle, governments
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.closing import in_open_plan, refuse_closed

PAGE_SIZE = 25
FORTNIGHT = timedelta(days=14)
MAX_NUMBER_DIGITS = 4
# How a task descends from earlier ones: all its ancestors are of one kind.
_LINEAGE = (
    select(func.min(TaskAncestor.lineage)).where(TaskAncestor.task_id == Task.id).scalar_subquery()
).label("lineage")
# Built once: every list is a few conditions more.
_ROWS: AnySelect = (
    select(
        Task.id,
        Task.plan_id,
        Task.indicator_number,
        Task.title,
        Task.kind,
        Task.state,
        Task.round,
        Task.baseline_level,
        Task.target_level,
        Task.reached_level,
        Task.points,
        Task.due_on,
        Task.state_note,
        _LINEAGE,
        Agency.short_name.label("agency_name"),
        Account.name.label("assignee_name"),
    )
    .join(Agency, Agency.id == Task.agency_id)
    .outerjoin(Account, Account.id == Task.assignee_id)
)


class DueFilter(StrEnum):
    """Which due dates a list shows."""

    OVERDUE = "overdue"
    FORTNIGHT = "fortnight"


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a list is narrowed to. ``text`` is looked for in the title and, as a number, in the indicator."""

    plan_id: int | None = None
    agency_id: int | None = None
    kind: TaskKind | None = None
    lineage: Lineage | None = None
    state: State | None = None
    is_open: bool = False
    indicators: frozenset[int] = frozenset()
    due: DueFilter | None = None
    assignee_id: int | None = None
    is_unassigned: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class ListSurroundings:
    """What a list shows around its rows: their exact number, agencies to choose from, the government's holidays."""

    total: int
    agencies: JsonRows
    holidays: JsonRows


def visible(scope: Scope) -> ColumnElement[bool]:
    """The condition every task query carries: one government; for agency roles their own agency's published tasks."""
    inside = Task.government_id == scope.government_id
    if scope.sees_all_agencies:
        return inside
    if scope.agency_id is None:
        return false()
    return inside & (Task.agency_id == scope.agency_id) & Task.published_at.is_not(None)


def matching(scope: Scope, wanted: TaskFilter, today: date) -> ColumnElement[bool]:
    """``visible`` narrowed by a filter; what a list, its count and its export all use."""
    return visible(scope) & _narrowed(wanted, today)


def overdue(today: date) -> ColumnElement[bool]:
    """``workflow.is_overdue`` as a condition on rows; a test holds the two together."""
    return Task.state.in_(AGENCY_STATES) & (Task.due_on < today)


def list_tasks(
    session: Session, scope: Scope, wanted: TaskFilter, *, today: date, page: int = 1
) -> Sequence[Row[Any]]:
    """One page of ``PAGE_SIZE`` rows, soonest due first: the task's columns, ``agency_name`` and ``assignee_name``."""
    rows = _ROWS.where(matching(scope, wanted, today)).order_by(Task.due_on, Task.id)
    return session.execute(rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()


def list_all_tasks(session: Session, scope: Scope, wanted: TaskFilter, *, today: date) -> Sequence[Row[Any]]:
    """Every row of the list, for the export; the largest government has a few thousand."""
    rows = _ROWS.where(matching(scope, wanted, today)).order_by(Task.due_on, Task.id)
    return session.execute(rows).all()


def list_surroundings(session: Session, scope: Scope, wanted: TaskFilter, *, today: date) -> ListSurroundings:
    """The list's count, agencies (id, short_name; only one's own for agency roles) and holidays, in one statement."""
    agencies = select(Agency.id, Agency.short_name).where(Agency.government_id == scope.government_id)
    if not scope.sees_all_agencies:
        agencies = agencies.where(Agency.id == scope.agency_id)
    found = bundle.fetch(
        session,
        total=_count(scope, wanted, today),
        agencies=agencies.order_by(Agency.short_name, Agency.id),
        holidays=governments.local_holidays(scope.government_id),
    )
    return ListSurroundings(found["total"][0]["number"], found["agencies"], found["holidays"])


def list_own(session: Session, scope: Scope) -> Sequence[Row[Any]]:
    """What is on this person's desk, of every open year: their agency's open tasks that are theirs or nobody's, or
    have an open part that is theirs.

    Soonest due first; besides the columns of ``list_tasks`` the plan's ``year`` and ``instrument_id``, and
    ``own_parts``, how many open parts are theirs.
    """
    mine = (TaskPart.task_id == Task.id, TaskPart.assignee_id == scope.account_id, ~TaskPart.is_done)
    own_parts = select(func.count()).where(*mine).scalar_subquery()
    rows = (
        _ROWS.add_columns(Plan.year, Plan.instrument_id, own_parts.label("own_parts"))
        .join(Plan, Plan.id == Task.plan_id)
        .where(
            visible(scope),
            Task.agency_id == scope.agency_id,
            ~Plan.is_closed,
            Task.state.in_(AGENCY_STATES | {State.SUBMITTED}),
            or_(Task.assignee_id == scope.account_id, Task.assignee_id.is_(None), exists().where(*mine)),
        )
    )
    return session.execute(rows.order_by(Task.due_on, Task.points.desc(), Task.id)).all()


def list_submitted(session: Session, scope: Scope, *, page: int = 1) -> Sequence[Row[Any]]:
    """The review queue, longest waiting first: with the latest submission and whether this person ever submitted."""
    each, submitter = aliased(Submission), aliased(Account)
    latest = select(func.max(each.number)).where(each.task_id == Task.id).scalar_subquery()
    mine = exists().where(each.task_id == Task.id, each.submitted_by_id == scope.account_id)
    rows = (
        _ROWS.add_columns(
            Plan.year,
            Plan.instrument_id,
            Submission.note,
            Submission.number.label("submission_number"),
            Submission.submitted_at,
            submitter.name.label("submitter_name"),
            mine.label("is_own_submission"),
        )
        .join(Plan, Plan.id == Task.plan_id)
        .join(Submission, and_(Submission.task_id == Task.id, Submission.number == latest))
        .join(submitter, submitter.id == Submission.submitted_by_id)
        .where(visible(scope), Task.state == State.SUBMITTED, ~Plan.is_closed)
        .order_by(Submission.submitted_at, Task.id)
    )
    return session.execute(rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()


def review_surroundings(session: Session, scope: Scope) -> ListSurroundings:
    """How many tasks wait for review, and the holidays to count their age by."""
    is_waiting = visible(scope) & (Task.state == State.SUBMITTED) & in_open_plan()
    waiting = select(func.count().label("number")).where(is_waiting)
    holidays = governments.local_holidays(scope.government_id)
    found = bundle.fetch(session, total=waiting, holidays=holidays)
    return ListSurroundings(found["total"][0]["number"], (), found["holidays"])


def count_met(session: Session, task_ids: Collection[int]) -> Mapping[tuple[int, int], int]:
    """How many criteria are claimed as met, by (task, level); the tasks have been got through a scope."""
    rows = session.execute(
        select(CriterionClaim.task_id, CriterionClaim.level, func.count())
        .where(CriterionClaim.task_id.in_(task_ids), CriterionClaim.is_met)
        .group_by(CriterionClaim.task_id, CriterionClaim.level)
    )
    return {(task_id, level): number for task_id, level, number in rows}


def get_task(session: Session, scope: Scope, task_id: int, *, for_update: bool = False) -> Task:
    """One task with its plan loaded, locked when it is about to change.

    Raises NotFoundError when absent or not visible to the scope; ConflictError ("plan.closed") when a task of a closed
    plan is to be locked.
    """
    wanted = select(Task).where(Task.id == task_id, visible(scope))
    wanted = wanted.options(joinedload(Task.plan, innerjoin=True))
    if for_update:
        wanted = wanted.with_for_update(of=Task).execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise NotFoundError("task.not_found")
    if for_update:
        # Whoever held the task may have closed its plan: only a statement of its own sees that.
        session.refresh(found.plan, ("closed_at",))
        refuse_closed(found.plan)
    return found


def submitter_ids(session: Session, task_id: int) -> frozenset[int]:
    """Everyone who ever submitted this round."""
    return frozenset(session.scalars(select(Submission.submitted_by_id).where(Submission.task_id == task_id)))


def find_government_id(session: Session, task_id: int) -> int | None:
    """Whose task it is; only for whoever holds the machine, who is asked for no government."""
    return session.scalar(select(Task.government_id).where(Task.id == task_id))


def _count(scope: Scope, wanted: TaskFilter, today: date) -> AnySelect:
    return select(func.count().label("number")).select_from(Task).where(matching(scope, wanted, today))


def _narrowed(wanted: TaskFilter, today: date) -> ColumnElement[bool]:
    equal = (
        (Task.plan_id, wanted.plan_id),
        (Task.agency_id, wanted.agency_id),
        (Task.assignee_id, wanted.assignee_id),
        (Task.kind, wanted.kind),
    )
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    if wanted.lineage is not None:
        descends = (TaskAncestor.task_id == Task.id, TaskAncestor.lineage == wanted.lineage)
        conditions.append(exists().where(*descends))
    if wanted.is_unassigned:
        conditions.append(Task.assignee_id.is_(None))
    if wanted.indicators:
        conditions.append(Task.indicator_number.in_(wanted.indicators))
    if wanted.state is not None:
        conditions.append(Task.state == wanted.state)
    else:
        conditions.append(Task.state.in_(OPEN_STATES) if wanted.is_open else Task.state != State.WITHDRAWN)
    if wanted.due is not None:
        conditions.append(_due(wanted.due, today))
    if wanted.text.strip():
        conditions.append(_containing(wanted.text.strip()))
    return and_(*conditions)


def _due(due: DueFilter, today: date) -> ColumnElement[bool]:
    if due is DueFilter.OVERDUE:
        return overdue(today)
    return Task.state.in_(AGENCY_STATES) & Task.due_on.between(today, today + FORTNIGHT)


def _containing(text: str) -> ColumnElement[bool]:
    in_title = Task.title.icontains(text, autoescape=True)
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER_DIGITS
    return or_(in_title, Task.indicator_number == int(text)) if is_number else in_title
