"""Selects about plans and what they are built on."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Agency, Assessment, AssessmentRevision, Ownership, Plan, Projection, Score
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.gaps import Owner
from spbe_tasks.rules.index import Level


def get_plan(session: Session, scope: Scope, plan_id: int) -> Plan:
    """A plan of the scope's government. Raises NotFoundError for any other."""
    found = session.scalar(select(Plan).where(Plan.id == plan_id, Plan.government_id == scope.government_id))
    if found is None:
        raise NotFoundError("plan.not_found")
    return found


def find_plan(session: Session, government_id: int, instrument_id: str, year: int) -> Plan | None:
    """The plan that follows the assessment of ``year``, or None."""
    return session.scalar(
        select(Plan).where(
            Plan.government_id == government_id, Plan.instrument_id == instrument_id, Plan.year == year
        )
    )


def list_plans(session: Session, scope: Scope) -> "Sequence[Row[Plan, Projection]]":
    """The government's plans with their projection (None until first built), newest year first: (Plan, Projection)."""
    return session.execute(
        select(Plan, Projection)
        .outerjoin(Projection, Projection.plan_id == Plan.id)
        .where(Plan.government_id == scope.government_id)
        .order_by(Plan.year.desc(), Plan.id.desc())
    ).all()


def levels_of(session: Session, revision_id: int) -> Mapping[int, Level]:
    """The levels of a revision by indicator number; None is "not assessed"."""
    rows = session.execute(
        select(Score.indicator_number, Score.level).where(Score.revision_id == revision_id)
    )
    return {row.indicator_number: row.level for row in rows}


def list_owners(session: Session, government_id: int, instrument_id: str) -> Sequence[Owner]:
    """The ownership matrix of a government for an instrument, by indicator, lead first."""
    rows = session.execute(
        select(Ownership.indicator_number, Ownership.agency_id, Agency.slug, Ownership.is_lead)
        .join(Agency, Agency.id == Ownership.agency_id)
        .where(Ownership.government_id == government_id, Ownership.instrument_id == instrument_id)
        .order_by(Ownership.indicator_number, Ownership.is_lead.desc(), Agency.slug)
    )
    return [Owner(row.indicator_number, row.agency_id, row.slug, row.is_lead) for row in rows]


def get_baseline(session: Session, plan: Plan) -> "Row[AssessmentRevision, Assessment]":
    """The revision a plan starts from, with its assessment: (AssessmentRevision, Assessment)."""
    return session.execute(
        select(AssessmentRevision, Assessment)
        .join(Assessment, Assessment.id == AssessmentRevision.assessment_id)
        .where(AssessmentRevision.id == plan.baseline_revision_id)
    ).one()
