"""Selects of saved views: one's own, and those shared in the government."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, SavedView
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries.bundle import AnySelect


def visible_views(scope: Scope) -> AnySelect:
    """The views a person sees: id, name, query, is_shared, is_own, owner_name; by name."""
    is_own = SavedView.owner_id == scope.account_id
    return (
        select(
            SavedView.id,
            SavedView.name,
            SavedView.query,
            SavedView.is_shared,
            is_own.label("is_own"),
            Account.name.label("owner_name"),
        )
        .join(Account, Account.id == SavedView.owner_id)
        .where(_visible(scope))
        .order_by(func.lower(SavedView.name), SavedView.id)
    )


def list_visible(session: Session, scope: Scope) -> Sequence[Row[Any]]:
    """The rows of ``visible_views``."""
    return session.execute(visible_views(scope)).all()


def get_visible(session: Session, scope: Scope, view_id: int) -> SavedView:
    """A view the person sees. Raises NotFoundError."""
    return _get(session, SavedView.id == view_id, _visible(scope))


def find_visible(session: Session, scope: Scope, view_id: int) -> SavedView | None:
    """The same, or None."""
    return session.scalar(select(SavedView).where(SavedView.id == view_id, _visible(scope)))


def get_own(session: Session, scope: Scope, view_id: int) -> SavedView:
    """One of the person's own views. Raises NotFoundError."""
    return _get(
        session,
        SavedView.id == view_id,
        SavedView.government_id == scope.government_id,
        SavedView.owner_id == scope.account_id,
    )


def count_own(session: Session, scope: Scope) -> int:
    """How many views the person has."""
    own = select(func.count()).where(SavedView.owner_id == scope.account_id)
    return session.scalar(own) or 0


def _visible(scope: Scope) -> ColumnElement[bool]:
    mine_or_shared = or_(SavedView.owner_id == scope.account_id, SavedView.is_shared)
    return (SavedView.government_id == scope.government_id) & mine_or_shared


def _get(session: Session, *conditions: ColumnElement[bool]) -> SavedView:
    found = session.scalar(select(SavedView).where(*conditions))
    if found is None:
        raise NotFoundError("saved_view.not_found")
    return found
