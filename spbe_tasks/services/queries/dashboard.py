"""Selects of the leaders' page: the stored projection with what it is built on, and the few rows shown beside it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import (
    Agency,
    Assessment,
    AssessmentKind,
    AssessmentRevision,
    EvidenceUse,
    IndexTarget,
    Plan,
    PlanForecast,
    Projection,
    ProjectionSnapshot,
    Task,
)
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import AGENCY_STATES, State
from spbe_tasks.services.queries import bundle, governments
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.freshness import HEARD_AT, is_behind
from spbe_tasks.services.queries.task_filter import FORTNIGHT
from spbe_tasks.services.queries.tasks import visible

ROWS_SHOWN = 5
MONTHS_SHOWN = 6
# Built once: every page is a few conditions more.
_OTHER = aliased(AssessmentRevision)
_NEWEST = select(func.max(_OTHER.number)).where(_OTHER.assessment_id == Assessment.id).scalar_subquery()
_TREND: AnySelect = (
    select(
        Assessment.instrument_id,
        Assessment.year,
        Assessment.id.label("assessment_id"),
        AssessmentRevision.id.label("revision_id"),
        AssessmentRevision.index_value,
        Assessment.is_illustrative,
    )
    .join(AssessmentRevision, AssessmentRevision.assessment_id == Assessment.id)
    .where(Assessment.kind == AssessmentKind.OFFICIAL, AssessmentRevision.number == _NEWEST)
)
_TASKS: AnySelect = select(
    Task.id,
    Task.indicator_number,
    Task.title,
    Task.due_on,
    Task.points,
    Task.kind,
    Task.state_note,
    Task.obstacle,
    Task.state_changed_at,
    Agency.short_name.label("agency_name"),
).join(Agency, Agency.id == Task.agency_id)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the figures; the lists hold at most ``ROWS_SHOWN`` rows.

    ``trend`` is the newest revision of each official assessment, oldest first, those by earlier instruments before
    those by the plan's own; ``snapshots`` the secured index at the end of each of the newest ``MONTHS_SHOWN`` months
    (of the running one: today's); ``targets`` the index targets from the plan's year on, by year; ``holidays`` the
    government's own, for its calendar.
    """

    trend: Sequence[Mapping[str, Any]]
    snapshots: Sequence[Mapping[str, Any]]
    targets: Sequence[Mapping[str, Any]]
    due_soon: Sequence[Mapping[str, Any]]
    blocked: Sequence[Mapping[str, Any]]
    waiting: Sequence[Mapping[str, Any]]
    holidays: JsonRows
    due_soon_count: int
    blocked_count: int
    waiting_count: int


def get_figures(session: Session, scope: Scope, plan_id: int) -> Row[Any]:
    """(Plan, Projection, Assessment, PlanForecast, heard_at, is_behind): a plan with its figures and their start.

    Projection and PlanForecast are None until first made; ``heard_at`` and ``is_behind`` tell how fresh the figures
    are, see ``services.freshness``.

    Raises NotFoundError for a plan of another government.
    """
    found = session.execute(
        select(Plan, Projection, Assessment, PlanForecast)
        .add_columns(HEARD_AT.label("heard_at"), is_behind(Plan.id).label("is_behind"))
        .outerjoin(Projection, Projection.plan_id == Plan.id)
        .outerjoin(PlanForecast, PlanForecast.plan_id == Plan.id)
        .join(AssessmentRevision, AssessmentRevision.id == Plan.baseline_revision_id)
        .join(Assessment, Assessment.id == AssessmentRevision.assessment_id)
        .where(Plan.id == plan_id, Plan.government_id == scope.government_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError("plan.not_found")
    return found


def get_beside(
    session: Session, scope: Scope, plan: Plan, *, today: date, earlier: Collection[str] = ()
) -> Beside:
    """The trend and the task lists this person may see, in one statement.

    ``earlier`` are the instruments before the plan's, by id, whose results stand in the trend, too.
    """
    tasks = _TASKS.where(visible(scope), Task.plan_id == plan.id)
    soon = Task.state.in_(AGENCY_STATES) & Task.due_on.between(today, today + FORTNIGHT)
    blocked = Task.state == State.BLOCKED
    waiting = Task.state == State.SUBMITTED
    rows = bundle.fetch(
        session,
        trend=_TREND.where(
            Assessment.government_id == scope.government_id,
            Assessment.instrument_id.in_((plan.instrument_id, *earlier)),
        ).order_by(Assessment.instrument_id == plan.instrument_id, Assessment.year),
        snapshots=_month_ends(plan),
        targets=select(IndexTarget.year, IndexTarget.value, IndexTarget.source)
        .where(IndexTarget.government_id == scope.government_id, IndexTarget.year >= plan.year)
        .order_by(IndexTarget.year),
        due_soon=tasks.where(soon).order_by(Task.due_on, Task.id).limit(ROWS_SHOWN),
        blocked=tasks.where(blocked).order_by(Task.points.desc(), Task.id).limit(ROWS_SHOWN),
        waiting=tasks.where(waiting).order_by(Task.state_changed_at, Task.id).limit(ROWS_SHOWN),
        holidays=governments.local_holidays(scope.government_id),
        counts=select(
            func.count().filter(soon).label("due_soon"),
            func.count().filter(blocked).label("blocked"),
            func.count().filter(waiting).label("waiting"),
        ).where(visible(scope), Task.plan_id == plan.id),
    )
    counts = rows["counts"][0]
    return Beside(
        trend=rows["trend"],
        snapshots=[{**row, "on": date.fromisoformat(row["on"])} for row in rows["snapshots"]],
        targets=[{**row, "value": Decimal(str(row["value"]))} for row in rows["targets"]],
        due_soon=[_parsed(row) for row in rows["due_soon"]],
        blocked=[_parsed(row) for row in rows["blocked"]],
        waiting=[_parsed(row) for row in rows["waiting"]],
        holidays=rows["holidays"],
        due_soon_count=counts["due_soon"],
        blocked_count=counts["blocked"],
        waiting_count=counts["waiting"],
    )


def _month_ends(plan: Plan) -> Select[*tuple[Any, ...]]:
    """The last snapshot of each of the newest months, oldest first; ``plan`` has been got through a scope."""
    month = func.date_trunc("month", ProjectionSnapshot.on)
    lasts = (
        select(func.max(ProjectionSnapshot.on)).where(ProjectionSnapshot.plan_id == plan.id).group_by(month)
    )
    newest = (
        select(ProjectionSnapshot.on, ProjectionSnapshot.secured)
        .where(ProjectionSnapshot.plan_id == plan.id, ProjectionSnapshot.on.in_(lasts))
        .order_by(ProjectionSnapshot.on.desc())
        .limit(MONTHS_SHOWN)
        .subquery()
    )
    return select(newest).order_by(newest.c.on)


def _parsed(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        **row,
        "due_on": date.fromisoformat(row["due_on"]),
        "state_changed_at": datetime.fromisoformat(row["state_changed_at"]),
        "points": Decimal(str(row["points"])),
    }


def list_behind(session: Session, scope: Scope, plan_id: int) -> Mapping[int, Row[Any]]:
    """The plan's tasks that this person may see, by id: (id, state, round, evidence), the last a number of pieces."""
    evidence = select(func.count(EvidenceUse.evidence_id.distinct())).where(EvidenceUse.task_id == Task.id)
    rows = session.execute(
        select(Task.id, Task.state, Task.round, evidence.scalar_subquery().label("evidence")).where(
            visible(scope), Task.plan_id == plan_id
        )
    )
    return {row.id: row for row in rows}
