"""Selects of acting officers (Plt/Plh): who stands in for whom on a day of the government's own zone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, Row, Select, and_, func, or_, select, text, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Account, ActingKind, ActingOfficer
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


def kinds(session: Session, government_id: int, on: date) -> Mapping[int, ActingKind]:
    """As what each of those in ``standing`` is stood in for: absent account id -> Plt or Plh."""
    rows = session.execute(
        _between_open_accounts()
        .where(ActingOfficer.government_id == government_id, stands_on(on))
        .with_only_columns(ActingOfficer.absent_id, ActingOfficer.kind)
        .order_by(ActingOfficer.id.desc())
    )
    return {absent_id: kind for absent_id, kind in rows}


def stands_on(on: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Whether an appointment holds on a day: begun, neither over nor ended."""
    return and_(
        ActingOfficer.ended_at.is_(None),
        ActingOfficer.from_on <= on,
        or_(ActingOfficer.until_on.is_(None), ActingOfficer.until_on >= on),
    )


def positions_of(person: type[Account]) -> ColumnElement[Any]:
    """The positions a person may take, today or on other days, as a JSON list that comes along with their account.

    Each: account_id, name, position, role, agency_id, kind, from_on, until_on; by name. Which hold today is for the
    reader to say, whose government has a zone.
    """
    absent = aliased(Account)
    each = func.json_build_object(
        *("account_id", absent.id),
        *("name", absent.name),
        *("position", absent.position),
        *("role", absent.role),
        *("agency_id", absent.agency_id),
        *("kind", ActingOfficer.kind),
        *("from_on", ActingOfficer.from_on),
        *("until_on", ActingOfficer.until_on),
    )
    return type_coerce(
        select(
            func.coalesce(
                func.json_agg(aggregate_order_by(each, absent.name, ActingOfficer.id)), text("'[]'")
            )
        )
        .select_from(ActingOfficer)
        .join(absent, absent.id == ActingOfficer.absent_id)
        .where(ActingOfficer.acting_id == person.id, ActingOfficer.ended_at.is_(None), absent.is_active)
        .correlate(person)
        .scalar_subquery(),
        JSON,
    ).label("positions")


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


def list_open_of(session: Session, account_id: int) -> Sequence[ActingOfficer]:
    """The appointments that are not ended in which a person acts or is stood in for, locked, by id."""
    rows: Select[ActingOfficer] = select(ActingOfficer).where(
        or_(ActingOfficer.acting_id == account_id, ActingOfficer.absent_id == account_id),
        ActingOfficer.ended_at.is_(None),
    )
    return session.scalars(rows.order_by(ActingOfficer.id).with_for_update()).all()


def lock_people(session: Session, scope: Scope, account_ids: Iterable[int]) -> frozenset[int]:
    """Those of these who have an open account in the scope's government, held until the transaction ends.

    Two appointments for one absent person wait for each other.
    """
    rows: Select[int] = select(Account.id).where(
        Account.id.in_(account_ids), Account.government_id == scope.government_id, Account.is_active
    )
    return frozenset(session.scalars(rows.order_by(Account.id).with_for_update(key_share=True)))


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


def _between_open_accounts() -> AnySelect:
    return (
        select(ActingOfficer)
        .join(_ABSENT, _ABSENT.id == ActingOfficer.absent_id)
        .join(_ACTING, _ACTING.id == ActingOfficer.acting_id)
        .where(_ABSENT.is_active, _ACTING.is_active)
    )
