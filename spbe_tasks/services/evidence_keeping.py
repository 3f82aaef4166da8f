"""Keeping evidence in order: what it is called, how long it counts, taking it away, and looking at quarantine again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.models import Evidence, EvidenceUse, Scan
from spbe_tasks.rules import evidence as rules
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError
from spbe_tasks.services import instruments, trail
from spbe_tasks.services.evidence import check_words, get_changeable
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.services.queries import evidence_library as library
from spbe_tasks.services.queries.evidence import EvidenceItem
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Suggestion:
    """For how many months it counts, and until when; no day without the document's own date."""

    months: int
    expires_on: date | None


def change(
    work: Work,
    scope: Scope,
    evidence_id: int,
    *,
    title: str,
    dated_on: date | None,
    expires_on: date | None,
    version: int | None = None,
    now: datetime,
) -> Evidence:
    """Change what an evidence is called and how long it counts.

    Raises as ``evidence.get_changeable``, and InvalidInputError with everything that is wrong.
    """
    row = get_changeable(work, scope, evidence_id, version)
    before = (row.title, row.dated_on, row.expires_on)
    row.title, row.dated_on, row.expires_on = title.strip(), dated_on, expires_on
    check_words(row)
    if before != (row.title, row.dated_on, row.expires_on):
        work.session.flush()
        days = {"dated_on": dated_on, "expires_on": expires_on}
        data = {"title": row.title} | {name: day.isoformat() for name, day in days.items() if day}
        trail.record_by(work, scope, "change_evidence", ("evidence", row.id), now=now, data=data)
    return row


def remove(work: Work, scope: Scope, evidence_id: int, *, version: int | None = None, now: datetime) -> bool:
    """Take an evidence away, also from the criteria of tasks its agency still works on; returns whether it is gone.

    False: something that was handed in, or a self-assessment pack, relies on it. It is hidden then: nobody finds or
    attaches it any more, and what relies on it keeps it. A file that is gone is removed by the sweep. Raises as
    ``evidence.get_changeable``, and ConflictError ("conflict.stale") when somebody has just attached it once more.
    """
    # First the tasks, then the evidence, as whoever attaches it does: else the two would wait for each other.
    locked = library.lock_tasks_at_work(
        work.session, queries.get_evidence(work.session, scope, evidence_id).id
    )
    row = get_changeable(work, scope, evidence_id, version)
    uses = library.list_uses_at_work(work.session, row.id)
    if any(use.task_id not in locked for use in uses):
        raise ConflictError("conflict.stale")  # somebody has just attached it to one more
    for use in uses:
        _release(work, scope, row, use, now=now)
    work.session.flush()
    is_gone = not library.is_relied_on(work.session, row)
    action = "remove_evidence" if is_gone else "hide_evidence"
    trail.record_by(work, scope, action, ("evidence", row.id), now=now, data={"title": row.title})
    if is_gone:
        for each in queries.list_versions(work.session, row.id):
            work.session.delete(each)
        work.session.flush()
        work.session.delete(row)
    else:
        row.removed_at = now
    work.session.flush()
    return is_gone


def settle_scan(
    work: Work, scope: Scope, evidence_id: int, threat: str | None, *, file_key: str, now: datetime
) -> Evidence:
    """Enter what the scanner says now about a quarantined file: clean (``threat`` None), it is evidence like any other.

    ``file_key`` is the file it looked at. Raises as ``evidence.get_changeable``, and ConflictError when it is not in
    quarantine, or another file is.
    """
    row = get_changeable(work, scope, evidence_id, None)
    newest = queries.list_versions(work.session, row.id)[0]
    if newest.scan is not Scan.INFECTED or newest.file_key != file_key:
        raise ConflictError("conflict.stale")
    newest.threat = threat
    if threat is None:
        newest.scan = Scan.CLEAN
        trail.record_by(
            work, scope, "release_evidence", ("evidence", row.id), now=now, data={"title": row.title}
        )
    work.session.flush()
    return row


def suggest_expiry(
    session: Session, scope: Scope, item: EvidenceItem, uses: Sequence[Row[Any]]
) -> Suggestion | None:
    """How long what it shows lets it count, where nobody has said so; ``uses`` as ``evidence_library.list_where_used``.

    None: it has a date, or shows nothing that grows old.
    """
    if item.expires_on is not None:
        return None
    found = [_months(session, scope, use) for use in uses]
    months = min((each for each in found if each is not None), default=None)
    if months is None:
        return None
    return Suggestion(months, rules.expiry(item.dated_on, months) if item.dated_on else None)


def _months(session: Session, scope: Scope, use: Row[Any]) -> int | None:
    instrument = instruments.get(session, scope.government_id, use.instrument_id)
    places = [
        (int(level), letter) for level, _, letter in (each.partition(".") for each in use.places.split(", "))
    ]
    return rules.months_of(instrument, use.indicator_number, places)


def _release(work: Work, scope: Scope, row: Evidence, use: EvidenceUse, *, now: datetime) -> None:
    data = {"evidence": row.id, "title": row.title, "criteria": f"{use.level}.{use.letter}"}
    trail.record_by(work, scope, "detach_evidence", ("task", use.task_id), now=now, data=data)
    work.session.delete(use)
