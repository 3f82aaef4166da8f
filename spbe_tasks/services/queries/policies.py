"""Selects about the versions of a government's policies, and the decisions to keep a conflict."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, KeptConflict, Plan, PolicyVersion
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError


def get_version(session: Session, scope: Scope, policy_id: int) -> PolicyVersion:
    """A version of the scope's government. Raises NotFoundError for any other."""
    found = session.scalar(
        select(PolicyVersion).where(
            PolicyVersion.id == policy_id, PolicyVersion.government_id == scope.government_id
        )
    )
    if found is None:
        raise NotFoundError("policy.not_found")
    return found


def find_latest(
    session: Session, scope: Scope, instrument_id: str, *, year: int | None = None, number: int | None = None
) -> PolicyVersion | None:
    """The newest version for an instrument, of one year or with one number where said; None when there is none."""
    wanted = select(PolicyVersion).where(
        PolicyVersion.government_id == scope.government_id, PolicyVersion.instrument_id == instrument_id
    )
    if year is not None:
        wanted = wanted.where(PolicyVersion.year == year)
    if number is not None:
        wanted = wanted.where(PolicyVersion.number == number)
    return session.scalar(wanted.order_by(PolicyVersion.number.desc()).limit(1))


def list_versions(session: Session, scope: Scope, instrument_id: str) -> Sequence[Row[Any]]:
    """All versions as (PolicyVersion, author, years), newest first; ``years`` are those of the plans that use it."""
    years = select(func.array_agg(Plan.year)).where(Plan.policy_id == PolicyVersion.id).scalar_subquery()
    return session.execute(
        select(PolicyVersion, Account.name.label("author"), years.label("years"))
        .outerjoin(Account, Account.id == PolicyVersion.made_by_id)
        .where(
            PolicyVersion.government_id == scope.government_id, PolicyVersion.instrument_id == instrument_id
        )
        .order_by(PolicyVersion.number.desc())
    ).all()


def settings_by_id(session: Session, scope: Scope, policy_ids: Collection[int]) -> Mapping[int, Any]:
    """The stored settings of these versions, by id."""
    rows = session.execute(
        select(PolicyVersion.id, PolicyVersion.settings).where(
            PolicyVersion.id.in_(policy_ids), PolicyVersion.government_id == scope.government_id
        )
    )
    return {row.id: row.settings for row in rows}


def agency_slugs(session: Session, scope: Scope) -> frozenset[str]:
    """The slugs of all agencies of the government, closed ones included."""
    return frozenset(session.scalars(select(Agency.slug).where(Agency.government_id == scope.government_id)))


def list_kept(session: Session, scope: Scope, task_ids: Collection[int]) -> set[tuple[int, str, str]]:
    """The decisions to leave these tasks as they are: (task id, reason, what was wanted then)."""
    rows = session.execute(
        select(KeptConflict.task_id, KeptConflict.reason, KeptConflict.wanted).where(
            KeptConflict.government_id == scope.government_id, KeptConflict.task_id.in_(task_ids)
        )
    )
    return {(row.task_id, row.reason.value, row.wanted) for row in rows}
