"""What the installation knows about its own health: heartbeats, the schema's version."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.models import Heartbeat
from spbe_tasks.work import Work

HEARTBEAT = "beat"
MAILBOX = "mailbox"
# Beat sends a heartbeat every 15 seconds; four missed ones mean that it, or every worker, is silent.
SILENT_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Schema:
    """The migration the database stands at, and the newest one the code knows."""

    found: str | None
    wanted: str

    @property
    def is_current(self) -> bool:
        """Whether the database has every migration of this code. One ahead is fine: old code runs on a new schema.

        Migrations are numbered with leading zeros, so their names compare as their numbers do.
        """
        return self.found is not None and self.found >= self.wanted


def record_heartbeat(work: Work, *, now: datetime) -> None:
    """Note that beat has asked for a job and a worker has run it. Running it twice changes nothing more."""
    _record(work, HEARTBEAT, now)


def record_reading(work: Work, *, now: datetime) -> None:
    """Note that the mailbox for bounces was read to its end just now."""
    _record(work, MAILBOX, now)


def last_reading(session: Session) -> datetime | None:
    """When the mailbox for bounces was last read; None when it never was."""
    found = session.get(Heartbeat, MAILBOX)
    return found.seen_at if found else None


def _record(work: Work, name: str, now: datetime) -> None:
    row = insert(Heartbeat).values(name=name, seen_at=now)
    work.session.execute(
        row.on_conflict_do_update(index_elements=["name"], set_={"seen_at": row.excluded.seen_at})
    )


def last_heartbeat(session: Session) -> datetime | None:
    """When background work was last seen alive; None when it never was."""
    found = session.get(Heartbeat, HEARTBEAT)
    return found.seen_at if found else None


def is_background_alive(seen_at: datetime | None, now: datetime) -> bool:
    """Whether beat and a worker have been heard recently enough. The one definition, for pages and health checks."""
    return seen_at is not None and now - seen_at <= SILENT_AFTER


def schema(session: Session, wanted: str) -> Schema:
    """Compare the database's migration with ``wanted``; ``found`` is None in an empty database."""
    exists = session.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    found = session.scalar(text("SELECT version_num FROM alembic_version")) if exists else None
    return Schema(found=found, wanted=wanted)
