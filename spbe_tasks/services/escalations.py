"""Late tasks that have been brought before somebody, and how far up: for digests, briefs and the nota dinas."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.rules import escalation
from spbe_tasks.rules.climbs import Day
from spbe_tasks.rules.ladder import Level
from spbe_tasks.rules.recipients import OpenTask
from spbe_tasks.services.queries import digest_lines
from spbe_tasks.services.queries import reminders as queries

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EscalatedTask:
    """A late task: how far up it has come, after how many working days. ``points``: index points at stake.

    ``is_new``: the mail it stands in is the first to tell its reader of this level.
    """

    task_id: int
    indicator_number: int
    title: str
    due_on: date
    level: Level
    working_days: int
    points: Decimal
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class EscalatedAgency:
    """The late tasks of one agency, most points first."""

    agency_id: int
    name: str
    tasks: tuple[EscalatedTask, ...]

    @property
    def points(self) -> Decimal:
        """Index points at stake in all of them."""
        return sum((each.points for each in self.tasks), Decimal(0))


def list_late(
    session: Session, government_id: int, day: Day, *, agency_id: int | None = None
) -> Sequence[OpenTask]:
    """The tasks of a government, or of one agency, that are late by ``day``, escalated or not yet."""
    yesterday = day.today - _DAY
    return queries.list_due(session, government_id, yesterday, day.calendar.zone, agency_id=agency_id)


def by_agency(
    session: Session,
    government_id: int,
    tasks: Iterable[OpenTask],
    day: Day,
    *,
    new_ids: Collection[int] = (),
) -> tuple[EscalatedAgency, ...]:
    """Those of ``tasks`` that are escalated, under their agencies; agencies and tasks by points, most first.

    Ties: agencies by name, tasks by due date, indicator number and id.
    """
    levels = {task.task_id: day.level_of(task) for task in tasks}
    wanted = [task_id for task_id, level in levels.items() if level is not None]
    found = defaultdict(list)
    for each in digest_lines.list_tasks(session, government_id, wanted, day.calendar.zone):
        level = levels[each.task.task_id]
        assert level is not None
        start = escalation.counts_from(each.task.due_on, each.task.changed_on)
        found[each.task.agency_id, each.agency_name].append(
            EscalatedTask(
                task_id=each.task.task_id,
                indicator_number=each.indicator_number,
                title=each.title,
                due_on=each.task.due_on,
                level=level,
                working_days=day.calendar.working_days_between(start, day.today),
                points=each.points,
                is_new=each.task.task_id in new_ids,
            )
        )
    agencies = [
        EscalatedAgency(agency_id, name, tuple(sorted(members, key=_order)))
        for (agency_id, name), members in found.items()
    ]
    return tuple(sorted(agencies, key=lambda each: (-each.points, each.name, each.agency_id)))


def _order(task: EscalatedTask) -> tuple[Decimal, date, int, int]:
    return -task.points, task.due_on, task.indicator_number, task.task_id
