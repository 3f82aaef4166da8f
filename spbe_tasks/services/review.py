"""The review queue: what was submitted, how long it has waited, and what the agency says is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.services import calendars, instruments
from spbe_tasks.services.criteria import Progress
from spbe_tasks.services.desk import met_by_task, progress_of
from spbe_tasks.services.queries import tasks as queries


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of ``queries.list_submitted``, its age in working days, and what its checklist still lacks."""

    row: Row[Any]
    age_days: int
    progress: Progress


def read(
    session: Session, scope: Scope, government: Government, *, today: date, page: int = 1
) -> tuple[Sequence[Waiting], int]:
    """One page of the queue, longest waiting first, and how many wait in all."""
    rows = queries.list_submitted(session, scope, page=page)
    around = queries.review_surroundings(session, scope)
    met = met_by_task(session, rows)
    instrument_of = instruments.finder(session, scope.government_id)
    calendar = calendars.from_rows(government, around.holidays)
    waiting = [
        Waiting(
            row,
            calendar.working_days_between(local_date(row.submitted_at, government.timezone), today),
            progress_of(instrument_of(row.instrument_id), row, met.get(row.id, {})),
        )
        for row in rows
    ]
    return waiting, around.total
