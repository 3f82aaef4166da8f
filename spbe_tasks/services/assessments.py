"""Assessments: a score table is read, compared with what is known, and kept as a new revision that never changes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.models import Assessment, AssessmentKind, AssessmentRevision, Score
from spbe_tasks.readers.check import check
from spbe_tasks.readers.reading import read_document
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.index import (
    STORED_DECIMALS,
    IndexResult,
    Level,
    as_decimal,
    compute,
    contribution,
    predicate,
)
from spbe_tasks.rules.instrument import Instrument, PredicateBasis, PredicateBound
from spbe_tasks.services import trail
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.queries.plans import levels_of
from spbe_tasks.work import Work

FIRST_YEAR = 2018  # the first national SPBE evaluation (PermenPANRB 5/2018)
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
    """What an upload says, before anything is stored. ``former`` is None for the first import of its kind."""

    instrument: Instrument
    year: int
    kind: AssessmentKind
    file_name: str
    digest: str
    levels: Mapping[int, Level]
    result: IndexResult
    basis: PredicateBasis
    former: AssessmentRevision | None
    changes: tuple[LevelChange, ...]

    @property
    def predicate(self) -> PredicateBound:
        """The predicate of the index by the assessment's basis."""
        return predicate(self.instrument, self.result.index, self.basis)

    @property
    def not_assessed(self) -> tuple[int, ...]:
        """The indicators without a level, by number."""
        return tuple(number for number, level in self.levels.items() if level is None)

    @property
    def former_number(self) -> int | None:
        """The number of the revision compared with."""
        return self.former.number if self.former else None

    @property
    def is_repeat(self) -> bool:
        """Whether this very file is the newest revision already: storing it changes nothing."""
        return self.former is not None and self.former.file_sha256 == self.digest


def instrument_for(year: int) -> Instrument:
    """The one instrument that assessments of ``year`` are made with. Raises InvalidInputError when that is unclear."""
    used = [each for each in list_instruments() if each.is_used_in(year)]
    if len(used) != 1:
        raise InvalidInputError.of("assessment.instrument_unclear", "instrument_id", year=year)
    return used[0]


def preview(
    session: Session,
    scope: Scope,
    *,
    instrument_id: str,
    year: int,
    kind: AssessmentKind,
    file_name: str,
    data: bytes,
    now: datetime,
) -> Preview:
    """Read a score table and compare it with the newest revision of the same assessment; stores nothing.

    Raises InvalidInputError with every problem of the year and of the table at once, NotFoundError for an
    unknown instrument.
    """
    instrument = get_instrument(instrument_id)
    levels = _read(instrument, year, data, file_name, now)
    known = queries.find_assessment(session, scope, instrument_id, year, kind)
    former = queries.find_newest_revision(session, known.id) if known else None
    return Preview(
        instrument=instrument,
        year=year,
        kind=kind,
        file_name=_clean(file_name),
        digest=hashlib.sha256(data).hexdigest(),
        levels=levels,
        result=compute(instrument, levels),
        basis=known.predicate_basis if known else instrument.basis_for(year),
        former=former,
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
    """Read a score table and keep it: ``preview`` and ``store`` in one; raises what ``preview`` raises."""
    seen = preview(
        work.session,
        scope,
        instrument_id=instrument_id,
        year=year,
        kind=kind,
        file_name=file_name,
        data=data,
        now=now,
    )
    return store(work, scope, seen, now=now)


def store(work: Work, scope: Scope, seen: Preview, *, now: datetime) -> AssessmentRevision:
    """Keep what was previewed as a new revision, with its event. Plans stay on their baseline until rebased.

    The same file as the newest revision is that revision: nothing is written, so a second call is harmless.
    """
    assessment = _lock(work.session, scope, seen)
    newest = queries.find_newest_revision(work.session, assessment.id)
    if newest is not None and newest.file_sha256 == seen.digest:
        return newest
    revision = AssessmentRevision(
        government_id=scope.government_id,
        assessment_id=assessment.id,
        number=newest.number + 1 if newest else 1,
        file_name=seen.file_name,
        file_sha256=seen.digest,
        imported_by_id=scope.account_id,
        imported_at=now,
        index_value=as_decimal(seen.result.index, STORED_DECIMALS),
    )
    work.session.add(revision)
    work.session.flush()
    work.session.execute(insert(Score), _scores(revision, seen.levels))
    _record(work, scope, assessment, revision)
    return revision


def _read(instrument: Instrument, year: int, data: bytes, file_name: str, now: datetime) -> dict[int, Level]:
    problems = list(_year_problems(instrument, year, now))
    known = list_instruments()
    try:
        checked = check(read_document(data, file_name, known), instrument, known, year=year)
    except InvalidInputError as error:
        raise InvalidInputError((*problems, *error.problems), "level.table_invalid") from error
    if problems or checked.problems:
        raise InvalidInputError((*problems, *checked.problems), "level.table_invalid")
    return dict(checked.levels)


def _year_problems(instrument: Instrument, year: int, now: datetime) -> tuple[Problem, ...]:
    if not FIRST_YEAR <= year <= now.year:
        limits = {"first": FIRST_YEAR, "last": now.year}
        return (Problem("assessment.year_out_of_range", "year", value=str(year), params=limits),)
    if not instrument.is_used_in(year):
        years = f"{instrument.valid_from_year}-{instrument.valid_to_year or ''}"
        params = {"regulation": instrument.regulation, "years": years, "year": year}
        return (Problem("assessment.instrument_not_of_year", "instrument_id", params=params),)
    return ()


def _changes(
    instrument: Instrument, before: Mapping[int, Level], after: Mapping[int, Level]
) -> tuple[LevelChange, ...]:
    return tuple(
        LevelChange(
            number,
            before.get(number),
            level,
            contribution(instrument, number, (level or 0) - (before.get(number) or 0)),
        )
        for number, level in after.items()
        if level != before.get(number)
    )


def _lock(session: Session, scope: Scope, seen: Preview) -> Assessment:
    """The assessment's row, made when it is the first of its kind; two imports at once go one after the other."""
    key = {
        "government_id": scope.government_id,
        "instrument_id": seen.instrument.id,
        "year": seen.year,
        "kind": seen.kind,
    }
    row = upsert(Assessment).values(**key, predicate_basis=seen.basis, is_illustrative=False)
    session.execute(row.on_conflict_do_nothing())
    return session.scalars(select(Assessment).filter_by(**key).with_for_update()).one()


def _scores(revision: AssessmentRevision, levels: Mapping[int, Level]) -> list[dict[str, object]]:
    return [
        {
            "revision_id": revision.id,
            "government_id": revision.government_id,
            "indicator_number": number,
            "level": level,
        }
        for number, level in levels.items()
    ]


def _record(work: Work, scope: Scope, assessment: Assessment, revision: AssessmentRevision) -> None:
    trail.record(
        work,
        "import",
        ("assessment", assessment.id),
        government_id=scope.government_id,
        actor_id=scope.account_id,
        at=revision.imported_at,
        data={
            "revision": revision.number,
            "file_name": revision.file_name,
            "sha256": revision.file_sha256,
            "index": str(revision.index_value),
        },
    )


def _clean(file_name: str) -> str:
    """The last part of a client's path, printable, never empty."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in last if character.isprintable()).strip()
    return printable[-MAX_FILE_NAME:] or "-"
