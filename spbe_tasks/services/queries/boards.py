"""Selects of the other ways to look at a list of tasks: by state, by month, by agency. All narrowed as the list is."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Agency, EvaluationCalendar, Milestone, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import OPEN_STATES
from spbe_tasks.services.queries import bundle
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.task_filter import TaskFilter, matching
from spbe_tasks.services.queries.tasks import ROWS, overdue

Days = tuple[date, date]


def list_cards(
    session: Session, scope: Scope, wanted: TaskFilter, *, today: date, most: int
) -> Sequence[Row[Any]]:
    """The first ``most`` rows of each state, soonest due first: ``tasks.ROWS``, ``agency_id``, ``version`` and
    ``state_total``, how many the state has."""
    numbered = _numbered(scope, wanted, today, by=Task.state).subquery()
    rows = (
        ROWS.add_columns(Task.agency_id, Task.version, numbered.c.total.label("state_total"))
        .join(numbered, numbered.c.id == Task.id)
        .where(numbered.c.place <= most)
    )
    return session.execute(rows.order_by(Task.due_on, Task.id)).all()


def fetch_month(
    session: Session, scope: Scope, wanted: TaskFilter, *, today: date, days: Days, most: int, year: int
) -> Mapping[str, JsonRows]:
    """Between two days, both included: ``tasks`` (the first ``most`` of each day, with ``day_total``), ``milestones``,
    and ``evaluation``, the dates of the cycle after ``year``; in one statement."""
    numbered = _numbered(scope, wanted, today, by=Task.due_on).where(Task.due_on.between(*days)).subquery()
    tasks = (
        select(
            Task.id,
            Task.indicator_number,
            Task.title,
            Task.state,
            Task.due_on,
            Agency.short_name.label("agency_name"),
            numbered.c.total.label("day_total"),
        )
        .join(numbered, numbered.c.id == Task.id)
        .join(Agency, Agency.id == Task.agency_id)
        .where(numbered.c.place <= most)
        .order_by(Task.due_on, Task.id)
    )
    return bundle.fetch(
        session,
        tasks=tasks,
        milestones=_milestones(scope, wanted, today).where(Milestone.due_on.between(*days)).limit(most * 31),
        evaluation=evaluation_dates(scope, year),
    )


def fetch_timeline(
    session: Session, scope: Scope, wanted: TaskFilter, *, today: date, year: int
) -> Mapping[str, JsonRows]:
    """``marks``: how many tasks each agency has due on each day, how many of them are open, and late; ``milestones``
    by agency and day; ``evaluation`` dates; in one statement."""
    marks = (
        select(
            Agency.id.label("agency_id"),
            Agency.short_name.label("agency_name"),
            Task.due_on,
            func.count().label("total"),
            func.count().filter(Task.state.in_(OPEN_STATES)).label("open"),
            func.count().filter(overdue(today)).label("late"),
        )
        .join(Agency, Agency.id == Task.agency_id)
        .where(matching(scope, wanted, today))
        .group_by(Agency.id, Agency.short_name, Task.due_on)
        .order_by(Agency.short_name, Agency.id, Task.due_on)
    )
    steps = _milestones(scope, wanted, today).subquery()
    milestones = select(
        steps.c.agency_id,
        steps.c.due_on,
        func.count().label("total"),
        func.bool_and(steps.c.is_done).label("is_done"),
    ).group_by(steps.c.agency_id, steps.c.due_on)
    return bundle.fetch(
        session,
        marks=marks,
        milestones=milestones.order_by(steps.c.due_on),
        evaluation=evaluation_dates(scope, year),
    )


def evaluation_dates(scope: Scope, year: int) -> AnySelect:
    """The dates of the evaluation after the assessment of ``year``: one row, or none."""
    return select(
        EvaluationCalendar.self_assessment_opens_on,
        EvaluationCalendar.self_assessment_closes_on,
        EvaluationCalendar.interviews_on,
        EvaluationCalendar.result_on,
    ).where(EvaluationCalendar.government_id == scope.government_id, EvaluationCalendar.year == year)


def _numbered(scope: Scope, wanted: TaskFilter, today: date, *, by: Any) -> AnySelect:
    place = func.row_number().over(partition_by=by, order_by=(Task.due_on, Task.id))
    total = func.count().over(partition_by=by)
    return select(Task.id, place.label("place"), total.label("total")).where(matching(scope, wanted, today))


def _milestones(scope: Scope, wanted: TaskFilter, today: date) -> AnySelect:
    return (
        select(
            Milestone.task_id,
            Milestone.title,
            Milestone.due_on,
            Milestone.done_at.is_not(None).label("is_done"),
            Task.indicator_number,
            Task.agency_id,
        )
        .join(Task, Task.id == Milestone.task_id)
        .where(matching(scope, wanted, today))
        .order_by(Milestone.due_on, Milestone.id)
    )
