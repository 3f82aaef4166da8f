"""Selects of the labels on tasks. A task that is given has been got through a scope."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Task, TaskLabel
from spbe_tasks.rules.access import Scope
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.tasks import visible


def list_labels(session: Session, task: Task) -> Collection[str]:
    """The labels of a task."""
    return session.scalars(select(TaskLabel.label).where(TaskLabel.task_id == task.id)).all()


def in_use(scope: Scope) -> AnySelect:
    """The labels in use; for agency roles those on tasks of their own agency, since a word may name another."""
    labels: AnySelect = (
        select(TaskLabel.label).where(TaskLabel.government_id == scope.government_id).distinct()
    )
    if not scope.sees_all_agencies:
        labels = labels.join(Task, Task.id == TaskLabel.task_id).where(visible(scope))
    return labels.order_by(TaskLabel.label)


def list_in_use(session: Session, scope: Scope) -> Sequence[str]:
    """The same, as words."""
    return session.scalars(in_use(scope)).all()


def spelling(session: Session, scope: Scope, label: str) -> str:
    """How the government writes this label already; else as it was given."""
    found = session.scalar(
        select(TaskLabel.label)
        .where(
            TaskLabel.government_id == scope.government_id, func.lower(TaskLabel.label) == func.lower(label)
        )
        .limit(1)
    )
    return found or label
