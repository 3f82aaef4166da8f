"""Selects about closed plans: what may still be changed, and what a plan is closed with."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Row, exists, select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Assessment,
    AssessmentKind,
    AssessmentRevision,
    Plan,
    ReminderIntent,
    Task,
)
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError
from spbe_tasks.rules.reminders import IntentState


def refuse_closed(plan: Plan) -> None:
    """Raise ConflictError("plan.closed") for a closed plan: whoever locks a plan or a task to change it asks this."""
    if plan.is_closed:
        raise ConflictError("plan.closed", year=plan.year)


def in_open_plan() -> ColumnElement[bool]:
    """The condition on tasks that may still be worked on: their plan is not closed."""
    return ~exists().where(Plan.id == Task.plan_id, Plan.is_closed)


def lock_tasks(session: Session, plan_ids: Collection[int]) -> None:
    """Wait for everybody who is changing a task of plans that are locked, and let nobody begin."""
    lock = select(Task.id).where(Task.plan_id.in_(plan_ids)).order_by(Task.id).with_for_update()
    # A round they add meanwhile the first statement cannot see, the second can.
    session.execute(lock)
    session.execute(lock)


def list_open_intent_ids(session: Session, plan_id: int) -> Sequence[int]:
    """The reminders of a plan's tasks that wait to be sent."""
    return session.scalars(
        select(ReminderIntent.id)
        .join(Task, Task.id == ReminderIntent.task_id)
        .where(Task.plan_id == plan_id, ReminderIntent.state == IntentState.OPEN)
    ).all()


def find_closer(session: Session, plan: Plan) -> str | None:
    """The name of whoever closed a plan; None while it is open."""
    return session.scalar(select(Account.name).where(Account.id == plan.closed_by_id))


def find_next_result(
    session: Session, scope: Scope, instrument_ids: Collection[str], year: int
) -> "Row[AssessmentRevision, Assessment] | None":
    """The newest revision of the first official assessment after ``year``; None before it is imported."""
    return session.execute(
        select(AssessmentRevision, Assessment)
        .join(Assessment, Assessment.id == AssessmentRevision.assessment_id)
        .where(
            Assessment.government_id == scope.government_id,
            Assessment.kind == AssessmentKind.OFFICIAL,
            Assessment.instrument_id.in_(instrument_ids),
            Assessment.year > year,
        )
        .order_by(Assessment.year, Assessment.instrument_id, AssessmentRevision.number.desc())
        .limit(1)
    ).one_or_none()
