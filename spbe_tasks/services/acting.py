"""Acting officers (Plt/Plh): appointing who takes the position of a person who is absent, and ending it."""

from dataclasses import dataclass
from datetime import date, datetime

from spbe_tasks.models import Account, ActingKind, ActingOfficer
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.services import trail
from spbe_tasks.services.queries import acting as queries
from spbe_tasks.services.queries import governments
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Appointment:
    """Who takes whose position from when to when, both days included; ``until_on`` None: until it is ended."""

    absent_id: int
    acting_id: int
    kind: ActingKind
    from_on: date
    until_on: date | None = None
    decree: str = ""


def add(work: Work, scope: Scope, said: Appointment, *, now: datetime) -> ActingOfficer:
    """Appoint an acting officer; on these days, in the government's zone, they may take the absent person's position.

    Raises InvalidInputError with everything that is wrong: one person twice, accounts of other governments or closed
    ones, days in the wrong order or all over, and a position that somebody else has on one of the days.
    """
    _check(work, scope, said, now=now)
    row = ActingOfficer(
        government_id=scope.government_id,
        absent_id=said.absent_id,
        acting_id=said.acting_id,
        kind=said.kind,
        from_on=said.from_on,
        until_on=said.until_on,
        decree=said.decree.strip(),
        made_by_id=scope.account_id,
        made_at=now,
    )
    work.session.add(row)
    work.session.flush()
    _record(work, scope, row, "appoint_acting", now=now)
    return row


def end(work: Work, scope: Scope, acting_officer_id: int, *, now: datetime) -> ActingOfficer:
    """End an appointment at once; ending it twice changes nothing more. Raises NotFoundError."""
    row = queries.get(work.session, scope, acting_officer_id)
    if row.ended_at is None:
        row.ended_at = now
        _record(work, scope, row, "end_acting", now=now)
    return row


def end_of(work: Work, scope: Scope, account: Account, *, now: datetime) -> int:
    """End whatever a person who leaves is acting in, or is stood in for; how many it were."""
    rows = queries.list_open_of(work.session, account.id)
    for row in rows:
        row.ended_at = now
        _record(work, scope, row, "end_acting", now=now)
    return len(rows)


def _check(work: Work, scope: Scope, said: Appointment, *, now: datetime) -> None:
    zone = governments.get_government(work.session, scope.government_id).timezone
    there = queries.lock_people(work.session, scope, (said.absent_id, said.acting_id))
    problems = [
        Problem("acting.not_here", field)
        for field, account_id in (("absent_id", said.absent_id), ("acting_id", said.acting_id))
        if account_id not in there
    ]
    if said.absent_id == said.acting_id:
        problems.append(Problem("acting.same_person", "acting_id"))
    if said.until_on is not None and said.until_on < said.from_on:
        problems.append(Problem("acting.until_before_from", "until_on"))
    elif said.until_on is not None and said.until_on < local_date(now, zone):
        problems.append(Problem("acting.over_already", "until_on"))
    if not problems:
        taken = queries.find_overlapping(work.session, scope, said.absent_id, said.from_on, said.until_on)
        problems += [Problem("acting.taken", "from_on")] if taken else []
    if problems:
        raise InvalidInputError(problems)


def _record(work: Work, scope: Scope, row: ActingOfficer, action: str, *, now: datetime) -> None:
    data = {
        "acting_officer": row.id,
        "acting_id": row.acting_id,
        "kind": row.kind.value,
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat() if row.until_on else None,
        "decree": row.decree,
    }
    trail.record_by(work, scope, action, ("account", row.absent_id), now=now, data=data)
