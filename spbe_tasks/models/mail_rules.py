"""How a government's mail is to behave, what each person wants of it, and which addresses are not written to."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, enum_column, government_fk
from spbe_tasks.rules.feedback import FeedbackKind
from spbe_tasks.rules.preferences import Cadence


class ReminderPolicyVersion(Model):
    """One version of a government's rules for reminders and mail; the highest number counts. Written once."""

    __tablename__ = "reminder_policy"
    __table_args__ = (UniqueConstraint("government_id", "number"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    number: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime]


class MailPreference(Model):
    """What a person wants mailed; no row: the digest every day it has something, and news at once."""

    __tablename__ = "mail_preference"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    government_id: Mapped[int | None] = mapped_column(ForeignKey("government.id", ondelete="RESTRICT"))
    cadence: Mapped[Cadence] = mapped_column(enum_column(Cadence, "cadence"))
    # ``NewsWish`` by ``NewsKind``, only what the person chose.
    news: Mapped[dict[str, Any]] = mapped_column(JSONB)
    wants_monthly: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    changed_at: Mapped[datetime]


class SuppressionReason(StrEnum):
    """Why an address is not written to any more."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    BY_HAND = "by_hand"


class Suppression(Model):
    """An address that mail is not sent to, until somebody releases it."""

    __tablename__ = "suppression"
    __table_args__ = (
        Index("uq_suppression_standing", "address", unique=True, postgresql_where="released_at IS NULL"),
        CheckConstraint("address = lower(address)", name="address_in_lower_case"),
    )

    id: Mapped[big_id]
    # Of the person it belonged to; an address belongs to one account of the installation.
    government_id: Mapped[int | None] = mapped_column(ForeignKey("government.id", ondelete="RESTRICT"))
    address: Mapped[str]
    reason: Mapped[SuppressionReason] = mapped_column(enum_column(SuppressionReason, "suppression_reason"))
    detail: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))


class MailFeedback(Model):
    """A message about a mail of ours: from a mailbox or a webhook. ``source_key`` takes each in once. Written once."""

    __tablename__ = "mail_feedback"
    __table_args__ = (
        UniqueConstraint("source_key"),
        Index("ix_mail_feedback_message", "message_id", postgresql_where="message_id IS NOT NULL"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int | None] = mapped_column(ForeignKey("government.id", ondelete="RESTRICT"))
    source_key: Mapped[str]
    kind: Mapped[FeedbackKind] = mapped_column(enum_column(FeedbackKind, "feedback_kind"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="RESTRICT"))
    address: Mapped[str | None]
    status: Mapped[str | None]
    detail: Mapped[str]
    received_at: Mapped[datetime]
