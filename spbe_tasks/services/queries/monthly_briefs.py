"""Selects of the brief of the month. Limited by the government's id."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Message, MessageKind, MessageState, Plan, Projection, ProjectionSnapshot


def list_briefed(session: Session, government_id: int, since: date, until: date) -> frozenset[int]:
    """Who was made a brief of the month on these local days that was not cancelled since, by account id."""
    rows = select(Message.account_id).where(
        Message.government_id == government_id,
        Message.kind == MessageKind.MONTHLY,
        Message.local_date.between(since, until),
        Message.state != MessageState.CANCELLED,
    )
    return frozenset(session.scalars(rows))


def find_plan_id(session: Session, government_id: int) -> int | None:
    """The newest plan that is not closed, while it has figures; None without one."""
    row = session.execute(
        select(Plan.id, Projection.plan_id)
        .outerjoin(Projection, Projection.plan_id == Plan.id)
        .where(Plan.government_id == government_id, ~Plan.is_closed)
        .order_by(Plan.year.desc(), Plan.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else row.plan_id


def find_secured(session: Session, plan_id: int, until: date) -> tuple[date, Decimal] | None:
    """The secured index at the end of the last day up to ``until`` that was kept, and that day."""
    row = session.execute(
        select(ProjectionSnapshot.on, ProjectionSnapshot.secured)
        .where(ProjectionSnapshot.plan_id == plan_id, ProjectionSnapshot.on <= until)
        .order_by(ProjectionSnapshot.on.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.on, row.secured)
