"""The one trail: an event per change, written in the change's own transaction; a job seals them into a hash chain."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from spbe_tasks.models import Event
from spbe_tasks.rules.access import Scope
from spbe_tasks.work import Work

GENESIS = "0" * 64
SEAL_BATCH = 5_000
_SEAL_LOCK = 7_301  # first key of the advisory lock; the second is the government


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a government's chain is whole. ``broken_at`` is the first position that does not fit, or None.

    ``head`` is the digest of the last sealed event: kept outside the database, it proves later that nothing before
    it was changed or cut off.
    """

    sealed: int
    unsealed: int
    broken_at: int | None
    head: str

    @property
    def is_intact(self) -> bool:
        """True when every sealed event still is what was sealed."""
        return self.broken_at is None


def record(
    work: Work,
    action: str,
    subject: tuple[str, int],
    *,
    government_id: int,
    actor_id: int | None,
    at: datetime,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write one event. ``subject`` is (kind, id); ``data`` holds JSON scalars, dates in ISO form, decimals as text."""
    subject_type, subject_id = subject
    work.session.add(
        Event(
            government_id=government_id,
            at=at,
            actor_id=actor_id,
            subject_type=subject_type,
            subject_id=subject_id,
            action=action,
            data=dict(data or {}),
        )
    )


def record_by(
    work: Work,
    scope: Scope,
    action: str,
    subject: tuple[str, int],
    *,
    now: datetime,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write one event of the scope's person, in their government; else as ``record``.

    Of an acting officer the event also names whose position they took: ``acting_for_id``.
    """
    record(
        work,
        action,
        subject,
        government_id=scope.government_id,
        actor_id=scope.account_id,
        at=now,
        data=named(scope, data or {}),
    )


def record_many(
    work: Work,
    entries: Sequence[tuple[str, tuple[str, int], Mapping[str, object]]],
    *,
    government_id: int,
    actor_id: int | None,
    at: datetime,
) -> None:
    """Write one event for each (action, subject, data), all in a few statements; in the order given."""
    rows = [
        {
            "government_id": government_id,
            "at": at,
            "actor_id": actor_id,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "action": action,
            "data": dict(data),
        }
        for action, (subject_type, subject_id), data in entries
    ]
    if rows:
        work.session.execute(insert(Event), rows)


def record_many_by(
    work: Work,
    scope: Scope,
    entries: Sequence[tuple[str, tuple[str, int], Mapping[str, object]]],
    *,
    now: datetime,
) -> None:
    """The same by the scope's person, as ``record_by``."""
    told = [(action, subject, named(scope, data)) for action, subject, data in entries]
    record_many(work, told, government_id=scope.government_id, actor_id=scope.account_id, at=now)


def named(scope: Scope, data: Mapping[str, object]) -> Mapping[str, object]:
    """The data of an event with whose position the scope's person took, if any."""
    return data if scope.acting_for_id is None else {**data, "acting_for_id": scope.acting_for_id}


def seal(work: Work) -> int:
    """Extend every government's chain by its unsealed events, oldest first; returns how many were sealed.

    Safe to run twice and side by side: a government that another run is sealing is left to it.
    """
    waiting = select(Event.government_id).where(Event.chain_position.is_(None)).distinct()
    return sum(_seal_government(work.session, each) for each in work.session.scalars(waiting).all())


def verify(session: Session, government_id: int) -> Verification:
    """Recompute the whole chain of a government from its events."""
    previous, expected, broken = GENESIS, 1, None
    sealed = (
        select(Event)
        .where(Event.government_id == government_id, Event.chain_position.is_not(None))
        .order_by(Event.chain_position)
        .execution_options(yield_per=1_000)
    )
    for event in session.scalars(sealed):
        digest = seal_of(previous, event)
        if broken is None and (event.chain_position != expected or event.chain_digest != digest):
            broken = event.chain_position
        previous, expected = digest, expected + 1
    unsealed = session.scalar(
        select(func.count()).where(Event.government_id == government_id, Event.chain_position.is_(None))
    )
    return Verification(sealed=expected - 1, unsealed=unsealed or 0, broken_at=broken, head=previous)


def seal_of(previous: str, event: Event) -> str:
    """The seal of an event: a hash of its content and of the seal before it (``GENESIS`` before the first)."""
    content = [
        event.id,
        event.government_id,
        event.at.astimezone(UTC).isoformat(),
        event.actor_id,
        event.subject_type,
        event.subject_id,
        event.action,
        event.data,
    ]
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def _seal_government(session: Session, government_id: int) -> int:
    locked = session.scalar(
        text("SELECT pg_try_advisory_xact_lock(:lock, :id)"), {"lock": _SEAL_LOCK, "id": government_id}
    )
    if not locked:
        return 0
    position, previous = _head(session, government_id)
    events = session.scalars(
        select(Event)
        .where(Event.government_id == government_id, Event.chain_position.is_(None))
        .order_by(Event.id)
        .limit(SEAL_BATCH)
    ).all()
    seals = _seals(events, position, previous)
    if seals:
        session.execute(update(Event), seals)
    return len(seals)


def _head(session: Session, government_id: int) -> tuple[int, str]:
    last = session.execute(
        select(Event.chain_position, Event.chain_digest)
        .where(Event.government_id == government_id, Event.chain_position.is_not(None))
        .order_by(Event.chain_position.desc())
        .limit(1)
    ).one_or_none()
    return (last.chain_position or 0, last.chain_digest or GENESIS) if last else (0, GENESIS)


def _seals(events: Sequence[Event], position: int, previous: str) -> list[dict[str, object]]:
    seals: list[dict[str, object]] = []
    for event in events:
        position, previous = position + 1, seal_of(previous, event)
        seals.append({"id": event.id, "chain_position": position, "chain_digest": previous})
    return seals
