"""Carrying an order out, for a job: it is taken in one transaction, the file written outside any, its progress told now
and then, and the result stored and named in a last one.
"""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from celery.exceptions import SoftTimeLimitExceeded

from spbe_tasks import clock
from spbe_tasks.building import (
    evidence_package,
    follow_up_sheet,
    government_archive,
    meeting_report,
    plan_workbook,
)
from spbe_tasks.building.builder import Builder, Progress
from spbe_tasks.extensions import db
from spbe_tasks.labels import built_file
from spbe_tasks.models import BuildKind
from spbe_tasks.rules.errors import SpbeError
from spbe_tasks.services import built_files
from spbe_tasks.services.built_files import Order, Result
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction

log = logging.getLogger(__name__)
# What can be built. A builder reads, and writes one file; it changes nothing.
BUILDERS: dict[BuildKind, Builder] = {
    BuildKind.EVIDENCE_PACKAGE: evidence_package.build,
    BuildKind.PLAN_WORKBOOK: plan_workbook.build,
    BuildKind.FOLLOW_UP_SHEET: follow_up_sheet.build,
    BuildKind.MEETING_REPORT: meeting_report.build,
    BuildKind.GOVERNMENT_ARCHIVE: government_archive.build,
}


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
    except (
        Exception
    ):  # told to the person, who waits and would learn of it no other way; the log has the trace
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
        key = storage().put_file(path)
        title = built_file(order.kind, order.subject, order.locale)
        return Result(key, title, written.file_name, written.media_type, path.stat().st_size)


def _fail(built_id: int, problem: str) -> None:
    db.session.rollback()
    with transaction() as work:
        built_files.fail(work, built_id, problem, now=clock.now())
