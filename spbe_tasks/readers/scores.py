"""Reads the simple score table (``number,level`` as CSV) against an instrument; no database, no disk."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import StringIO

from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.index import Level, check_level
from spbe_tasks.rules.instrument import Instrument

MAX_BYTES = 1_000_000

# A garbage file could list a problem per line; nobody reads more than this.
MAX_PROBLEMS = 200

NUMBER_COLUMN = "number"
LEVEL_COLUMN = "level"

# Column headings in Indonesian and English, the surest first: a column "indikator" often holds the name.
_HEADINGS = {
    NUMBER_COLUMN: (
        *("nomor indikator", "no indikator", "no. indikator", "indicator number"),
        *("nomor", "no", "no.", "number", "indikator", "indicator"),
    ),
    LEVEL_COLUMN: (
        "tingkat kematangan",
        "maturity level",
        "tingkat",
        "level",
        "nilai",
        "value",
        "skor",
        "score",
    ),
}
_NUMBER = re.compile(r"(?:indikator|indicator)?\s*(\d{1,4})\.?", re.ASCII | re.IGNORECASE)
_LEVEL = re.compile(r"-?\d{1,6}(?:[.,]\d{1,6})?", re.ASCII)
_SEPARATORS = (";", "\t", ",")
_KNOWN_BINARIES = {b"%PDF": "PDF", b"PK\x03\x04": "XLSX/ODS", b"\xd0\xcf\x11\xe0": "XLS"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

# What a table made for another instrument looks like when read against this one.
_SIGNS_OF_ANOTHER = frozenset({"level.missing", "level.unknown_indicator", "level.not_whole"})

Columns = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    """What has been read so far; ``lines`` says where each indicator number first stood."""

    instrument: Instrument
    levels: dict[int, Level] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_scores(data: bytes, instrument: Instrument, *, known: Sequence[Instrument] = ()) -> dict[int, Level]:
    """The level of every indicator in a CSV of ``number`` and ``level``, keyed by indicator number.

    Columns are separated by comma, semicolon or tab; decimals may have a comma or a point; a heading row is
    optional and may name further columns. None is "not assessed", written as one of the instrument's tokens.

    Raises InvalidInputError with every problem at once, ``row`` being the line and ``field`` the column. When
    the numbers are those of another instrument among ``known``, that is said instead of every difference.
    """
    rows = _rows(_decode(data))
    reading = _Reading(instrument)
    columns, body, width = _columns(rows, reading.problems)
    for row in body:
        _read_row(row, columns, width, reading)
    reading.problems += _missing(reading)
    problems = _explain(reading, known)
    if problems:
        raise InvalidInputError(_shorten(problems), "scores.invalid")
    return dict(sorted(reading.levels.items()))


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise InvalidInputError.of("scores.too_large", limit_mb=MAX_BYTES // 1_000_000)
    for mark, kind in _KNOWN_BINARIES.items():
        if data.startswith(mark):
            raise InvalidInputError.of("scores.binary", kind=kind)
    encodings = ("utf-16",) if data.startswith(_UTF16_MARKS) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL_CHARACTERS.search(text):
            return text
    raise InvalidInputError.of("scores.binary", kind="binary")


def _rows(text: str) -> list[_Row]:
    """The rows that hold anything, with their line numbers."""
    separator = next((mark for mark in _SEPARATORS if mark in text), ",")
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        rows = [_Row(reader.line_num, tuple(cell.strip() for cell in cells)) for cells in reader]
    except csv.Error as error:
        problem = Problem("scores.bad_csv", row=reader.line_num, params={"detail": str(error)})
        raise InvalidInputError((problem,)) from error
    rows = [row for row in rows if any(row.cells) and not row.cells[0].lower().startswith("sep=")]
    if not rows:
        raise InvalidInputError.of("scores.empty")
    return rows


def _columns(rows: Sequence[_Row], problems: list[Problem]) -> tuple[Columns, Sequence[_Row], int]:
    """Which column is which, the rows below the heading, and how many columns a row may fill."""
    first = rows[0]
    headings = [cell.lower() for cell in first.cells]
    found = {
        column: headings.index(name)
        for column, names in _HEADINGS.items()
        for name in reversed(names)
        if name in headings
    }
    if len(found) == len(_HEADINGS):
        return found, rows[1:], len(headings)
    default = {NUMBER_COLUMN: 0, LEVEL_COLUMN: 1}
    if any(_LEVEL.fullmatch(cell) for cell in first.cells):
        return default, rows, len(default)
    problems.append(Problem("scores.unknown_heading", row=first.line, value=", ".join(first.cells)))
    return default, rows[1:], len(default)


def _read_row(row: _Row, columns: Columns, width: int, reading: _Reading) -> None:
    cells = dict(enumerate(row.cells))
    number = _number(row, cells.get(columns[NUMBER_COLUMN], ""), reading)
    if len(cells) <= max(columns.values()):
        reading.problems.append(Problem("scores.missing_column", row=row.line, params={"expected": width}))
    elif any(row.cells[width:]):
        reading.problems.append(Problem("scores.too_many_columns", row=row.line, params={"expected": width}))
    elif number is not None:
        _read_level(row, cells[columns[LEVEL_COLUMN]], number, reading)


def _number(row: _Row, text: str, reading: _Reading) -> int | None:
    """The indicator number of a row; None, with the reason noted, when the row cannot be placed."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        reading.problems.append(Problem("level.number_unreadable", NUMBER_COLUMN, row.line, text))
        return None
    number = int(match[1])
    if number in reading.lines:
        params = {"number": number, "first_row": reading.lines[number]}
        reading.problems.append(Problem("level.repeated_indicator", NUMBER_COLUMN, row.line, text, params))
        return None
    reading.lines[number] = row.line
    if not reading.instrument.has(number):
        params = {"number": number}
        reading.problems.append(Problem("level.unknown_indicator", NUMBER_COLUMN, row.line, text, params))
        return None
    return number


def _read_level(row: _Row, text: str, number: int, reading: _Reading) -> None:
    tokens = {token.casefold() for token in reading.instrument.not_assessed_tokens}
    level: Level = None
    if text.casefold() not in tokens:
        if not _LEVEL.fullmatch(text):
            params = {"number": number}
            reading.problems.append(Problem("level.not_a_number", LEVEL_COLUMN, row.line, text, params))
            return
        level = Decimal(text.replace(",", "."))
    problem = check_level(reading.instrument, number, level, row.line)
    if problem is not None:
        reading.problems.append(replace(problem, field=LEVEL_COLUMN, value=text))
        return
    # "3" and "3,00" are the same level and are stored alike.
    is_whole = level is not None and reading.instrument.scale.is_integer
    reading.levels[number] = Decimal(int(level)) if is_whole and level is not None else level


def _missing(reading: _Reading) -> Iterator[Problem]:
    for indicator in reading.instrument.indicators:
        if indicator.number not in reading.lines:
            params = {"number": indicator.number}
            yield Problem("level.missing", value=str(indicator.number), params=params)


def _explain(reading: _Reading, known: Sequence[Instrument]) -> list[Problem]:
    """The problems in line order; a table of another instrument is named as that, once, at the top."""
    problems = sorted(reading.problems, key=lambda problem: problem.row or MAX_BYTES)
    numbers = set(reading.lines)
    if numbers == {indicator.number for indicator in reading.instrument.indicators}:
        return problems
    for other in known:
        if numbers == {indicator.number for indicator in other.indicators}:
            params = {
                "instrument": other.id,
                "rows": len(numbers),
                "expected": len(reading.instrument.indicators),
            }
            rest = [problem for problem in problems if problem.code not in _SIGNS_OF_ANOTHER]
            return [Problem("scores.other_instrument", params=params), *rest]
    return problems


def _shorten(problems: Sequence[Problem]) -> list[Problem]:
    if len(problems) <= MAX_PROBLEMS:
        return list(problems)
    rest = len(problems) - MAX_PROBLEMS
    return [*problems[:MAX_PROBLEMS], Problem("scores.more_problems", params={"count": rest})]
