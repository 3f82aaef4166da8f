"""Selects of news: whom it concerns, and what a person has been told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Row, Select, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import (
    Account,
    ActingOfficer,
    Agency,
    Comment,
    Government,
    News,
    Plan,
    Submission,
    Task,
)
from spbe_tasks.rules.access import CAPABILITIES, Capability, Role, Scope
from spbe_tasks.rules.news import Audience
from spbe_tasks.services.queries.acting import stands_on
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.discussion import may_see
from spbe_tasks.services.queries.tasks import PAGE_SIZE, visible

# The bell counts no further.
MOST_COUNTED = 100
_REVIEWERS = [role for role, held in CAPABILITIES.items() if Capability.REVIEW_TASKS in held]
_ACTOR = aliased(Account)


def concerned(task: Task, audience: Collection[Audience]) -> Select[int]:
    """Ids of the people of ``audience`` (not empty) who have an open account and may see the task."""
    conditions = [_CONDITIONS[each](task) for each in audience]
    return select(Account.id).where(may_see(task), or_(*conditions))


def reached(people: Select[int], government_id: int, now: datetime) -> Select[int]:
    """``people`` (ids) and whoever stands in for one of them today, by the government's own date, each once.

    No further: whoever stands in for an acting officer may not take the position that one has taken.
    """
    told = people.cte("concerned")
    today = cast(func.timezone(Government.timezone, literal(now)), Date)
    standing_in = (
        select(ActingOfficer.acting_id)
        .join(told, told.c.id == ActingOfficer.absent_id)
        .join(Government, Government.id == ActingOfficer.government_id)
        .join(Account, Account.id == ActingOfficer.acting_id)
        .where(ActingOfficer.government_id == government_id, stands_on(today), Account.is_active)
    )
    everybody = select(told.c.id).union(standing_in).subquery()
    return select(everybody.c.id)


def list_reached(
    session: Session, account_ids: Collection[int], government_id: int, now: datetime
) -> frozenset[int]:
    """The same for people who are known."""
    people = select(Account.id).where(Account.id.in_(account_ids))
    return frozenset(session.scalars(reached(people, government_id, now))) if account_ids else frozenset()


def _submitters(task: Task) -> ColumnElement[bool]:
    handed_in = (Submission.submitted_by_id, Submission.submitted_as_id)
    return or_(*(Account.id.in_(select(each).where(Submission.task_id == task.id)) for each in handed_in))


def _in_charge(task: Task) -> ColumnElement[bool]:
    if task.assignee_id is not None:
        return _assignee(task)
    return and_(Account.role == Role.FOCAL_POINT, Account.agency_id == task.agency_id)


def _assignee(task: Task) -> ColumnElement[bool]:
    return Account.id == task.assignee_id


def _commenters(task: Task) -> ColumnElement[bool]:
    return Account.id.in_(select(Comment.author_id).where(Comment.task_id == task.id))


def _reviewers(_task: Task) -> ColumnElement[bool]:
    return Account.role.in_(_REVIEWERS)


_CONDITIONS: Mapping[Audience, Any] = {
    Audience.SUBMITTERS: _submitters,
    Audience.IN_CHARGE: _in_charge,
    Audience.ASSIGNEE: _assignee,
    Audience.COMMENTERS: _commenters,
    Audience.REVIEWERS: _reviewers,
}


def unseen_of(account: type[Account]) -> Any:
    """The tasks of an account's unseen news (0: of no task), at most ``MOST_COUNTED``: a column beside the account.

    The bell counts them, and a task's page knows from them whether there is anything to mark as seen.
    """
    unseen = (
        select(func.coalesce(News.task_id, 0))
        .where(News.account_id == account.id, News.seen_at.is_(None))
        .limit(MOST_COUNTED)
    )
    return func.array(unseen.correlate(account).scalar_subquery()).label("unseen_news")


def list_news(session: Session, scope: Scope, *, page: int) -> Sequence[Row[Any]]:
    """A page of what the scope's person was told, not yet seen first, newest first: the news with actor and task.

    ``is_visible``: the task can be opened from where they are; one of a position they stand in for only once they
    took that.
    """
    rows: AnySelect = (
        select(
            News,
            _ACTOR.name.label("actor_name"),
            Task.title,
            Task.indicator_number,
            Plan.instrument_id,
            Agency.short_name.label("agency_name"),
            func.coalesce(visible(scope), False).label("is_visible"),
        )
        .outerjoin(_ACTOR, _ACTOR.id == News.actor_id)
        .outerjoin(Task, Task.id == News.task_id)
        .outerjoin(Plan, Plan.id == Task.plan_id)
        .outerjoin(Agency, Agency.id == Task.agency_id)
        .where(own(scope))
        .order_by(News.seen_at.is_not(None), News.id.desc())
    )
    return session.execute(rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()


def count_news(session: Session, scope: Scope) -> int:
    """How many there are in all."""
    return session.scalar(select(func.count()).select_from(News).where(own(scope))) or 0


def own(scope: Scope) -> ColumnElement[bool]:
    """The news of the scope's person in the scope's government."""
    return and_(News.account_id == scope.account_id, News.government_id == scope.government_id)
