"""Selects about people and agencies, each limited to one government."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from spbe_tasks.models import Account, Agency, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import OPEN_STATES
from spbe_tasks.services.queries.acting import positions_of
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.closing import in_open_plan
from spbe_tasks.services.queries.news import unseen_of

# Who can be given an agency's tasks.
ASSIGNABLE_ROLES = (Role.FOCAL_POINT, Role.COORDINATOR)

# Built once: every page asks for its reader.
_VISITOR: AnySelect = select(Account, unseen_of(Account), positions_of(Account))


def find_signed_in(session: Session, account_id: int, session_version: int) -> Account | None:
    """The active account of a session, with government and agency, in one statement; None when it has ended."""
    found: Account | None = session.scalar(_signed_in(select(Account), account_id, session_version))
    return found


def find_visitor(session: Session, account_id: int, session_version: int) -> Row[Any] | None:
    """The same as (Account, unseen_news, positions): what every page needs of its reader.

    See ``queries.news.unseen_of`` and ``queries.acting.positions_of``.
    """
    wanted: AnySelect = _signed_in(_VISITOR, account_id, session_version)
    return session.execute(wanted).one_or_none()


def _signed_in(wanted: Any, account_id: int, session_version: int) -> Any:
    return wanted.where(
        Account.id == account_id, Account.session_version == session_version, Account.is_active
    ).options(joinedload(Account.government), joinedload(Account.agency))


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


def list_accounts(session: Session, scope: Scope, *, agency_id: int | None = None) -> Sequence[Account]:
    """Everybody of the government, or of one of its agencies; open accounts first, by name."""
    rows = select(Account).where(Account.government_id == scope.government_id)
    if agency_id is not None:
        rows = rows.where(Account.agency_id == agency_id)
    return session.scalars(
        rows.options(joinedload(Account.agency)).order_by(Account.is_active.desc(), Account.name, Account.id)
    ).all()


def list_assignable(session: Session, scope: Scope, agency_id: int) -> Sequence[Account]:
    """Active people of an agency who can be given its tasks: its focal points, and a coordinator who belongs to it."""
    return session.scalars(
        select(Account).where(assignable(scope, agency_id)).order_by(Account.name, Account.id)
    ).all()


def assignable(scope: Scope, agency_id: int) -> ColumnElement[bool]:
    """The condition behind ``list_assignable``."""
    return and_(Account.government_id == scope.government_id, works_for(agency_id))


def works_for(
    agency_id: int | ColumnElement[int] | InstrumentedAttribute[int], person: type[Account] = Account
) -> ColumnElement[bool]:
    """Whether a person can be given the tasks of an agency; ``person`` may be an alias."""
    return and_(person.agency_id == agency_id, person.role.in_(ASSIGNABLE_ROLES), person.is_active)


def list_coordinators(session: Session, scope: Scope) -> Sequence[Account]:
    """Who coordinates in the scope's government and can be asked, by name."""
    return session.scalars(
        select(Account)
        .where(
            Account.government_id == scope.government_id,
            Account.role == Role.COORDINATOR,
            Account.is_active,
        )
        .order_by(Account.name, Account.id)
    ).all()


def list_administrators(session: Session) -> Sequence[Account]:
    """The administrators of the installation, by name."""
    return session.scalars(
        select(Account).where(Account.role == Role.ADMINISTRATOR).order_by(Account.name, Account.id)
    ).all()


def lock_coordinators(session: Session, government_id: int | None) -> Sequence[int]:
    """Ids of the coordinators who can sign in, held until the transaction ends: two cannot close each other."""
    return session.scalars(
        select(Account.id)
        .where(
            Account.government_id == government_id,
            Account.role == Role.COORDINATOR,
            Account.is_active,
            Account.password_hash.is_not(None),
        )
        .order_by(Account.id)
        .with_for_update()
    ).all()


def list_lost_assignments(session: Session, account: Account) -> Sequence[Task]:
    """Open tasks assigned to somebody who cannot work on them: closed, in another agency or in another role.

    Those of a closed plan keep whom they had.
    """
    mine = select(Task).where(Task.assignee_id == account.id, Task.state.in_(OPEN_STATES), in_open_plan())
    if account.is_active and account.role in ASSIGNABLE_ROLES and account.agency_id is not None:
        mine = mine.where(Task.agency_id != account.agency_id)
    return session.scalars(mine.order_by(Task.id).with_for_update()).all()


def list_stale_assignments(
    session: Session, scope: Scope, task_ids: Collection[int]
) -> "Sequence[Row[int, int | None]]":
    """Those of these tasks, in any state, whose assignee may not work on them: (id, assignee_id), by id."""
    return session.execute(
        select(Task.id, Task.assignee_id)
        .where(
            Task.id.in_(task_ids),
            Task.government_id == scope.government_id,
            Task.assignee_id.is_not(None),
            ~exists().where(Account.id == Task.assignee_id, works_for(Task.agency_id)),
        )
        .order_by(Task.id)
    ).all()


def get_agency(session: Session, scope: Scope, agency_id: int) -> Agency:
    """An agency of the scope's government. Raises NotFoundError for any other."""
    found = session.scalar(
        select(Agency).where(Agency.id == agency_id, Agency.government_id == scope.government_id)
    )
    if found is None:
        raise NotFoundError("agency.not_found")
    return found


def lock_agency(session: Session, scope: Scope, agency_id: int) -> None:
    """Wait for whoever else brings something to an agency of the government. Raises NotFoundError for any other."""
    wanted = select(Agency.id).where(Agency.id == agency_id, Agency.government_id == scope.government_id)
    if session.scalar(wanted.with_for_update(key_share=True)) is None:
        raise NotFoundError("agency.not_found")


def get_agency_by_slug(session: Session, scope: Scope, slug: str) -> Agency:
    """The agency of the scope's government with this slug. Raises NotFoundError."""
    found = session.scalar(
        select(Agency).where(Agency.slug == slug, Agency.government_id == scope.government_id)
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


def list_agency_rows(session: Session, scope: Scope) -> Sequence[Row[Any]]:
    """The agencies as (Agency, people, open_tasks): active people, unfinished tasks; active first, by short name."""
    people = (
        select(Account.agency_id, func.count().label("people"))
        .where(Account.government_id == scope.government_id, Account.is_active)
        .group_by(Account.agency_id)
        .subquery()
    )
    tasks = (
        select(Task.agency_id, func.count().label("open_tasks"))
        .where(Task.government_id == scope.government_id, Task.state.in_(OPEN_STATES), in_open_plan())
        .group_by(Task.agency_id)
        .subquery()
    )
    return session.execute(
        select(
            Agency,
            func.coalesce(people.c.people, 0).label("people"),
            func.coalesce(tasks.c.open_tasks, 0).label("open_tasks"),
        )
        .outerjoin(people, people.c.agency_id == Agency.id)
        .outerjoin(tasks, tasks.c.agency_id == Agency.id)
        .where(Agency.government_id == scope.government_id)
        .order_by(Agency.is_active.desc(), Agency.short_name, Agency.id)
    ).all()


def list_open_tasks(session: Session, scope: Scope, agency_id: int) -> Sequence[Task]:
    """The agency's tasks that are not finished, in plans that are not closed, soonest due first."""
    return session.scalars(
        select(Task)
        .where(
            Task.government_id == scope.government_id,
            Task.agency_id == agency_id,
            Task.state.in_(OPEN_STATES),
            in_open_plan(),
        )
        .order_by(Task.due_on, Task.id)
    ).all()
