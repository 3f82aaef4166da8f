"""What an agency has to do today, as a list to hand on to its chat group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.deadlines import Deadlines
from spbe_tasks.rules.digest import DigestGroup, digest_groups
from spbe_tasks.rules.workflow import AGENCY_STATES
from spbe_tasks.services import calendars, task_titles
from spbe_tasks.services.queries import governments, people


@dataclass(frozen=True, slots=True)
class Line:
    """A task that is the agency's turn. ``points``: index points; ``days_late``: working days, 0 while on time."""

    task_id: int
    indicator_number: int
    title: str
    due_on: date
    days_late: int
    points: Decimal


@dataclass(frozen=True, slots=True)
class AgencyList:
    """The open tasks of an agency on ``today`` under the headings of a digest."""

    agency_id: int
    agency_name: str
    today: date
    groups: Mapping[DigestGroup, tuple[Line, ...]]


def build(session: Session, scope: Scope, agency_id: int, locale: str, *, now: datetime) -> AgencyList:
    """The list of one agency, titles in ``locale``. Raises NotFoundError for an agency of another government."""
    agency = people.get_agency(session, scope, agency_id)
    government = governments.get_government(session, scope.government_id)
    today = local_date(now, government.timezone)
    deadlines = Deadlines(calendars.load(session, government), today)
    tasks = [
        task for task in people.list_open_tasks(session, scope, agency_id) if task.state in AGENCY_STATES
    ]
    titles = task_titles.in_language(session, scope.government_id, [task.id for task in tasks], locale)
    lines = [
        Line(
            task.id,
            task.indicator_number,
            titles.get(task.id, task.title),
            task.due_on,
            max(0, -(deadlines.of(task.state, task.due_on).days_left or 0)),
            task.points,
        )
        for task in tasks
    ]
    return AgencyList(agency_id, agency.name, today, digest_groups(lines, today))
