"""Selects about governments that are to be deleted or were. The rows outlive the governments they are about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Account, BuildKind, BuildState, BuiltFile, GovernmentDeletion
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError

_ASKER, _SECOND = aliased(Account), aliased(Account)
MOST_SHOWN = 100


def _stands() -> ColumnElement[bool]:
    return and_(GovernmentDeletion.withdrawn_at.is_(None), GovernmentDeletion.deleted_at.is_(None))


def find_standing(session: Session, scope: Scope, *, is_locked: bool = False) -> GovernmentDeletion | None:
    """The request of the scope's government that is neither withdrawn nor done; None when nobody asked."""
    wanted = select(GovernmentDeletion).where(
        GovernmentDeletion.government_id == scope.government_id, _stands()
    )
    return session.scalar(wanted.with_for_update() if is_locked else wanted)


def lock_standing(session: Session, scope: Scope, deletion_id: int) -> GovernmentDeletion:
    """The same, locked, if it is the one with that number. Raises NotFoundError ("deletion.not_found")."""
    found = find_standing(session, scope, is_locked=True)
    if found is None or found.id != deletion_id:
        raise NotFoundError("deletion.not_found")
    return found


def get_asker(session: Session, deletion: GovernmentDeletion) -> Account:
    """The administrator who asked."""
    return session.get_one(Account, deletion.asked_by_id)


def find_archive(session: Session, scope: Scope) -> BuiltFile | None:
    """The newest archive of the scope's government, whoever had it built; None when there is none."""
    archives = select(BuiltFile).where(
        BuiltFile.government_id == scope.government_id,
        BuiltFile.kind == BuildKind.GOVERNMENT_ARCHIVE,
        BuiltFile.state == BuildState.READY,
    )
    return session.scalar(archives.order_by(BuiltFile.finished_at.desc(), BuiltFile.id.desc()).limit(1))


def list_coordinators(session: Session, scope: Scope) -> Sequence[int]:
    """Ids of the people who are told: the coordinators whose account is open."""
    rows = select(Account.id).where(
        Account.government_id == scope.government_id, Account.role == Role.COORDINATOR, Account.is_active
    )
    return session.scalars(rows.order_by(Account.id)).all()


def count_administrators(session: Session) -> int:
    """How many administrators of the installation have an open account."""
    rows = select(func.count()).where(Account.role == Role.ADMINISTRATOR, Account.is_active)
    return session.scalar(rows) or 0


def lock_confirmed(session: Session, deletion_id: int) -> GovernmentDeletion | None:
    """A confirmed request that is still to be done, locked; None when it is over, or another worker is at it."""
    wanted = select(GovernmentDeletion).where(
        GovernmentDeletion.id == deletion_id, GovernmentDeletion.confirmed_at.is_not(None), _stands()
    )
    return session.scalar(wanted.with_for_update(skip_locked=True))


def list_confirmed(session: Session) -> Sequence[int]:
    """Ids of all requests that are still to be done. For a machine job: of every government."""
    confirmed = select(GovernmentDeletion.id).where(GovernmentDeletion.confirmed_at.is_not(None), _stands())
    return session.scalars(confirmed.order_by(GovernmentDeletion.id)).all()


def list_done(session: Session) -> Sequence[Row[GovernmentDeletion, str, str]]:
    """The governments that were deleted, newest first, with the two people: (GovernmentDeletion, asker, second).

    For administrators: it is about the whole installation.
    """
    rows = (
        select(GovernmentDeletion, _ASKER.name.label("asker"), _SECOND.name.label("second"))
        .join(_ASKER, _ASKER.id == GovernmentDeletion.asked_by_id)
        .join(_SECOND, _SECOND.id == GovernmentDeletion.confirmed_by_id)
        .where(GovernmentDeletion.deleted_at.is_not(None))
    )
    return session.execute(rows.order_by(GovernmentDeletion.deleted_at.desc()).limit(MOST_SHOWN)).all()


def delete_rows(session: Session, deletion_id: int, now: datetime) -> dict[str, int] | None:
    """Have the database delete every row of the government; how many of each table, or None: a mail is on its way.

    The function belongs to the schema's owner, and refuses whatever two administrators have not confirmed.
    """
    counts: dict[str, int] | None = session.scalar(select(func.delete_government(deletion_id, now)))
    return counts
