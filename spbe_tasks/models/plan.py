"""The versions of a policy, the plan of a year, and the stored projection of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, created_instant, government_fk


class PolicyVersion(Model):
    """One version of a government's policy for an instrument, made for the plan of ``year``. Written once.

    ``settings`` are in the form of ``rules/policy_settings``.
    """

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("government_id", "instrument_id", "number"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    instrument_id: Mapped[str]
    number: Mapped[int]
    year: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime]


class Plan(Model):
    """The remediation plan (rencana aksi) that follows the assessment of ``year``."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("government_id", "instrument_id", "year"),
        CheckConstraint("(closed_at IS NULL) = (closing_reason IS NULL)", name="reason_when_closed"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    instrument_id: Mapped[str]
    year: Mapped[int]
    baseline_revision_id: Mapped[int] = mapped_column(
        ForeignKey("assessment_revision.id", ondelete="RESTRICT")
    )
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id", ondelete="RESTRICT"))
    # The day from which working days count for tasks that are not published yet.
    counted_from_on: Mapped[date]
    target_index: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    published_at: Mapped[datetime | None]
    # While it is closed nothing of it changes: no task, no figure, no reminder.
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    closing_reason: Mapped[str | None]
    created_at: Mapped[created_instant]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @hybrid_property
    def is_closed(self) -> bool:
        """Whether its year is closed; the one definition, on a row and in a select."""
        return self.closed_at is not None

    @is_closed.inplace.expression
    @classmethod
    def _is_closed(cls) -> ColumnElement[bool]:
        return cls.closed_at.is_not(None)


class Projection(Model):
    """The projected index of a plan as last rebuilt. Exact values; ``details`` holds fractions as text."""

    __tablename__ = "projection"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    government_id: Mapped[int] = government_fk(index=True)
    generation: Mapped[int]
    rebuilt_at: Mapped[datetime]
    as_of_on: Mapped[date]
    baseline: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    secured: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    expected: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    potential: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # While changes pour in: by the database's own clock, when the next run may answer those that came since.
    rests_until: Mapped[datetime | None]


class ProjectionSnapshot(Model):
    """The four figures as they stood at the end of a day, for the trend and, with ``levels``, for the calibration.

    ``levels`` are those of the secured and the expected figure by indicator number, as ``details`` holds them; days
    from before they were kept have none.
    """

    __tablename__ = "projection_snapshot"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    government_id: Mapped[int] = government_fk()
    baseline: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    secured: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    expected: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    potential: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    levels: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class ProjectionProof(Model):
    """What the last sweep found when it computed a stored projection anew; ``difference`` is None where both agree."""

    __tablename__ = "projection_proof"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    government_id: Mapped[int] = government_fk(index=True)
    generation: Mapped[int]
    proved_at: Mapped[datetime]
    difference: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class PlanForecast(Model):
    """By when the plan's target is to be expected, computed from the projection of ``generation``."""

    __tablename__ = "plan_forecast"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    government_id: Mapped[int] = government_fk(index=True)
    generation: Mapped[int]
    as_of_on: Mapped[date]
    made_at: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class ProjectionRequest(Model):
    """ "Facts of this plan changed": written with the change, taken away by the rebuild that has seen it."""

    __tablename__ = "projection_request"

    id: Mapped[big_id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    requested_at: Mapped[created_instant]
