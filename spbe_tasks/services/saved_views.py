"""Saved views of the task list: filters, order and columns under a name; one's own, or shared by a coordinator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from spbe_tasks.models import Account, SavedView
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError
from spbe_tasks.services import trail
from spbe_tasks.services.queries import saved_views as queries
from spbe_tasks.work import Work

LONGEST_NAME = 60
MOST_VIEWS = 30
Query = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ViewWords:
    """What a person says about a view. ``is_shared``: everybody of the government may open it."""

    name: str
    is_shared: bool = False


def create(work: Work, scope: Scope, said: ViewWords, query: Query, *, now: datetime) -> SavedView:
    """Keep the arguments of a list's address under a name.

    Raises InvalidInputError for a missing or long name or too many views, ForbiddenError for sharing by others than
    coordinators.
    """
    _check(scope, said)
    if queries.count_own(work.session, scope) >= MOST_VIEWS:
        raise InvalidInputError.of("saved_view.too_many", "name", maximum=MOST_VIEWS)
    view = SavedView(
        government_id=scope.government_id,
        owner_id=scope.account_id,
        name=said.name.strip(),
        query=dict(query),
        is_shared=said.is_shared,
        created_at=now,
    )
    work.session.add(view)
    work.session.flush()
    _record(work, scope, view, "create_view", now=now)
    return view


def change(
    work: Work, scope: Scope, view_id: int, said: ViewWords, *, version: int | None, now: datetime
) -> SavedView:
    """Rename one's own view, share it or keep it to oneself. Raises as ``create``, and as ``remove``."""
    view = queries.get_own(work.session, scope, view_id)
    if version is not None and view.version != version:
        raise ConflictError("saved_view.stale_version")
    _check(scope, said)
    view.name, view.is_shared = said.name.strip(), said.is_shared
    work.session.flush()
    _record(work, scope, view, "change_view", now=now)
    return view


def remove(work: Work, scope: Scope, view_id: int, *, now: datetime) -> None:
    """Forget one's own view; whoever opens their list with it opens it with everything again.

    Raises NotFoundError for a view that is not one's own.
    """
    view = queries.get_own(work.session, scope, view_id)
    _record(work, scope, view, "remove_view", now=now)
    work.session.delete(view)


def set_default(work: Work, scope: Scope, view_id: int | None) -> None:
    """Open one's list of tasks with this view, or with everything again (None).

    A choice of one's own, like a bookmark: no event. Raises NotFoundError for a view that one does not see.
    """
    if view_id is not None:
        queries.get_visible(work.session, scope, view_id)
    # Without raising the account's version: a profile that is open elsewhere stays as it was.
    work.session.execute(
        update(Account).where(Account.id == scope.account_id).values(default_view_id=view_id)
    )


def _check(scope: Scope, said: ViewWords) -> None:
    name = said.name.strip()
    if not name:
        raise InvalidInputError.of("field.required", "name")
    if len(name) > LONGEST_NAME:
        raise InvalidInputError.of("saved_view.name_too_long", "name", maximum=LONGEST_NAME)
    if said.is_shared and not scope.may(Capability.MANAGE_PLANS):
        raise ForbiddenError("saved_view.share_forbidden")


def _record(work: Work, scope: Scope, view: SavedView, action: str, *, now: datetime) -> None:
    trail.record_by(
        work,
        scope,
        action,
        ("saved_view", view.id),
        now=now,
        data={"name": view.name, "is_shared": view.is_shared},
    )
