"""Selects of a person's calendar: whose it is, and what is due for them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select, true
from sqlalchemy.orm import Session, joinedload

from spbe_tasks.models import Account, Milestone, Plan, Task, TaskPart
from spbe_tasks.rules.access import Capability, Role, Scope
from spbe_tasks.rules.workflow import AGENCY_STATES
from spbe_tasks.services.queries.acting import positions_of
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.tasks import ROWS, visible


def find_reader(session: Session, digest: str) -> Row[Any] | None:
    """The open account with this calendar address, with its government, and ``acting.positions_of`` as "positions"."""
    wanted: AnySelect = select(Account, positions_of(Account))
    wanted = wanted.where(Account.calendar_digest == digest, Account.is_active)
    return session.execute(wanted.options(joinedload(Account.government))).one_or_none()


def list_due(session: Session, scopes: Collection[Scope]) -> Sequence[Row[Any]]:
    """The tasks the agency has in hand that are this person's in one of ``scopes``, their own and positions they take.

    ``tasks.ROWS``, ``due_version``, ``instrument_id``.
    """
    rows = ROWS.add_columns(Task.due_version, Plan.instrument_id).join(Plan, Plan.id == Task.plan_id)
    return session.execute(rows.where(*_due(scopes)).order_by(Task.due_on, Task.id)).all()


def list_milestones(session: Session, scopes: Collection[Scope]) -> Sequence[Row[Any]]:
    """The milestones of these tasks that are not reached yet: id, task_id, title, due_on, version, indicator_number."""
    rows: AnySelect = (
        select(
            Milestone.id,
            Milestone.task_id,
            Milestone.title,
            Milestone.due_on,
            Milestone.version,
            Task.indicator_number,
        )
        .join(Task, Task.id == Milestone.task_id)
        .join(Plan, Plan.id == Task.plan_id)
        .where(*_due(scopes), Milestone.done_at.is_(None))
    )
    return session.execute(rows.order_by(Milestone.due_on, Milestone.id)).all()


def _due(scopes: Collection[Scope]) -> tuple[ColumnElement[bool], ...]:
    theirs = or_(*(and_(visible(scope), _theirs(scope)) for scope in scopes))
    return ~Plan.is_closed, Task.state.in_(AGENCY_STATES), theirs


def _theirs(scope: Scope) -> ColumnElement[bool]:
    if scope.role is Role.AGENCY_HEAD:
        return true()
    assigned = Task.assignee_id.in_(scope.person_ids)
    if not scope.may(Capability.WORK_ON_TASKS) or scope.agency_id is None:
        return assigned
    has_part = exists().where(
        TaskPart.task_id == Task.id, TaskPart.assignee_id.in_(scope.person_ids), ~TaskPart.is_done
    )
    return (Task.agency_id == scope.agency_id) & or_(assigned, Task.assignee_id.is_(None), has_part)
