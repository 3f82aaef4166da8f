"""Files on their way in, in pieces: a broken connection goes on where it stopped; what is given up is swept away."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from spbe_tasks.models import Scan, Upload, UploadPiece
from spbe_tasks.rules import evidence as rules
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError
from spbe_tasks.rules.instrument import Place
from spbe_tasks.services import evidence, evidence_uses
from spbe_tasks.services.evidence import Added, StoredFile
from spbe_tasks.services.queries import evidence as evidence_queries
from spbe_tasks.services.queries import uploads as queries
from spbe_tasks.work import Work

# Our own figures: more than a folder of one indicator; and a night to find a connection.
MOST_UNDER_WAY = 50
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Target:
    """What a file is to become: evidence with a title, the newer version of one, or to show criteria of a task."""

    title: str = ""
    dated_on: date | None = None
    expires_on: date | None = None
    evidence_id: int | None = None
    task_id: int | None = None
    places: Collection[Place] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """How many bytes have arrived; ``is_taken`` False: the piece lies beyond them, go on from ``received``."""

    received: int
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is there whole: the keys of its pieces in their order, or the evidence it has become already."""

    name: str
    agency_id: int
    piece_keys: tuple[str, ...]
    evidence_id: int | None


def begin(
    work: Work, scope: Scope, *, agency_id: int, name: str, size_bytes: int, largest: int, now: datetime
) -> Upload:
    """Announce a file of evidence before it is sent; ``largest`` is what this installation takes, in bytes.

    Raises InvalidInputError for a file that would be refused by its name or size, ForbiddenError for whoever keeps no
    evidence of the agency, and ConflictError for somebody with too many on their way.
    """
    if not evidence.may_change(scope, agency_id):
        raise ForbiddenError("evidence.not_yours")
    problem = rules.file_problem(name, size_bytes, largest=largest)
    if problem is not None:
        raise InvalidInputError([problem])
    if queries.count_under_way(work.session, scope) >= MOST_UNDER_WAY:
        raise ConflictError("upload.too_many", maximum=MOST_UNDER_WAY)
    assert scope.account_id is not None  # a person sends it
    upload = Upload(
        government_id=scope.government_id,
        account_id=scope.account_id,
        agency_id=agency_id,
        file_name=rules.tidy_name(name),
        size_bytes=size_bytes,
        received_bytes=0,
        begun_at=now,
        touched_at=now,
    )
    work.session.add(upload)
    work.session.flush()
    return upload


def append(
    work: Work, scope: Scope, upload_id: int, *, offset: int, piece_key: str, piece_size: int, now: datetime
) -> Appended:
    """Enter a stored piece that begins at byte ``offset``; the same again, as after a lost answer, changes nothing.

    Raises NotFoundError for anybody else's upload, and InvalidInputError for a piece that does not fit.
    """
    upload = queries.get_upload(work.session, scope, upload_id, for_update=True)
    if offset > upload.received_bytes:
        return Appended(upload.received_bytes, is_taken=False)
    if offset < upload.received_bytes:
        known = queries.find_piece(work.session, upload, offset)
        if known is None or known.file_key != piece_key:
            raise InvalidInputError.of("upload.wrong_piece")
        return Appended(upload.received_bytes, is_taken=True)
    if not 0 < piece_size <= min(rules.PIECE_BYTES, upload.size_bytes - offset):
        raise InvalidInputError.of("upload.wrong_piece")
    piece = UploadPiece(
        upload_id=upload.id,
        offset_bytes=offset,
        government_id=upload.government_id,
        file_key=piece_key,
        size_bytes=piece_size,
    )
    work.session.add(piece)
    upload.received_bytes, upload.touched_at = offset + piece_size, now
    work.session.flush()
    return Appended(upload.received_bytes, is_taken=True)


def arrived(session: Session, scope: Scope, upload_id: int) -> Arrived:
    """An upload that is there whole. Raises NotFoundError for anybody else's, ConflictError while bytes are missing."""
    upload = queries.get_upload(session, scope, upload_id)
    if upload.received_bytes < upload.size_bytes:
        raise ConflictError("upload.incomplete", name=upload.file_name, received=upload.received_bytes)
    keys = tuple(queries.list_piece_keys(session, upload))
    return Arrived(upload.file_name, upload.agency_id, keys, upload.evidence_id)


def finish(
    work: Work, scope: Scope, upload_id: int, stored: StoredFile, target: Target, *, now: datetime
) -> Added:
    """Make evidence of an upload whose whole was stored, and forget its pieces. Raises as ``keep``.

    Asked again, by an earlier answer that was lost, it gives what it became then.
    """
    upload = queries.get_upload(work.session, scope, upload_id, for_update=True)
    if upload.evidence_id is not None:
        item = evidence_queries.get_evidence(work.session, scope, upload.evidence_id)
        return Added(item, is_new=False)
    added = keep(work, scope, upload.agency_id, stored, target, now=now)
    upload.evidence_id, upload.touched_at = added.item.id, now
    queries.delete_pieces(work.session, upload)
    return added


def keep(
    work: Work, scope: Scope, agency_id: int, stored: StoredFile, target: Target, *, now: datetime
) -> Added:
    """Make evidence of a stored file as the target says. An infected one goes into quarantine and shows nothing.

    Raises as ``evidence.add_file``, ``add_version`` and ``evidence_uses.attach``.
    """
    if target.evidence_id is not None and stored.scan is not Scan.INFECTED:
        evidence.add_version(work, scope, target.evidence_id, stored, now=now)
        return Added(evidence_queries.get_evidence(work.session, scope, target.evidence_id), is_new=True)
    added = evidence.add_file(
        work,
        scope,
        agency_id=agency_id,
        stored=stored,
        title=target.title,
        dated_on=target.dated_on,
        expires_on=target.expires_on,
        now=now,
    )
    if target.task_id is not None and stored.scan is not Scan.INFECTED:
        evidence_uses.attach(work, scope, target.task_id, target.places, added.item.id, now=now)
    return added


def abandon(work: Work, scope: Scope, upload_id: int) -> None:
    """Forget an upload that is not wanted any more. Raises NotFoundError for anybody else's."""
    work.session.delete(queries.get_upload(work.session, scope, upload_id, for_update=True))


def sweep(work: Work, *, now: datetime) -> int:
    """Forget the uploads that nobody has gone on with for ``KEPT_FOR``; returns how many.

    Their files go with the next sweep of files. A finished one goes too: what it became stays.
    """
    return queries.delete_untouched(work.session, now - KEPT_FOR)
