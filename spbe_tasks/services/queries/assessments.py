"""Selects about assessments, their revisions and levels, each limited to one government."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import (
    Account,
    Assessment,
    AssessmentDraft,
    AssessmentKind,
    AssessmentRevision,
    LevelPin,
    Score,
)
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


def get_by_kind(
    session: Session, scope: Scope, instrument_id: str, year: int, kind: AssessmentKind
) -> Assessment:
    """The assessment of that instrument, year and kind. Raises NotFoundError when nothing was imported yet."""
    found = find_assessment(session, scope, instrument_id, year, kind)
    if found is None:
        raise NotFoundError("assessment.not_found")
    return found


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


def list_every_revision(
    session: Session, scope: Scope, instrument_ids: Collection[str]
) -> "Sequence[Row[AssessmentRevision, Assessment]]":
    """All revisions by these instruments, newest year and newest revision first: (AssessmentRevision, Assessment)."""
    return session.execute(
        select(AssessmentRevision, Assessment)
        .join(Assessment, Assessment.id == AssessmentRevision.assessment_id)
        .where(Assessment.government_id == scope.government_id, Assessment.instrument_id.in_(instrument_ids))
        .order_by(Assessment.year.desc(), Assessment.id, AssessmentRevision.number.desc())
    ).all()


def count_changes(session: Session, scope: Scope, assessment_id: int) -> Mapping[int, int]:
    """By revision number, how many levels differ from the revision before; the first has none to differ from."""
    former, then, now = aliased(AssessmentRevision), aliased(Score), aliased(Score)
    differs = now.level.is_distinct_from(then.level)
    rows = session.execute(
        select(AssessmentRevision.number, func.count().filter(differs).label("changes"))
        .join(
            former,
            and_(
                former.assessment_id == AssessmentRevision.assessment_id,
                former.number == AssessmentRevision.number - 1,
            ),
        )
        .join(now, now.revision_id == AssessmentRevision.id)
        .join(then, and_(then.revision_id == former.id, then.indicator_number == now.indicator_number))
        .where(
            AssessmentRevision.assessment_id == assessment_id,
            AssessmentRevision.government_id == scope.government_id,
        )
        .group_by(AssessmentRevision.number)
    )
    return {row.number: row.changes for row in rows}


def list_scores(session: Session, revision_id: int) -> Sequence[Score]:
    """The scores of a revision that was got through a scope, by indicator number."""
    return session.scalars(
        select(Score).where(Score.revision_id == revision_id).order_by(Score.indicator_number)
    ).all()


def find_pin(session: Session, assessment_id: int, number: int) -> LevelPin | None:
    """The pin in force on an indicator of an assessment that was got through a scope."""
    return session.scalar(_in_force(assessment_id).where(LevelPin.indicator_number == number))


def list_pins(session: Session, assessment_id: int) -> Sequence[LevelPin]:
    """The pins in force on an assessment that was got through a scope, by indicator number."""
    return session.scalars(_in_force(assessment_id).order_by(LevelPin.indicator_number)).all()


def list_named_pins(session: Session, pin_ids: Collection[int]) -> "Sequence[Row[LevelPin, str]]":
    """These pins, in force or not, as (LevelPin, ``pinned_by`` or None); the ids come from scores one may see."""
    return session.execute(
        select(LevelPin, Account.name.label("pinned_by"))
        .outerjoin(Account, Account.id == LevelPin.pinned_by_id)
        .where(LevelPin.id.in_(pin_ids))
    ).all()


def list_drafts(session: Session, scope: Scope) -> "Sequence[Row[AssessmentDraft, str]]":
    """The imports under way, last touched first: (AssessmentDraft, ``made_by`` or None)."""
    return session.execute(
        select(AssessmentDraft, Account.name.label("made_by"))
        .outerjoin(Account, Account.id == AssessmentDraft.made_by_id)
        .where(AssessmentDraft.government_id == scope.government_id)
        .order_by(AssessmentDraft.changed_at.desc(), AssessmentDraft.id.desc())
    ).all()


def get_draft(session: Session, scope: Scope, draft_id: int, *, for_update: bool = False) -> AssessmentDraft:
    """An import under way, locked when it is about to change. Raises NotFoundError for a foreign or ended one."""
    wanted = select(AssessmentDraft).where(
        AssessmentDraft.id == draft_id, AssessmentDraft.government_id == scope.government_id
    )
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise NotFoundError("assessment.draft_not_found")
    return found


def list_stale_drafts(session: Session, untouched_since: datetime) -> Sequence[AssessmentDraft]:
    """Imports of all governments that nobody has touched since then; for the sweep."""
    return session.scalars(
        select(AssessmentDraft)
        .where(AssessmentDraft.changed_at < untouched_since)
        .order_by(AssessmentDraft.id)
        .with_for_update(skip_locked=True)
    ).all()


def list_baselines(
    session: Session, scope: Scope, instrument_id: str, year: int
) -> "Sequence[Row[Assessment, AssessmentRevision, int]]":
    """What a plan of that year can start from: the rows of ``list_assessments`` for that instrument and year."""
    wanted = _newest_of_each(scope).where(Assessment.instrument_id == instrument_id, Assessment.year == year)
    return session.execute(wanted.order_by(Assessment.id)).all()


def _in_force(assessment_id: int) -> "Select[LevelPin]":
    return select(LevelPin).where(LevelPin.assessment_id == assessment_id, LevelPin.released_at.is_(None))


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
