"""Help with filling the ownership matrix: who the instrument says usually answers, and what changed when by whom."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.ownership import Part, match_agency
from spbe_tasks.services import ownership
from spbe_tasks.services.ownership import Matrix
from spbe_tasks.services.queries import ownership as queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Owners for an indicator that has none: the usual agency named first leads, the others contribute.

    ``unknown`` are usual agencies that no agency of the government could be found for.
    """

    number: int
    agency_ids: tuple[int, ...]
    unknown: tuple[str, ...]


def suggestions(matrix: Matrix) -> tuple[Suggestion, ...]:
    """What the instrument suggests for the indicators without any owner; those that match nobody are left out."""
    known = [(each.id, each.short_name, each.name) for each in matrix.agencies if each.is_active]
    found = []
    for indicator in matrix.instrument.indicators:
        if matrix.rows[indicator.number].parts:
            continue
        matched = [(usual, match_agency(usual, known)) for usual in indicator.usual_agencies]
        ids = tuple(dict.fromkeys(each for _usual, each in matched if each is not None))
        if ids:
            unknown = tuple(usual for usual, each in matched if each is None)
            found.append(Suggestion(indicator.number, ids, unknown))
    return tuple(found)


def accept(
    work: Work, scope: Scope, instrument_id: str, numbers: Collection[int] | None = None, *, now: datetime
) -> int:
    """Give these indicators (None: all) their suggested owners; how many got some. Nothing is ever overwritten."""
    matrix = ownership.matrix(work.session, scope, instrument_id)
    wanted = {
        each.number: {
            agency_id: Part(is_lead=agency_id == each.agency_ids[0]) for agency_id in each.agency_ids
        }
        for each in suggestions(matrix)
        if numbers is None or each.number in numbers
    }
    return ownership.store(work, scope, instrument_id, wanted, now=now, because="suggestion")


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners of an indicator as an event tells them, with the names the agencies have now."""

    lead: str | None
    contributors: tuple[str, ...]
    shares: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the matrix's history; ``was`` is None in events from before it was noted."""

    at: datetime
    actor_name: str | None
    number: int
    because: str | None
    was: Owners | None
    now: Owners


def history(
    session: Session, scope: Scope, instrument_id: str, *, page: int = 1
) -> tuple[Sequence[Change], int]:
    """One page of what changed in the matrix, newest first, and how many changes there are in all."""
    names = queries.names_by_slug(session, scope)
    rows = queries.list_changes(session, scope, instrument_id, page=page)
    changes = [
        Change(
            row.at,
            row.actor_name,
            row.subject_id,
            row.data.get("because"),
            _owners(row.data["was"], names) if "was" in row.data else None,
            _owners(row.data, names),
        )
        for row in rows
    ]
    return changes, queries.count_changes(session, scope, instrument_id)


def _owners(data: Mapping[str, object], names: Mapping[str, str]) -> Owners:
    lead, contributors, shares = data.get("lead"), data.get("contributors"), data.get("shares")
    return Owners(
        names.get(str(lead), str(lead)) if lead else None,
        tuple(names.get(str(each), str(each)) for each in contributors)
        if isinstance(contributors, list)
        else (),
        {names.get(slug, slug): str(share) for slug, share in shares.items()}
        if isinstance(shares, dict)
        else {},
    )
