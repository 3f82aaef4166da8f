"""Files of evidence between transactions: judged by content, scanned and stored outside any, then entered in one."""

import logging
from datetime import datetime

from flask import current_app

from spbe_tasks.adapters.clamd import Clamd, ScannerError
from spbe_tasks.adapters.storage import StorageError
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.models import Scan
from spbe_tasks.readers.file_kinds import recognise
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, UnavailableError
from spbe_tasks.rules.evidence import file_problem, tidy_name
from spbe_tasks.services import uploads
from spbe_tasks.services.evidence import Added, StoredFile
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.services.queries import uploads as upload_queries
from spbe_tasks.services.uploads import Appended, Target
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction

log = logging.getLogger(__name__)


def append(scope: Scope, upload_id: int, *, offset: int, piece: bytes, now: datetime) -> Appended:
    """Store a piece of an upload and enter it. Raises as ``uploads.append``, UnavailableError without a storage."""
    upload_queries.get_upload(
        db.session(), scope, upload_id
    )  # nobody fills the storage with what belongs nowhere
    db.session.rollback()
    key = _stored(piece)
    with transaction() as work:
        return uploads.append(
            work, scope, upload_id, offset=offset, piece_key=key, piece_size=len(piece), now=now
        )


def finish(scope: Scope, upload_id: int, target: Target, *, now: datetime) -> Added:
    """Put the pieces of an upload together and make evidence of them.

    The pieces stay until it is entered: a scanner or storage that does not answer (UnavailableError) costs nothing but
    asking again. Raises InvalidInputError for a file that is refused by its content, and as ``uploads.finish``.
    """
    arrived = uploads.arrived(db.session(), scope, upload_id)
    if arrived.evidence_id is not None:
        item = queries.get_evidence(db.session(), scope, arrived.evidence_id)
        return Added(item, is_new=False)
    db.session.rollback()  # what was read is read: no transaction stays open while the file is judged
    try:
        content = b"".join(storage().read(key) for key in arrived.piece_keys)
    except StorageError as error:
        raise _away(error) from error
    stored = take(content, arrived.name)
    with transaction() as work:
        added = uploads.finish(work, scope, upload_id, stored, target, now=now)
    refuse_infected(stored)
    return added


def receive(
    scope: Scope, agency_id: int, content: bytes, name: str, target: Target, *, now: datetime
) -> Added:
    """Make evidence of a file that came whole. Raises as ``finish``."""
    problem = file_problem(name, len(content), largest=_settings().evidence_max_bytes)
    if problem is not None:
        raise InvalidInputError([problem])
    stored = take(content, tidy_name(name))
    with transaction() as work:
        added = uploads.keep(work, scope, agency_id, stored, target, now=now)
    refuse_infected(stored)
    return added


def take(content: bytes, name: str) -> StoredFile:
    """Judge, scan and store a file, whatever the verdict of the scanner.

    Raises InvalidInputError for what is refused by its content, UnavailableError when scanner or storage do not answer.
    """
    kind = recognise(content, name)
    threat, scan = find_threat(content, name)
    return StoredFile(_stored(content), name, kind.media_type, len(content), scan, threat)


def find_threat(content: bytes, name: str) -> tuple[str | None, Scan]:
    """What the scanner calls it, and what that means; nothing is scanned without a scanner. Raises UnavailableError."""
    address = _settings().clamd_address
    if not address:
        return None, Scan.NOT_SCANNED
    try:
        threat = Clamd(address).find_threat(content)
    except ScannerError as error:
        log.error("evidence cannot be scanned: %s", error)
        raise UnavailableError("evidence.scanner_away", name=name) from error
    return (threat, Scan.INFECTED) if threat else (None, Scan.CLEAN)


def look_again(key: str, name: str) -> tuple[str | None, Scan]:
    """What the scanner says now about a file in quarantine, as ``find_threat``. Raises UnavailableError."""
    try:
        content = storage().read(key)
    except StorageError as error:
        raise _away(error) from error
    return find_threat(content, name)


def refuse_infected(stored: StoredFile) -> None:
    """Raise InvalidInputError for an infected file, once it is in quarantine."""
    if stored.scan is Scan.INFECTED:
        raise InvalidInputError.of("evidence.infected", name=stored.name, threat=stored.threat or "?")


def _stored(content: bytes) -> str:
    try:
        return storage().put(content)
    except StorageError as error:
        raise _away(error) from error


def _away(error: StorageError) -> UnavailableError:
    log.error("the storage does not answer: %s", error)
    return UnavailableError("storage.away")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
