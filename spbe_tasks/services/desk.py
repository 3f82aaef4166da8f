"""A person's desk: the tasks that are theirs to do or to wait for, grouped by what to look at first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.deadlines import Deadline, Deadlines
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import calendars, criteria, instruments
from spbe_tasks.services.criteria import Progress
from spbe_tasks.services.queries import tasks as queries

_DAYS_OF_WEEK = 7


class DeskGroup(StrEnum):
    """The groups of a desk, in the order they are looked at."""

    RETURNED = "returned"
    LATE = "late"
    THIS_WEEK = "this_week"
    LATER = "later"
    SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class DeskTask:
    """A row of ``queries.list_own``, its deadline, and what is missing for its next level."""

    row: Row[Any]
    deadline: Deadline
    progress: Progress


def read(
    session: Session, scope: Scope, government: Government, *, today: date
) -> Mapping[DeskGroup, Sequence[DeskTask]]:
    """The desk of the scope's person; groups without a task are left out. Weeks end on Sunday."""
    rows = queries.list_own(session, scope)
    met = met_by_task(session, rows)
    instrument_of = instruments.finder(session, scope.government_id)
    deadlines = Deadlines(calendars.load(session, government), today)
    groups: dict[DeskGroup, list[DeskTask]] = {group: [] for group in DeskGroup}
    for row in rows:
        deadline = deadlines.of(row.state, row.due_on)
        task = DeskTask(
            row, deadline, progress_of(instrument_of(row.instrument_id), row, met.get(row.id, {}))
        )
        groups[_group(row.state, row.due_on, deadline, today)].append(task)
    return {group: tasks for group, tasks in groups.items() if tasks}


def met_by_task(session: Session, rows: Sequence[Row[Any]]) -> Mapping[int, Mapping[int, int]]:
    """How many criteria each task has met, by level, for all rows in one statement."""
    found: dict[int, dict[int, int]] = {}
    for (task_id, level), number in queries.count_met(session, [row.id for row in rows]).items():
        found.setdefault(task_id, {})[level] = number
    return found


def progress_of(instrument: Instrument, row: Row[Any], met: Mapping[int, int]) -> Progress:
    """What the task of a row still lacks, see ``criteria.progress``."""
    indicator = instrument.indicator(row.indicator_number)
    return criteria.progress(indicator, (row.baseline_level, row.target_level), met)


def _group(state: State, due_on: date, deadline: Deadline, today: date) -> DeskGroup:
    if state in (State.RETURNED, State.SUBMITTED):
        return DeskGroup(state.value)
    if deadline.is_overdue:
        return DeskGroup.LATE
    sunday = today + timedelta(days=_DAYS_OF_WEEK - today.isoweekday())
    return DeskGroup.THIS_WEEK if due_on <= sunday else DeskGroup.LATER
