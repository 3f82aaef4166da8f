"""Selects of the parts of tasks. A part is seen by whoever sees its task."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Account, Task, TaskPart
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.tasks import visible

_DOER = aliased(Account)
# Built once: every page is a condition more.
_ROWS: AnySelect = (
    select(
        TaskPart.id,
        TaskPart.title,
        TaskPart.due_on,
        TaskPart.is_done,
        TaskPart.version,
        Account.name.label("assignee_name"),
        _DOER.name.label("done_by_name"),
    )
    .outerjoin(Account, Account.id == TaskPart.assignee_id)
    .outerjoin(_DOER, _DOER.id == TaskPart.done_by_id)
    .order_by(TaskPart.position, TaskPart.id)
)


def get_part(session: Session, scope: Scope, part_id: int, *, is_fresh: bool = False) -> TaskPart:
    """One part; ``is_fresh`` reads it anew once its task is locked. Raises NotFoundError when out of sight."""
    wanted: Select[TaskPart] = (
        select(TaskPart).join(Task, Task.id == TaskPart.task_id).where(TaskPart.id == part_id, visible(scope))
    )
    found = session.scalar(wanted.execution_options(populate_existing=is_fresh))
    if found is None:
        raise NotFoundError("part.not_found")
    return found


def list_parts(session: Session, task: Task) -> Sequence[TaskPart]:
    """The parts of a task that was got through a scope, in their order."""
    rows = select(TaskPart).where(TaskPart.task_id == task.id).order_by(TaskPart.position, TaskPart.id)
    return session.scalars(rows).all()


def of_task(task: Task) -> AnySelect:
    """The parts of such a task with their people's names, for a bundle."""
    return _ROWS.where(TaskPart.task_id == task.id)
