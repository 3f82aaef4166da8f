"""An import under way as its page shows it: every indicator with its level, what it was before, and what is wrong."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import AssessmentDraft, AssessmentRevision, Government, LevelPin
from spbe_tasks.readers.check import Checked, check
from spbe_tasks.readers.corrections import correct, rows_by_number, unknown_rows
from spbe_tasks.readers.document import Document, Row
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.index import IndexResult, Level, compute
from spbe_tasks.rules.instrument import Indicator, Instrument, PredicateBasis
from spbe_tasks.rules.printed import PrintedDifference, compare_printed
from spbe_tasks.services import assessment_drafts, assessments, instruments, level_pins, readouts
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.queries.plans import levels_of


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One indicator. ``text`` is what stands in its field, ``as_read`` what the file says of it, row by row.

    ``level`` is what the text comes to and ``difference`` how far that is from ``previous``, each None where there
    is none; ``is_read`` tells a level that is "not assessed" from one that cannot be read.
    """

    indicator: Indicator
    text: str
    as_read: tuple[Row, ...]
    is_corrected: bool
    is_read: bool
    level: Level
    previous: Level
    has_previous: bool
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    note: str
    pin: LevelPin | None

    @property
    def difference(self) -> Decimal | None:
        """Levels gained since before; "not assessed" counts as nothing gained or lost."""
        if not self.is_read or self.level is None or self.previous is None:
            return None
        return self.level - self.previous


@dataclass(frozen=True, slots=True)
class DraftSheet:
    """An import under way: the ``document`` as it was read, and ``corrected`` by what was typed.

    ``whole`` problems are of the table as a whole, ``extra`` of rows that belong to no indicator, ``about`` of what
    the file is said to be; ``warnings`` hold nothing up.
    ``former`` is the revision that levels are compared with; without one it is the year before as the file tells
    it (``document.previous_year``). ``result`` and ``differences`` are only there once nothing is wrong.
    ``recognised`` is the instrument that the file names, or whose numbers it has.
    """

    draft: AssessmentDraft
    instrument: Instrument
    document: Document
    corrected: Document
    checked: Checked
    lines: tuple[DraftLine, ...]
    whole: tuple[Problem, ...]
    extra: tuple[Problem, ...]
    about: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    recognised: Instrument | None
    unknown: tuple[Row, ...]
    former: AssessmentRevision | None
    result: IndexResult | None
    differences: tuple[PrintedDifference, ...]

    @property
    def is_ready(self) -> bool:
        """Whether it can be compared and stored."""
        return not self.checked.problems and not self.about

    @property
    def wrong(self) -> tuple[DraftLine, ...]:
        """The indicators with a problem."""
        return tuple(line for line in self.lines if line.problems)

    @property
    def right(self) -> tuple[DraftLine, ...]:
        """The indicators without one."""
        return tuple(line for line in self.lines if not line.problems)

    @property
    def is_empty(self) -> bool:
        """Whether no level was typed into an empty grid yet."""
        return not self.document.rows and not self.draft.corrections

    @property
    def not_assessed(self) -> tuple[int, ...]:
        """The indicators without a level, by number."""
        return tuple(number for number, level in sorted(self.checked.levels.items()) if level is None)


def open_sheet(
    session: Session, scope: Scope, government: Government, draft_id: int, *, now: datetime
) -> DraftSheet:
    """The import as it stands. Raises NotFoundError for one of another government, or one that has ended."""
    draft = queries.get_draft(session, scope, draft_id)
    known_instruments = instruments.list_all(session, scope.government_id)
    instrument = instruments.get(session, scope.government_id, draft.instrument_id)
    document = assessment_drafts.document_of(draft)
    typed = assessment_drafts.corrections_of(draft)
    recognised = assessment_drafts.named(document, known_instruments)
    corrected = correct(document.unclaimed, instrument, typed)  # its claims are warnings here, see _warnings
    checked = check(corrected, instrument, known_instruments)
    known, former, pins = assessments.standing(session, scope, assessment_drafts.wanted_of(draft))
    before = levels_of(session, former.id) if former else checked.previous
    about = readouts.year_problems(instrument, draft.year, now)
    is_whole = not checked.problems and not about
    levels, _ = level_pins.apply(pins, checked.levels) if is_whole else (checked.levels, ())
    of_none = _of_none(checked.problems, instrument)
    basis = known.predicate_basis if known else instrument.basis_for(draft.year)
    return DraftSheet(
        draft=draft,
        instrument=instrument,
        document=document,
        corrected=corrected,
        checked=checked,
        lines=tuple(_lines(draft, instrument, document, checked, before=before, pins=pins)),
        whole=tuple(each for each in of_none if each.field is None),
        extra=tuple(each for each in of_none if each.field is not None),
        about=about,
        warnings=tuple(_warnings(draft, document, recognised, government))
        + _of_none(checked.warnings, instrument),
        recognised=recognised,
        unknown=unknown_rows(document, instrument),
        former=former,
        result=compute(instrument, levels) if is_whole else None,
        differences=_differences(instrument, checked, document, basis) if is_whole else (),
    )


def _lines(
    draft: AssessmentDraft,
    instrument: Instrument,
    document: Document,
    checked: Checked,
    *,
    before: Mapping[int, Level],
    pins: Sequence[LevelPin],
) -> Iterator[DraftLine]:
    rows = rows_by_number(document, instrument)
    said = assessment_drafts.as_read(document, instrument)
    problems = _by_indicator(checked.problems, instrument)
    warnings = _by_indicator(checked.warnings, instrument)
    pinned = {each.indicator_number: each for each in pins}
    for indicator in instrument.indicators:
        number = indicator.number
        typed = draft.corrections.get(str(number))
        yield DraftLine(
            indicator=indicator,
            text=said.get(number, "") if typed is None else typed,
            as_read=rows.get(number, ()),
            is_corrected=typed is not None,
            is_read=number in checked.levels,
            level=checked.levels.get(number),
            previous=before.get(number),
            has_previous=number in before,
            problems=tuple(problems[number]),
            warnings=tuple(warnings[number]),
            note=checked.notes.get(number, ""),
            pin=pinned.get(number),
        )


def _of_none(problems: Sequence[Problem], instrument: Instrument) -> tuple[Problem, ...]:
    return tuple(each for each in problems if _indicator(each, instrument) is None)


def _by_indicator(problems: Sequence[Problem], instrument: Instrument) -> dict[int, list[Problem]]:
    found: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems:
        number = _indicator(problem, instrument)
        if number is not None:
            found[number].append(problem)
    return found


def _indicator(problem: Problem, instrument: Instrument) -> int | None:
    number = problem.params.get("number")
    return number if isinstance(number, int) and instrument.has(number) else None


def _warnings(
    draft: AssessmentDraft, document: Document, recognised: Instrument | None, government: Government
) -> Iterator[Problem]:
    if document.body and not _names_same(document.body, government.name):
        params = {"body": document.body, "government": government.name}
        yield Problem("assessment.other_body", params=params)
    if document.year is not None and document.year != draft.year:
        yield Problem("assessment.other_year", params={"said": document.year, "chosen": draft.year})
    if recognised is not None and recognised.id != draft.instrument_id:
        params = {"said": recognised.id, "chosen": draft.instrument_id}
        yield Problem("assessment.other_instrument", params=params)


def _names_same(body: str, government: str) -> bool:
    """Whether two names of bodies agree in all the words that tell bodies apart."""
    short, long = sorted((_telling_words(body), _telling_words(government)), key=len)
    return short <= long


def _telling_words(name: str) -> set[str]:
    words = name.casefold().replace(".", " ").split()
    return {{"kab": "kabupaten"}.get(word, word) for word in words} - _COMMON_WORDS


_COMMON_WORDS = frozenset({"pemerintah", "daerah", "republik", "indonesia", "pemkab", "pemkot", "pemprov"})


def _differences(
    instrument: Instrument, checked: Checked, document: Document, basis: PredicateBasis
) -> tuple[PrintedDifference, ...]:
    # Against what the file says itself, not against pinned levels: this checks the reading.
    return compare_printed(instrument, checked.levels, document.printed, basis=basis)
