"""Comments on tasks: writing, changing for a while, and removing; whoever sees the task reads them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert

from spbe_tasks.models import Comment, CommentMention, Task
from spbe_tasks.rich_text import as_words
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.discussion import (
    LONGEST_COMMENT,
    MOST_MENTIONS,
    Written,
    may_edit,
    may_remove,
    named_in,
)
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, Problem
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.services import news, trail
from spbe_tasks.services.queries import discussion as queries
from spbe_tasks.services.queries import tasks as task_queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class CommentWords:
    """What a person says, and to whom besides those whose "@name" stands in it."""

    body: str
    mentioned_ids: Collection[int] = ()


def write(work: Work, scope: Scope, task_id: int, said: CommentWords, *, now: datetime) -> Comment:
    """Say something about a task, as anybody who sees it may; tells those it concerns (``rules.news``).

    Raises NotFoundError for a task out of sight, ConflictError ("plan.closed") in a closed plan, and InvalidInputError
    with everything that is wrong: nothing said, too long, or somebody addressed who may not see the task.
    """
    task = task_queries.get_task(work.session, scope, task_id, for_update=True)
    assert scope.account_id is not None  # the machine says nothing
    mentioned = _check(work, task, said)
    comment = Comment(
        government_id=task.government_id,
        task_id=task.id,
        author_id=scope.account_id,
        body=said.body.strip(),
        written_at=now,
    )
    work.session.add(comment)
    work.session.flush()
    _address(work, comment, mentioned)
    _record(work, scope, comment, "comment", now=now)
    _tell(work, scope, task, comment, mentioned, now=now)
    return comment


def edit(
    work: Work, scope: Scope, comment_id: int, said: CommentWords, *, version: int | None, now: datetime
) -> Comment:
    """Change one's own comment within ``EDIT_WINDOW``; tells only who is newly addressed.

    Raises as ``write``, ForbiddenError for somebody else's, ConflictError ("comment.too_late") after the window or for
    a removed one, ("comment.stale_version") when it was changed in another window meanwhile.
    """
    task, comment = _get(work, scope, comment_id)
    if comment.author_id != scope.account_id:
        raise ForbiddenError("comment.not_yours")
    if not may_edit(_written(comment), scope, now):
        raise ConflictError("comment.too_late")
    if version is not None and comment.version != version:
        raise ConflictError("comment.stale_version")
    mentioned = _check(work, task, said)
    before = queries.list_mentioned_ids(work.session, comment)
    if (comment.body, before) == (said.body.strip(), mentioned):
        return comment
    comment.body, comment.edited_at = said.body.strip(), now
    news.reword(work, comment)
    _address(work, comment, mentioned)
    _record(work, scope, comment, "edit_comment", now=now)
    told = {NewsKind.MENTIONED: mentioned - before}
    news.tell_all(work, told, task, actor_id=scope.account_id, now=now, words=as_words(comment.body))
    return comment


def remove(work: Work, scope: Scope, comment_id: int, *, now: datetime) -> int:
    """Take a comment away: its words go, its place and the trail stay; returns the task's id.

    Removing it twice changes nothing. Raises as ``edit``; coordinators may at any time.
    """
    task, comment = _get(work, scope, comment_id)
    if comment.removed_at is not None:
        return task.id
    if not may_remove(_written(comment), scope, now):
        own = comment.author_id == scope.account_id
        raise ConflictError("comment.too_late") if own else ForbiddenError("comment.not_yours")
    comment.body, comment.removed_at = "", now
    _address(work, comment, frozenset())
    news.reword(work, comment)
    _record(work, scope, comment, "remove_comment", now=now)
    return task.id


def _get(work: Work, scope: Scope, comment_id: int) -> tuple[Task, Comment]:
    """The comment and its task, which is locked: comments of one task change one after the other."""
    task_id = queries.get_comment(work.session, scope, comment_id).task_id
    task = task_queries.get_task(work.session, scope, task_id, for_update=True)
    return task, queries.get_comment(work.session, scope, comment_id, is_fresh=True)


def _written(comment: Comment) -> Written:
    return Written(comment.author_id, comment.written_at, comment.removed_at is not None)


def _check(work: Work, task: Task, said: CommentWords) -> frozenset[int]:
    """Whom it addresses. Raises InvalidInputError."""
    people = queries.list_readers(work.session, task)
    chosen = frozenset(said.mentioned_ids)
    mentioned = chosen | named_in(said.body, people)
    problems = []
    if not said.body.strip():
        problems.append(Problem("field.required", "body"))
    if len(said.body) > LONGEST_COMMENT:
        problems.append(Problem("comment.too_long", "body", params={"maximum": LONGEST_COMMENT}))
    if chosen - {account_id for account_id, _ in people}:
        problems.append(Problem("comment.stranger", "mentioned_ids"))
    if len(mentioned) > MOST_MENTIONS:
        problems.append(
            Problem("comment.too_many_mentioned", "mentioned_ids", params={"maximum": MOST_MENTIONS})
        )
    if problems:
        raise InvalidInputError(problems)
    return mentioned


def _address(work: Work, comment: Comment, mentioned: frozenset[int]) -> None:
    """Let the comment be addressed to these people and nobody else."""
    if comment.version > 1 or comment.edited_at or comment.removed_at:
        work.session.execute(delete(CommentMention).where(CommentMention.comment_id == comment.id))
    rows = [
        {"comment_id": comment.id, "account_id": each, "government_id": comment.government_id}
        for each in sorted(mentioned)
    ]
    if rows:
        work.session.execute(insert(CommentMention), rows)


def _record(work: Work, scope: Scope, comment: Comment, action: str, *, now: datetime) -> None:
    data = {"comment": comment.id, "author_id": comment.author_id}
    trail.record_by(work, scope, action, ("task", comment.task_id), now=now, data=data)


def _tell(
    work: Work, scope: Scope, task: Task, comment: Comment, mentioned: frozenset[int], *, now: datetime
) -> None:
    """Who is addressed is told that; the others whom it concerns, that something was said."""
    others = news.audience(work.session, task, NewsKind.COMMENTED) - mentioned
    told = {NewsKind.MENTIONED: mentioned, NewsKind.COMMENTED: others}
    news.tell_all(work, told, task, actor_id=scope.account_id, now=now, words=as_words(comment.body))
