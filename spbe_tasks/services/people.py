"""People: signing in, being invited, passwords, languages."""

from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.services.queries import people as queries
from spbe_tasks.work import Work

_hasher = PasswordHasher()
# Checked when there is no such account, so that the answer takes as long as a wrong password does.
_NOBODY = _hasher.hash("nobody has this password")


def has_administrator(session: Session) -> bool:
    """Whether the installation has been set up."""
    return bool(session.scalar(select(exists().where(Account.role == Role.ADMINISTRATOR))))


def authenticate(work: Work, email: str, password: str, *, now: datetime) -> Account:
    """The active account with this address and password; notes the time and renews an outdated hash.

    Raises InvalidInputError("login.refused"), the same for an unknown address, a wrong password, an account that was
    never activated or was closed: the answer tells a stranger nothing.
    """
    account = queries.find_by_email(work.session, email)
    stored = account.password_hash if account and account.is_active and account.password_hash else None
    if not _matches(stored or _NOBODY, password) or account is None or stored is None:
        raise InvalidInputError.of("login.refused", "password")
    if _hasher.check_needs_rehash(stored):
        account.password_hash = _hasher.hash(password)
    account.last_login_at = now
    return account


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except VerificationError:
        return False


def choose_locale(work: Work, account_id: int, locale: str) -> None:
    """Keep the person's language (``id`` or ``en``)."""
    account = work.session.get_one(Account, account_id)
    account.locale = locale


def hash_password(password: str) -> str:
    """The argon2 hash to store for a password."""
    return _hasher.hash(password)
