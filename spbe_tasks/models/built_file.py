"""Files that a worker builds for a person."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, enum_column, government_fk


class BuildKind(StrEnum):
    """What can be built. A row of a kind that is no longer known is shown and cannot be built again."""

    EVIDENCE_PACKAGE = "evidence_package"
    PLAN_WORKBOOK = "plan_workbook"
    FOLLOW_UP_SHEET = "follow_up_sheet"
    MEETING_REPORT = "meeting_report"
    GOVERNMENT_ARCHIVE = "government_archive"


class BuildState(StrEnum):
    """How far a worker is with a file somebody asked for."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class BuiltFile(Model):
    """A file a worker builds for a person: what it is (``kind`` and ``subject``), how far it is, and the result."""

    __tablename__ = "built_file"
    __table_args__ = (
        CheckConstraint("(state = 'ready') = (file_key IS NOT NULL)", name="file_when_ready"),
        Index("ix_built_file_account", "government_id", "account_id", "id"),
        Index("ix_built_file_unfinished", "touched_at", postgresql_where="state IN ('waiting', 'running')"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    # Whose position the person had taken when asking (Plt/Plh): the file is built through it.
    acting_for_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    subject: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[BuildState] = mapped_column(enum_column(BuildState, "build_state"))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    file_key: Mapped[str | None]
    file_name: Mapped[str | None]
    media_type: Mapped[str | None]
    size_bytes: Mapped[int | None]
    problem: Mapped[str | None]
    asked_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
