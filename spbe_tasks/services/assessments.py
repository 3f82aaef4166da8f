"""Assessments: levels that were read are compared with what is known, and kept as a revision that never changes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import list_instruments
from spbe_tasks.models import Assessment, AssessmentKind, AssessmentRevision, LevelPin, RevisionCause
from spbe_tasks.readers import reading
from spbe_tasks.readers.corrections import Corrections
from spbe_tasks.readers.document import Document
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.index import IndexResult, Level, compute, contribution, counted, predicate
from spbe_tasks.rules.instrument import Instrument, PredicateBasis, PredicateBound
from spbe_tasks.services import assessment_revisions, instruments, level_pins, readouts
from spbe_tasks.services.assessment_revisions import Happening, ScoreLine, Source
from spbe_tasks.services.level_pins import KeptPin
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.queries.plans import levels_of
from spbe_tasks.services.readouts import Readout, Wanted
from spbe_tasks.work import Work

MAX_FILE_NAME = 120


@dataclass(frozen=True, slots=True)
class LevelChange:
    """An indicator whose level differs from the former revision's; ``points`` is what that does to the index."""

    number: int
    before: Level
    after: Level
    points: Fraction


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would keep, before anything is stored. ``former`` is None for the first of its kind.

    ``levels`` are those that will count: read, corrected, and under a pin the pinned ones.
    """

    instrument: Instrument
    wanted: Wanted
    source: Source
    readout: Readout
    levels: Mapping[int, Level]
    pins: tuple[LevelPin, ...]
    kept: tuple[KeptPin, ...]
    result: IndexResult
    basis: PredicateBasis
    former: AssessmentRevision | None
    former_predicate: PredicateBound | None
    changes: tuple[LevelChange, ...]

    @property
    def year(self) -> int:
        """The year that was assessed."""
        return self.wanted.year

    @property
    def kind(self) -> AssessmentKind:
        """Which of the yearly judgements."""
        return self.wanted.kind

    @property
    def predicate(self) -> PredicateBound:
        """The predicate of the index by the assessment's basis."""
        return predicate(self.instrument, self.result.index, self.basis)

    @property
    def not_assessed(self) -> tuple[int, ...]:
        """The indicators without a level, by number."""
        return tuple(number for number, level in sorted(self.levels.items()) if level is None)

    @property
    def former_number(self) -> int | None:
        """The number of the revision compared with."""
        return self.former.number if self.former else None

    @property
    def is_repeat(self) -> bool:
        """Whether the newest revision is of this very file with these very levels: storing it changes nothing."""
        return self.former is not None and self.former.file_sha256 == self.source.digest and not self.changes


def instrument_for(year: int) -> Instrument:
    """The one instrument that assessments of ``year`` are made with. Raises InvalidInputError when that is unclear."""
    used = [each for each in list_instruments() if each.is_used_in(year)]
    if len(used) != 1:
        raise InvalidInputError.of("assessment.instrument_unclear", "instrument_id", year=year)
    return used[0]


def standing(
    session: Session, scope: Scope, wanted: Wanted
) -> tuple[Assessment | None, AssessmentRevision | None, Sequence[LevelPin]]:
    """The assessment that levels belong to, its newest revision and its pins in force; nothing for a first import."""
    known = queries.find_assessment(session, scope, wanted.instrument_id, wanted.year, wanted.kind)
    if known is None:
        return None, None, ()
    return known, queries.find_newest_revision(session, known.id), queries.list_pins(session, known.id)


def digest_of(data: bytes) -> str:
    """The SHA-256 by which a file is known again."""
    return hashlib.sha256(data).hexdigest()


def preview(
    session: Session,
    scope: Scope,
    wanted: Wanted,
    source: Source,
    document: Document,
    *,
    corrections: Corrections | None = None,
    now: datetime,
) -> Preview:
    """Compare a document with the newest revision of the same assessment; stores nothing.

    Raises InvalidInputError with every problem of the year and of the levels at once, NotFoundError for an
    unknown instrument.
    """
    known_instruments = instruments.list_all(session, scope.government_id)
    instrument = instruments.get(session, scope.government_id, wanted.instrument_id)
    readout = readouts.take(
        document,
        corrections or Corrections(),
        wanted.year,
        now,
        instrument=instrument,
        known=known_instruments,
    )
    known, former, pins = standing(session, scope, wanted)
    levels, kept = level_pins.apply(pins, readout.levels)
    basis = known.predicate_basis if known else instrument.basis_for(wanted.year)
    return Preview(
        instrument=instrument,
        wanted=wanted,
        source=source,
        readout=readout,
        levels=levels,
        pins=tuple(pins),
        kept=kept,
        result=compute(instrument, levels),
        basis=basis,
        former=former,
        former_predicate=predicate(instrument, Fraction(former.index_value), basis) if former else None,
        changes=_changes(instrument, levels_of(session, former.id), levels) if former else (),
    )


def import_scores(
    work: Work,
    scope: Scope,
    *,
    instrument_id: str,
    year: int,
    kind: AssessmentKind,
    file_name: str,
    data: bytes,
    now: datetime,
) -> AssessmentRevision:
    """Read a text table and keep it: reading, ``preview`` and ``store`` in one; raises what they raise.

    For files of our own, such as the demo's: the original is not kept.
    """
    known = instruments.list_all(work.session, scope.government_id)
    document = reading.read_document(data, file_name, known)
    source = Source.read(clean_name(file_name), digest_of(data), document)
    seen = preview(work.session, scope, Wanted(instrument_id, year, kind), source, document, now=now)
    return store(work, scope, seen, now=now)


def store(work: Work, scope: Scope, seen: Preview, *, now: datetime) -> AssessmentRevision:
    """Keep what was previewed as a new revision, with its event. Plans stay on their baseline until rebased.

    A repeat (``Preview.is_repeat``) is the newest revision: nothing is written, so a second call is harmless.
    Raises ConflictError ("assessment.moved_on") when another revision was made since the preview,
    ("instrument.replaced") when the own instrument it was checked by has other content now.
    """
    if instruments.hold(work.session, scope.government_id, seen.wanted.instrument_id) != seen.instrument:
        raise ConflictError("instrument.replaced", id=seen.wanted.instrument_id)
    assessment = _lock(work.session, scope, seen)
    newest = queries.find_newest_revision(work.session, assessment.id)
    assessment_revisions.check_newest(newest, seen.former_number)
    if newest is not None and seen.is_repeat:
        return newest
    return assessment_revisions.write(
        work,
        scope,
        assessment,
        seen.instrument,
        former=newest,
        source=seen.source,
        lines=_lines(seen),
        happening=Happening(RevisionCause.IMPORT, "import", now, _told(seen)),
    )


def clean_name(file_name: str) -> str:
    """The last part of a client's path, printable, never empty."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in last if character.isprintable()).strip()
    return printable[-MAX_FILE_NAME:] or "-"


def _changes(
    instrument: Instrument, before: Mapping[int, Level], after: Mapping[int, Level]
) -> tuple[LevelChange, ...]:
    return tuple(
        LevelChange(
            number,
            before.get(number),
            level,
            contribution(instrument, number, counted(level) - counted(before.get(number))),
        )
        for number, level in after.items()
        if level != before.get(number)
    )


def _lock(session: Session, scope: Scope, seen: Preview) -> Assessment:
    """The assessment's row, made when it is the first of its kind; two imports at once go one after the other."""
    wanted = seen.wanted
    row = upsert(Assessment).values(
        government_id=scope.government_id,
        instrument_id=wanted.instrument_id,
        year=wanted.year,
        kind=wanted.kind,
        predicate_basis=seen.basis,
        is_illustrative=False,
    )
    session.execute(row.on_conflict_do_nothing())
    found = queries.find_assessment(session, scope, wanted.instrument_id, wanted.year, wanted.kind)
    assert found is not None  # made by the statement above, or there before
    return assessment_revisions.lock(session, scope, found.id)


def _lines(seen: Preview) -> list[ScoreLine]:
    pins = {each.indicator_number: each.id for each in seen.pins}
    return [
        ScoreLine(
            number,
            level,
            pin_id=pins.get(number),
            read_level=seen.readout.levels[number] if number in pins else None,
            corrected_from=seen.readout.corrected_from.get(number),
            note=seen.readout.notes.get(number, ""),
        )
        for number, level in seen.levels.items()
    ]


def _told(seen: Preview) -> dict[str, object]:
    told: dict[str, object] = {
        "file_name": seen.source.name,
        "sha256": seen.source.digest,
        "format": seen.source.format.value if seen.source.format else None,
    }
    if seen.readout.corrected_from:
        told["corrected"] = sorted(seen.readout.corrected_from)
    if seen.kept:
        told["pinned"] = [each.number for each in seen.kept]
    return told
