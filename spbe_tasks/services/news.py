"""News: what a person is told apart from dates, at the bell at once and in one mail.

News of a task also reach whoever stands in for that person (Plt/Plh); files are told to who asked for them alone.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, Update, func, insert, literal, update
from sqlalchemy.orm import Session

from spbe_tasks.models import Comment, News, Task
from spbe_tasks.rich_text import as_words
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.news import CONCERNS, NEVER_MAILED, SETTLES, TOLD_BY, NewsKind
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services.queries import news as queries
from spbe_tasks.work import Work

LONGEST_WORDS = 200


def tell(
    work: Work,
    kind: NewsKind,
    account_ids: Iterable[int],
    *,
    government_id: int,
    actor_id: int | None,
    now: datetime,
    task_id: int | None = None,
    words: str = "",
) -> None:
    """Tell these people, and of a task who stands in for them; each once and never the one whose doing it is.

    ``words`` is cut to a line.
    """
    people = frozenset(account_ids)
    if task_id is not None:
        people = queries.list_reached(work.session, people, government_id, now)
    same = _row(kind, government_id=government_id, actor_id=actor_id, now=now, task_id=task_id, words=words)
    rows = [{"account_id": each, **same} for each in sorted(people - {actor_id})]
    if rows:
        work.session.execute(insert(News), rows)


def tell_all(
    work: Work,
    told: Mapping[NewsKind, Collection[int]],
    task: Task,
    *,
    actor_id: int | None,
    now: datetime,
    words: str = "",
) -> None:
    """Tell each group of people one kind of news about a task; else as ``tell``."""
    for kind, account_ids in told.items():
        tell(
            work,
            kind,
            account_ids,
            government_id=task.government_id,
            actor_id=actor_id,
            now=now,
            task_id=task.id,
            words=words,
        )


def tell_of_action(
    work: Work, task: Task, action: Action, *, actor_id: int | None, now: datetime, words: str = ""
) -> None:
    """Tell whom ``rules.news`` names what was done to a task, and mark as seen what that makes out of date.

    One statement; none where it is no news.
    """
    told, settled = TOLD_BY.get(action), SETTLES.get(action)
    past = _settle(task, settled, now) if settled else None
    if told is not None:
        same = _row(
            told, government_id=task.government_id, actor_id=actor_id, now=now, task_id=task.id, words=words
        )
        telling = _tell_concerned(task, told, same, now)
        work.session.execute(telling if past is None else telling.add_cte(past.cte("settled")))
    elif past is not None:
        work.session.execute(past)


def _tell_concerned(task: Task, kind: NewsKind, same: Mapping[str, Any], now: datetime) -> Insert:
    people = queries.reached(queries.concerned(task, CONCERNS[kind]), task.government_id, now)
    account_id = people.selected_columns.id
    people = people.order_by(account_id)
    if same["actor_id"] is not None:
        people = people.where(account_id != same["actor_id"])
    values = [literal(value, News.__table__.c[name].type).label(name) for name, value in same.items()]
    return insert(News).from_select(["account_id", *same], people.add_columns(*values))


def _settle(task: Task, kind: NewsKind, now: datetime) -> Update:
    unseen = (News.task_id == task.id, News.kind == kind, News.seen_at.is_(None))
    return update(News).where(*unseen).values(seen_at=now).execution_options(synchronize_session=False)


def audience(session: Session, task: Task, kind: NewsKind) -> frozenset[int]:
    """The people whom this kind of news about the task concerns, as far as they may see it."""
    return frozenset(session.scalars(queries.concerned(task, CONCERNS[kind])))


def _row(
    kind: NewsKind,
    *,
    government_id: int,
    actor_id: int | None,
    now: datetime,
    task_id: int | None,
    words: str,
) -> dict[str, Any]:
    """What is the same for everybody who is told; kinds that are never mailed count as told."""
    return {
        "government_id": government_id,
        "kind": kind,
        "task_id": task_id,
        "actor_id": actor_id,
        "words": _line(words),
        "at": now,
        "told_at": now if kind in NEVER_MAILED else None,
    }


def mark_seen(work: Work, scope: Scope, *, now: datetime, task_id: int | None = None) -> int:
    """Mark the person's news as seen, all or those about one task (0: about none); returns how many were not yet."""
    wanted = update(News).where(queries.own(scope), News.seen_at.is_(None))
    if task_id is not None:
        wanted = wanted.where(func.coalesce(News.task_id, 0) == task_id)
    marked = work.session.scalars(wanted.values(seen_at=now).returning(News.id))
    return len(marked.all())


def reword(work: Work, comment: Comment) -> None:
    """Let the news of a comment say what it says now: nothing, once it is removed."""
    moments = [each for each in (comment.written_at, comment.edited_at) if each is not None]
    of_comment = (
        News.task_id == comment.task_id,
        News.actor_id == comment.author_id,
        News.kind.in_((NewsKind.MENTIONED, NewsKind.COMMENTED)),
        News.at.in_(moments),
    )
    work.session.execute(update(News).where(*of_comment).values(words=_line(as_words(comment.body))))


def _line(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_WORDS else line[: LONGEST_WORDS - 1] + "…"
