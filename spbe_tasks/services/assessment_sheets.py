"""One assessment as a page shows it: a revision with its figures, and the revisions there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Assessment, AssessmentRevision
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.index import IndexResult, Level, compute, predicate
from spbe_tasks.rules.instrument import Instrument, PredicateBound
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.queries.plans import levels_of


@dataclass(frozen=True, slots=True)
class Sheet:
    """One revision of an assessment with its figures; ``history`` is every revision, newest first, with who made it."""

    instrument: Instrument
    assessment: Assessment
    revision: AssessmentRevision
    levels: Mapping[int, Level]
    result: IndexResult
    history: tuple[tuple[AssessmentRevision, str | None], ...]

    @property
    def predicate(self) -> PredicateBound:
        """The predicate of the index by the assessment's basis."""
        return predicate(self.instrument, self.result.index, self.assessment.predicate_basis)

    @property
    def is_newest(self) -> bool:
        """Whether no later revision exists."""
        return self.revision is self.history[0][0]

    @property
    def not_assessed(self) -> tuple[int, ...]:
        """The indicators without a level, by number."""
        return tuple(number for number, level in sorted(self.levels.items()) if level is None)


def open_sheet(session: Session, scope: Scope, assessment_id: int, number: int | None = None) -> Sheet:
    """An assessment by its revision of that number, or its newest. Raises NotFoundError for what is not there."""
    assessment = queries.get_assessment(session, scope, assessment_id)
    history = [(row[0], row.imported_by) for row in queries.list_revisions(session, scope, assessment_id)]
    revision = next((each for each, _ in history if number in (None, each.number)), None)
    if revision is None:
        raise NotFoundError("assessment.revision_not_found")
    instrument = get_instrument(assessment.instrument_id)
    levels = levels_of(session, revision.id)
    return Sheet(instrument, assessment, revision, levels, compute(instrument, levels), tuple(history))


def read_predicate(assessment: Assessment, revision: AssessmentRevision) -> PredicateBound:
    """The predicate of a stored index, by the assessment's basis; for lists."""
    instrument = get_instrument(assessment.instrument_id)
    return predicate(instrument, Fraction(revision.index_value), assessment.predicate_basis)
