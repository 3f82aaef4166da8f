"""Selects of tasks. Every one starts from ``visible``: the page, its count, the export and the API see the same.

The list with its filters is in ``task_filter`` and ``task_lists``, one task's page in ``task_pages``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, false, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, joinedload

from spbe_tasks.models import (
    Account,
    Agency,
    CriterionClaim,
    EvidenceUse,
    Extension,
    ExtensionState,
    Plan,
    Submission,
    Task,
    TaskAncestor,
    TaskPart,
)
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import AGENCY_STATES, State
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.closing import refuse_closed

PAGE_SIZE = 25
# How a task descends from earlier ones: all its ancestors are of one kind.
_LINEAGE = (
    select(func.min(TaskAncestor.lineage)).where(TaskAncestor.task_id == Task.id).scalar_subquery()
).label("lineage")
_BARE_CRITERIA = (
    select(func.count())
    .where(
        CriterionClaim.task_id == Task.id,
        CriterionClaim.is_met,
        ~exists().where(
            EvidenceUse.task_id == CriterionClaim.task_id,
            EvidenceUse.level == CriterionClaim.level,
            EvidenceUse.letter == CriterionClaim.letter,
        ),
    )
    .correlate(Task)
    .scalar_subquery()
).label("bare_criteria")
# Built once: every list is a few conditions more.
ROWS: AnySelect = (
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


def visible(scope: Scope) -> ColumnElement[bool]:
    """The condition every task query carries: one government; for agency roles their own agency's published tasks."""
    inside = Task.government_id == scope.government_id
    if scope.sees_all_agencies:
        return inside
    if scope.agency_id is None:
        return false()
    return inside & (Task.agency_id == scope.agency_id) & Task.published_at.is_not(None)


def overdue(today: date) -> ColumnElement[bool]:
    """``workflow.is_overdue`` as a condition on rows; a test holds the two together."""
    return Task.state.in_(AGENCY_STATES) & (Task.due_on < today)


def list_own(session: Session, scope: Scope) -> Sequence[Row[Any]]:
    """What is on this person's desk, of every open year: their agency's open tasks that are theirs or nobody's, or
    have an open part that is theirs.

    Soonest due first; besides ``ROWS`` the plan's ``year`` and ``instrument_id``, ``own_parts``, how many open parts
    are theirs, and ``bare_criteria``, how many ticked criteria no evidence is attached to.
    """
    mine = (TaskPart.task_id == Task.id, TaskPart.assignee_id.in_(scope.person_ids), ~TaskPart.is_done)
    own_parts = select(func.count()).where(*mine).scalar_subquery()
    rows = (
        ROWS.add_columns(Plan.year, Plan.instrument_id, own_parts.label("own_parts"), _BARE_CRITERIA)
        .join(Plan, Plan.id == Task.plan_id)
        .where(
            visible(scope),
            Task.agency_id == scope.agency_id,
            ~Plan.is_closed,
            Task.state.in_(AGENCY_STATES | {State.SUBMITTED}),
            or_(Task.assignee_id.in_(scope.person_ids), Task.assignee_id.is_(None), exists().where(*mine)),
        )
    )
    return session.execute(rows.order_by(Task.due_on, Task.points.desc(), Task.id)).all()


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


def round_people(session: Session, task_id: int) -> tuple[frozenset[int], frozenset[int]]:
    """Everyone who ever submitted this round, and who asked for more time and waits for an answer.

    Acting officers and those they stood in for alike.
    """
    asked = (Extension.task_id == task_id, Extension.state == ExtensionState.ASKED)
    submitters = (Submission.submitted_by_id, Submission.submitted_as_id)
    found = session.execute(
        select(
            func.array(_each_of(submitters, Submission.task_id == task_id)),
            func.array(_each_of((Extension.asked_by_id, Extension.asked_as_id), *asked)),
        )
    ).one()
    submitter_ids, asker_ids = (frozenset(ids) - {None} for ids in found)
    return submitter_ids, asker_ids


def _each_of(columns: Iterable[Any], *conditions: ColumnElement[bool]) -> Any:
    return select(func.unnest(array(list(columns)))).where(*conditions).scalar_subquery()


def find_government_id(session: Session, task_id: int) -> int | None:
    """Whose task it is; only for whoever holds the machine, who is asked for no government."""
    return session.scalar(select(Task.government_id).where(Task.id == task_id))
