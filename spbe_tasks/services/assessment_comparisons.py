"""Two revisions side by side: of two kinds, two years, or before and after a change. By one instrument only."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.instruments.crosswalk_loader import list_tied
from spbe_tasks.models import Assessment, AssessmentRevision
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.index import IndexResult, Level, compute, contribution, counted, predicate
from spbe_tasks.rules.instrument import Indicator, Instrument, PredicateBound
from spbe_tasks.services import instruments
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.queries.plans import levels_of


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two revisions, with its figures."""

    assessment: Assessment
    revision: AssessmentRevision
    result: IndexResult
    predicate: PredicateBound


@dataclass(frozen=True, slots=True)
class ComparedLevel:
    """One indicator on both sides. ``points`` is what the difference does to the index; "not assessed" counts as 0."""

    indicator: Indicator
    left: Level
    right: Level
    points: Fraction

    @property
    def differs(self) -> bool:
        """Whether the two sides disagree."""
        return self.left != self.right


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides; differences are right minus left. ``levels`` are in the instrument's order."""

    instrument: Instrument
    left: Side
    right: Side
    levels: tuple[ComparedLevel, ...]

    @property
    def differing(self) -> int:
        """How many levels differ."""
        return sum(each.differs for each in self.levels)


def list_others(
    session: Session, scope: Scope, assessment: Assessment, revision: AssessmentRevision
) -> "list[Row[AssessmentRevision, Assessment]]":
    """What a revision can be compared with, what one mostly wants first.

    That is another kind of the same year, then the other revisions of the same assessment, then other years, then
    what was made by an instrument that a crosswalk ties to this one.
    """
    tied = list_tied(assessment.instrument_id)
    rows = queries.list_every_revision(session, scope, (assessment.instrument_id, *tied))

    def distance(row: "Row[AssessmentRevision, Assessment]") -> tuple[bool, bool, bool, int, int]:
        there, is_same = row.Assessment, row.Assessment.id == assessment.id
        is_across = there.instrument_id != assessment.instrument_id
        return is_across, there.year != assessment.year, is_same, -there.year, -row.AssessmentRevision.number

    return sorted((row for row in rows if row.AssessmentRevision.id != revision.id), key=distance)


def compare(session: Session, scope: Scope, left_id: int, right_id: int) -> Comparison:
    """Two revisions of the scope's government, by id.

    Raises NotFoundError for a foreign revision, InvalidInputError ("assessment.other_scales") for revisions of
    two instruments: their levels do not say the same things.
    """
    sides = [queries.get_revision(session, scope, each) for each in (left_id, right_id)]
    if len({row.Assessment.instrument_id for row in sides}) > 1:
        raise InvalidInputError.of("assessment.other_scales")
    instrument = instruments.of(session, sides[0].Assessment)
    before, after = (levels_of(session, row.AssessmentRevision.id) for row in sides)
    levels = tuple(
        ComparedLevel(
            each,
            before[each.number],
            after[each.number],
            contribution(instrument, each.number, counted(after[each.number]) - counted(before[each.number])),
        )
        for each in instrument.indicators
    )
    left, right = (
        side_of(instrument, row.Assessment, row.AssessmentRevision, levels_)
        for row, levels_ in zip(sides, (before, after), strict=True)
    )
    return Comparison(instrument, left, right, levels)


def side_of(
    instrument: Instrument, assessment: Assessment, revision: AssessmentRevision, levels: Mapping[int, Level]
) -> Side:
    """A revision with the figures of its levels."""
    result = compute(instrument, levels)
    return Side(assessment, revision, result, predicate(instrument, result.index, assessment.predicate_basis))
