"""Tasks whose assignee can no longer work on them: left to their agency's focal points."""

from datetime import datetime

from spbe_tasks.models import Account
from spbe_tasks.rules.access import Scope
from spbe_tasks.services import trail
from spbe_tasks.services.queries import people as queries
from spbe_tasks.work import Work


def release(work: Work, scope: Scope, account: Account, *, now: datetime) -> int:
    """Take the person off the open tasks they may not work on (all, once the account is closed); how many it were."""
    released = queries.list_lost_assignments(work.session, account)
    for task in released:
        task.assignee_id = None
        trail.record(
            work,
            "unassign",
            ("task", task.id),
            government_id=task.government_id,
            actor_id=scope.account_id,
            at=now,
            data={"assignee_id": account.id},
        )
    return len(released)
