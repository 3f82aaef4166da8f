"""Labels: words the coordinator puts on tasks to find them again."""

from datetime import datetime

from spbe_tasks.models import Task, TaskLabel
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError
from spbe_tasks.services import trail
from spbe_tasks.services.queries import labels as queries
from spbe_tasks.services.queries import tasks as task_queries
from spbe_tasks.work import Work

LONGEST_LABEL = 40
MOST_LABELS = 10


def add(work: Work, scope: Scope, task_id: int, label: str, *, now: datetime) -> bool:
    """Put a label on a task; False when it is there already, in any case of letters.

    A label that the government has takes its spelling. Raises NotFoundError for a task out of sight, ForbiddenError for
    others than coordinators, ConflictError ("plan.closed"), and InvalidInputError for no word, a long one, or too many.
    """
    task = _get(work, scope, task_id)
    wanted = queries.spelling(work.session, scope, _checked(label))
    standing = queries.list_labels(work.session, task)
    if wanted in standing:
        return False
    if len(standing) >= MOST_LABELS:
        raise InvalidInputError.of("label.too_many", "label", maximum=MOST_LABELS)
    work.session.add(TaskLabel(task_id=task.id, label=wanted, government_id=task.government_id))
    _record(work, scope, task, "add_label", wanted, now=now)
    return True


def remove(work: Work, scope: Scope, task_id: int, label: str, *, now: datetime) -> bool:
    """Take a label off a task; False when it was not on it. Raises as ``add``."""
    task = _get(work, scope, task_id)
    wanted = queries.spelling(work.session, scope, _checked(label))
    row = work.session.get(TaskLabel, (task.id, wanted))
    if row is None:
        return False
    work.session.delete(row)
    _record(work, scope, task, "remove_label", wanted, now=now)
    return True


def _get(work: Work, scope: Scope, task_id: int) -> Task:
    task = task_queries.get_task(work.session, scope, task_id, for_update=True)
    if not scope.may(Capability.MANAGE_PLANS):
        raise ForbiddenError("label.forbidden")
    return task


def _checked(label: str) -> str:
    """The label on one line. Raises InvalidInputError."""
    word = " ".join(label.split())
    if not word:
        raise InvalidInputError.of("field.required", "label")
    if len(word) > LONGEST_LABEL:
        raise InvalidInputError.of("label.too_long", "label", maximum=LONGEST_LABEL)
    return word


def _record(work: Work, scope: Scope, task: Task, action: str, label: str, *, now: datetime) -> None:
    work.session.flush()
    trail.record_by(work, scope, action, ("task", task.id), now=now, data={"label": label})
