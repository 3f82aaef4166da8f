"""Selects of calibration: plans whose next official result has come, what stood before, and who accepted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import (
    Account,
    Agency,
    Assessment,
    AssessmentKind,
    AssessmentRevision,
    EvaluationCalendar,
    Event,
    Plan,
    ProjectionSnapshot,
    Score,
    Task,
)
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.workflow import Action


def list_judged(session: Session, scope: Scope) -> "Sequence[Row[*tuple[Any, ...]]]":
    """Every plan that the next year's official result by its own instrument has judged, newest year first.

    Rows are (Plan, AssessmentRevision: the newest, ``first_at``: when the first one was imported, ``closes_on``,
    ``opens_on``: of the self-assessment, or None).
    """
    every = aliased(AssessmentRevision)
    newest = select(func.max(every.number)).where(every.assessment_id == Assessment.id).scalar_subquery()
    first = select(func.min(every.imported_at)).where(every.assessment_id == Assessment.id).scalar_subquery()
    return session.execute(
        select(
            Plan,
            AssessmentRevision,
            first.label("first_at"),
            EvaluationCalendar.self_assessment_closes_on.label("closes_on"),
            EvaluationCalendar.self_assessment_opens_on.label("opens_on"),
        )
        .join(
            Assessment,
            and_(
                Assessment.government_id == Plan.government_id,
                Assessment.instrument_id == Plan.instrument_id,
                Assessment.year == Plan.year + 1,
                Assessment.kind == AssessmentKind.OFFICIAL,
            ),
        )
        .join(AssessmentRevision, AssessmentRevision.assessment_id == Assessment.id)
        .outerjoin(
            EvaluationCalendar,
            and_(
                EvaluationCalendar.government_id == Plan.government_id, EvaluationCalendar.year == Plan.year
            ),
        )
        .where(Plan.government_id == scope.government_id, AssessmentRevision.number == newest)
        .order_by(Plan.year.desc(), Plan.id.desc())
    ).all()


def find_judged_otherwise(session: Session, scope: Scope, plan: Plan) -> Assessment | None:
    """The next year's official result when it is by other instruments only; None with one by the plan's own."""
    by_own = Assessment.instrument_id == plan.instrument_id
    found = session.scalar(
        select(Assessment)
        .where(
            Assessment.government_id == scope.government_id,
            Assessment.year == plan.year + 1,
            Assessment.kind == AssessmentKind.OFFICIAL,
        )
        .order_by(by_own.desc(), Assessment.id)
        .limit(1)
    )
    return None if found is None or found.instrument_id == plan.instrument_id else found


def find_predictions(session: Session, until: Mapping[int, date]) -> Mapping[int, ProjectionSnapshot]:
    """The last snapshot with levels on or before a day, by plan; of plans that were got through a scope."""
    if not until:
        return {}
    wanted = [
        and_(ProjectionSnapshot.plan_id == plan_id, ProjectionSnapshot.on <= day)
        for plan_id, day in until.items()
    ]
    last = (
        select(ProjectionSnapshot.plan_id, func.max(ProjectionSnapshot.on))
        .where(or_(*wanted), ProjectionSnapshot.levels.is_not(None))
        .group_by(ProjectionSnapshot.plan_id)
    )
    key = tuple_(ProjectionSnapshot.plan_id, ProjectionSnapshot.on)
    rows = session.scalars(select(ProjectionSnapshot).where(key.in_(last)))
    return {each.plan_id: each for each in rows}


def levels_of_each(session: Session, revision_ids: Collection[int]) -> Mapping[int, Mapping[int, Level]]:
    """The levels of several revisions that were got through a scope, by revision and indicator number."""
    found: dict[int, dict[int, Level]] = {each: {} for each in revision_ids}
    rows = select(Score.revision_id, Score.indicator_number, Score.level)
    for row in session.execute(rows.where(Score.revision_id.in_(found))):
        found[row.revision_id][row.indicator_number] = row.level
    return found


def list_decisions(session: Session, plan: Plan, *, before: datetime) -> "Sequence[Row[*tuple[Any, ...]]]":
    """Every acceptance and reopening of a plan's tasks before an instant, in the order in which they were made.

    Rows are (id, indicator_number, agency_id, round, action, actor_id, data); the plan was got through a scope.
    """
    return session.execute(
        select(
            Task.id,
            Task.indicator_number,
            Task.agency_id,
            Task.round,
            Event.action,
            Event.actor_id,
            Event.data,
        )
        .join(Task, and_(Task.id == Event.subject_id, Task.plan_id == plan.id))
        .where(
            Event.government_id == plan.government_id,
            Event.subject_type == "task",
            Event.action.in_((Action.ACCEPT, Action.REOPEN)),
            Event.at < before,
        )
        .order_by(Event.id)
    ).all()


def list_names(
    session: Session, scope: Scope, agency_ids: Collection[int], account_ids: Collection[int]
) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Short names of agencies and names of people, by id."""
    agencies = select(Agency.id, Agency.short_name.label("name")).where(
        Agency.id.in_(agency_ids), Agency.government_id == scope.government_id
    )
    people = select(Account.id, Account.name).where(Account.id.in_(account_ids))
    return (
        {row.id: row.name for row in session.execute(agencies)},
        {row.id: row.name for row in session.execute(people)},
    )
