"""``python -m tests.faults.closers BATCH PLAN ...``: a reviewer in a hurry, who accepts every submitted task of plans.

So many tasks in each transaction, of one plan after the other. One task in ten does not get to its target.
"""

import sys
from decimal import Decimal
from itertools import cycle

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock, create_app
from spbe_tasks.models import Account, Plan, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import tasks
from spbe_tasks.transaction import transaction


def main() -> None:
    """Accept until nothing is left."""
    batch, *plan_ids = map(int, sys.argv[1:])
    app = create_app()
    with app.app_context():
        left = dict.fromkeys(plan_ids, True)
        for plan_id in cycle(plan_ids):
            left[plan_id] = left[plan_id] and _accept_some(plan_id, batch)
            if not any(left.values()):
                return


def _accept_some(plan_id: int, batch: int) -> bool:
    with transaction() as work:
        plan = work.session.get_one(Plan, plan_id)
        submitted = select(Task.id).where(Task.plan_id == plan_id, Task.state == State.SUBMITTED)
        task_ids = work.session.scalars(submitted.order_by(Task.id).limit(batch)).all()
        scope = _reviewer(work.session, plan.government_id)
        for task_id in task_ids:
            given = {"reached_level": Decimal(3 if task_id % 10 == 0 else 4)}
            tasks.act(work, scope, task_id, Action.ACCEPT, given, version=None, now=clock.now())
        return bool(task_ids)


def _reviewer(session: Session, government_id: int) -> Scope:
    reviewers = select(Account).where(Account.government_id == government_id, Account.role == Role.REVIEWER)
    person = session.scalars(reviewers).one()
    return Scope(government_id, person.id, person.role, None)


if __name__ == "__main__":
    main()
