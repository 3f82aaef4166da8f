"""People as themselves: signing in, the first administrator, their language and profile."""

from datetime import datetime

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.services import accounts, passwords, people_trail
from spbe_tasks.services.queries import people as queries
from spbe_tasks.work import Work

_SET_UP_LOCK = 7_302  # advisory lock: the one first administrator


def has_administrator(session: Session) -> bool:
    """Whether the installation has been set up."""
    return bool(session.scalar(select(exists().where(Account.role == Role.ADMINISTRATOR))))


def set_up(work: Work, email: str, name: str, password: str, *, now: datetime) -> Account:
    """Create the installation's first administrator.

    Of two browsers that race, one waits for the other and then gets NotFoundError: the page is gone.
    Raises InvalidInputError for an address that is none and for a weak password.
    """
    work.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SET_UP_LOCK})
    if has_administrator(work.session):
        raise NotFoundError("setup.done")
    account = Account(
        email=accounts.checked_address(email), name=name, role=Role.ADMINISTRATOR, session_version=1
    )
    passwords.store(account, password)
    account.last_login_at = now
    accounts.insert(work, account)
    people_trail.record(work, "set_up", account, actor_id=account.id, at=now)
    return account


def authenticate(work: Work, email: str, password: str, *, is_local: bool = False, now: datetime) -> Account:
    """The active account with this address and password; notes the time and renews an outdated hash.

    Illustrative accounts, whose password is public, exist only where the product ``is_local``.

    Raises InvalidInputError("login.refused"), the same for an unknown address, a wrong password, an account that was
    never activated or was closed: the answer tells a stranger nothing.
    """
    account = queries.find_by_email(work.session, email)
    stored = account.password_hash if account and _may_enter(account, is_local) else None
    if not passwords.is_password(stored, password) or account is None or stored is None:
        raise InvalidInputError.of("login.refused", "password")
    if passwords.is_outdated(stored):
        account.password_hash = passwords.hash_password(password)
    account.last_login_at = now
    return account


def _may_enter(account: Account, is_local: bool) -> bool:
    return account.is_active and (is_local or not account.is_illustrative)


def choose_locale(work: Work, account_id: int, locale: str) -> None:
    """Keep the person's language (``id`` or ``en``)."""
    account = work.session.get_one(Account, account_id)
    account.locale = locale


def edit_profile(
    work: Work, account_id: int, name: str, locale: str, *, version: int | None, now: datetime
) -> Account:
    """Change one's own name and language. Raises ConflictError ("account.stale_version")."""
    account = work.session.get_one(Account, account_id)
    accounts.check_version(account, version)
    before: dict[str, object] = {"name": account.name, "locale": account.locale}
    account.name, account.locale = name, locale
    changed = people_trail.changes(before, {"name": name, "locale": locale})
    if changed:
        people_trail.record(work, "edit_profile", account, actor_id=account.id, at=now, data=changed)
    return account
