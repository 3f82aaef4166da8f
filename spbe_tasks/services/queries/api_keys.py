"""Selects of the keys by which programs read: whose one is, and which a person has."""

from collections.abc import Sequence

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, ApiKey
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError


def find_reader(session: Session, digest: str) -> "Row[ApiKey, Account] | None":
    """The key with this digest and its person; None when there is none, or the account is closed."""
    return session.execute(
        select(ApiKey, Account)
        .join(Account, Account.id == ApiKey.account_id)
        .where(ApiKey.digest == digest, Account.is_active, Account.government_id == ApiKey.government_id)
    ).one_or_none()


def list_own(session: Session, scope: Scope) -> Sequence[ApiKey]:
    """The keys of the scope's person, newest first."""
    return session.scalars(_own(scope).order_by(ApiKey.id.desc())).all()


def count_own(session: Session, scope: Scope) -> int:
    """How many keys the scope's person has."""
    return session.scalar(select(func.count()).select_from(_own(scope).subquery())) or 0


def get_own(session: Session, scope: Scope, key_id: int) -> ApiKey:
    """A key of the scope's person. Raises NotFoundError for anybody else's."""
    found = session.scalar(_own(scope).where(ApiKey.id == key_id))
    if found is None:
        raise NotFoundError("api_key.not_found")
    return found


def _own(scope: Scope) -> "Select[ApiKey]":
    return select(ApiKey).where(
        ApiKey.account_id == scope.account_id, ApiKey.government_id == scope.government_id
    )
