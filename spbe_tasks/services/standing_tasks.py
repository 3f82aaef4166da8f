"""The tasks of a plan as the rules of generation see them."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.policy import DueDates
from spbe_tasks.rules.policy_settings import read_settings
from spbe_tasks.rules.reconciliation import ExistingTask
from spbe_tasks.rules.workflow import State, is_open
from spbe_tasks.services import instruments
from spbe_tasks.services.orders import Settled
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.services.queries import policies


def read(session: Session, plan_id: int, *, for_update: bool = False) -> dict[int, ExistingTask]:
    """Every task of the plan, by id; locked when they are about to change."""
    rows = queries.list_for_generation(session, plan_id, for_update=for_update)
    return {row.id: _existing(row) for row in rows}


def read_for(
    session: Session, scope: Scope, plan: Plan, settled: Settled, *, for_update: bool = False
) -> dict[int, ExistingTask]:
    """The same, with the days that a due rule other than the one they were published under now asks for."""
    rows = queries.list_for_generation(session, plan.id, for_update=for_update)
    seen = [row for row in rows if is_open(row.state) and row.state is not State.PLANNED]
    settings = policies.settings_by_id(session, scope, {row.policy_id for row in seen})
    instrument = instruments.of(session, plan)
    rules = {each: read_settings(raw, instrument).due for each, raw in settings.items()}
    dates: dict[date, DueDates] = {}
    standing = {row.id: _existing(row) for row in rows}
    for row in seen:
        if row.published_at is None or rules[row.policy_id] == settled.policy.due:
            continue
        on = local_date(row.published_at, settled.calendar.zone)
        if on not in dates:
            dates[on] = settled.policy.due.dates(settled.calendar, on)
        standing[row.id] = replace(standing[row.id], new_dates=dates[on])
    return standing


def _existing(row: Any) -> ExistingTask:
    return ExistingTask(
        id=row.id,
        indicator_number=row.indicator_number,
        agency_id=row.agency_id,
        round=row.round,
        state=row.state,
        title=row.title,
        baseline=row.baseline_level,
        target=row.target_level,
        share=Fraction(row.share_numerator, row.share_denominator),
        due_on=row.due_on,
        is_due_by_hand=row.is_due_by_hand,
        reached=row.reached_level,
        cancel_kind=row.cancel_kind,
        kind=row.kind,
    )
