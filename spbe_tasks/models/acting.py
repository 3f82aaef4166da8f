"""Acting officers (Plt/Plh): who stands in for whom, from when to when."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, enum_column, government_fk


class ActingKind(StrEnum):
    """How somebody stands in: for a vacant position (Plt) or for an absent holder (Plh)."""

    PLT = "plt"
    PLH = "plh"


class ActingOfficer(Model):
    """``acting_id`` does the work of ``absent_id`` on the days from ``from_on`` to ``until_on`` (none: until ended)."""

    __tablename__ = "acting_officer"
    __table_args__ = (
        CheckConstraint("absent_id <> acting_id", name="somebody_else"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_after_from"),
        Index("ix_acting_officer_acting", "acting_id", postgresql_where="ended_at IS NULL"),
        Index("ix_acting_officer_absent", "absent_id", postgresql_where="ended_at IS NULL"),
        Index("ix_acting_officer_government", "government_id", "id"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    absent_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    acting_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    kind: Mapped[ActingKind] = mapped_column(enum_column(ActingKind, "acting_kind"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    # The letter that says so.
    decree: Mapped[str] = mapped_column(default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
