"""Selects about assessments, their revisions and levels, each limited to one government."""

from collections.abc import Sequence

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Assessment, AssessmentKind, AssessmentRevision
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError


def list_assessments(session: Session, scope: Scope) -> "Sequence[Row[Assessment, AssessmentRevision, int]]":
    """Every assessment with its newest revision and how many there are, newest year first.

    Rows are (Assessment, AssessmentRevision, ``revisions``).
    """
    return session.execute(
        _newest_of_each(scope).order_by(
            Assessment.year.desc(), AssessmentRevision.imported_at.desc(), Assessment.id.desc()
        )
    ).all()


def get_assessment(session: Session, scope: Scope, assessment_id: int) -> Assessment:
    """An assessment of the scope's government. Raises NotFoundError for any other."""
    found = session.scalar(
        select(Assessment).where(
            Assessment.id == assessment_id, Assessment.government_id == scope.government_id
        )
    )
    if found is None:
        raise NotFoundError("assessment.not_found")
    return found


def find_assessment(
    session: Session, scope: Scope, instrument_id: str, year: int, kind: AssessmentKind
) -> Assessment | None:
    """The assessment of that instrument, year and kind, or None when nothing was imported yet."""
    return session.scalar(
        select(Assessment).where(
            Assessment.government_id == scope.government_id,
            Assessment.instrument_id == instrument_id,
            Assessment.year == year,
            Assessment.kind == kind,
        )
    )


def find_newest_revision(session: Session, assessment_id: int) -> AssessmentRevision | None:
    """The newest revision of an assessment that was got through a scope; None before the first."""
    return session.scalar(
        select(AssessmentRevision)
        .where(AssessmentRevision.assessment_id == assessment_id)
        .order_by(AssessmentRevision.number.desc())
        .limit(1)
    )


def get_revision(session: Session, scope: Scope, revision_id: int) -> "Row[AssessmentRevision, Assessment]":
    """A revision with its assessment: (AssessmentRevision, Assessment). Raises NotFoundError for a foreign one."""
    found = session.execute(
        select(AssessmentRevision, Assessment)
        .join(Assessment, Assessment.id == AssessmentRevision.assessment_id)
        .where(AssessmentRevision.id == revision_id, AssessmentRevision.government_id == scope.government_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError("assessment.revision_not_found")
    return found


def list_revisions(
    session: Session, scope: Scope, assessment_id: int
) -> "Sequence[Row[AssessmentRevision, str]]":
    """The revisions of an assessment, newest first: (AssessmentRevision, ``imported_by`` or None)."""
    return session.execute(
        select(AssessmentRevision, Account.name.label("imported_by"))
        .outerjoin(Account, Account.id == AssessmentRevision.imported_by_id)
        .where(
            AssessmentRevision.assessment_id == assessment_id,
            AssessmentRevision.government_id == scope.government_id,
        )
        .order_by(AssessmentRevision.number.desc())
    ).all()


def list_baselines(
    session: Session, scope: Scope, instrument_id: str, year: int
) -> "Sequence[Row[Assessment, AssessmentRevision, int]]":
    """What a plan of that year can start from: the rows of ``list_assessments`` for that instrument and year."""
    wanted = _newest_of_each(scope).where(Assessment.instrument_id == instrument_id, Assessment.year == year)
    return session.execute(wanted.order_by(Assessment.id)).all()


def _newest_of_each(scope: Scope) -> "Select[Assessment, AssessmentRevision, int]":
    counts = (
        select(
            AssessmentRevision.assessment_id,
            func.max(AssessmentRevision.number).label("newest"),
            func.count().label("revisions"),
        )
        .where(AssessmentRevision.government_id == scope.government_id)
        .group_by(AssessmentRevision.assessment_id)
        .subquery()
    )
    is_newest = (AssessmentRevision.assessment_id == Assessment.id) & (
        AssessmentRevision.number == counts.c.newest
    )
    return (
        select(Assessment, AssessmentRevision, counts.c.revisions)
        .join(counts, counts.c.assessment_id == Assessment.id)
        .join(AssessmentRevision, is_newest)
        .where(Assessment.government_id == scope.government_id)
    )
