"""Instruments that a government brings along itself: looked at, kept, replaced while nothing uses them, taken away."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import is_shipped, load_bytes
from spbe_tasks.models import InstrumentDocument
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import trail
from spbe_tasks.services.queries import instruments as queries
from spbe_tasks.services.queries.instruments import Uses
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that has passed every check. ``standing_digest`` is that of the government's instrument of this id."""

    instrument: Instrument
    content: bytes
    digest: str
    standing_digest: str | None

    @property
    def is_repeat(self) -> bool:
        """Whether this very content is kept already: storing it changes nothing."""
        return self.digest == self.standing_digest

    @property
    def is_replacement(self) -> bool:
        """Whether storing it replaces other content of the same id."""
        return self.standing_digest is not None and not self.is_repeat


def look_at(session: Session, scope: Scope, data: bytes) -> Offered:
    """What a file is understood as; stores nothing.

    Raises InvalidInputError with every mistake of the file by its line, for the id of a shipped instrument
    ("instrument.id_is_shipped"), and for an id that is in use with other content ("instrument.in_use").
    """
    content = data.replace(b"\r\n", b"\n")  # a browser sends typed lines so; the content is the same
    instrument = load_bytes(content)
    if is_shipped(instrument.id):
        raise _about_id("instrument.id_is_shipped", instrument.id)
    digest = hashlib.sha256(content).hexdigest()
    standing = queries.find_digest(session, scope.government_id, instrument.id)
    offered = Offered(instrument, content, digest, standing)
    if offered.is_replacement and queries.count_uses(session, scope, instrument.id).total:
        raise _about_id("instrument.in_use", instrument.id)
    return offered


def store(work: Work, scope: Scope, data: bytes, *, now: datetime) -> Offered:
    """Keep an instrument, or replace the unused one of the same id, with an event; raises as ``look_at``.

    The same content again writes nothing, so a second call is harmless.
    """
    queries.lock(work.session, scope)
    offered = look_at(work.session, scope, data)
    if offered.is_repeat:
        return offered
    row = queries.find_document(work.session, scope, offered.instrument.id)
    if row is None:
        row = InstrumentDocument(government_id=scope.government_id, instrument_id=offered.instrument.id)
        work.session.add(row)
    row.digest, row.content = offered.digest, offered.content
    row.uploaded_by_id, row.uploaded_at = scope.account_id, now
    work.session.flush()
    _record(work, scope, row, "replace" if offered.is_replacement else "store", now=now)
    return offered


def remove(work: Work, scope: Scope, instrument_id: str, *, now: datetime) -> None:
    """Take away an own instrument that nothing uses, with an event.

    Raises NotFoundError when the government has none of that id (a shipped one is nobody's own), ConflictError
    ("instrument.still_used") when something was made with it.
    """
    queries.lock(work.session, scope)
    row = queries.get_document(work.session, scope, instrument_id)
    if queries.count_uses(work.session, scope, instrument_id).total:
        raise ConflictError("instrument.still_used", id=instrument_id)
    work.session.delete(row)
    _record(work, scope, row, "remove", now=now)


def uses(session: Session, scope: Scope, instrument_id: str) -> Uses:
    """What the government has made with an instrument."""
    return queries.count_uses(session, scope, instrument_id)


def _about_id(code: str, instrument_id: str) -> InvalidInputError:
    return InvalidInputError((Problem(code, field="id", value=instrument_id, params={"id": instrument_id}),))


def _record(work: Work, scope: Scope, row: InstrumentDocument, verb: str, *, now: datetime) -> None:
    trail.record_by(
        work,
        scope,
        f"{verb}_instrument",
        ("instrument", row.id),
        now=now,
        data={"instrument_id": row.instrument_id, "digest": row.digest},
    )
