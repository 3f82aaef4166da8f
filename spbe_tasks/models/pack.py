"""The self-assessment pack: what the government will claim and upload, indicator by indicator."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, government_fk


class Pack(Model):
    """What is handed in for one instrument and the self-assessment of ``year``; begun from a plan's baseline."""

    __tablename__ = "pack"
    __table_args__ = (UniqueConstraint("government_id", "instrument_id", "year"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    instrument_id: Mapped[str]
    year: Mapped[int] = mapped_column(SmallInteger)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="RESTRICT"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # Everything the pack showed when it was closed, as ``queries.packs.rows`` gives it; none while it is open.
    contents: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class PackEntry(Model):
    """What is claimed for one indicator. No level: what tasks and baseline say."""

    __tablename__ = "pack_entry"

    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id", ondelete="RESTRICT"), primary_key=True)
    indicator_number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    government_id: Mapped[int] = government_fk()
    claimed_level: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    is_ready: Mapped[bool] = mapped_column(default=False)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class PackText(Model):
    """Facts and analysis of one level in the pack, where they are not those of a task."""

    __tablename__ = "pack_text"

    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id", ondelete="RESTRICT"), primary_key=True)
    indicator_number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    government_id: Mapped[int] = government_fk()
    facts: Mapped[str] = mapped_column(default="")
    analysis: Mapped[str] = mapped_column(default="")
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime]


class PackClaim(Model):
    """Whether a criterion is met according to the pack, where no task says so."""

    __tablename__ = "pack_claim"

    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id", ondelete="RESTRICT"), primary_key=True)
    indicator_number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    letter: Mapped[str] = mapped_column(primary_key=True)
    government_id: Mapped[int] = government_fk()
    is_met: Mapped[bool]
    claimed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    claimed_at: Mapped[datetime]


class PackUse(Model):
    """An evidence that shows a criterion in the pack, besides those of the tasks."""

    __tablename__ = "pack_use"
    __table_args__ = (
        UniqueConstraint("pack_id", "indicator_number", "level", "letter", "evidence_id"),
        Index("ix_pack_use_evidence", "evidence_id"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id", ondelete="RESTRICT"))
    indicator_number: Mapped[int] = mapped_column(SmallInteger)
    level: Mapped[int] = mapped_column(SmallInteger)
    letter: Mapped[str]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    added_at: Mapped[datetime]


class AssessorNote(Model):
    """What the assessors asked to have corrected after the interviews; the task that does it, once it is made."""

    __tablename__ = "assessor_note"
    __table_args__ = (Index("ix_assessor_note_pack", "pack_id", "indicator_number"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id", ondelete="RESTRICT"))
    indicator_number: Mapped[int] = mapped_column(SmallInteger)
    note: Mapped[str]
    due_on: Mapped[date]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime]
