"""Selects of acting officers (Plt/Plh): who stands in for whom on a day of the government's own zone."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Account, ActingOfficer
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries.bundle import AnySelect

_ABSENT, _ACTING, _MAKER = aliased(Account), aliased(Account), aliased(Account)
_ROWS: AnySelect = (
    select(
        ActingOfficer,
        _ABSENT.name.label("absent_name"),
        _ABSENT.position.label("absent_position"),
        _ABSENT.role.label("absent_role"),
        _ACTING.name.label("acting_name"),
        _MAKER.name.label("maker_name"),
    )
    .join(_ABSENT, _ABSENT.id == ActingOfficer.absent_id)
    .join(_ACTING, _ACTING.id == ActingOfficer.acting_id)
    .outerjoin(_MAKER, _MAKER.id == ActingOfficer.made_by_id)
)


def standing(session: Session, government_id: int, on: date) -> Mapping[int, int]:
    """Who stands in on the day ``on``: absent account id -> acting account id; both have open accounts.

    ``on`` is a day in the government's zone. Nobody has two at once (``services.acting.add`` refuses that).
    """
    rows = session.execute(
        _between_open_accounts()
        .where(ActingOfficer.government_id == government_id, stands_on(on))
        .with_only_columns(ActingOfficer.absent_id, ActingOfficer.acting_id)
        .order_by(ActingOfficer.id.desc())
    )
    return {absent_id: acting_id for absent_id, acting_id in rows}


def stands_on(on: date) -> ColumnElement[bool]:
    """Whether an appointment holds on a day: begun, neither over nor ended."""
    return and_(
        ActingOfficer.ended_at.is_(None),
        ActingOfficer.from_on <= on,
        or_(ActingOfficer.until_on.is_(None), ActingOfficer.until_on >= on),
    )


def find_position(session: Session, acting_id: int, absent_id: int, on: date) -> Row[Any] | None:
    """The row of ``list_positions`` for this absent person; None when ``acting_id`` may not take their position."""
    return session.execute(_positions(acting_id, on).where(ActingOfficer.absent_id == absent_id)).first()


def list_positions(session: Session, acting_id: int, on: date) -> Sequence[Row[Any]]:
    """The positions this person may take on this day: (absent_id, name, position, role, agency_id, kind), by name."""
    return session.execute(_positions(acting_id, on)).all()


def list_all(session: Session, scope: Scope) -> Sequence[Row[Any]]:
    """Every appointment of the government with names, newest first: (ActingOfficer, absent_name, ...)."""
    rows = _ROWS.where(ActingOfficer.government_id == scope.government_id)
    return session.execute(rows.order_by(ActingOfficer.id.desc())).all()


def get(session: Session, scope: Scope, acting_officer_id: int) -> ActingOfficer:
    """One appointment, locked. Raises NotFoundError when it is not of the scope's government."""
    wanted: Select[ActingOfficer] = select(ActingOfficer).where(
        ActingOfficer.id == acting_officer_id, ActingOfficer.government_id == scope.government_id
    )
    found = session.scalar(wanted.with_for_update())
    if found is None:
        raise NotFoundError("acting.not_found")
    return found


def find_overlapping(
    session: Session, scope: Scope, absent_id: int, from_on: date, until_on: date | None
) -> ActingOfficer | None:
    """An appointment for the same absent person that shares a day with these; None when there is none."""
    return session.scalar(
        select(ActingOfficer)
        .where(
            ActingOfficer.government_id == scope.government_id,
            ActingOfficer.absent_id == absent_id,
            ActingOfficer.ended_at.is_(None),
            ActingOfficer.from_on <= (until_on or date.max),
            func.coalesce(ActingOfficer.until_on, date.max) >= from_on,
        )
        .limit(1)
    )


def _positions(acting_id: int, on: date) -> AnySelect:
    wanted: AnySelect = (
        _between_open_accounts()
        .where(ActingOfficer.acting_id == acting_id, stands_on(on))
        .with_only_columns(
            ActingOfficer.absent_id,
            _ABSENT.name,
            _ABSENT.position,
            _ABSENT.role,
            _ABSENT.agency_id,
            ActingOfficer.kind,
        )
    )
    return wanted.order_by(_ABSENT.name, ActingOfficer.id)


def _between_open_accounts() -> AnySelect:
    return (
        select(ActingOfficer)
        .join(_ABSENT, _ABSENT.id == ActingOfficer.absent_id)
        .join(_ACTING, _ACTING.id == ActingOfficer.acting_id)
        .where(_ABSENT.is_active, _ACTING.is_active)
    )
