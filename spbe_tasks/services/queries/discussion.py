"""Selects of the comments on tasks, and of who may see a task and so can be addressed there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Comment, CommentMention, Task
from spbe_tasks.rules.access import CAPABILITIES, Capability, Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.tasks import visible

# So many a task's page shows; the rest is a page further.
SHOWN_ON_TASK = 20
_READERS = [role for role, held in CAPABILITIES.items() if Capability.VIEW_TASKS in held]
_SEE_ALL = [role for role in _READERS if Scope(0, None, role).sees_all_agencies]
_SEE_OWN = [role for role in _READERS if role not in _SEE_ALL]
_MENTIONED = (
    select(func.array_agg(Account.name))
    .join(CommentMention, CommentMention.account_id == Account.id)
    .where(CommentMention.comment_id == Comment.id)
    .scalar_subquery()
)
# Built once: every page is a condition more.
_ROWS: AnySelect = select(
    Comment.id,
    Comment.author_id,
    Account.name.label("author_name"),
    Account.role.label("author_role"),
    Comment.body,
    Comment.written_at,
    Comment.edited_at,
    Comment.removed_at,
    Comment.version,
    _MENTIONED.label("mentioned"),
).join(Account, Account.id == Comment.author_id)


def of_task(task: Task) -> AnySelect:
    """The newest comments of a task that was got through a scope, newest first, for a bundle; one more than shown."""
    return _ROWS.where(Comment.task_id == task.id).order_by(Comment.id.desc()).limit(SHOWN_ON_TASK + 1)


def list_comments(session: Session, task: Task) -> Sequence[Row[Any]]:
    """All comments of such a task, oldest first, with the columns of ``of_task``."""
    return session.execute(_ROWS.where(Comment.task_id == task.id).order_by(Comment.id)).all()


def get_comment(session: Session, scope: Scope, comment_id: int, *, is_fresh: bool = False) -> Comment:
    """One comment; ``is_fresh`` reads it anew once its task is locked. Raises NotFoundError when out of sight."""
    wanted = (
        select(Comment)
        .join(Task, Task.id == Comment.task_id)
        .where(Comment.id == comment_id, visible(scope))
        .execution_options(populate_existing=is_fresh)
    )
    found = session.scalar(wanted)
    if found is None:
        raise NotFoundError("comment.not_found")
    return found


def list_mentioned_ids(session: Session, comment: Comment) -> frozenset[int]:
    """Whom a comment is addressed to."""
    ids = select(CommentMention.account_id).where(CommentMention.comment_id == comment.id)
    return frozenset(session.scalars(ids))


def may_see(task: Task) -> ColumnElement[bool]:
    """Whether an account may see this task, which is ``tasks.visible`` asked the other way round."""
    of_agency = and_(Account.role.in_(_SEE_OWN), Account.agency_id == task.agency_id)
    roles = Account.role.in_(_SEE_ALL)
    seen_by = or_(roles, of_agency) if task.published_at is not None else roles
    return and_(Account.government_id == task.government_id, Account.is_active, seen_by)


def readers(task: Task) -> AnySelect:
    """Everybody who may see the task as (id, name), by name, for a bundle."""
    return select(Account.id, Account.name).where(may_see(task)).order_by(Account.name, Account.id)


def list_readers(session: Session, task: Task) -> Sequence[tuple[int, str]]:
    """The same as rows."""
    return [(each.id, each.name) for each in session.execute(readers(task))]
