"""The ownership matrix: which agency leads on an indicator and which contribute.

A change here reaches the tasks of a plan only when that plan is generated again.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Agency, Ownership
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import trail
from spbe_tasks.services.queries import ownership as queries
from spbe_tasks.services.queries import people
from spbe_tasks.work import Work


class Cell(StrEnum):
    """What an agency is to an indicator."""

    LEAD = "lead"
    CONTRIBUTOR = "contributor"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one indicator that are filled, by agency id."""

    number: int
    cells: Mapping[int, Cell]

    @property
    def lead_id(self) -> int | None:
        """The agency that leads, or None: a gap."""
        return next((agency_id for agency_id, cell in self.cells.items() if cell is Cell.LEAD), None)

    @property
    def contributor_ids(self) -> tuple[int, ...]:
        """The agencies that contribute."""
        return tuple(agency_id for agency_id, cell in self.cells.items() if cell is Cell.CONTRIBUTOR)

    def cell(self, agency_id: int) -> Cell:
        """What that agency is to the indicator."""
        return self.cells.get(agency_id, Cell.NONE)

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
    rows = _rows(session, scope, instrument_id)
    owned = Counter(agency_id for row in rows.values() for agency_id in row.cells)
    agencies = [each for each in people.list_agencies(session, scope) if each.is_active or each.id in owned]
    return Matrix(get_instrument(instrument_id), agencies, rows, owned)


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

    Raises NotFoundError for an unknown indicator or a foreign agency, InvalidInputError for a closed agency.
    """
    row = _rows(work.session, scope, instrument_id, (indicator_number,))[indicator_number]
    _write(work, scope, instrument_id, {indicator_number: _with(row, agency_id, cell)}, now=now)


def set_row(
    work: Work,
    scope: Scope,
    *,
    instrument_id: str,
    indicator_number: int,
    lead_id: int | None,
    contributor_ids: Collection[int],
    now: datetime,
) -> None:
    """Say all owners of an indicator at once; whoever is not named owns it no longer. Raises as ``set_cell``."""
    cells = dict.fromkeys(contributor_ids, Cell.CONTRIBUTOR)
    if lead_id is not None:
        cells[lead_id] = Cell.LEAD
    _write(work, scope, instrument_id, {indicator_number: cells}, now=now)


def set_aspect_lead(
    work: Work, scope: Scope, *, instrument_id: str, aspect_number: int, agency_id: int, now: datetime
) -> int:
    """Make the agency lead on every indicator of an aspect; returns how many those are. Raises as ``set_cell``."""
    aspects = [each for each in get_instrument(instrument_id).aspects if each.number == aspect_number]
    if not aspects:
        raise NotFoundError("instrument.aspect_not_found", number=aspect_number)
    numbers = [each.number for each in aspects[0].indicators]
    rows = _rows(work.session, scope, instrument_id, numbers)
    wanted = {number: _with(row, agency_id, Cell.LEAD) for number, row in rows.items()}
    _write(work, scope, instrument_id, wanted, now=now)
    return len(numbers)


def _rows(
    session: Session, scope: Scope, instrument_id: str, numbers: Collection[int] | None = None
) -> dict[int, Row]:
    """The rows of these indicators (None: of all) as they are stored; an empty one where nothing is."""
    instrument = get_instrument(instrument_id)
    asked = [each.number for each in instrument.indicators] if numbers is None else numbers
    cells: dict[int, dict[int, Cell]] = {instrument.indicator(number).number: {} for number in asked}
    for each in queries.list_cells(session, scope, instrument_id, asked):
        cells[each.indicator_number][each.agency_id] = Cell.LEAD if each.is_lead else Cell.CONTRIBUTOR
    return {number: Row(number, row) for number, row in cells.items()}


def _with(row: Row, agency_id: int, cell: Cell) -> dict[int, Cell]:
    cells = dict(row.cells)
    if cell is Cell.LEAD:
        cells = dict.fromkeys(cells, Cell.CONTRIBUTOR)
    cells[agency_id] = cell
    return {each: value for each, value in cells.items() if value is not Cell.NONE}


def _write(
    work: Work, scope: Scope, instrument_id: str, wanted: Mapping[int, Mapping[int, Cell]], *, now: datetime
) -> None:
    """Bring the rows of these indicators to what is wanted, with an event for each that changes.

    Two people who choose different leads at once meet at a unique key: the later one is told of the conflict.
    """
    stored = _rows(work.session, scope, instrument_id, wanted)
    agencies = {each.id: each for each in people.list_agencies(work.session, scope)}
    changed = {number: cells for number, cells in wanted.items() if cells != stored[number].cells}
    for number, cells in changed.items():
        _check(cells, stored[number], agencies)
    work.session.execute(
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
            "is_lead": cell is Cell.LEAD,
        }
        for number, cells in changed.items()
        for agency_id, cell in cells.items()
    ]
    if filled:
        work.session.execute(insert(Ownership), filled)
    for number, cells in changed.items():
        data = {"instrument": instrument_id, **_words(Row(number, cells), agencies)}
        _record(work, scope, number, data, now)


def _check(cells: Mapping[int, Cell], stored: Row, agencies: Mapping[int, Agency]) -> None:
    for agency_id in cells:
        if agency_id not in agencies:
            raise NotFoundError("agency.not_found")
        if not agencies[agency_id].is_active and agency_id not in stored.cells:
            raise InvalidInputError.of("ownership.agency_closed", name=agencies[agency_id].short_name)


def _words(row: Row, agencies: Mapping[int, Agency]) -> dict[str, object]:
    lead = agencies[row.lead_id].slug if row.lead_id is not None else None
    return {"lead": lead, "contributors": sorted(agencies[each].slug for each in row.contributor_ids)}


def _record(work: Work, scope: Scope, number: int, data: Mapping[str, object], now: datetime) -> None:
    trail.record(
        work,
        "set_owners",
        ("indicator", number),
        government_id=scope.government_id,
        actor_id=scope.account_id,
        at=now,
        data=data,
    )
