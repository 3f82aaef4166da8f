"""Selects about tasks that take earlier ones further: which plan came before, who descends from whom."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, CriterionClaim, Plan, Task, TaskAncestor
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.carry_over import Kin, Lineage
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.people import works_for
from spbe_tasks.services.queries.tasks import visible


def find_before(session: Session, plan: Plan, instrument_ids: Collection[str]) -> Plan | None:
    """The plan of the nearest earlier year by one of these instruments; the plan's own goes first in one year."""
    return session.scalar(
        select(Plan)
        .where(
            Plan.government_id == plan.government_id,
            Plan.instrument_id.in_(instrument_ids),
            Plan.year < plan.year,
        )
        .order_by(Plan.year.desc(), Plan.instrument_id != plan.instrument_id, Plan.id)
        .limit(1)
    )


def list_kin(session: Session, plan_id: int) -> Sequence[Kin]:
    """Every task of a plan that was got through a scope, as far as descent goes."""
    return _kin(session, _KIN.where(Task.plan_id == plan_id))


def list_without_ancestors(session: Session, plan_id: int) -> Sequence[Kin]:
    """The standing tasks of a plan that cite nothing yet."""
    cites = exists().where(TaskAncestor.task_id == Task.id)
    return _kin(session, _KIN.where(Task.plan_id == plan_id, Task.state != State.WITHDRAWN, ~cites))


def list_met_claims(session: Session, task_ids: Collection[int]) -> Sequence[CriterionClaim]:
    """What the agencies ticked as met in these tasks."""
    return session.scalars(
        select(CriterionClaim)
        .where(CriterionClaim.task_id.in_(task_ids), CriterionClaim.is_met)
        .order_by(CriterionClaim.task_id, CriterionClaim.level, CriterionClaim.letter)
    ).all()


def list_tasks(session: Session, task_ids: Collection[int]) -> Sequence[Task]:
    """These tasks, which have been got through a scope."""
    return session.scalars(select(Task).where(Task.id.in_(task_ids)).order_by(Task.id)).all()


def list_staying(session: Session, task_ids: Collection[int]) -> Mapping[int, int]:
    """The person in charge of each of these tasks who may still work for its agency, by task id."""
    rows = session.execute(
        select(Task.id, Task.assignee_id)
        .join(Account, Account.id == Task.assignee_id)
        .where(Task.id.in_(task_ids), works_for(Task.agency_id))
    )
    return {row.id: row.assignee_id for row in rows}


def count_by_lineage(session: Session, scope: Scope, plan_id: int) -> Mapping[Lineage, int]:
    """How many standing tasks of a plan descend in which way."""
    rows = session.execute(
        select(TaskAncestor.lineage, func.count(Task.id.distinct()).label("tasks"))
        .join(Task, Task.id == TaskAncestor.task_id)
        .where(Task.plan_id == plan_id, Task.state != State.WITHDRAWN, visible(scope))
        .group_by(TaskAncestor.lineage)
    )
    return {row.lineage: row.tasks for row in rows}


def ancestors(scope: Scope, task: Task) -> AnySelect:
    """The earlier tasks that a task cites, as far as one may see them."""
    return _relatives(scope, TaskAncestor.ancestor_id).where(TaskAncestor.task_id == task.id)


def successors(scope: Scope, task: Task) -> AnySelect:
    """The later tasks that cite a task, as far as one may see them."""
    later = _relatives(scope, TaskAncestor.task_id).where(TaskAncestor.ancestor_id == task.id)
    return later.where(Task.state != State.WITHDRAWN)


def _relatives(scope: Scope, other: Any) -> AnySelect:
    met = select(func.count()).where(CriterionClaim.task_id == Task.id, CriterionClaim.is_met)
    return (
        select(
            Task.id,
            Task.indicator_number,
            Task.title,
            Task.state,
            Task.reached_level,
            Plan.year,
            Plan.instrument_id,
            Agency.short_name.label("agency_name"),
            TaskAncestor.lineage,
            met.scalar_subquery().label("met"),
        )
        .select_from(TaskAncestor)
        .join(Task, Task.id == other)
        .join(Plan, Plan.id == Task.plan_id)
        .join(Agency, Agency.id == Task.agency_id)
        .where(visible(scope))
        .order_by(Plan.year, Task.indicator_number, Agency.short_name, Task.id)
    )


_KIN = select(Task.id, Task.indicator_number, Task.agency_id, Task.round, Task.state, Task.kind)


def _kin(session: Session, wanted: AnySelect) -> Sequence[Kin]:
    rows: Sequence[Row[Any]] = session.execute(wanted.order_by(Task.id)).all()
    return [Kin(row.id, row.indicator_number, row.agency_id, row.round, row.state, row.kind) for row in rows]
