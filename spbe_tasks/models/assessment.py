"""Assessments, their immutable revisions and the levels in them; imports under way, and pinned levels."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, created_instant, enum_column, government_fk
from spbe_tasks.readers.document import Format
from spbe_tasks.rules.instrument import PredicateBasis


class AssessmentKind(StrEnum):
    """Which of the yearly judgements a set of levels is."""

    SELF = "self"
    DOCUMENT = "document"
    INTERVIEW = "interview"
    OFFICIAL = "official"


class RevisionCause(StrEnum):
    """Why a revision was made."""

    IMPORT = "import"
    PIN = "pin"
    RELEASE = "release"


class Assessment(Model):
    """The assessment of one government by one instrument, in one year, of one kind."""

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("government_id", "instrument_id", "year", "kind"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    instrument_id: Mapped[str]
    year: Mapped[int]
    kind: Mapped[AssessmentKind] = mapped_column(enum_column(AssessmentKind, "kind"))
    predicate_basis: Mapped[PredicateBasis] = mapped_column(enum_column(PredicateBasis, "predicate_basis"))
    is_illustrative: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[created_instant]


class AssessmentRevision(Model):
    """The levels after one import, or after a level was pinned or released; never changed afterwards.

    ``index_value`` is exact, stored for lists and the trend. The file is the one that the levels were read from: a
    pinned or released level keeps that of the revision before. ``file_key`` is where the storage keeps it, ``format``
    what it was (both None for revisions of before), ``printed`` what it printed around its levels.
    """

    __tablename__ = "assessment_revision"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk(index=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    number: Mapped[int]
    cause: Mapped[RevisionCause] = mapped_column(
        enum_column(RevisionCause, "cause"), default=RevisionCause.IMPORT, server_default="import"
    )
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    file_key: Mapped[str | None]
    format: Mapped[Format | None] = mapped_column(enum_column(Format, "format"))
    printed: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    imported_at: Mapped[datetime]
    index_value: Mapped[Decimal] = mapped_column(Numeric(24, 12))


class LevelPin(Model):
    """A level that a person put in the place of the one read, with a reason; it outlives further imports."""

    __tablename__ = "level_pin"
    __table_args__ = (
        Index(
            "uq_level_pin_active",
            "assessment_id",
            "indicator_number",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    indicator_number: Mapped[int]
    level: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    reason: Mapped[str]
    pinned_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    pinned_at: Mapped[datetime]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    released_at: Mapped[datetime | None]


class Score(Model):
    """The level of one indicator in a revision; ``NULL`` is "not assessed".

    Under a pin ``level`` is the pinned one and ``read_level`` what it stands in for; without one ``read_level`` is
    empty. ``corrected_from`` is what the file said where a person corrected it before it was stored.
    """

    __tablename__ = "score"
    __table_args__ = (
        CheckConstraint("pin_id IS NOT NULL OR read_level IS NULL", name="read_level_only_under_a_pin"),
    )

    revision_id: Mapped[int] = mapped_column(
        ForeignKey("assessment_revision.id", ondelete="RESTRICT"), primary_key=True
    )
    indicator_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    government_id: Mapped[int] = government_fk()
    level: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    pin_id: Mapped[int | None] = mapped_column(ForeignKey("level_pin.id", ondelete="RESTRICT"))
    read_level: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    corrected_from: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="", server_default="")


class AssessmentDraft(Model):
    """An import under way: the file as it was read, and what people typed over it. Storing or discarding ends it.

    ``document`` is as ``readers.document_json`` writes it; ``corrections`` is keyed by indicator number (as text).
    """

    __tablename__ = "assessment_draft"

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk(index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    file_key: Mapped[str | None]
    format: Mapped[Format] = mapped_column(enum_column(Format, "format"))
    instrument_id: Mapped[str]
    year: Mapped[int]
    kind: Mapped[AssessmentKind] = mapped_column(enum_column(AssessmentKind, "kind"))
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    corrections: Mapped[dict[str, str]] = mapped_column(JSONB)
    leaves_out_unknown: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
