"""Tasks whose assignee can no longer work on them: left to their agency's focal points."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update

from spbe_tasks.models import Account, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.services import trail
from spbe_tasks.services.queries import people as queries
from spbe_tasks.work import Work


def release(work: Work, scope: Scope, account: Account, *, now: datetime) -> int:
    """Take the person off the open tasks they may not work on (all, once the account is closed); how many it were."""
    released = queries.list_lost_assignments(work.session, account)
    for task in released:
        task.assignee_id = None
        trail.record_by(
            work,
            scope,
            "unassign",
            ("task", task.id),
            now=now,
            data={"assignee_id": account.id},
        )
    return len(released)


def release_stale(work: Work, scope: Scope, task_ids: Collection[int], *, now: datetime) -> int:
    """Take off these tasks, which are taken up again, whoever may no longer work on them; how many it were.

    Closed tasks keep their assignee as a memory, so people may have left, moved or changed role meanwhile.
    """
    stale = queries.list_stale_assignments(work.session, scope, task_ids)
    if stale:
        found = [row.id for row in stale]
        work.session.flush()  # what happened before comes before this in the trail
        work.session.execute(update(Task).where(Task.id.in_(found)).values(assignee_id=None))
        trail.record_many_by(
            work,
            scope,
            [("unassign", ("task", row.id), {"assignee_id": row.assignee_id}) for row in stale],
            now=now,
        )
    return len(stale)
