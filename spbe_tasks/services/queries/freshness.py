"""How new a plan's stored figures are, in one cheap statement: pages ask it over and over."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from spbe_tasks.models import Heartbeat, Plan, Projection, ProjectionRequest
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.system import HEARTBEAT

# A rebuild takes well under a second, and a lost one is asked for again after ten.
OVERDUE_AFTER = timedelta(seconds=30)
# When background work was last heard.
HEARD_AT: ColumnElement[Any] = select(Heartbeat.seen_at).where(Heartbeat.name == HEARTBEAT).scalar_subquery()


def is_behind(plan_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether a change of the plan has waited too long for its rebuild.

    Requests carry the database's own time, so they are compared with it.
    """
    late = ProjectionRequest.requested_at < func.now() - OVERDUE_AFTER
    return select(ProjectionRequest.id).where(ProjectionRequest.plan_id == plan_id, late).exists()


_REQUESTS = select(ProjectionRequest.id).where(ProjectionRequest.plan_id == Plan.id)
# Built once: open pages ask again and again.
_PULSE: AnySelect = select(
    Plan.closed_at,
    Projection.generation,
    Projection.rebuilt_at,
    Projection.details["figures"]["secured"]["index"].astext.label("secured"),
    HEARD_AT.label("heard_at"),
    is_behind(Plan.id).label("is_behind"),
    _REQUESTS.with_only_columns(func.min(ProjectionRequest.id)).scalar_subquery().label("first_request_id"),
    _REQUESTS.with_only_columns(func.max(ProjectionRequest.id)).scalar_subquery().label("last_request_id"),
).outerjoin(Projection, Projection.plan_id == Plan.id)


def get_pulse(session: Session, scope: Scope, plan_id: int) -> Row[Any]:
    """What ``services.freshness.Pulse`` is made of. Raises NotFoundError for a plan of another government."""
    found = session.execute(
        _PULSE.where(Plan.id == plan_id, Plan.government_id == scope.government_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError("plan.not_found")
    return found
