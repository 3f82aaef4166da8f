"""Selects of milestones. One is seen by whoever sees its task."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Milestone, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.tasks import visible

_ROWS: AnySelect = (
    select(
        Milestone.id,
        Milestone.title,
        Milestone.due_on,
        Milestone.first_due_on,
        Milestone.done_at,
        Milestone.version,
        Account.name.label("done_by_name"),
    )
    .outerjoin(Account, Account.id == Milestone.done_by_id)
    .order_by(Milestone.due_on, Milestone.id)
)


def get(session: Session, scope: Scope, milestone_id: int, *, is_fresh: bool = False) -> Milestone:
    """One milestone; ``is_fresh`` reads it anew once its task is locked. Raises NotFoundError when out of sight."""
    wanted: Select[Milestone] = (
        select(Milestone)
        .join(Task, Task.id == Milestone.task_id)
        .where(Milestone.id == milestone_id, visible(scope))
    )
    found = session.scalar(wanted.execution_options(populate_existing=is_fresh))
    if found is None:
        raise NotFoundError("milestone.not_found")
    return found


def count(session: Session, task: Task) -> int:
    """How many milestones the task has."""
    return session.scalar(select(func.count()).where(Milestone.task_id == task.id)) or 0


def of_task(task: Task) -> AnySelect:
    """The milestones of a task that was got through a scope, soonest first, for a bundle."""
    return _ROWS.where(Milestone.task_id == task.id)
