"""The ownership matrix as a workbook and back: every problem at once, what changes before it is stored, one commit."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from spbe_tasks.models import Agency
from spbe_tasks.readers import confined
from spbe_tasks.readers.document import Row as Line
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.ownership import Part, parse_share, part_problems, tidy
from spbe_tasks.services import ownership
from spbe_tasks.services.ownership import Matrix, Parts, Row
from spbe_tasks.work import Work
from spbe_tasks.workbooks.owners import OwnerRow

READER = "spbe_tasks.readers.owners:read_owners"
MAX_BYTES = 2_000_000  # of the file; the matrix of a ministry is a twentieth of it
_ROLES = {
    "lead": True,
    "utama": True,
    "penanggung jawab utama": True,
    "contributor": False,
    "pendukung": False,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What importing a workbook does: the rows that change, before and after; ``unchanged`` counts the others in it."""

    wanted: Mapping[int, Parts]
    changes: Sequence[tuple[Row, Row]]
    names: Mapping[int, str]

    @property
    def unchanged(self) -> int:
        """How many indicators of the file already are as it says."""
        return len(self.wanted) - len(self.changes)

    @property
    def fingerprint(self) -> str:
        """A short digest of the changes, to tell whether they still are the same when they are stored."""
        facts = [
            (before.number, sorted(before.parts.items()), sorted(after.parts.items()))
            for before, after in self.changes
        ]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def rows(matrix: Matrix, locale: str) -> Iterator[OwnerRow]:
    """The matrix as rows of the workbook: by indicator, the lead first; an indicator without owner has one row."""
    agencies = {each.id: each for each in matrix.agencies}
    for indicator in matrix.instrument.indicators:
        row, name = matrix.rows[indicator.number], indicator.short_name(locale)
        for agency_id, part in sorted(row.parts.items(), key=lambda each: (not each[1].is_lead, each[0])):
            agency = agencies[agency_id]
            share = str(row.share(agency_id)) if row.has_shares else ""
            yield OwnerRow(indicator.number, name, agency.slug, agency.name, part.is_lead, share)
        if not row.parts:
            yield OwnerRow(indicator.number, name)


def preview(session: Session, scope: Scope, instrument_id: str, data: bytes) -> Seen:
    """What ``store`` would do; writes nothing and raises the same."""
    if len(data) > MAX_BYTES:
        raise InvalidInputError.of("owners.file_too_large", "file", limit=MAX_BYTES // 1_000_000)
    matrix = ownership.matrix(session, scope, instrument_id)
    wanted = _read(matrix, confined.run(READER, data).rows)
    changes = [
        (matrix.rows[number], Row(number, parts))
        for number, parts in sorted(wanted.items())
        if parts != matrix.rows[number].parts
    ]
    return Seen(wanted, changes, {each.id: each.short_name for each in matrix.agencies})


def store(
    work: Work, scope: Scope, instrument_id: str, data: bytes, *, seen: str | None = None, now: datetime
) -> Seen:
    """Give every indicator in the workbook the owners it names there; others stay as they are.

    ``seen`` is the fingerprint of the preview that was confirmed (None: any). Raises InvalidInputError with every
    problem by row, ConflictError ("owners.changed_meanwhile") when the preview no longer holds.
    """
    found = preview(work.session, scope, instrument_id, data)
    if seen is not None and seen != found.fingerprint:
        raise ConflictError("owners.changed_meanwhile")
    ownership.store(work, scope, instrument_id, found.wanted, now=now, because="import")
    return found


def _read(matrix: Matrix, lines: Sequence[Line]) -> dict[int, Parts]:
    known = _by_name(matrix.agencies)
    wanted: dict[int, dict[int, Part]] = {}
    first_row: dict[int, int | None] = {}
    problems: list[Problem] = [] if lines else [Problem("owners.no_rows", row=1)]
    for line in lines:
        number = _number(matrix.instrument, line, problems)
        if number is not None:
            first_row.setdefault(number, line.place.row)
            parts = wanted.setdefault(number, {})
            owner = _owner(matrix, line, number, known, problems)
            if owner is not None:
                problems += _clashes(line, number, owner, parts)
                parts[owner[0]] = owner[1]
    problems = problems or list(_share_problems(wanted, first_row))
    if problems:
        raise InvalidInputError(problems)
    return {number: tidy(parts) for number, parts in wanted.items()}


def _clashes(line: Line, number: int, owner: tuple[int, Part], parts: Parts) -> Iterator[Problem]:
    """Why a row does not go together with those of its indicator before it."""
    agency_id, part = owner
    if agency_id in parts:
        yield _problem("ownership.agency_listed_twice", line, "agency", line.name, number)
    elif part.is_lead and any(each.is_lead for each in parts.values()):
        yield _problem("owners.second_lead", line, "role", line.level, number)


def _share_problems(wanted: Mapping[int, Parts], first_row: Mapping[int, int | None]) -> Iterator[Problem]:
    for number, parts in wanted.items():
        for each in part_problems(number, parts):
            yield replace(each, row=first_row[number])


def _number(instrument: Instrument, line: Line, problems: list[Problem]) -> int | None:
    text = line.number.strip()
    if not (text.isdecimal() and len(text) < 6):
        problems.append(_problem("level.number_unreadable", line, "number", text, 0))
        return None
    if not instrument.has(int(text)):
        problems.append(_problem("level.unknown_indicator", line, "number", text, int(text)))
        return None
    return int(text)


def _owner(
    matrix: Matrix, line: Line, number: int, known: Mapping[str, Agency], problems: list[Problem]
) -> tuple[int, Part] | None:
    """Who a row names and as what; None for a row that says "nobody", or one with a problem."""
    if not line.name.strip() and not line.level.strip():
        return None
    before = len(problems)
    agency = known.get(line.name.strip().casefold())
    role = _ROLES.get(line.level.strip().casefold())
    if agency is None:
        problems.append(_problem("owners.unknown_agency", line, "agency", line.name, number))
    elif not agency.is_active and agency.id not in matrix.rows[number].parts:
        problems.append(_problem("ownership.agency_closed", line, "agency", line.name, number))
    if role is None:
        problems.append(_problem("owners.unknown_role", line, "role", line.level, number))
    try:
        share = parse_share(line.note)
    except InvalidInputError as error:
        share = None
        problems += [_problem(each.code, line, "share", line.note, number) for each in error.problems]
    if agency is None or role is None or len(problems) > before:
        return None
    return agency.id, Part(role, share)


def _problem(code: str, line: Line, field: str, value: str, number: int) -> Problem:
    return Problem(code, field, line.place.row, value, {"number": number, "name": value})


def _by_name(agencies: Sequence[Agency]) -> dict[str, Agency]:
    """Each agency by its slug, short name and full name, in small letters; the slug wins over a name."""
    found: dict[str, Agency] = {}
    for words in ("name", "short_name", "slug"):
        found |= {getattr(each, words).casefold(): each for each in agencies}
    return found
