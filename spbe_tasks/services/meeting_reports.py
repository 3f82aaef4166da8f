"""What leaders are given for a meeting: the figures of the leaders' page, every agency, and what is still open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State, is_overdue
from spbe_tasks.services import (
    crosswalks,
    forecasts,
    freshness,
    national,
    overviews,
    standings,
    task_titles,
    trends,
)
from spbe_tasks.services.forecast_record import StoredForecast
from spbe_tasks.services.national import Surroundings
from spbe_tasks.services.overviews import Overview
from spbe_tasks.services.projection_record import StoredAgency
from spbe_tasks.services.queries import dashboard, governments, task_lists
from spbe_tasks.services.queries.dashboard import Beside
from spbe_tasks.services.queries.task_filter import TaskFilter
from spbe_tasks.services.standings import Standings
from spbe_tasks.services.trends import Mark, TrendPoint


@dataclass(frozen=True, slots=True)
class ReportTask:
    """One open task. ``points``: index points at stake, or at risk where the ``kind`` is upkeep."""

    indicator_number: int
    title: str
    kind: TaskKind
    state: State
    due_on: date
    is_overdue: bool
    points: Decimal


@dataclass(frozen=True, slots=True)
class AgencyTasks:
    """The open tasks of one agency, the soonest due first."""

    name: str
    tasks: Sequence[ReportTask]


@dataclass(frozen=True, slots=True)
class MeetingReport:
    """The report as of ``now``, on the government's ``today``, through one person's eyes and in their language.

    ``standings`` is None for whoever may not see other agencies' figures, ``around`` where no published results can be
    compared. ``agencies`` are those the person may see, most points to bring first; ``open_tasks`` is by their names.
    ``is_stale``: the figures may be older than the facts. ``forecast`` is None before the first was made.
    """

    government: Government
    overview: Overview
    beside: Beside
    agencies: Sequence[StoredAgency]
    standings: Standings | None
    around: Surroundings | None
    marks: Sequence[Mark]
    trend: Sequence[TrendPoint]
    open_tasks: Sequence[AgencyTasks]
    locale: str
    today: date
    now: datetime
    is_stale: bool
    forecast: StoredForecast | None

    def title(self, row: Mapping[str, Any]) -> str:
        """What a task of ``beside`` is called."""
        indicator = self.overview.instrument.indicator(row["indicator_number"])
        return task_titles.title_of(row["title"], indicator, self.locale)


def collect(session: Session, scope: Scope, plan_id: int, locale: str, *, now: datetime) -> MeetingReport:
    """The report of a plan, worded in ``locale``.

    Raises NotFoundError for a plan of another government ("plan.not_found") or one whose figures have not been computed
    yet ("plan.no_figures").
    """
    overview = overviews.read(session, scope, plan_id)
    if overview is None:
        raise NotFoundError("plan.no_figures")
    government = governments.get_government(session, scope.government_id)
    plan, today = overview.plan, local_date(now, government.timezone)
    before = {each.id: each for each in crosswalks.list_before(session, scope, overview.instrument)}
    beside = dashboard.get_beside(session, scope, plan, today=today, earlier=before)
    may_compare = scope.may(Capability.VIEW_AGENCY_FIGURES)
    return MeetingReport(
        government=government,
        overview=overview,
        beside=beside,
        agencies=overview.agencies(scope),
        standings=standings.read(session, scope, plan, overview.record, now=now) if may_compare else None,
        around=national.surroundings(government, plan.instrument_id, plan.year),
        marks=trends.marks(overview, locale),
        trend=trends.points(overview, beside, before, locale),
        open_tasks=_open_tasks(session, scope, overview, locale, today=today),
        locale=locale,
        today=today,
        now=now,
        is_stale=freshness.read(session, scope, plan.id, now=now).freshness.is_stale,
        forecast=forecasts.read(session, scope, plan.id),
    )


def _open_tasks(
    session: Session, scope: Scope, overview: Overview, locale: str, *, today: date
) -> Sequence[AgencyTasks]:
    wanted = TaskFilter(plan_id=overview.plan.id, is_open=True)
    rows = task_lists.list_all_tasks(session, scope, wanted, today=today)  # by due date
    in_order = sorted(rows, key=lambda row: (row.agency_name.casefold(), row.agency_name))
    return [
        AgencyTasks(name, [_task(row, overview, locale, today) for row in group])
        for name, group in groupby(in_order, key=lambda row: row.agency_name)
    ]


def _task(row: Row[Any], overview: Overview, locale: str, today: date) -> ReportTask:
    indicator = overview.instrument.indicator(row.indicator_number)
    return ReportTask(
        indicator_number=row.indicator_number,
        title=task_titles.title_of(row.title, indicator, locale),
        kind=row.kind,
        state=row.state,
        due_on=row.due_on,
        is_overdue=is_overdue(row.state, row.due_on, today),
        points=row.points,
    )
