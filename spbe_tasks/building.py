"""Building files for people, for a job: an order is taken in one transaction, the file written outside any, its
progress told now and then, and the result stored and named in a last one.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import BuildKind
from spbe_tasks.rules.errors import SpbeError
from spbe_tasks.services import built_files
from spbe_tasks.services.built_files import Order, Result
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction

log = logging.getLogger(__name__)
SECONDS_BETWEEN_NOTES = 1.0


@dataclass(frozen=True, slots=True)
class Written:
    """What a builder wrote to the path it was given: how people's copy is called, and what it is."""

    file_name: str
    media_type: str


@dataclass
class Progress:
    """Tells how far a file is, at most once a second however often it is called."""

    built_id: int
    told_at: float = 0.0

    def __call__(self, done: int, total: int) -> None:
        """``done`` of ``total`` steps are behind."""
        if time.monotonic() - self.told_at < SECONDS_BETWEEN_NOTES:
            return
        self.told_at = time.monotonic()
        with transaction() as work:
            built_files.note_progress(work, self.built_id, done, total, now=clock.now())


Builder = Callable[[Session, Order, Path, Progress], Written]
# What can be built, by the kind named when asking. A builder reads, and writes one file; it changes nothing.
BUILDERS: dict[BuildKind, Builder] = {}


def build(built_id: int) -> None:
    """Build one file, unless another worker has it or nobody waits for it."""
    with transaction() as work:
        order = built_files.take(work, built_id, now=clock.now())
    if order is None:
        return
    try:
        result = _written(order)
    except SoftTimeLimitExceeded:
        _fail(built_id, built_files.TOO_LONG)
        raise
    except SpbeError as error:
        _fail(built_id, error.code)
    except Exception:
        log.exception("file %s (%s) could not be built", built_id, order.kind)
        _fail(built_id, built_files.FAULT)
    else:
        with transaction() as work:
            built_files.finish(work, built_id, result, now=clock.now())


def _written(order: Order) -> Result:
    with TemporaryDirectory(prefix="spbe-build-") as folder:
        path = Path(folder) / "file"
        written = BUILDERS[order.kind](db.session(), order, path, Progress(order.id))
        db.session.rollback()  # what was read is read: no transaction stays open while the file is stored
        key = storage().put(path.read_bytes())
        return Result(key, written.file_name, written.media_type, path.stat().st_size)


def _fail(built_id: int, problem: str) -> None:
    db.session.rollback()
    with transaction() as work:
        built_files.fail(work, built_id, problem, now=clock.now())
