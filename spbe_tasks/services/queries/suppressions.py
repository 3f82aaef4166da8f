"""Selects about addresses that are not written to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Suppression
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An address that is or was not written to, with whose it is; None when the account has another one by now."""

    suppression: Suppression
    account: Account | None


def list_standing_accounts(session: Session, government_id: int) -> Sequence[int]:
    """Ids of the government's accounts whose address is not written to."""
    rows = (
        select(Account.id)
        .join(Suppression, Suppression.address == func.lower(Account.email))
        .where(Account.government_id == government_id, Suppression.released_at.is_(None))
    )
    return session.scalars(rows).all()


def find_standing(session: Session, address: str) -> Suppression | None:
    """What keeps mail from ``address``, in any case of letters; None when nothing does."""
    rows = select(Suppression).where(
        Suppression.address == address.strip().lower(), Suppression.released_at.is_(None)
    )
    return session.scalar(rows)


def list_suppressed(session: Session, scope: Scope, *, released: bool = False) -> Sequence[Suppressed]:
    """The addresses of a government that are not written to, or those that were and are again; newest first.

    Administrators belong to no government: any of them sees theirs beside those of the government they look at.
    """
    state = Suppression.released_at.is_not(None) if released else Suppression.released_at.is_(None)
    rows = (
        select(Suppression, Account)
        .outerjoin(
            Account,
            (func.lower(Account.email) == Suppression.address)
            & Account.government_id.is_not_distinct_from(Suppression.government_id),
        )
        .where(_visible(scope), state)
        .order_by(Suppression.made_at.desc(), Suppression.id.desc())
    )
    return [Suppressed(row.Suppression, row.Account) for row in session.execute(rows)]


def lock_suppression(session: Session, scope: Scope, suppression_id: int) -> Suppression:
    """A suppression that ``list_suppressed`` shows, locked. Raises NotFoundError for any other."""
    found = session.scalar(
        select(Suppression)
        .where(Suppression.id == suppression_id, _visible(scope))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError("suppression.not_found")
    return found


def _visible(scope: Scope) -> ColumnElement[bool]:
    own = Suppression.government_id == scope.government_id
    return own | Suppression.government_id.is_(None) if scope.role is Role.ADMINISTRATOR else own
