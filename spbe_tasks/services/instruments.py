"""Which instruments a government can use: the shipped ones, and those it brought along itself."""

from collections.abc import Callable, Sequence
from functools import cache, partial

from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import (
    get_instrument,
    is_shipped,
    list_instruments,
    load_bytes,
    read_shipped,
)
from spbe_tasks.models import Assessment, Plan
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services.queries import instruments as queries

# Own instruments by digest, so each is parsed once per process; a digest never means anything else later.
_PARSED: dict[str, Instrument] = {}
_MOST_PARSED = 200


def get(session: Session, government_id: int, instrument_id: str) -> Instrument:
    """The instrument of that id: a shipped one (no statement), or the government's own (one statement).

    Raises NotFoundError for any other, another government's included.
    """
    if is_shipped(instrument_id):
        return get_instrument(instrument_id)
    digest = queries.find_digest(session, government_id, instrument_id)
    if digest is None:
        known = ", ".join(each.id for each in list_all(session, government_id))
        raise NotFoundError("instrument.not_found", id=instrument_id, known=known)
    return _parsed(session, government_id, digest)


def hold(session: Session, government_id: int, instrument_id: str) -> Instrument:
    """``get`` for whoever is about to make something with it: nobody replaces or removes it before the work ends.

    A shipped one cannot change and costs no statement.
    """
    if not is_shipped(instrument_id):
        queries.hold(session, government_id)
    return get(session, government_id, instrument_id)


def of(session: Session, row: Plan | Assessment) -> Instrument:
    """The instrument a plan or an assessment is made with."""
    return get(session, row.government_id, row.instrument_id)


def finder(session: Session, government_id: int) -> Callable[[str], Instrument]:
    """``get`` for lists and templates: by id, each instrument looked up once."""
    return cache(partial(get, session, government_id))


def list_all(session: Session, government_id: int) -> tuple[Instrument, ...]:
    """Every instrument the government can use, oldest regulation first; of one year, the shipped ones first."""
    own = [_parsed(session, government_id, digest) for digest in queries.list_digests(session, government_id)]
    return tuple(sorted((*list_instruments(), *own), key=lambda each: each.year))


def usual(known: Sequence[Instrument], year: int) -> Instrument:
    """The one of ``known`` (as ``list_all`` gives them) that ``year`` is most likely assessed with.

    That is the newest used in the year, or of all when none is. A shipped one goes first: an own copy of it must
    not draw what was made for it.
    """
    likely = sorted(reversed(known), key=lambda each: not is_shipped(each.id))
    return next((each for each in likely if each.is_used_in(year)), likely[0])


def read_file(session: Session, government_id: int, instrument_id: str) -> bytes:
    """The file of an instrument, as it is kept; raises as ``get``."""
    if is_shipped(instrument_id):
        return read_shipped(instrument_id)
    digest = queries.find_digest(session, government_id, instrument_id)
    if digest is None:
        raise NotFoundError
    return queries.read_content(session, government_id, digest)


def _parsed(session: Session, government_id: int, digest: str) -> Instrument:
    instrument = _PARSED.get(digest)
    if instrument is None:
        instrument = load_bytes(queries.read_content(session, government_id, digest))
        if len(_PARSED) >= _MOST_PARSED:
            _PARSED.clear()
        _PARSED[digest] = instrument
    return instrument
