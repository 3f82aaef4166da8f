"""Assessments, their immutable revisions, and the levels in them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, created_instant, enum_column, government_fk
from spbe_tasks.rules.instrument import PredicateBasis


class AssessmentKind(StrEnum):
    """Which of the yearly judgements a set of levels is."""

    SELF = "self"
    DOCUMENT = "document"
    INTERVIEW = "interview"
    OFFICIAL = "official"


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
    """One import; never changed afterwards. ``index_value`` is exact, stored for lists and the trend."""

    __tablename__ = "assessment_revision"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk(index=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    number: Mapped[int]
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    imported_at: Mapped[datetime]
    index_value: Mapped[Decimal] = mapped_column(Numeric(24, 12))


class Score(Model):
    """The level of one indicator in a revision; ``NULL`` is "not assessed"."""

    __tablename__ = "score"

    revision_id: Mapped[int] = mapped_column(
        ForeignKey("assessment_revision.id", ondelete="RESTRICT"), primary_key=True
    )
    indicator_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    government_id: Mapped[int] = government_fk()
    level: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
