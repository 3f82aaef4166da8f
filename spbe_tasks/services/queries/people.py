"""Selects about people and agencies, each limited to one government."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from spbe_tasks.models import Account, Agency
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError


def find_signed_in(session: Session, account_id: int, session_version: int) -> Account | None:
    """The active account of a session, with government and agency, in one statement; None when it has ended."""
    return session.scalar(
        select(Account)
        .where(Account.id == account_id, Account.session_version == session_version, Account.is_active)
        .options(joinedload(Account.government), joinedload(Account.agency))
    )


def find_by_email(session: Session, email: str) -> Account | None:
    """The account with this address, in any case of letters, with its government; None when there is none."""
    return session.scalar(
        select(Account)
        .where(func.lower(Account.email) == email.strip().lower())
        .options(joinedload(Account.government), joinedload(Account.agency))
    )


def get_account(session: Session, scope: Scope, account_id: int) -> Account:
    """An account of the scope's government. Raises NotFoundError for any other."""
    found = session.scalar(
        select(Account)
        .where(Account.id == account_id, Account.government_id == scope.government_id)
        .options(joinedload(Account.agency))
    )
    if found is None:
        raise NotFoundError("account.not_found")
    return found


def list_accounts(session: Session, scope: Scope) -> Sequence[Account]:
    """Everybody of the government, by name."""
    return session.scalars(
        select(Account)
        .where(Account.government_id == scope.government_id)
        .options(joinedload(Account.agency))
        .order_by(Account.is_active.desc(), Account.name, Account.id)
    ).all()


def list_assignable(session: Session, scope: Scope, agency_id: int) -> Sequence[Account]:
    """Active people of an agency who can be given its tasks: its focal points, and a coordinator who belongs to it."""
    return session.scalars(
        select(Account)
        .where(
            Account.government_id == scope.government_id,
            Account.agency_id == agency_id,
            Account.role.in_((Role.FOCAL_POINT, Role.COORDINATOR)),
            Account.is_active,
        )
        .order_by(Account.name, Account.id)
    ).all()


def get_agency(session: Session, scope: Scope, agency_id: int) -> Agency:
    """An agency of the scope's government. Raises NotFoundError for any other."""
    found = session.scalar(
        select(Agency).where(Agency.id == agency_id, Agency.government_id == scope.government_id)
    )
    if found is None:
        raise NotFoundError("agency.not_found")
    return found


def list_agencies(session: Session, scope: Scope, *, active_only: bool = False) -> Sequence[Agency]:
    """The agencies of the government, by short name."""
    rows = select(Agency).where(Agency.government_id == scope.government_id)
    if active_only:
        rows = rows.where(Agency.is_active)
    return session.scalars(rows.order_by(Agency.short_name, Agency.id)).all()
