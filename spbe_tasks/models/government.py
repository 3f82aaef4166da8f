"""Government, its evaluation dates and its local holidays."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from spbe_tasks.models.base import Model, big_id, created_instant, enum_column, government_fk
from spbe_tasks.rules.calendar import HolidayKind


class GovernmentKind(StrEnum):
    """Kind of government body, as the national reports group them."""

    REGENCY = "kabupaten"
    CITY = "kota"
    PROVINCE = "provinsi"
    MINISTRY = "kementerian"
    INSTITUTION = "lembaga"


class Government(Model):
    """A government body (instansi pemerintah): the wall no row crosses.

    ``national_name`` is its name in the published national results, where its own does not tell.
    """

    __tablename__ = "government"
    __table_args__ = (CheckConstraint("monthly_brief_day BETWEEN 1 AND 28", name="day_of_every_month"),)

    id: Mapped[big_id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[GovernmentKind] = mapped_column(enum_column(GovernmentKind, "kind"))
    national_name: Mapped[str | None]
    timezone: Mapped[str]
    logo_key: Mapped[str | None]
    sender_name: Mapped[str]
    reply_to: Mapped[str | None]
    send_opens_at: Mapped[time]
    send_closes_at: Mapped[time]
    is_mail_paused: Mapped[bool] = mapped_column(default=False)
    is_illustrative: Mapped[bool] = mapped_column(default=False)
    # Whether anybody may read its index, target and progress; off until the coordinator turns it on.
    is_public: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # The day of the month (1 to 28) from which leaders are mailed the monthly brief; None: never.
    monthly_brief_day: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[created_instant]
    version: Mapped[int] = mapped_column(default=1)
    if TYPE_CHECKING:  # mapped below, where the other table is known
        # Since when it is to be deleted; None: nobody asked for that.
        deletion_asked_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}


class EvaluationCalendar(Model):
    """Dates of the evaluation that judges the work done after the assessment of ``year``."""

    __tablename__ = "evaluation_calendar"
    __table_args__ = (UniqueConstraint("government_id", "year"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    year: Mapped[int]
    self_assessment_opens_on: Mapped[date | None]
    self_assessment_closes_on: Mapped[date | None]
    interviews_on: Mapped[date | None]
    result_on: Mapped[date | None]


class IndexTarget(Model):
    """The index that the assessment of ``year`` is to show; ``source`` says where that is written (RPJMD)."""

    __tablename__ = "index_target"
    __table_args__ = (UniqueConstraint("government_id", "year"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    year: Mapped[int]
    value: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    source: Mapped[str]


class LocalHoliday(Model):
    """A day the government adds to, or takes from, the national calendar."""

    __tablename__ = "local_holiday"
    __table_args__ = (UniqueConstraint("government_id", "on"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    on: Mapped[date]
    name: Mapped[str]
    kind: Mapped[HolidayKind] = mapped_column(enum_column(HolidayKind, "kind"))
    decree: Mapped[str | None]
    created_at: Mapped[created_instant]


class GovernmentDeletion(Model):
    """A government that is to be deleted, or was: asked for by one administrator, confirmed by another.

    The row outlives the government, so it refers to it by number only and keeps its name. ``deleted`` counts the rows
    that went, by table; it and ``deleted_at`` are written by the database's own function and by nothing else.
    """

    __tablename__ = "government_deletion"
    __table_args__ = (
        Index(
            "uq_government_deletion_standing",
            "government_id",
            unique=True,
            postgresql_where="withdrawn_at IS NULL AND deleted_at IS NULL",
        ),
        CheckConstraint("confirmed_by_id <> asked_by_id", name="four_eyes"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_by_somebody"),
        CheckConstraint("deleted_at IS NULL OR confirmed_at IS NOT NULL", name="confirmed_before_deleted"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = mapped_column(BigInteger)
    government_slug: Mapped[str]
    government_name: Mapped[str]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    # The SHA-256 of the archive that was made before.
    archive_sha256: Mapped[str | None]
    deleted_at: Mapped[datetime | None]
    deleted: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


# Read along with every government, so that each of its pages can say what is about to happen to it.
Government.deletion_asked_at = column_property(
    select(GovernmentDeletion.asked_at)
    .where(
        GovernmentDeletion.government_id == Government.id,
        GovernmentDeletion.withdrawn_at.is_(None),
        GovernmentDeletion.deleted_at.is_(None),
    )
    .correlate_except(GovernmentDeletion)
    .scalar_subquery()
)


class Heartbeat(Model):
    """When a background process was last heard; one row per process kind."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
