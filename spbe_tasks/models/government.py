"""Government, its evaluation dates and its local holidays."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
    created_at: Mapped[created_instant]
    version: Mapped[int] = mapped_column(default=1)

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


class Heartbeat(Model):
    """When a background process was last heard; one row per process kind."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
