"""Selects of the forecast: what was finished when, in all plans of a government; which forecasts are out of date."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Plan, PlanForecast, Projection, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import State

_PIECE = (Task.plan_id, Task.indicator_number, Task.agency_id)


def list_pieces(session: Session, government_id: int) -> "Sequence[Row[*tuple[Any, ...]]]":
    """Every piece of work of a government: an agency's task on an indicator of a plan, by its latest round.

    With ``handed_over_at`` of its first one, and ``closed_at`` of the plan. What is still planned, and what was
    withdrawn, is none.
    """
    rounds = (
        select(
            Task.agency_id,
            Task.state,
            Task.state_changed_at,
            Task.reached_level,
            Task.target_level,
            func.min(Task.published_at).over(partition_by=_PIECE).label("handed_over_at"),
            func.row_number().over(partition_by=_PIECE, order_by=Task.round.desc()).label("place"),
            Plan.closed_at,
        )
        .join(Plan, Plan.id == Task.plan_id)
        .where(
            Task.government_id == government_id, Task.published_at.is_not(None), Task.state != State.WITHDRAWN
        )
        .subquery()
    )
    return session.execute(select(rounds).where(rounds.c.place == 1)).all()


def handed_over(session: Session, plan_id: int) -> dict[tuple[int, int], datetime]:
    """When the work of a plan was handed over for the first time, by indicator and agency; ``plan_id`` was scoped."""
    rows = session.execute(
        select(Task.indicator_number, Task.agency_id, func.min(Task.published_at).label("at"))
        .where(Task.plan_id == plan_id, Task.published_at.is_not(None), Task.state != State.WITHDRAWN)
        .group_by(Task.indicator_number, Task.agency_id)
    )
    return {(row.indicator_number, row.agency_id): row.at for row in rows}


def find(session: Session, scope: Scope, plan_id: int) -> PlanForecast | None:
    """The stored forecast of a plan of the scope's government, or None."""
    return session.scalar(
        select(PlanForecast).where(
            PlanForecast.plan_id == plan_id, PlanForecast.government_id == scope.government_id
        )
    )


def list_outdated(session: Session, limit: int) -> Sequence[int]:
    """Open plans whose figures were rebuilt, or are of another day, since their forecast was made; oldest first."""
    return session.scalars(
        select(Projection.plan_id)
        .join(Plan, Plan.id == Projection.plan_id)
        .outerjoin(PlanForecast, PlanForecast.plan_id == Projection.plan_id)
        .where(~Plan.is_closed, _is_outdated())
        .order_by(PlanForecast.made_at.nulls_first(), Projection.plan_id)
        .limit(limit)
    ).all()


def _is_outdated() -> ColumnElement[bool]:
    return or_(
        PlanForecast.generation.is_distinct_from(Projection.generation),
        PlanForecast.as_of_on.is_distinct_from(Projection.as_of_on),
    )
