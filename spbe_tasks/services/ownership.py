"""The ownership matrix: which agency leads on an indicator, which contribute, and how they share it.

A change here reaches the tasks of a plan only when that plan is generated again.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from spbe_tasks.models import Agency, Ownership
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError, Problem
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.ownership import Part, part_of_one, part_problems, tidy
from spbe_tasks.services import instruments, trail
from spbe_tasks.services.queries import ownership as queries
from spbe_tasks.services.queries import people
from spbe_tasks.services.queries.plans import share_of
from spbe_tasks.work import Work

# The owners of one indicator, by agency id.
Parts = Mapping[int, Part]


class Cell(StrEnum):
    """What an agency is to an indicator."""

    LEAD = "lead"
    CONTRIBUTOR = "contributor"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Row:
    """The owners of one indicator, by agency id."""

    number: int
    parts: Parts = field(default_factory=dict)

    @property
    def cells(self) -> dict[int, Cell]:
        """The filled cells, by agency id."""
        return {each: Cell.LEAD if part.is_lead else Cell.CONTRIBUTOR for each, part in self.parts.items()}

    @property
    def lead_id(self) -> int | None:
        """The agency that leads, or None: a gap."""
        return next((agency_id for agency_id, part in self.parts.items() if part.is_lead), None)

    @property
    def contributor_ids(self) -> tuple[int, ...]:
        """The agencies that contribute."""
        return tuple(agency_id for agency_id, part in self.parts.items() if not part.is_lead)

    @property
    def has_shares(self) -> bool:
        """Whether the owners divide the indicator otherwise than in equal parts."""
        return any(part.share is not None for part in self.parts.values())

    def cell(self, agency_id: int) -> Cell:
        """What that agency is to the indicator."""
        part = self.parts.get(agency_id)
        if part is None:
            return Cell.NONE
        return Cell.LEAD if part.is_lead else Cell.CONTRIBUTOR

    def share(self, agency_id: int) -> Fraction:
        """That agency's part of the indicator, of 1."""
        if agency_id not in self.parts:
            return Fraction(0)
        return part_of_one(self.parts[agency_id].share, len(self.parts))

    def following(self, agency_id: int) -> Cell:
        """What a click on the cell makes of it: none, contributor (lead where there is none yet), lead, none."""
        present = self.cell(agency_id)
        if present is Cell.LEAD:
            return Cell.NONE
        return Cell.CONTRIBUTOR if present is Cell.NONE and self.lead_id is not None else Cell.LEAD


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole matrix: every indicator of the instrument, every active agency and those that own something.

    ``owned`` counts the indicators of an agency, by agency id; one that owns nothing is not in it.
    """

    instrument: Instrument
    agencies: Sequence[Agency]
    rows: Mapping[int, Row]
    owned: Mapping[int, int]

    @property
    def gaps(self) -> tuple[int, ...]:
        """The indicators without a lead, by number."""
        return tuple(number for number, row in self.rows.items() if row.lead_id is None)


def matrix(session: Session, scope: Scope, instrument_id: str) -> Matrix:
    """The matrix as it stands; raises NotFoundError for an unknown instrument."""
    rows = rows_of(session, scope, instrument_id)
    owned = Counter(agency_id for row in rows.values() for agency_id in row.parts)
    agencies = [each for each in people.list_agencies(session, scope) if each.is_active or each.id in owned]
    return Matrix(instruments.get(session, scope.government_id, instrument_id), agencies, rows, owned)


def rows_of(
    session: Session, scope: Scope, instrument_id: str, numbers: Collection[int] | None = None
) -> dict[int, Row]:
    """The rows of these indicators (None: of all) as they are stored; an empty one where nothing is.

    Raises NotFoundError for an unknown instrument or indicator.
    """
    instrument = instruments.get(session, scope.government_id, instrument_id)
    asked = [each.number for each in instrument.indicators] if numbers is None else numbers
    parts: dict[int, dict[int, Part]] = {instrument.indicator(number).number: {} for number in asked}
    for each in queries.list_cells(session, scope, instrument_id, asked):
        share = share_of(each.share_numerator, each.share_denominator)
        parts[each.indicator_number][each.agency_id] = Part(each.is_lead, share)
    return {number: Row(number, row) for number, row in parts.items()}


def set_cell(
    work: Work,
    scope: Scope,
    *,
    instrument_id: str,
    indicator_number: int,
    agency_id: int,
    cell: Cell,
    now: datetime,
) -> None:
    """Make the agency lead, contributor or nothing for the indicator. The lead before it becomes a contributor.

    Shares stay while the owners stay the same; a new or a lost owner makes the parts equal again.

    Raises NotFoundError for an unknown indicator or a foreign agency, InvalidInputError for a closed agency.
    """
    row = rows_of(work.session, scope, instrument_id, (indicator_number,))[indicator_number]
    store(work, scope, instrument_id, {indicator_number: _with(row, agency_id, cell)}, now=now)


def set_row(
    work: Work,
    scope: Scope,
    *,
    instrument_id: str,
    indicator_number: int,
    lead_id: int | None,
    contributor_ids: Collection[int],
    shares: Mapping[int, Fraction | None] | None = None,
    now: datetime,
) -> None:
    """Say all owners of an indicator at once, with their shares by agency id (none: equal parts).

    Whoever is not named owns it no longer. Raises as ``set_cell``, and InvalidInputError for shares that do not add
    up or are given to some owners only.
    """
    given = shares or {}
    parts = {each: Part(is_lead=False, share=given.get(each)) for each in contributor_ids}
    if lead_id is not None:
        parts[lead_id] = Part(is_lead=True, share=given.get(lead_id))
    store(work, scope, instrument_id, {indicator_number: parts}, now=now)


def set_aspect_lead(
    work: Work, scope: Scope, *, instrument_id: str, aspect_number: int, agency_id: int, now: datetime
) -> int:
    """Make the agency lead on every indicator of an aspect; returns how many those are. Raises as ``set_cell``."""
    instrument = instruments.get(work.session, scope.government_id, instrument_id)
    aspects = [each for each in instrument.aspects if each.number == aspect_number]
    if not aspects:
        raise NotFoundError("instrument.aspect_not_found", number=aspect_number)
    numbers = [each.number for each in aspects[0].indicators]
    rows = rows_of(work.session, scope, instrument_id, numbers)
    wanted = {number: _with(row, agency_id, Cell.LEAD) for number, row in rows.items()}
    store(work, scope, instrument_id, wanted, now=now)
    return len(numbers)


def store(
    work: Work,
    scope: Scope,
    instrument_id: str,
    wanted: Mapping[int, Parts],
    *,
    now: datetime,
    because: str | None = None,
) -> int:
    """Bring the rows of these indicators to what is wanted, with an event for each that changes; how many did.

    ``because`` is kept with the events: the history says why. Two people who choose different leads at once meet at a
    unique key: the later one is told of the conflict.

    Raises NotFoundError for a foreign agency, InvalidInputError with every problem of every indicator.
    """
    instruments.hold(work.session, scope.government_id, instrument_id)
    stored = rows_of(work.session, scope, instrument_id, wanted)
    agencies = {each.id: each for each in people.list_agencies(work.session, scope)}
    tidied = {number: tidy(parts) for number, parts in wanted.items()}
    _check(wanted, stored, agencies)
    changed = {number: parts for number, parts in tidied.items() if parts != stored[number].parts}
    _replace(work.session, scope, instrument_id, changed)
    entries = [
        (
            "set_owners",
            ("indicator", number),
            {
                "instrument": instrument_id,
                **_words(parts, agencies),
                "was": _words(stored[number].parts, agencies),
                **({"because": because} if because else {}),
            },
        )
        for number, parts in changed.items()
    ]
    trail.record_many_by(work, scope, entries, now=now)
    return len(changed)


def _with(row: Row, agency_id: int, cell: Cell) -> dict[int, Part]:
    cells = row.cells
    if cell is Cell.LEAD:
        cells = dict.fromkeys(cells, Cell.CONTRIBUTOR)
    cells[agency_id] = cell
    filled = {each: value for each, value in cells.items() if value is not Cell.NONE}
    keeps = filled.keys() == row.parts.keys()
    return {
        each: Part(value is Cell.LEAD, row.parts[each].share if keeps else None)
        for each, value in filled.items()
    }


def _check(wanted: Mapping[int, Parts], stored: Mapping[int, Row], agencies: Mapping[int, Agency]) -> None:
    problems: list[Problem] = []
    for number, parts in wanted.items():
        for agency_id in parts:
            if agency_id not in agencies:
                raise NotFoundError("agency.not_found")
            if not agencies[agency_id].is_active and agency_id not in stored[number].parts:
                name = agencies[agency_id].short_name
                problems.append(Problem("ownership.agency_closed", params={"name": name}))
        problems += part_problems(number, parts)
    if problems:
        raise InvalidInputError(problems)


def _replace(session: Session, scope: Scope, instrument_id: str, changed: Mapping[int, Parts]) -> None:
    session.execute(
        delete(Ownership).where(
            Ownership.government_id == scope.government_id,
            Ownership.instrument_id == instrument_id,
            Ownership.indicator_number.in_(changed),
        )
    )
    filled = [
        {
            "government_id": scope.government_id,
            "instrument_id": instrument_id,
            "indicator_number": number,
            "agency_id": agency_id,
            "is_lead": part.is_lead,
            "share_numerator": None if part.share is None else part.share.numerator,
            "share_denominator": None if part.share is None else part.share.denominator,
        }
        for number, parts in changed.items()
        for agency_id, part in parts.items()
    ]
    if filled:
        session.execute(insert(Ownership), filled)


def _words(parts: Parts, agencies: Mapping[int, Agency]) -> dict[str, object]:
    """The owners as an event keeps them, by slug; shares only where they are not equal."""
    row = Row(0, parts)
    lead = agencies[row.lead_id].slug if row.lead_id is not None else None
    words: dict[str, object] = {
        "lead": lead,
        "contributors": sorted(agencies[each].slug for each in row.contributor_ids),
    }
    if row.has_shares:
        words["shares"] = {agencies[each].slug: str(row.share(each)) for each in parts}
    return words
