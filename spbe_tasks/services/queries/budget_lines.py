"""Selects of budget lines. One is seen by whoever sees its task."""

from collections.abc import Sequence

from sqlalchemy import Select, Text, cast, select
from sqlalchemy.orm import Session

from spbe_tasks.models import BudgetLine, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.tasks import visible


def get(session: Session, scope: Scope, line_id: int, *, is_fresh: bool = False) -> BudgetLine:
    """One line; ``is_fresh`` reads it anew once its task is locked. Raises NotFoundError when out of sight."""
    wanted: Select[BudgetLine] = (
        select(BudgetLine)
        .join(Task, Task.id == BudgetLine.task_id)
        .where(BudgetLine.id == line_id, visible(scope))
    )
    found = session.scalar(wanted.execution_options(populate_existing=is_fresh))
    if found is None:
        raise NotFoundError("budget.not_found")
    return found


def list_lines(session: Session, task: Task) -> Sequence[BudgetLine]:
    """The lines of a task that was got through a scope, by year and code."""
    rows = select(BudgetLine).where(BudgetLine.task_id == task.id)
    return session.scalars(rows.order_by(BudgetLine.year, BudgetLine.code)).all()


def of_task(task: Task) -> AnySelect:
    """The same for a bundle; amounts as text, so that no cent is lost on the way."""
    rows: AnySelect = select(
        BudgetLine.id,
        BudgetLine.code,
        BudgetLine.name,
        cast(BudgetLine.amount, Text).label("amount"),
        BudgetLine.year,
    )
    return rows.where(BudgetLine.task_id == task.id).order_by(BudgetLine.year, BudgetLine.code)
