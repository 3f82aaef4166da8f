"""Selects that tell by which instrument tasks are named."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Plan, Task


def list_stored(
    session: Session, government_id: int, task_ids: Collection[int]
) -> Mapping[int, tuple[str, int, str]]:
    """By id of these tasks: instrument, indicator number and title as it is stored."""
    rows = (
        select(Task.id, Plan.instrument_id, Task.indicator_number, Task.title)
        .join(Plan, Plan.id == Task.plan_id)
        .where(Task.government_id == government_id, Task.id.in_(task_ids))
    )
    return {row.id: (row.instrument_id, row.indicator_number, row.title) for row in session.execute(rows)}
