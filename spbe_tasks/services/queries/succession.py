"""Selects about agencies that pass on to others: what they own, what they work on, and who took over."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Account, Agency, AgencySuccession, Event, Ownership, Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.closing import lock_tasks


def list_owned(session: Session, scope: Scope, agency_ids: Collection[int]) -> "Sequence[Row[str, int, int]]":
    """The cells of these agencies: (instrument_id, indicator_number, agency_id)."""
    return session.execute(
        select(Ownership.instrument_id, Ownership.indicator_number, Ownership.agency_id)
        .where(Ownership.government_id == scope.government_id, Ownership.agency_id.in_(agency_ids))
        .order_by(Ownership.instrument_id, Ownership.indicator_number, Ownership.agency_id)
    ).all()


def list_worked_on(
    session: Session, scope: Scope, agency_ids: Collection[int]
) -> "Sequence[Row[str, int, int]]":
    """The indicators these agencies have a standing task on: (instrument_id, indicator_number, agency_id).

    Tasks of closed plans stay with whom they had, here and below.
    """
    return session.execute(
        select(Plan.instrument_id, Task.indicator_number, Task.agency_id)
        .join(Plan, Plan.id == Task.plan_id)
        .where(
            Task.government_id == scope.government_id,
            Task.agency_id.in_(agency_ids),
            Task.state != State.WITHDRAWN,
            ~Plan.is_closed,
        )
        .distinct()
        .order_by(Plan.instrument_id, Task.indicator_number, Task.agency_id)
    ).all()


def list_plans_of(
    session: Session, scope: Scope, agency_ids: Collection[int], *, for_update: bool = False
) -> Sequence[Plan]:
    """The plans in which these agencies have a standing task, newest first; locked, with all their tasks, to change."""
    worked_on = select(Task.plan_id).where(
        Task.government_id == scope.government_id,
        Task.agency_id.in_(agency_ids),
        Task.state != State.WITHDRAWN,
    )
    wanted = select(Plan).where(
        Plan.government_id == scope.government_id, Plan.id.in_(worked_on), ~Plan.is_closed
    )
    if for_update:
        wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    # By id while locking: two at once wait for each other and never for ever.
    found = session.scalars(wanted.order_by(Plan.id)).all()
    if for_update:
        lock_tasks(session, [plan.id for plan in found])
        session.expire_all()
    return sorted(found, key=lambda plan: (-plan.year, plan.id))


def list_people(session: Session, scope: Scope, agency_ids: Collection[int]) -> Sequence[Account]:
    """Everybody of these agencies whose account is open, by name."""
    return session.scalars(
        select(Account)
        .where(
            Account.government_id == scope.government_id,
            Account.agency_id.in_(agency_ids),
            Account.is_active,
        )
        .order_by(Account.name, Account.id)
    ).all()


def list_successions(session: Session, scope: Scope, agency_id: int) -> "Sequence[Row[*tuple[Any, ...]]]":
    """Who took over from this agency, and from whom it took over, oldest first: (AgencySuccession, before, after)."""
    before, after = aliased(Agency), aliased(Agency)
    return session.execute(
        select(AgencySuccession, before, after)
        .join(before, before.id == AgencySuccession.agency_id)
        .join(after, after.id == AgencySuccession.successor_id)
        .where(
            AgencySuccession.government_id == scope.government_id,
            (AgencySuccession.agency_id == agency_id) | (AgencySuccession.successor_id == agency_id),
        )
        .order_by(AgencySuccession.id)
    ).all()


def successor_names(session: Session, scope: Scope) -> Mapping[int, Sequence[str]]:
    """The short names of those who took over, by the id of the agency that passed on."""
    rows = session.execute(
        select(AgencySuccession.agency_id, func.array_agg(Agency.short_name.distinct()).label("names"))
        .join(Agency, Agency.id == AgencySuccession.successor_id)
        .where(AgencySuccession.government_id == scope.government_id)
        .group_by(AgencySuccession.agency_id)
    )
    return {row.agency_id: row.names for row in rows}


def list_renamings(session: Session, scope: Scope, agency_id: int) -> "Sequence[Row[*tuple[Any, ...]]]":
    """The events that gave the agency its names, oldest first: (at, action, data, actor_name)."""
    return session.execute(
        select(Event.at, Event.action, Event.data, Account.name.label("actor_name"))
        .outerjoin(Account, Account.id == Event.actor_id)
        .where(
            Event.government_id == scope.government_id,
            Event.subject_type == "agency",
            Event.subject_id == agency_id,
            Event.action.in_(("create_agency", "edit_agency")),
        )
        .order_by(Event.id)
    ).all()
