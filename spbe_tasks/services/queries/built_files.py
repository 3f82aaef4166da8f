"""Selects of files that workers build. A person sees only those they asked for, in the position they asked in."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from spbe_tasks.models import BuildKind, BuildState, BuiltFile
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.build_terms import TERMS

MOST_SHOWN = 50


def _own(scope: Scope) -> ColumnElement[bool]:
    return and_(
        BuiltFile.government_id == scope.government_id,
        BuiltFile.account_id == scope.account_id,
        BuiltFile.acting_for_id.is_not_distinct_from(scope.acting_for_id),
    )


def list_own(session: Session, scope: Scope, *, kinds: Collection[str] | None = None) -> Sequence[BuiltFile]:
    """The person's files, newest first; all of them, or those of some kinds."""
    own = select(BuiltFile).where(_own(scope)).order_by(BuiltFile.id.desc())
    if kinds is not None:
        own = own.where(BuiltFile.kind.in_(kinds))
    return session.scalars(own.limit(MOST_SHOWN)).all()


def list_unfinished(session: Session, scope: Scope) -> Sequence[BuiltFile]:
    """Those that are waiting or under way."""
    return [
        each for each in list_own(session, scope) if each.state in (BuildState.WAITING, BuildState.RUNNING)
    ]


def get(session: Session, scope: Scope, built_id: int) -> BuiltFile:
    """One of them. Raises NotFoundError when it is not the person's, gone, or no longer for somebody of their role."""
    found = session.scalar(select(BuiltFile).where(BuiltFile.id == built_id, _own(scope)))
    terms = TERMS.get(BuildKind(found.kind)) if found and found.kind in tuple(BuildKind) else None
    if found is None or (terms and not scope.may(terms.needs)):
        raise NotFoundError("built_file.not_found")
    return found


def lock_running(session: Session, built_id: int) -> BuiltFile | None:
    """The order a worker is at, locked; None when it was removed or given up."""
    wanted = select(BuiltFile).where(BuiltFile.id == built_id, BuiltFile.state == BuildState.RUNNING)
    return session.scalar(wanted.with_for_update())


def list_stale(session: Session, *, untaken: datetime, silent: datetime) -> Sequence[BuiltFile]:
    """What waits since before ``untaken``, or was last heard of before ``silent``; locked, of all governments."""
    is_untaken = (BuiltFile.state == BuildState.WAITING) & (BuiltFile.touched_at <= untaken)
    is_silent = (BuiltFile.state == BuildState.RUNNING) & (BuiltFile.touched_at <= silent)
    stale = select(BuiltFile).where(or_(is_untaken, is_silent)).order_by(BuiltFile.id)
    return session.scalars(stale.with_for_update(skip_locked=True)).all()
