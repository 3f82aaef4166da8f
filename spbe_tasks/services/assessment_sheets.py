"""Assessments as pages show them: one revision with its figures and history, and the kinds of a year side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.models import Assessment, AssessmentKind, AssessmentRevision, LevelPin
from spbe_tasks.readers.document_json import decode_printed
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.index import IndexResult, Level, compute, predicate
from spbe_tasks.rules.instrument import Instrument, PredicateBound
from spbe_tasks.rules.printed import PrintedDifference, compare_printed
from spbe_tasks.services import assessment_revisions, instruments
from spbe_tasks.services.assessment_revisions import ScoreLine
from spbe_tasks.services.queries import assessments as queries


@dataclass(frozen=True, slots=True)
class Past:
    """A revision in the history, with who made it and what it changed.

    ``changes`` counts the levels that differ from the revision before, ``gain`` what that did to the index; both
    None for the first.
    """

    revision: AssessmentRevision
    made_by: str | None
    changes: int | None
    gain: Decimal | None


@dataclass(frozen=True, slots=True)
class Pinned:
    """A pin as a revision shows it. ``is_in_force``: it still is, so it can be released."""

    pin: LevelPin
    pinned_by: str | None
    read_level: Level

    @property
    def is_in_force(self) -> bool:
        """Whether nobody has released it yet."""
        return self.pin.released_at is None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One revision of an assessment with its figures; ``history`` is every revision, newest first.

    ``pins`` and ``lines`` are keyed by indicator number. ``differences`` is where the file prints other figures than
    the levels come to that were read from it.
    """

    instrument: Instrument
    assessment: Assessment
    revision: AssessmentRevision
    lines: Mapping[int, ScoreLine]
    result: IndexResult
    history: tuple[Past, ...]
    pins: Mapping[int, Pinned]
    differences: tuple[PrintedDifference, ...]

    @property
    def levels(self) -> dict[int, Level]:
        """The levels by indicator number."""
        return {number: line.level for number, line in self.lines.items()}

    @property
    def notes(self) -> dict[int, str]:
        """The notes by indicator number, empty where there is none."""
        return {number: line.note for number, line in self.lines.items()}

    @property
    def predicate(self) -> PredicateBound:
        """The predicate of the index by the assessment's basis."""
        return predicate(self.instrument, self.result.index, self.assessment.predicate_basis)

    @property
    def is_newest(self) -> bool:
        """Whether no later revision exists."""
        return self.revision is self.history[0].revision

    @property
    def not_assessed(self) -> tuple[int, ...]:
        """The indicators without a level, by number."""
        return tuple(number for number, line in sorted(self.lines.items()) if line.level is None)

    @property
    def corrected(self) -> tuple[int, ...]:
        """The indicators whose level a person corrected before it was stored."""
        return tuple(number for number, line in self.lines.items() if line.corrected_from is not None)


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest revision of one kind, as the list shows it."""

    assessment: Assessment
    revision: AssessmentRevision
    revisions: int
    predicate: PredicateBound


@dataclass(frozen=True, slots=True)
class YearOfKinds:
    """The assessments of one year by one instrument, by kind."""

    instrument: Instrument
    year: int
    kinds: Mapping[AssessmentKind, Standing]


def open_sheet(session: Session, scope: Scope, assessment_id: int, number: int | None = None) -> Sheet:
    """An assessment by its revision of that number, or its newest. Raises NotFoundError for what is not there."""
    assessment = queries.get_assessment(session, scope, assessment_id)
    history = _history(session, scope, assessment_id)
    revision = next((each.revision for each in history if number in (None, each.revision.number)), None)
    if revision is None:
        raise NotFoundError("assessment.revision_not_found")
    instrument = instruments.of(session, assessment)
    lines = {line.indicator_number: line for line in assessment_revisions.lines_of(session, revision.id)}
    return Sheet(
        instrument=instrument,
        assessment=assessment,
        revision=revision,
        lines=lines,
        result=compute(instrument, {number: line.level for number, line in lines.items()}),
        history=history,
        pins=_pins(session, lines),
        differences=_differences(instrument, assessment, revision, lines),
    )


def list_years(session: Session, scope: Scope) -> list[YearOfKinds]:
    """Every assessed year with the kinds there are, newest first; a year of two instruments stands twice."""
    rows = queries.list_assessments(session, scope)
    rows = sorted(rows, key=lambda row: (-row.Assessment.year, row.Assessment.instrument_id))
    return [
        YearOfKinds(
            instruments.get(session, scope.government_id, instrument_id), year, _kinds(session, list(them))
        )
        for (year, instrument_id), them in groupby(
            rows, key=lambda row: (row.Assessment.year, row.Assessment.instrument_id)
        )
    ]


def read_predicate(session: Session, assessment: Assessment, revision: AssessmentRevision) -> PredicateBound:
    """The predicate of a stored index, by the assessment's basis; for lists."""
    instrument = instruments.of(session, assessment)
    return predicate(instrument, Fraction(revision.index_value), assessment.predicate_basis)


def _history(session: Session, scope: Scope, assessment_id: int) -> tuple[Past, ...]:
    rows = queries.list_revisions(session, scope, assessment_id)
    changes = queries.count_changes(session, scope, assessment_id)
    before = {row[0].number + 1: row[0].index_value for row in rows}
    return tuple(
        Past(
            row[0],
            row.imported_by,
            changes.get(row[0].number),
            row[0].index_value - before[row[0].number] if row[0].number in before else None,
        )
        for row in rows
    )


def _pins(session: Session, lines: Mapping[int, ScoreLine]) -> dict[int, Pinned]:
    by_id = {line.pin_id: line for line in lines.values() if line.pin_id is not None}
    rows = queries.list_named_pins(session, by_id.keys()) if by_id else ()
    return {
        row[0].indicator_number: Pinned(row[0], row.pinned_by, by_id[row[0].id].read_level) for row in rows
    }


def _differences(
    instrument: Instrument,
    assessment: Assessment,
    revision: AssessmentRevision,
    lines: Mapping[int, ScoreLine],
) -> tuple[PrintedDifference, ...]:
    if revision.printed is None:
        return ()
    read = {number: line.level_without_pin for number, line in lines.items()}
    printed = decode_printed(revision.printed)
    return compare_printed(instrument, read, printed, basis=assessment.predicate_basis)


def _kinds(
    session: Session, rows: "Sequence[Row[Assessment, AssessmentRevision, int]]"
) -> dict[AssessmentKind, Standing]:
    return {
        row.Assessment.kind: Standing(
            row.Assessment,
            row.AssessmentRevision,
            row.revisions,
            read_predicate(session, row.Assessment, row.AssessmentRevision),
        )
        for row in rows
    }
