"""Selects of the consistency check: what a plan is made of, as facts, in one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Agency,
    EvaluationCalendar,
    Evidence,
    EvidenceUse,
    Ownership,
    Plan,
    Projection,
    ProjectionRequest,
    Suppression,
    Task,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.consistency import CheckedAgency, CheckedEvidence, CheckedTask, Dates
from spbe_tasks.rules.ownership import Part
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries import bundle
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.plans import share_of


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything the checks of a plan look at. ``owners`` are all cells of the matrix by indicator and agency."""

    tasks: tuple[CheckedTask, ...]
    agencies: Mapping[int, CheckedAgency]
    evidence: tuple[CheckedEvidence, ...]
    owners: Mapping[int, Mapping[int, Part]]
    dates: Dates


@dataclass(frozen=True, slots=True)
class Turn:
    """Which rebuild the stored figures are of (None before the first), and whether another one was asked for."""

    generation: int | None
    is_pending: bool


def get_ground(session: Session, plan: Plan, *, today: date) -> Ground:
    """The facts of a plan that was got through a scope."""
    rows = bundle.fetch(
        session,
        tasks=_tasks(plan),
        agencies=_agencies(plan),
        blocked=_blocked(plan),
        evidence=_evidence(plan),
        owners=select(
            Ownership.indicator_number,
            Ownership.agency_id,
            Ownership.is_lead,
            Ownership.share_numerator,
            Ownership.share_denominator,
        ).where(Ownership.government_id == plan.government_id, Ownership.instrument_id == plan.instrument_id),
        dates=select(
            EvaluationCalendar.self_assessment_opens_on, EvaluationCalendar.self_assessment_closes_on
        ).where(EvaluationCalendar.government_id == plan.government_id, EvaluationCalendar.year == plan.year),
    )
    return Ground(
        tasks=tuple(_task(row) for row in rows["tasks"]),
        agencies=_named(rows["agencies"], rows["blocked"]),
        evidence=tuple(
            CheckedEvidence(**{**row, "expires_on": date.fromisoformat(row["expires_on"])})
            for row in rows["evidence"]
        ),
        owners=_owners(rows["owners"]),
        dates=_dates(rows["dates"], today),
    )


def get_turn(session: Session, plan: Plan) -> Turn:
    """How the figures of a plan that was got through a scope stand at this moment."""
    pending = exists().where(ProjectionRequest.plan_id == plan.id)
    generation = select(Projection.generation).where(Projection.plan_id == plan.id).scalar_subquery()
    row = session.execute(select(generation.label("generation"), pending.label("is_pending"))).one()
    return Turn(row.generation, row.is_pending)


def find_stored(session: Session, plan: Plan) -> Projection | None:
    """The stored figures of a plan that was got through a scope, as they are now; None before the first."""
    wanted = select(Projection).where(Projection.plan_id == plan.id)
    return session.scalar(wanted.execution_options(populate_existing=True))


def _tasks(plan: Plan) -> AnySelect:
    attached = (
        select(func.count())
        .select_from(EvidenceUse)
        .join(Evidence, Evidence.id == EvidenceUse.evidence_id)
        .where(EvidenceUse.task_id == Task.id, Evidence.removed_at.is_(None))
        .scalar_subquery()
    )
    return (
        select(
            Task.id,
            Task.indicator_number.label("number"),
            Task.agency_id,
            Task.round,
            Task.state,
            Task.kind,
            Task.baseline_level.label("baseline"),
            Task.target_level.label("target"),
            Task.reached_level.label("reached"),
            Task.due_on,
            Task.share_numerator,
            Task.share_denominator,
            attached.label("evidence"),
        )
        .where(Task.plan_id == plan.id)
        .order_by(Task.due_on, Task.indicator_number, Task.id)
    )


def _agencies(plan: Plan) -> AnySelect:
    focal_points = (
        select(func.count())
        .where(Account.agency_id == Agency.id, Account.role == Role.FOCAL_POINT, Account.is_active)
        .scalar_subquery()
    )
    return select(
        Agency.id, Agency.short_name.label("name"), Agency.is_active, focal_points.label("focal_points")
    ).where(Agency.government_id == plan.government_id)


def _blocked(plan: Plan) -> AnySelect:
    """Active focal points whose address is not written to."""
    standing = and_(Suppression.address == func.lower(Account.email), Suppression.released_at.is_(None))
    return (
        select(Account.agency_id, Account.name)
        .where(
            Account.government_id == plan.government_id,
            Account.role == Role.FOCAL_POINT,
            Account.is_active,
            exists().where(standing),
        )
        .order_by(Account.name, Account.id)
    )


def _evidence(plan: Plan) -> AnySelect:
    """Evidence with an end that is attached to a task that still counts, once, with the first of its tasks."""
    first = (
        select(func.min(EvidenceUse.task_id))
        .join(Task, Task.id == EvidenceUse.task_id)
        .where(
            EvidenceUse.evidence_id == Evidence.id,
            Task.plan_id == plan.id,
            Task.state.not_in((State.CANCELLED, State.WITHDRAWN)),
        )
        .correlate(Evidence)
        .scalar_subquery()
    )
    return (
        select(
            Evidence.id,
            Evidence.title,
            Evidence.agency_id,
            Evidence.expires_on,
            Task.id.label("task_id"),
            Task.indicator_number.label("number"),
        )
        .join(Task, Task.id == first)
        .where(
            Evidence.government_id == plan.government_id,
            Evidence.expires_on.is_not(None),
            Evidence.removed_at.is_(None),
        )
    )


def _task(row: Mapping[str, Any]) -> CheckedTask:
    return CheckedTask(
        id=row["id"],
        number=row["number"],
        agency_id=row["agency_id"],
        round=row["round"],
        state=State(row["state"]),
        kind=TaskKind(row["kind"]),
        baseline=Decimal(str(row["baseline"])),
        target=Decimal(str(row["target"])),
        reached=None if row["reached"] is None else Decimal(str(row["reached"])),
        due_on=date.fromisoformat(row["due_on"]),
        share=Fraction(row["share_numerator"], row["share_denominator"]),
        evidence=row["evidence"],
    )


def _named(agencies: JsonRows, blocked: Iterable[Mapping[str, Any]]) -> dict[int, CheckedAgency]:
    names: dict[int, list[str]] = {}
    for row in blocked:
        names.setdefault(row["agency_id"], []).append(row["name"])
    return {row["id"]: CheckedAgency(**row, blocked=tuple(names.get(row["id"], ()))) for row in agencies}


def _owners(rows: JsonRows) -> dict[int, dict[int, Part]]:
    found: dict[int, dict[int, Part]] = {}
    for row in rows:
        share = share_of(row["share_numerator"], row["share_denominator"])
        found.setdefault(row["indicator_number"], {})[row["agency_id"]] = Part(row["is_lead"], share)
    return found


def _dates(rows: JsonRows, today: date) -> Dates:
    days = (date.fromisoformat(day) if day else None for row in rows for day in row.values())
    return Dates(today, *days)
