"""Selects about the ownership matrix, each limited to one government."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Event, Ownership
from spbe_tasks.rules.access import Scope

CHANGES_PER_PAGE = 25


def list_cells(
    session: Session, scope: Scope, instrument_id: str, numbers: Collection[int]
) -> Sequence[Ownership]:
    """The filled cells of these indicators, by indicator, the lead first."""
    return session.scalars(
        select(Ownership)
        .where(
            Ownership.government_id == scope.government_id,
            Ownership.instrument_id == instrument_id,
            Ownership.indicator_number.in_(numbers),
        )
        .order_by(Ownership.indicator_number, Ownership.is_lead.desc(), Ownership.agency_id)
    ).all()


def names_by_slug(session: Session, scope: Scope) -> Mapping[str, str]:
    """The short names that the agencies have now, by slug."""
    rows = session.execute(
        select(Agency.slug, Agency.short_name).where(Agency.government_id == scope.government_id)
    )
    return {row.slug: row.short_name for row in rows}


def list_changes(
    session: Session, scope: Scope, instrument_id: str, *, page: int = 1
) -> "Sequence[Row[*tuple[Any, ...]]]":
    """One page of the events that changed owners, newest first: (at, subject_id, data, actor_name)."""
    return session.execute(
        select(Event.at, Event.subject_id, Event.data, Account.name.label("actor_name"))
        .outerjoin(Account, Account.id == Event.actor_id)
        .where(*_changes(scope, instrument_id))
        .order_by(Event.id.desc())
        .limit(CHANGES_PER_PAGE)
        .offset((page - 1) * CHANGES_PER_PAGE)
    ).all()


def count_changes(session: Session, scope: Scope, instrument_id: str) -> int:
    """How many events ``list_changes`` has in all."""
    return session.scalar(select(func.count()).select_from(Event).where(*_changes(scope, instrument_id))) or 0


def _changes(scope: Scope, instrument_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Event.government_id == scope.government_id,
        Event.subject_type == "indicator",
        Event.action == "set_owners",
        Event.data["instrument"].astext == instrument_id,
    )
