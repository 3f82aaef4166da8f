"""Selects about tasks. Every one starts from ``visible``: the page, its count, the export and the API see the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, CriterionClaim, Event, Submission, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import AGENCY_STATES, OPEN_STATES, State

PAGE_SIZE = 25
FORTNIGHT = timedelta(days=14)
MAX_NUMBER_DIGITS = 4


class DueFilter(StrEnum):
    """Which due dates a list shows."""

    OVERDUE = "overdue"
    FORTNIGHT = "fortnight"


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a list is narrowed to. ``text`` is looked for in the title and, as a number, in the indicator."""

    plan_id: int | None = None
    agency_id: int | None = None
    state: State | None = None
    is_open: bool = False
    indicators: frozenset[int] = frozenset()
    due: DueFilter | None = None
    assignee_id: int | None = None
    text: str = ""


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
    rows = _rows().where(matching(scope, wanted, today)).order_by(Task.due_on, Task.id)
    return session.execute(rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()


def list_all_tasks(session: Session, scope: Scope, wanted: TaskFilter, *, today: date) -> Sequence[Row[Any]]:
    """Every row of the list, for the export; the largest government has a few thousand."""
    rows = _rows().where(matching(scope, wanted, today)).order_by(Task.due_on, Task.id)
    return session.execute(rows).all()


def count_tasks(session: Session, scope: Scope, wanted: TaskFilter, *, today: date) -> int:
    """The exact number of rows the list has."""
    return session.scalar(select(func.count()).select_from(Task).where(matching(scope, wanted, today))) or 0


def get_task(session: Session, scope: Scope, task_id: int, *, for_update: bool = False) -> Task:
    """One task, locked when it is about to change. Raises NotFoundError when absent or not visible to the scope."""
    wanted = select(Task).where(Task.id == task_id, visible(scope))
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise NotFoundError("task.not_found")
    return found


def list_siblings(session: Session, scope: Scope, task: Task) -> Sequence[Row[Any]]:
    """The other agencies on the same indicator: names, states, due dates. Sharing an indicator lets one see these."""
    return session.execute(
        select(Task.agency_id, Agency.short_name, Agency.name, Task.state, Task.due_on, Task.round)
        .join(Agency, Agency.id == Task.agency_id)
        .where(
            Task.government_id == scope.government_id,
            Task.plan_id == task.plan_id,
            Task.indicator_number == task.indicator_number,
            Task.agency_id != task.agency_id,
            Task.state != State.WITHDRAWN,
            Task.published_at.is_not(None) if not scope.sees_all_agencies else true(),
        )
        .order_by(Agency.short_name, Task.round.desc())
    ).all()


def list_history(session: Session, task: Task) -> Sequence[Row[Any]]:
    """The task's events, newest first, with the actor's name; ``task`` has been got through a scope."""
    return session.execute(
        select(Event.at, Event.action, Event.data, Account.name.label("actor_name"))
        .outerjoin(Account, Account.id == Event.actor_id)
        .where(
            Event.government_id == task.government_id,
            Event.subject_type == "task",
            Event.subject_id == task.id,
        )
        .order_by(Event.id.desc())
    ).all()


def list_claims(session: Session, task: Task) -> Sequence[CriterionClaim]:
    """What the agency has said about the criteria of this task."""
    return session.scalars(select(CriterionClaim).where(CriterionClaim.task_id == task.id)).all()


def submitter_ids(session: Session, task_id: int) -> frozenset[int]:
    """Everyone who ever submitted this round."""
    return frozenset(session.scalars(select(Submission.submitted_by_id).where(Submission.task_id == task_id)))


def _rows() -> Select[Any]:
    return (
        select(
            Task.id,
            Task.indicator_number,
            Task.title,
            Task.state,
            Task.round,
            Task.baseline_level,
            Task.target_level,
            Task.reached_level,
            Task.points,
            Task.due_on,
            Task.state_note,
            Agency.short_name.label("agency_name"),
            Account.name.label("assignee_name"),
        )
        .join(Agency, Agency.id == Task.agency_id)
        .outerjoin(Account, Account.id == Task.assignee_id)
    )


def _narrowed(wanted: TaskFilter, today: date) -> ColumnElement[bool]:
    equal = (
        (Task.plan_id, wanted.plan_id),
        (Task.agency_id, wanted.agency_id),
        (Task.assignee_id, wanted.assignee_id),
    )
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
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
