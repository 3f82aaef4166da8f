"""Selects about stored projections: what waits to be computed, and what it is computed from, of one plan or many."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, Row, Select, Text, cast, false, func, select, type_coerce
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import (
    Agency,
    EvaluationCalendar,
    Government,
    Plan,
    Projection,
    ProjectionProof,
    ProjectionRequest,
    Score,
    Task,
)
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.rebuild_pace import QUIET
from spbe_tasks.services.queries.bundle import AnySelect

# Built once: a rebuild is to be cheap.
FACTS: AnySelect = select(
    Task.plan_id,
    Task.id,
    Task.indicator_number,
    Task.agency_id,
    Task.round,
    Task.state,
    Task.baseline_level,
    Task.target_level,
    Task.due_on,
    Task.share_numerator,
    Task.share_denominator,
    Task.reached_level,
    Task.cancel_kind,
    Task.kind,
)
_OF_PLAN = aliased(ProjectionRequest)
_NEWEST_REQUEST = (
    select(func.max(_OF_PLAN.requested_at)).where(_OF_PLAN.plan_id == Projection.plan_id).scalar_subquery()
)
# Requests and rests carry the database's own time, so they are compared with it.
IS_RESTING: ColumnElement[bool] = func.coalesce(
    (Projection.rests_until > func.clock_timestamp()) & (func.clock_timestamp() - QUIET < _NEWEST_REQUEST),
    false(),
)


def has_request(plan_id: ColumnElement[int] | Any) -> ColumnElement[bool]:
    """Whether a change of the plan waits to be counted."""
    return select(ProjectionRequest.id).where(ProjectionRequest.plan_id == plan_id).exists()


_STANDING: AnySelect = select(Projection.generation, Projection.as_of_on, IS_RESTING.label("is_resting"))


def find_standing(session: Session, plan_id: int) -> Row[Any] | None:
    """Generation, day and ``is_resting`` of a plan's stored figures, as they are in the database now."""
    return session.execute(_STANDING.where(Projection.plan_id == plan_id)).one_or_none()


def is_wanted(session: Session, plan_id: int, *, now: datetime) -> bool:
    """Whether a run would do anything now: something asked for it or the day is another, and the plan does not rest."""
    is_old = Projection.as_of_on.is_distinct_from(_local_day(now))
    return bool(
        session.scalar(
            select((has_request(Plan.id) | is_old) & ~IS_RESTING)
            .select_from(Plan)
            .join(Government, Government.id == Plan.government_id)
            .outerjoin(Projection, Projection.plan_id == Plan.id)
            .where(Plan.id == plan_id)
        )
    )


def list_waiting(session: Session, *, longer_than: timedelta) -> Sequence[int]:
    """The plans with a request as old as that, unless they rest."""
    waiting = (
        select(ProjectionRequest.plan_id)
        .outerjoin(Projection, Projection.plan_id == ProjectionRequest.plan_id)
        .where(ProjectionRequest.requested_at < func.now() - longer_than, ~IS_RESTING)
    )
    return session.scalars(waiting.distinct()).all()


def list_outdated(session: Session, *, now: datetime) -> Sequence[int]:
    """The open plans whose figures are not those of the local day of ``now``, or were never computed."""
    outdated = (
        select(Plan.id)
        .join(Government, Government.id == Plan.government_id)
        .outerjoin(Projection, Projection.plan_id == Plan.id)
        .where(~Plan.is_closed, Projection.as_of_on.is_distinct_from(_local_day(now)))
    )
    return session.scalars(outdated).all()


def list_unproved(session: Session, *, now: datetime, limit: int) -> Sequence[int]:
    """Open plans nobody has proved on this local day, by id; those with changes that wait are left for later."""
    proved_on = func.date(func.timezone(Government.timezone, ProjectionProof.proved_at))
    unproved = (
        select(Plan.id)
        .join(Government, Government.id == Plan.government_id)
        .outerjoin(ProjectionProof, ProjectionProof.plan_id == Plan.id)
        .where(~Plan.is_closed, proved_on.is_distinct_from(_local_day(now)), ~has_request(Plan.id))
    )
    return session.scalars(unproved.order_by(Plan.id).limit(limit)).all()


def list_open(session: Session, government_id: int | None = None) -> Sequence[int]:
    """The open plans of a government, or of all, by id."""
    opened = select(Plan.id).where(~Plan.is_closed).order_by(Plan.id)
    if government_id is not None:
        opened = opened.where(Plan.government_id == government_id)
    return session.scalars(opened).all()


def list_named(session: Session, plan_ids: Collection[int]) -> "Sequence[Row[int, int, str]]":
    """These plans as the command line names them: id, year, and the government's slug, by slug and year."""
    return session.execute(
        select(Plan.id, Plan.year, Government.slug)
        .join(Government, Government.id == Plan.government_id)
        .where(Plan.id.in_(plan_ids))
        .order_by(Government.slug, Plan.year, Plan.id)
    ).all()


def list_grounds(session: Session, plan_ids: Collection[int], *, now: datetime) -> Sequence[Row[Any]]:
    """Open plans with what a projection starts from, and generation and day of the stored one (None without).

    ``today`` is the local day, ``evaluation_on`` the day the self-assessment opens, ``has_request`` as above.
    """
    return session.execute(
        select(
            Plan.id.label("plan_id"),
            Plan.government_id,
            Plan.instrument_id,
            Plan.baseline_revision_id,
            Projection.generation,
            Projection.as_of_on,
            EvaluationCalendar.self_assessment_opens_on.label("evaluation_on"),
            _local_day(now).label("today"),
            has_request(Plan.id).label("has_request"),
        )
        .join(Government, Government.id == Plan.government_id)
        .outerjoin(Projection, Projection.plan_id == Plan.id)
        .outerjoin(
            EvaluationCalendar,
            (EvaluationCalendar.government_id == Plan.government_id) & (EvaluationCalendar.year == Plan.year),
        )
        .where(Plan.id.in_(plan_ids), ~Plan.is_closed)
    ).all()


def list_levels(
    session: Session, revision_ids: Collection[int]
) -> Mapping[int, Mapping[int, Decimal | None]]:
    """The levels of revisions by revision and indicator number; None is "not assessed"."""
    # A row for each revision: making one of Python for each level would cost more than everything PostgreSQL does here.
    levels = func.json_object_agg(Score.indicator_number, cast(Score.level, Text))
    rows = session.execute(
        select(Score.revision_id, type_coerce(levels, JSON))
        .where(Score.revision_id.in_(revision_ids))
        .group_by(Score.revision_id)
    )
    return {
        revision_id: {
            int(number): None if level is None else _level(level) for number, level in found.items()
        }
        for revision_id, found in rows
    }


_level = lru_cache(maxsize=1_024)(Decimal)


def agency_names(session: Session, government_ids: Collection[int]) -> Mapping[int, str]:
    """Short names of these governments' agencies, by id."""
    names = func.json_object_agg(Agency.id, Agency.short_name)
    rows = session.execute(
        select(Agency.government_id, type_coerce(names, JSON))
        .where(Agency.government_id.in_(government_ids))
        .group_by(Agency.government_id)
    )
    return {int(agency_id): name for _, found in rows for agency_id, name in found.items()}


def take_turns(session: Session, plan_ids: Collection[int]) -> Sequence[int]:
    """Of these plans the open ones whose turn is free, which is taken until the transaction ends."""
    free: Select[int] = select(Plan.id).where(Plan.id.in_(plan_ids), ~Plan.is_closed).order_by(Plan.id)
    return session.scalars(free.with_for_update(key_share=True, skip_locked=True)).all()


def list_differing(session: Session, scope: Scope) -> "Sequence[Row[ProjectionProof, Plan, bool]]":
    """Proofs of the government's open plans that found a difference, with plan, newest year first."""
    return session.execute(
        select(
            ProjectionProof,
            Plan,
            (Projection.generation > ProjectionProof.generation).label("is_mended"),
        )
        .join(Plan, Plan.id == ProjectionProof.plan_id)
        .join(Projection, Projection.plan_id == Plan.id)
        .where(
            Plan.government_id == scope.government_id,
            ~Plan.is_closed,
            ProjectionProof.difference.is_not(None),
        )
        .order_by(Plan.year.desc(), Plan.id)
    ).all()


def _local_day(now: datetime) -> ColumnElement[Any]:
    return func.date(func.timezone(Government.timezone, now))
