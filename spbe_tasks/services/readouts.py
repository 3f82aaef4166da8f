"""What a file and what was typed over it come to: the levels, before any pin, or every problem at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from spbe_tasks.models import AssessmentKind
from spbe_tasks.readers.check import check
from spbe_tasks.readers.corrections import Corrections, correct, rows_by_number
from spbe_tasks.readers.document import Document
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.printed import Printed

FIRST_YEAR = 2018  # the first national SPBE evaluation (PermenPANRB 5/2018)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assessment levels belong to. ``year`` is the year that was assessed."""

    instrument_id: str
    year: int
    kind: AssessmentKind


@dataclass(frozen=True, slots=True)
class Readout:
    """The levels that a file and its corrections come to, before any pin; keyed by indicator number.

    ``corrected_from`` is what the file says where a person typed something else.
    """

    levels: Mapping[int, Level]
    notes: Mapping[int, str]
    corrected_from: Mapping[int, str]
    printed: Printed


def take(
    document: Document,
    corrections: Corrections,
    year: int,
    now: datetime,
    *,
    instrument: Instrument,
    known: Sequence[Instrument],
) -> Readout:
    """The levels of the assessment of ``year``; ``known`` are the instruments it may be mistaken for.

    Raises InvalidInputError with every problem of the year and of the levels at once.
    """
    checked = check(correct(document, instrument, corrections), instrument, known, year=year)
    problems = (*year_problems(instrument, year, now), *checked.problems)
    if problems:
        raise InvalidInputError(problems, "level.table_invalid")
    return Readout(
        levels=dict(sorted(checked.levels.items())),
        notes=checked.notes,
        corrected_from=dict(_corrected(document, instrument, corrections)),
        printed=document.printed,
    )


def year_problems(instrument: Instrument, year: int, now: datetime) -> tuple[Problem, ...]:
    """Why no assessment of that year can be made with the instrument; empty when one can."""
    if not FIRST_YEAR <= year <= now.year:
        limits = {"first": FIRST_YEAR, "last": now.year}
        return (Problem("assessment.year_out_of_range", "year", value=str(year), params=limits),)
    if not instrument.is_used_in(year):
        years = f"{instrument.valid_from_year}-{instrument.valid_to_year or ''}"
        params = {"regulation": instrument.regulation, "years": years, "year": year}
        return (Problem("assessment.instrument_not_of_year", "instrument_id", params=params),)
    return ()


def _corrected(
    document: Document, instrument: Instrument, corrections: Corrections
) -> Iterator[tuple[int, str]]:
    rows = rows_by_number(document, instrument)
    for number in corrections.levels:
        if number in rows:
            yield number, " / ".join(row.level for row in rows[number])
