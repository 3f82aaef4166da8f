"""Whose turn it is: the task is locked and the transition table asked before what stands beside its state changes."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from spbe_tasks.models import Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import Action, transition
from spbe_tasks.services import instruments, tasks
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.work import Work


def take(work: Work, scope: Scope, task_id: int, action: Action, *, version: int | None = None) -> Task:
    """The task, locked, for ``action``: what hangs on one task is changed one after the other.

    Raises NotFoundError for a task out of sight, ConflictError ("plan.closed"; "task.stale_version" unless it still is
    at ``version``, None: any) and the errors of ``workflow.transition`` when it is not this person's turn.
    """
    task = queries.get_task(work.session, scope, task_id, for_update=True)
    tasks.check_version(task, version)
    check(work.session, scope, task, action)
    return task


def check(
    session: Session, scope: Scope, task: Task, action: Action, given: Mapping[str, object] | None = None
) -> None:
    """Ask the table about a task that is locked already. Raises the errors of ``workflow.transition``."""
    facts = tasks.facts_of(session, task, instruments.of(session, task.plan))
    transition(facts, action, tasks.actor_of(scope), given or {})
