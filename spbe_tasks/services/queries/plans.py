"""Selects about plans and what they are built on."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Ownership, Plan, Score, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.gaps import Owner
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.ownership import among
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.closing import refuse_closed
from spbe_tasks.services.queries.tasks import visible


def get_plan(session: Session, scope: Scope, plan_id: int, *, for_update: bool = False) -> Plan:
    """A plan of the scope's government, locked when it is about to change. Raises NotFoundError for any other.

    A closed one cannot change: locking it raises ConflictError ("plan.closed"); see ``lock_plan``.
    """
    if for_update:
        found = lock_plan(session, scope, plan_id)
        refuse_closed(found)
        return found
    wanted = select(Plan).where(Plan.id == plan_id, Plan.government_id == scope.government_id)
    return _found(session.scalar(wanted))


def lock_plan(session: Session, scope: Scope, plan_id: int) -> Plan:
    """The same, closed or not, for whoever closes or reopens it."""
    wanted = select(Plan).where(Plan.id == plan_id, Plan.government_id == scope.government_id)
    return _found(session.scalar(_locked(wanted)))


def find_plan(
    session: Session, government_id: int, instrument_id: str, year: int, *, for_update: bool = False
) -> Plan | None:
    """The plan that follows the assessment of ``year``, or None; locked when it is about to change.

    Locking a closed one raises ConflictError ("plan.closed").
    """
    wanted = select(Plan).where(
        Plan.government_id == government_id, Plan.instrument_id == instrument_id, Plan.year == year
    )
    found = session.scalar(_locked(wanted) if for_update else wanted)
    if for_update and found is not None:
        refuse_closed(found)
    return found


def list_plans(session: Session, scope: Scope) -> Sequence[Plan]:
    """The government's plans, newest year first."""
    return session.scalars(
        select(Plan)
        .where(Plan.government_id == scope.government_id)
        .order_by(Plan.year.desc(), Plan.id.desc())
    ).all()


def levels_of(session: Session, revision_id: int) -> Mapping[int, Level]:
    """The levels of a revision by indicator number; None is "not assessed"."""
    rows = session.execute(
        select(Score.indicator_number, Score.level).where(Score.revision_id == revision_id)
    )
    return {row.indicator_number: row.level for row in rows}


def list_owners(session: Session, government_id: int, instrument_id: str) -> Sequence[Owner]:
    """Who can be given tasks by the ownership matrix, by indicator, lead first: only agencies that are not closed.

    What a closed agency had is divided among the others, in the proportions of their shares.
    """
    rows = session.execute(
        select(
            Ownership.indicator_number,
            Ownership.agency_id,
            Agency.slug,
            Ownership.is_lead,
            Ownership.share_numerator,
            Ownership.share_denominator,
        )
        .join(Agency, Agency.id == Ownership.agency_id)
        .where(
            Ownership.government_id == government_id,
            Ownership.instrument_id == instrument_id,
            Agency.is_active,
        )
        .order_by(Ownership.indicator_number, Ownership.is_lead.desc(), Agency.slug)
    )
    return [
        Owner(number, row.agency_id, row.slug, row.is_lead, share)
        for number, them in groupby(rows, key=lambda row: row.indicator_number)
        for row, share in _with_shares(list(them))
    ]


def _with_shares(rows: "Sequence[Row[*tuple[Any, ...]]]") -> Iterator[tuple[Any, Fraction | None]]:
    shares = among({row.agency_id: share_of(row.share_numerator, row.share_denominator) for row in rows})
    return ((row, shares[row.agency_id]) for row in rows)


def share_of(numerator: int | None, denominator: int | None) -> Fraction | None:
    """A share as it is stored; None is an equal part."""
    return None if numerator is None or denominator is None else Fraction(numerator, denominator)


def list_states(session: Session, scope: Scope, plan_id: int) -> Mapping[State, int]:
    """How many tasks of the plan this person sees in each state; states without a task are left out."""
    rows = session.execute(
        select(Task.state, func.count().label("tasks"))
        .where(Task.plan_id == plan_id, visible(scope))
        .group_by(Task.state)
    )
    return {row.state: row.tasks for row in rows}


def list_planned_by_agency(
    session: Session, scope: Scope, plan_id: int
) -> "Sequence[Row[str, int, Decimal, int]]":
    """What publishing hands to whom, most points first, and how many active focal points each agency has."""
    focal_points = (
        select(func.count())
        .where(Account.agency_id == Agency.id, Account.role == Role.FOCAL_POINT, Account.is_active)
        .correlate(Agency)
        .scalar_subquery()
    )
    points = func.sum(Task.points)
    return session.execute(
        select(
            Agency.short_name.label("agency_name"),
            func.count().label("tasks"),
            points.label("points"),
            focal_points.label("focal_points"),
        )
        .join(Agency, Agency.id == Task.agency_id)
        .where(Task.plan_id == plan_id, Task.state == State.PLANNED, visible(scope))
        .group_by(Agency.id, Agency.short_name)
        .order_by(points.desc(), Agency.short_name)
    ).all()


def list_named_tasks(
    session: Session, scope: Scope, task_ids: Collection[int]
) -> "Sequence[Row[int, int, str, State, Decimal, Decimal, str]]":
    """These tasks as a list names them, by indicator: id, indicator, title, state, levels and ``agency_name``."""
    return session.execute(
        select(
            Task.id,
            Task.indicator_number,
            Task.title,
            Task.state,
            Task.baseline_level,
            Task.target_level,
            Agency.short_name.label("agency_name"),
        )
        .join(Agency, Agency.id == Task.agency_id)
        .where(Task.id.in_(task_ids), visible(scope))
        .order_by(Task.indicator_number, Agency.short_name, Task.id)
    ).all()


def list_for_generation(
    session: Session, plan_id: int, *, for_update: bool
) -> "Sequence[Row[*tuple[Any, ...]]]":
    """Every task of a plan that was got through a scope, with what generation compares; locked on demand."""
    if for_update:
        # Waits for whoever holds a task. What they add, such as the round after an acceptance, this statement
        # cannot see, but the next one can.
        session.execute(select(Task.id).where(Task.plan_id == plan_id).order_by(Task.id).with_for_update())
    wanted = select(
        Task.id,
        Task.indicator_number,
        Task.agency_id,
        Task.round,
        Task.state,
        Task.title,
        Task.baseline_level,
        Task.target_level,
        Task.share_numerator,
        Task.share_denominator,
        Task.due_on,
        Task.is_due_by_hand,
        Task.reached_level,
        Task.cancel_kind,
        Task.policy_id,
        Task.published_at,
        Task.kind,
    ).where(Task.plan_id == plan_id)
    # By id, so that whoever locks a round and then the one after it is never met half-way.
    wanted = wanted.order_by(Task.id)
    return session.execute(wanted.with_for_update() if for_update else wanted).all()


def _found(plan: Plan | None) -> Plan:
    if plan is None:
        raise NotFoundError("plan.not_found")
    return plan


def _locked(wanted: "Select[Plan]") -> "Select[Plan]":
    # Not the full lock: a task being worked on refers to its plan, and must not have to wait for it.
    return wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
