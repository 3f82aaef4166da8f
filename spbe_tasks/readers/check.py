"""Judges what a reader found against an instrument: every problem at once, each with its place and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from spbe_tasks.readers.document import Document, Format, Row
from spbe_tasks.readers.names import owners_of_names, plain
from spbe_tasks.readers.written import level_behind_date, read_level, read_number
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.index import Level, check_level
from spbe_tasks.rules.instrument import Instrument

# A garbage file could list a problem per row; nobody reads more than this.
MAX_PROBLEMS = 200
MAX_SHOWN = 60  # characters of a wrong value

# What a table made for another instrument looks like when read against this one.
_SIGNS_OF_ANOTHER = frozenset(
    {
        "level.missing",
        "level.none_given",
        "level.not_assessed_refused",
        "level.not_whole",
        "level.unknown_indicator",
    }
)
_TEXT_FORMATS = frozenset({Format.CSV, Format.PASTED})


@dataclass(frozen=True, slots=True)
class Checked:
    """What a document comes to. All mappings are keyed by indicator number.

    ``levels`` holds what could be read, None being "not assessed"; it is complete when there are no
    ``problems``. ``warnings`` keep nothing from being stored. ``row`` of a problem is its row in the file,
    ``field`` its column (number, level, previous or name); ``params`` say page, sheet and column letter.
    """

    levels: Mapping[int, Level]
    previous: Mapping[int, Level]
    notes: Mapping[int, str]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(slots=True)
class _Reading:
    """What has been read so far; ``first`` is the row where each indicator stood first."""

    document: Document
    instrument: Instrument
    tokens: frozenset[str]
    owners: Mapping[str, int]
    levels: dict[int, Level] = field(default_factory=dict)
    previous: dict[int, Level] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    first: dict[int, Row] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def check(
    document: Document, instrument: Instrument, known: Sequence[Instrument], *, year: int | None = None
) -> Checked:
    """Every problem of the rows, and of what the file says of itself against what was chosen.

    When the numbers are those of another instrument among ``known``, that is said once instead of every
    difference. ``year`` is the chosen one, None when there is no choice to compare with.
    """
    tokens = frozenset(token.casefold() for token in instrument.not_assessed_tokens)
    reading = _Reading(document, instrument, tokens, owners_of_names(instrument))
    for row in document.rows:
        _read_row(row, reading)
    problems = [*_stated(document, instrument, year), *_explained(reading, known)]
    return Checked(
        levels=dict(sorted(reading.levels.items())),
        previous=dict(sorted(reading.previous.items())),
        notes=dict(sorted(reading.notes.items())),
        problems=_shorten(problems),
        warnings=_shorten(reading.warnings),
    )


def require(
    document: Document, instrument: Instrument, known: Sequence[Instrument], *, year: int | None = None
) -> Checked:
    """As ``check``; raises InvalidInputError ``level.table_invalid`` with all problems when there are any."""
    checked = check(document, instrument, known, year=year)
    if checked.problems:
        raise InvalidInputError(checked.problems, "level.table_invalid")
    return checked


def _read_row(row: Row, reading: _Reading) -> None:
    number = _number(row, reading)
    if number is None:
        return
    if row.note:
        reading.notes[number] = row.note
    _check_name(row, number, reading)
    _read_previous(row, number, reading)
    problem, level = _level(row, number, reading)
    if problem is None:
        reading.levels[number] = level
    else:
        reading.problems.append(problem)


def _number(row: Row, reading: _Reading) -> int | None:
    """The indicator a row is about; None, with the reason noted, when it is about none or none that counts."""
    number = read_number(row.number)
    if number is None:
        reading.problems.append(_problem("level.number_unreadable", "number", row, row.number))
    elif number in reading.first:
        first_row = reading.first[number].place.row
        code = "level.repeated_indicator" if first_row else "level.repeated"
        params = {"number": number, "first_row": first_row}
        reading.problems.append(_problem(code, "number", row, row.number, **params))
    else:
        reading.first[number] = row
        if reading.instrument.has(number):
            return number
        reading.problems.append(_problem("level.unknown_indicator", "number", row, row.number, number=number))
    return None


def _level(row: Row, number: int, reading: _Reading) -> tuple[Problem | None, Level]:
    text = row.level.strip()
    if _has_no_level_cell(row, reading.document):
        return _problem("level.no_cell", "level", row, text, number=number), None
    if not text and reading.document.format is Format.PDF:
        # Nothing tells an empty cell from a figure that the reader missed, and a missed one would count as 0.
        return _problem("level.not_read", "level", row, text, number=number), None
    is_assessed = text.casefold() not in reading.tokens
    level = read_level(text) if is_assessed else None
    if is_assessed and level is None:
        return _unreadable(row, number, text), None
    problem = check_level(reading.instrument, number, level)
    if problem is not None:
        return _problem(problem.code, "level", row, text, **problem.params), None
    return None, _tidy(level, reading.instrument)


def _has_no_level_cell(row: Row, document: Document) -> bool:
    """Whether a line of text ends before its level: that is no "not assessed"."""
    return document.format in _TEXT_FORMATS and row.place.column is None and not row.level


def _unreadable(row: Row, number: int, text: str) -> Problem:
    behind = level_behind_date(text)
    if behind is not None:
        return _problem("level.is_date", "level", row, text, number=number, level=behind)
    return _problem("level.not_a_number", "level", row, text, number=number)


def _tidy(level: Level, instrument: Instrument) -> Level:
    """``3`` and ``3,00`` are the same level and are stored alike."""
    if level is None or not instrument.scale.is_integer:
        return level
    return Decimal(int(level))


def _read_previous(row: Row, number: int, reading: _Reading) -> None:
    text = row.previous.strip()
    if not text:
        return
    level = read_level(text)
    if text.casefold() in reading.tokens:
        reading.previous[number] = None
    elif level is not None and reading.instrument.scale.holds(level):
        reading.previous[number] = _tidy(level, reading.instrument)
    else:
        reading.warnings.append(_problem("level.previous_unreadable", "previous", row, text, number=number))


def _check_name(row: Row, number: int, reading: _Reading) -> None:
    owner = reading.owners.get(plain(row.name), number)
    if owner != number:
        params = {"number": number, "other": owner}
        reading.warnings.append(_problem("level.name_of_another", "name", row, row.name, **params))


def _problem(code: str, column: str, row: Row, value: str, **params: object) -> Problem:
    place = row.place
    where = {"page": place.page, "sheet": place.sheet, "column": place.column if column == "level" else None}
    shown = value if len(value) <= MAX_SHOWN else value[: MAX_SHOWN - 1] + "…"
    told = {name: found for name, found in where.items() if found is not None}
    return Problem(code, column, place.row, shown, {**params, **told})


def _stated(document: Document, instrument: Instrument, year: int | None) -> Iterator[Problem]:
    """Where the file says of itself something else than was chosen."""
    if document.instrument_id not in {None, instrument.id}:
        params = {"stated": document.instrument_id, "chosen": instrument.id}
        yield Problem("level.other_instrument_stated", "instrument_id", params=params)
    if year is not None and document.year not in {None, year}:
        yield Problem("level.other_year_stated", "year", params={"stated": document.year, "chosen": year})


def _explained(reading: _Reading, known: Sequence[Instrument]) -> list[Problem]:
    """The problems in the order of the file, missing rows last; a table of another instrument is named once."""
    problems = [*_unfilled(reading), *reading.problems, *_missing(reading)]
    numbers = set(reading.first)
    if numbers == _numbers(reading.instrument):
        return problems
    other = next((each for each in known if numbers == _numbers(each)), None)
    if other is None:
        return problems
    params = {"instrument": other.id, "rows": len(numbers), "expected": len(reading.instrument.indicators)}
    rest = [problem for problem in problems if problem.code not in _SIGNS_OF_ANOTHER]
    return [Problem("level.other_instrument", params=params), *rest]


def _unfilled(reading: _Reading) -> Iterator[Problem]:
    """An empty form: one empty cell means "not assessed", but a column of nothing else was never filled in."""
    rows = reading.first.values()
    is_blank = len(reading.levels) == len(rows) > 0 and not any(row.level.strip() for row in rows)
    if is_blank and reading.instrument.not_assessed_mark:
        yield Problem("level.none_given", params={"rows": len(rows)})


def _missing(reading: _Reading) -> Iterator[Problem]:
    for number in sorted(_numbers(reading.instrument) - set(reading.first)):
        yield Problem("level.missing", value=str(number), params={"number": number})


def _numbers(instrument: Instrument) -> set[int]:
    return {indicator.number for indicator in instrument.indicators}


def _shorten(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= MAX_PROBLEMS:
        return tuple(problems)
    rest = len(problems) - MAX_PROBLEMS
    return (*problems[:MAX_PROBLEMS], Problem("level.more_problems", params={"count": rest}))
