"""Evidence (data dukung): files and links an agency keeps, their versions, and the criteria they are to show."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, enum_column, government_fk


class Scan(StrEnum):
    """What a virus scanner said about a stored file."""

    NOT_SCANNED = "not_scanned"  # scanning is off
    CLEAN = "clean"
    INFECTED = "infected"  # kept apart: nobody gets it any more


class Evidence(Model):
    """One piece of an agency's evidence, in all its versions. It may show several criteria, tasks and years."""

    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_agency", "government_id", "agency_id", "id"),
        Index("ix_evidence_search", "search_words", postgresql_using="gin"),
        Index(
            "ix_evidence_expires",
            "government_id",
            "expires_on",
            postgresql_where="expires_on IS NOT NULL AND removed_at IS NULL",
        ),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"))
    title: Mapped[str]
    # The day of the document itself, and the day from which it no longer counts.
    dated_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    search_words: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector('indonesian', title)", persisted=True), deferred=True
    )
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class EvidenceVersion(Model):
    """What an evidence is, or was: a stored file (its key is its SHA-256) or a link. Written once, but for the scan."""

    __tablename__ = "evidence_version"
    __table_args__ = (
        UniqueConstraint("evidence_id", "number"),
        CheckConstraint("(file_key IS NULL) <> (url IS NULL)", name="file_or_link"),
        Index("ix_evidence_version_file", "file_key", postgresql_where="file_key IS NOT NULL"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(SmallInteger)
    file_key: Mapped[str | None]
    file_name: Mapped[str | None]
    media_type: Mapped[str | None]
    size_bytes: Mapped[int | None]
    url: Mapped[str | None]
    scan: Mapped[Scan] = mapped_column(enum_column(Scan, "scan"), default=Scan.NOT_SCANNED)
    # What the scanner called it, when it is infected.
    threat: Mapped[str | None]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    added_at: Mapped[datetime]


class EvidenceUse(Model):
    """An evidence that is to show a criterion of a task. The newest version counts until the task is handed in."""

    __tablename__ = "evidence_use"
    __table_args__ = (
        UniqueConstraint("task_id", "level", "letter", "evidence_id"),
        Index("ix_evidence_use_evidence", "evidence_id"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"))
    level: Mapped[int] = mapped_column(SmallInteger)
    letter: Mapped[str]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    added_at: Mapped[datetime]


class Upload(Model):
    """A file on its way in, in pieces, so that a broken connection goes on where it stopped. Swept when forgotten."""

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_touched", "touched_at"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"))
    file_name: Mapped[str]
    size_bytes: Mapped[int]
    received_bytes: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    # What it became: whoever asks again to finish it, after a broken connection, gets the same answer.
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"))


class UploadPiece(Model):
    """One piece of an upload, a stored file of its own until the whole is there."""

    __tablename__ = "upload_piece"

    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True)
    offset_bytes: Mapped[int] = mapped_column(primary_key=True)
    government_id: Mapped[int] = government_fk()
    file_key: Mapped[str]
    size_bytes: Mapped[int]
