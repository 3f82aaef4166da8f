"""The reminder ledger (intents) and the outbox (messages)."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, created_instant, enum_column, government_fk
from spbe_tasks.rules.delivery import HandOver
from spbe_tasks.rules.reminders import IntentState


class MessageKind(StrEnum):
    """What a mail is for; decides its template."""

    DIGEST = "digest"
    NEWS = "news"  # returned, mentioned, an extension answered: at once
    BRIEF = "brief"  # the week of an agency or of the government, to a superior
    MONTHLY = "monthly"  # where the index stands, to leaders
    ALERT = "alert"  # a government's mail is held: too many messages in a day
    TEST = "test"
    INVITE = "invite"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of mail, not a secret


class MessageState(StrEnum):
    """Where a mail stands on its way to the mail server."""

    PENDING = "pending"
    HANDING_OVER = "handing_over"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Message(Model):
    """A mail in the outbox. At most one digest per person and local date; handed to SMTP at most once."""

    __tablename__ = "message"
    __table_args__ = (
        Index(
            "uq_message_one_digest",
            "government_id",
            "account_id",
            "local_date",
            unique=True,
            postgresql_where="kind = 'digest'",
        ),
        Index(
            "uq_message_one_brief",
            "government_id",
            "account_id",
            "local_date",
            unique=True,
            postgresql_where="kind = 'brief'",
        ),
        # One a month, whichever day of it: not even two planners make a second.
        Index(
            "uq_message_one_monthly",
            "government_id",
            "account_id",
            text("date_part('year', local_date::timestamp)"),
            text("date_part('month', local_date::timestamp)"),
            unique=True,
            postgresql_where="kind = 'monthly'",
        ),
        # One that was put off may wait beside the next: whichever leaves first tells everything.
        Index(
            "uq_message_one_pending_news",
            "account_id",
            unique=True,
            postgresql_where="kind = 'news' AND state = 'pending' AND attempts = 0",
        ),
        Index("ix_message_handed_over", "government_id", "handed_over_at"),
        Index("ix_message_due", "next_attempt_at", postgresql_where="state = 'pending'"),
        Index("ix_message_handing_over", "handed_over_at", postgresql_where="state = 'handing_over'"),
        Index("ix_message_list", "government_id", "id"),
        Index(
            "ix_message_not_in_trail", "id", postgresql_where="finished_at IS NOT NULL AND NOT is_in_trail"
        ),
    )

    id: Mapped[big_id]
    government_id: Mapped[int | None] = mapped_column(ForeignKey("government.id", ondelete="RESTRICT"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[MessageKind] = mapped_column(enum_column(MessageKind, "kind"))
    local_date: Mapped[date]
    state: Mapped[MessageState] = mapped_column(enum_column(MessageState, "state"))
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    to_address: Mapped[str | None]
    subject: Mapped[str | None]
    body_text: Mapped[str | None]
    body_html: Mapped[str | None]
    server_answer: Mapped[str | None]
    # Whether its end stands in the trail, which seals it.
    is_in_trail: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[created_instant]


class DeliveryAttempt(Model):
    """One try to hand a mail to the mail server: what came of it, in the server's own words. Written once."""

    __tablename__ = "delivery_attempt"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="RESTRICT"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    government_id: Mapped[int | None] = mapped_column(ForeignKey("government.id", ondelete="RESTRICT"))
    outcome: Mapped[HandOver] = mapped_column(enum_column(HandOver, "outcome"))
    answer: Mapped[str]
    at: Mapped[datetime]


class MailHold(Model):
    """A local day on which a government reached its most messages: nothing more leaves until somebody releases it."""

    __tablename__ = "mail_hold"

    government_id: Mapped[int] = mapped_column(
        ForeignKey("government.id", ondelete="RESTRICT"), primary_key=True
    )
    on: Mapped[date] = mapped_column(primary_key=True)
    cap: Mapped[int]
    held_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))


class MailStop(Model):
    """The mail of the whole installation stopped by an administrator, until one lets it go on. Kept as a record."""

    __tablename__ = "mail_stop"
    __table_args__ = (
        Index("uq_mail_stop_standing", text("(true)"), unique=True, postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[big_id]
    reason: Mapped[str]
    stopped_at: Mapped[datetime]
    stopped_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))


class ReminderIntent(Model):
    """One reminder to one person about one rung of one thing; the unique key is the promise.

    The thing is a task or an evidence. ``episode`` tells one climb of a ladder from the next, where the due date's
    version does not: the submission that waits for review, the day an escalation began to count; else 0.
    """

    __tablename__ = "reminder_intent"
    __table_args__ = (
        CheckConstraint("(task_id IS NULL) <> (evidence_id IS NULL)", name="task_or_evidence"),
        Index(
            "uq_reminder_intent_task",
            "task_id",
            "due_version",
            "rung",
            "account_id",
            "episode",
            unique=True,
            postgresql_where="task_id IS NOT NULL",
        ),
        Index(
            "uq_reminder_intent_evidence",
            "evidence_id",
            "rung",
            "account_id",
            "episode",
            unique=True,
            postgresql_where="evidence_id IS NOT NULL",
        ),
        Index("ix_reminder_intent_open", "government_id", "account_id", postgresql_where="state = 'open'"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"))
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"))
    due_version: Mapped[int]
    episode: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    rung: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    state: Mapped[IntentState] = mapped_column(enum_column(IntentState, "state"))
    reason: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="RESTRICT"), index=True)
    planned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
