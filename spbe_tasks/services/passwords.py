"""Passwords: kept as argon2 hashes, chosen through a link that works once, changed by who knows the old one."""

from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, MessageKind
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError
from spbe_tasks.rules.passwords import check_password
from spbe_tasks.services import outbox, people_trail
from spbe_tasks.services.queries import people as queries
from spbe_tasks.tokens import Claim
from spbe_tasks.work import Work

_hasher = PasswordHasher()
# Checked when there is no such account, so that the answer takes as long as a wrong password does.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2 hash to store for a password."""
    return _hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether ``stored`` is a hash of ``password``; takes as long when nothing is stored."""
    try:
        return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except VerificationError:
        return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(stored)


def store(account: Account, password: str, *, field: str = "password") -> None:
    """Give the account a new password; every open session and unused link of it ends.

    Raises InvalidInputError with what is wrong with the password.
    """
    problems = check_password(password, email=account.email, name=account.name, field=field)
    if problems:
        raise InvalidInputError(problems)
    account.password_hash = hash_password(password)
    account.session_version += 1


def find_claimed(session: Session, claim: Claim | None) -> Account | None:
    """The account a link speaks for; None for no claim, a link that was used, and a closed account."""
    return queries.find_signed_in(session, claim.account_id, claim.session_version) if claim else None


def choose(work: Work, claim: Claim, password: str, *, now: datetime) -> Account:
    """Set the first or a new password of the account that a link speaks for; the link is used up by it.

    Raises ForbiddenError ("link.used") and InvalidInputError.
    """
    account = find_claimed(work.session, claim)
    if account is None:
        raise ForbiddenError("link.used")
    is_first = account.password_hash is None
    store(account, password)
    account.last_login_at = now  # whoever holds the link goes straight in
    action = "activate_account" if is_first else "reset_password"
    people_trail.record(work, action, account, actor_id=account.id, at=now)
    return account


def change(work: Work, account_id: int, old: str, new: str, *, now: datetime) -> Account:
    """Change one's own password. Raises InvalidInputError for a wrong old one or a new one that is not good enough."""
    account = work.session.get_one(Account, account_id)
    if not is_password(account.password_hash, old):
        raise InvalidInputError.of("password.old_is_wrong", "old_password")
    store(account, new, field="password")
    people_trail.record(work, "change_password", account, actor_id=account.id, at=now)
    return account


def request_reset(work: Work, email: str, *, now: datetime) -> None:
    """Mail a link to a new password, when an active account has this address; else do nothing, and tell nobody.

    Someone who was invited and never came gets the invitation again. A stranger's address asks for the same job, so
    that the answer does not take longer, with a broker that is down much longer, for one that is known. What is left
    is the writing of two rows, a few milliseconds, and the limit on requests about one address leaves little to
    average them from.
    """
    work.after_commit(Job.SWEEP_OUTBOX)
    account = queries.find_by_email(work.session, email)
    if account is None or not account.is_active:
        return
    kind = MessageKind.PASSWORD_RESET if account.password_hash else MessageKind.INVITE
    outbox.enqueue(work, account=account, kind=kind, now=now)
    people_trail.record(work, "ask_password_reset", account, actor_id=None, at=now)
