"""The accounts of a government: inviting people, editing, closing and reopening them. A coordinator always stays."""

from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError

from spbe_tasks.models import Account, MessageKind
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, Problem
from spbe_tasks.services import acting, assignments, outbox, passwords, people_trail
from spbe_tasks.services.queries import people as queries
from spbe_tasks.work import Work

AGENCY_ROLES = frozenset({Role.FOCAL_POINT, Role.AGENCY_HEAD})


@dataclass(frozen=True, slots=True)
class Details:
    """What is said about a person besides their address."""

    name: str
    role: Role
    position: str | None = None
    agency_id: int | None = None


def invite(work: Work, scope: Scope, email: str, details: Details, *, now: datetime) -> Account:
    """Open an account without a password in the scope's government and mail its owner a link to choose one.

    Raises InvalidInputError for an address that is none or taken, and for an agency role without an agency.
    """
    account = _new(work, scope, email, details)
    account.invited_at = now
    insert(work, account)
    _record(work, scope, "invite_account", account, now)
    outbox.enqueue(work, account=account, kind=MessageKind.INVITE, now=now)
    return account


def add_with_password(
    work: Work, scope: Scope, email: str, details: Details, password: str, *, now: datetime
) -> Account:
    """Open an account that can sign in at once, for whoever holds the machine. Raises InvalidInputError."""
    account = _new(work, scope, email, details)
    passwords.store(account, password)
    insert(work, account)
    _record(work, scope, "add_account", account, now)
    return account


def add_administrator(
    work: Work, email: str, name: str, password: str | None = None, *, now: datetime
) -> Account:
    """Open a further administrator's account, with a password or with an invitation. Raises InvalidInputError."""
    check_name(name)
    account = Account(email=checked_address(email), name=name, role=Role.ADMINISTRATOR, session_version=1)
    if password is not None:
        passwords.store(account, password)
    else:
        account.invited_at = now
    insert(work, account)
    people_trail.record(work, "add_account", account, actor_id=None, at=now)
    if password is None:
        outbox.enqueue(work, account=account, kind=MessageKind.INVITE, now=now)
    return account


def edit(
    work: Work, scope: Scope, account_id: int, details: Details, *, version: int | None, now: datetime
) -> Account:
    """Change name, position, role and agency. A new role or agency ends the person's sessions.

    Open tasks the person may no longer work on lose their assignee. Raises NotFoundError, InvalidInputError and
    ConflictError ("account.stale_version", "account.last_coordinator").
    """
    account = queries.get_account(work.session, scope, account_id)
    check_version(account, version)
    _check(work, scope, details)
    if details.role is not Role.COORDINATOR:
        _keep_a_coordinator(work, account)
    before = _facts(account)
    account.name, account.position = details.name, details.position
    account.role, account.agency_id = details.role, details.agency_id
    changed = people_trail.changes(before, _facts(account))
    if changed.keys() & {"role", "agency_id"}:
        if (
            account.password_hash is not None
        ):  # else there is no session to end, and the invitation stays good
            account.session_version += 1
        assignments.release(work, scope, account, now=now)
    if changed:
        people_trail.record_by(work, scope, "edit_account", account, now=now, data=changed)
    return account


def close(work: Work, scope: Scope, account_id: int, *, now: datetime) -> Account:
    """Close an account: no more signing in, sessions end, open tasks lose this assignee, nobody acts for or as them.

    Twice changes nothing more.

    Raises NotFoundError, ForbiddenError for one's own, ConflictError ("account.last_coordinator").
    """
    account = queries.get_account(work.session, scope, account_id)
    if account.id == scope.account_id:
        raise ForbiddenError("account.own")
    if not account.is_active:
        return account
    _keep_a_coordinator(work, account)
    account.is_active = False
    account.session_version += 1
    assignments.release(work, scope, account, now=now)
    acting.end_of(work, scope, account, now=now)
    people_trail.record_by(work, scope, "close_account", account, now=now)
    return account


def reopen(work: Work, scope: Scope, account_id: int, *, now: datetime) -> Account:
    """Let a closed account in again, with the password it had. Raises NotFoundError."""
    account = queries.get_account(work.session, scope, account_id)
    if not account.is_active:
        account.is_active = True
        people_trail.record_by(work, scope, "reopen_account", account, now=now)
    return account


def invite_again(work: Work, scope: Scope, account_id: int, *, now: datetime) -> Account:
    """Mail the invitation once more. Raises NotFoundError, ConflictError ("account.not_invited")."""
    account = queries.get_account(work.session, scope, account_id)
    if account.password_hash is not None or not account.is_active:
        raise ConflictError("account.not_invited")
    account.invited_at = now
    outbox.enqueue(work, account=account, kind=MessageKind.INVITE, now=now)
    people_trail.record_by(work, scope, "invite_account_again", account, now=now)
    return account


def send_reset(work: Work, scope: Scope, account_id: int, *, now: datetime) -> Account:
    """Mail a person who can sign in a link to a new password; the old one works until they choose it.

    Raises NotFoundError, ConflictError ("account.no_password_yet") for a closed account and one never activated.
    """
    account = queries.get_account(work.session, scope, account_id)
    if account.password_hash is None or not account.is_active:
        raise ConflictError("account.no_password_yet")
    outbox.enqueue(work, account=account, kind=MessageKind.PASSWORD_RESET, now=now)
    people_trail.record_by(work, scope, "send_password_reset", account, now=now)
    return account


def checked_address(email: str) -> str:
    """The address as it is stored. Raises InvalidInputError when it is none that mail can be sent to."""
    try:
        return validate_email(email, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise InvalidInputError.of("account.bad_email", "email") from None


def check_name(name: str) -> None:
    """Raises InvalidInputError when the name is blank."""
    if not name.strip():
        raise InvalidInputError.of("field.required", "name")


def check_version(account: Account, version: int | None) -> None:
    """Raises ConflictError when the account is no longer the version somebody looked at (None: any)."""
    if version is not None and account.version != version:
        raise ConflictError("account.stale_version")


def insert(work: Work, account: Account) -> None:
    """Store a new account. Raises InvalidInputError when its address has one already."""
    try:
        with work.session.begin_nested():
            work.session.add(account)
    except IntegrityError:
        raise InvalidInputError.of("account.email_taken", "email") from None


def _new(work: Work, scope: Scope, email: str, details: Details) -> Account:
    address = checked_address(email)
    _check(work, scope, details)
    return Account(
        government_id=scope.government_id,
        email=address,
        name=details.name,
        role=details.role,
        position=details.position,
        agency_id=details.agency_id,
        session_version=1,
    )


def _check(work: Work, scope: Scope, details: Details) -> None:
    check_name(details.name)
    if details.role is Role.ADMINISTRATOR:
        raise InvalidInputError.of("account.role_not_here", "role")
    if details.role in AGENCY_ROLES and details.agency_id is None:
        raise InvalidInputError.of("account.role_needs_agency", "agency_id")
    if details.agency_id is not None:
        try:
            queries.get_agency(work.session, scope, details.agency_id)
        except NotFoundError:
            raise InvalidInputError((Problem("agency.not_found", "agency_id"),)) from None


def _keep_a_coordinator(work: Work, account: Account) -> None:
    """Raises ConflictError when ``account`` is the government's only coordinator who can sign in."""
    able = queries.lock_coordinators(work.session, account.government_id)
    if able == [account.id]:
        raise ConflictError("account.last_coordinator")


def _facts(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "position": account.position,
        "role": account.role,
        "agency_id": account.agency_id,
    }


def _record(work: Work, scope: Scope, action: str, account: Account, now: datetime) -> None:
    data = {name: str(value) for name, value in _facts(account).items() if value is not None}
    people_trail.record_by(work, scope, action, account, now=now, data={"email": account.email, **data})
