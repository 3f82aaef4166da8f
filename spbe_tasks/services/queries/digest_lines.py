"""Selects for the words of a digest or brief: tasks as they are told, news that waits. By a government's id."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Result, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Message, MessageKind, MessageState, News, Task
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.recipients import OpenTask, People
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.reminders import TASK, is_with_agency, open_task


@dataclass(frozen=True, slots=True)
class ToldTask:
    """A task as a mail tells it; ``points`` are index points."""

    task: OpenTask
    indicator_number: int
    title: str
    kind: TaskKind
    points: Decimal
    agency_name: str


_TOLD: tuple[Any, ...] = (*TASK, Task.indicator_number, Task.title, Task.kind, Task.points, Agency.name)
_TASKS = select(*_TOLD).join(Agency, Agency.id == Task.agency_id)


def _own(*more: ColumnElement[bool]) -> AnySelect:
    mine = Task.assignee_id.in_(bindparam("the_people", expanding=True))
    of_agency = Task.agency_id.in_(bindparam("their_agencies", expanding=True))
    whose = or_(mine, of_agency, *more)
    return _TASKS.where(Task.government_id == bindparam("the_government"), is_with_agency(), whose)


# Built once: every digest asks for them, and building a statement costs more than running it.
_OWN = _own()
_OWN_OR_NOBODYS = _own(Task.agency_id.not_in(bindparam("looked_after", expanding=True)))


def list_own_tasks(
    session: Session, government_id: int, account_ids: Collection[int], people: People, zone: str
) -> Sequence[ToldTask]:
    """The tasks in their agencies' hands that one of ``account_ids`` may be the one to be reminded of, of any date.

    A superset: ``rules.recipients.recipients`` has the last word.
    """
    mine = set(account_ids)
    agency_ids = [each for each, found in people.focal_points.items() if mine & set(found)]
    given = {"the_government": government_id, "the_people": sorted(mine), "their_agencies": agency_ids}
    if mine & set(people.coordinators):
        rows = session.execute(_OWN_OR_NOBODYS, given | {"looked_after": sorted(people.focal_points)})
    else:
        rows = session.execute(_OWN, given)
    return _told(rows, zone)


def list_tasks(
    session: Session, government_id: int, task_ids: Collection[int], zone: str
) -> Sequence[ToldTask]:
    """These tasks, in any state."""
    if not task_ids:
        return ()
    rows = _TASKS.where(Task.government_id == government_id, Task.id.in_(task_ids))
    return _told(session.execute(rows), zone)


def _told(rows: Result[Any], zone: str) -> Sequence[ToldTask]:
    return [
        ToldTask(open_task(row, zone), row.indicator_number, row.title, row.kind, row.points, row.name)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class NewsLine:
    """A piece of news as a mail tells it. ``title`` and number of the task it is about, if it is about one."""

    news_id: int
    kind: NewsKind
    at: datetime
    words: str
    actor_name: str | None
    task_id: int | None
    indicator_number: int | None
    title: str | None


def list_untold_kinds(session: Session, government_id: int) -> Sequence[tuple[int, NewsKind]]:
    """Whom news waits for that stands in no mail yet, and of which kind: (account, kind), each once.

    Only people whose account is open, and still of this government: nobody else is mailed.
    """
    rows = (
        select(News.account_id, News.kind)
        .join(Account, Account.id == News.account_id)
        .where(
            News.government_id == government_id,
            Account.government_id == government_id,
            Account.is_active,
            *_UNTOLD,
        )
        .distinct()
    )
    return [(account_id, kind) for account_id, kind in session.execute(rows)]


def list_untold(session: Session, account: Account, kinds: Collection[NewsKind]) -> Sequence[NewsLine]:
    """One person's news of these kinds that stands in no mail yet, oldest first."""
    given = {
        "the_government": account.government_id,
        "the_account": account.id,
        "the_kinds": list(kinds),
    }
    return [NewsLine(*row) for row in session.execute(_NEWS, given)]


def has_brief(session: Session, account: Account, today: date) -> bool:
    """Whether a weekly brief of this local date has been made for a person and was not cancelled."""
    found = exists().where(
        Message.government_id == account.government_id,
        Message.account_id == account.id,
        Message.kind == MessageKind.BRIEF,
        Message.local_date == today,
        Message.state != MessageState.CANCELLED,
    )
    return bool(session.scalar(select(found)))


_UNTOLD = (News.message_id.is_(None), News.told_at.is_(None))
_ACTOR = select(Account.name).where(Account.id == News.actor_id).scalar_subquery()
_NEWS = (
    select(News.id, News.kind, News.at, News.words, _ACTOR, News.task_id, Task.indicator_number, Task.title)
    .outerjoin(Task, Task.id == News.task_id)
    .where(
        News.government_id == bindparam("the_government"),
        News.account_id == bindparam("the_account"),
        News.kind.in_(bindparam("the_kinds", expanding=True)),
        *_UNTOLD,
    )
    .order_by(News.id)
)
