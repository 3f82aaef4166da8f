"""Selects about scenarios: one's own, and those that are shared."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Scenario
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError

SCENARIOS_PER_PAGE = 25


def visible(scope: Scope) -> ColumnElement[bool]:
    """Which scenarios somebody sees: in the own government those of their own making and those that are shared."""
    is_mine = Scenario.made_by_id == scope.account_id
    return (Scenario.government_id == scope.government_id) & or_(is_mine, Scenario.is_shared)


def get_scenario(session: Session, scope: Scope, scenario_id: int) -> Scenario:
    """A scenario that this person sees. Raises NotFoundError for any other."""
    found = session.scalar(select(Scenario).where(Scenario.id == scenario_id, visible(scope)))
    if found is None:
        raise NotFoundError("scenario.not_found")
    return found


def list_scenarios(
    session: Session, scope: Scope, *, page: int
) -> "tuple[Sequence[Row[Scenario, str]], int]":
    """A page of (Scenario, maker), newest year first and the last changed first within it; and how many there are."""
    total = session.scalar(select(func.count()).select_from(Scenario).where(visible(scope))) or 0
    rows = session.execute(
        select(Scenario, Account.name.label("maker"))
        .outerjoin(Account, Account.id == Scenario.made_by_id)
        .where(visible(scope))
        .order_by(Scenario.year.desc(), Scenario.changed_at.desc(), Scenario.id.desc())
        .limit(SCENARIOS_PER_PAGE)
        .offset((page - 1) * SCENARIOS_PER_PAGE)
    )
    return rows.all(), total


def list_beside(session: Session, scope: Scope, scenario: Scenario) -> Sequence[Scenario]:
    """The others that this one can be compared with: of the same instrument and year, by name."""
    return session.scalars(
        select(Scenario)
        .where(
            visible(scope),
            Scenario.instrument_id == scenario.instrument_id,
            Scenario.year == scenario.year,
            Scenario.id != scenario.id,
        )
        .order_by(Scenario.name, Scenario.id)
    ).all()
