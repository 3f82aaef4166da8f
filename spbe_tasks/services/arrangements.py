"""What milestones and budget lines share: the task is locked, and the transition table asked, before they change."""

from spbe_tasks.models import Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import Action, transition
from spbe_tasks.services import instruments, tasks
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.work import Work


def open_task(work: Work, scope: Scope, task_id: int) -> Task:
    """The task, locked: what is arranged around one task is changed one after the other.

    Raises NotFoundError for a task out of sight and the errors of ``workflow.transition`` for one that is closed or not
    this person's to arrange.
    """
    task = queries.get_task(work.session, scope, task_id, for_update=True)
    facts = tasks.facts_of(work.session, task, instruments.of(work.session, task.plan))
    transition(facts, Action.ARRANGE, tasks.actor_of(scope), {})
    return task
