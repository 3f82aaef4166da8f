"""``transaction()``: one unit of work. The only place that commits; jobs are sent after the commit, or not at all."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_app as celery_app
from kombu.exceptions import OperationalError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from spbe_tasks.extensions import db
from spbe_tasks.jobs import EXPIRES
from spbe_tasks.rules.errors import ConflictError
from spbe_tasks.work import Work

log = logging.getLogger(__name__)


@contextmanager
def transaction() -> Iterator[Work]:
    """Commit once what the block did and send its jobs; on any error roll back and send nothing.

    Raises ``RuntimeError`` when opened inside another one, and ``ConflictError`` when a row was changed by
    somebody else meanwhile (version column) or a unique key was taken.
    """
    session = db.session()
    if session.info.get("in_work"):
        raise RuntimeError("transaction() does not nest: pass the Work you have")
    session.info["in_work"] = True
    work = Work(session)
    try:
        yield work
        session.commit()
    except StaleDataError as error:
        session.rollback()
        raise ConflictError("conflict.stale") from error
    except IntegrityError as error:
        session.rollback()
        raise ConflictError("conflict.unique", constraint=_constraint(error)) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("in_work", None)
    _send(work)


def _constraint(error: IntegrityError) -> str:
    diagnosis = getattr(error.orig, "diag", None)
    return str(getattr(diagnosis, "constraint_name", None) or "")


def _send(work: Work) -> None:
    # The database is the truth and the queue a hint: a sweep finds what is not sent here.
    for job, args in work.jobs:
        try:
            expires = EXPIRES.get(job)
            celery_app.send_task(str(job), args=args, expires=expires and expires.total_seconds())
        except (OperationalError, OSError) as error:
            log.warning("job %s%s not sent, the sweep will do it: %s", job, args, error)
