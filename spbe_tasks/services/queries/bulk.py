"""Selects of actions on many tasks: the person's own runs, the tasks in them, and whom tasks can be given to."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, BulkRun, Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.people import works_for
from spbe_tasks.services.queries.tasks import ROWS, visible

LATEST_RUNS = 5


def get_run(session: Session, scope: Scope, run_id: int, *, for_update: bool = False) -> BulkRun:
    """One of the person's own runs, locked when it is about to be undone. Raises NotFoundError."""
    wanted = select(BulkRun).where(BulkRun.id == run_id, *_own(scope))
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise NotFoundError("bulk.not_found")
    return found


def list_latest(session: Session, scope: Scope) -> Sequence[BulkRun]:
    """The person's latest runs, newest first."""
    runs = select(BulkRun).where(*_own(scope)).order_by(BulkRun.id.desc())
    return session.scalars(runs.limit(LATEST_RUNS)).all()


def list_chosen(session: Session, scope: Scope, task_ids: Collection[int]) -> Sequence[Row[Any]]:
    """Those of the tasks that the person sees: ``tasks.ROWS`` and ``instrument_id``, by due date."""
    rows = ROWS.add_columns(Plan.instrument_id).join(Plan, Plan.id == Task.plan_id)
    rows = rows.where(visible(scope), Task.id.in_(task_ids))
    return session.execute(rows.order_by(Task.due_on, Task.id)).all()


def list_candidates(session: Session, scope: Scope, task_ids: Collection[int]) -> Sequence[Row[Any]]:
    """Who can be put in charge of at least one of the tasks: (id, name, agency_name), by agency and name."""
    agencies = select(Task.agency_id).where(visible(scope), Task.id.in_(task_ids))
    people: AnySelect = (
        select(Account.id, Account.name, Agency.short_name.label("agency_name"))
        .join(Agency, Agency.id == Account.agency_id)
        .where(
            Account.government_id == scope.government_id,
            Account.agency_id.in_(agencies),
            works_for(Agency.id),
        )
        .order_by(Agency.short_name, Account.name, Account.id)
    )
    return session.execute(people).all()


def _own(scope: Scope) -> tuple[Any, ...]:
    return BulkRun.government_id == scope.government_id, BulkRun.account_id == scope.account_id
