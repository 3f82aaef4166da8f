"""What people write and agree on around a task: texts per level, drafts, verdicts, extensions, milestones, money."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, enum_column, government_fk
from spbe_tasks.rules.requirements import ReturnReason


class LevelText(Model):
    """What the agency writes about one level for the ministry's form: the facts, and what follows from them."""

    __tablename__ = "level_text"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    government_id: Mapped[int] = government_fk()
    facts: Mapped[str] = mapped_column(default="")
    analysis: Mapped[str] = mapped_column(default="")
    written_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    written_at: Mapped[datetime]


class TypedDraft(Model):
    """What a person typed into a form of a task and has not stored yet; taken away when they do."""

    __tablename__ = "typed_draft"
    __table_args__ = (Index("ix_typed_draft_saved", "saved_at"),)

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    government_id: Mapped[int] = government_fk()
    # The version of the task they looked at.
    version: Mapped[int]
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saved_at: Mapped[datetime]


class CriterionVerdict(Model):
    """Why the reviewer did not take a criterion of one submission. Written once."""

    __tablename__ = "criterion_verdict"

    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submission.id", ondelete="RESTRICT"), primary_key=True
    )
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    letter: Mapped[str] = mapped_column(primary_key=True)
    government_id: Mapped[int] = government_fk()
    reason: Mapped[ReturnReason] = mapped_column(enum_column(ReturnReason, "reason"))
    note: Mapped[str] = mapped_column(default="")


class ExtensionState(StrEnum):
    """How a request for more time stands."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    VOID = "void"  # the task was closed, or its date moved, before it was answered


class Extension(Model):
    """A request for more time (perpanjangan): beside the task, never a state of it."""

    __tablename__ = "extension"
    __table_args__ = (
        Index("uq_extension_one_asked", "task_id", unique=True, postgresql_where="state = 'asked'"),
        Index("ix_extension_task", "task_id", "id"),
        Index("ix_extension_asked", "government_id", "id", postgresql_where="state = 'asked'"),
        CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="answered_at_when_answered"),
        CheckConstraint("(state = 'granted') = (granted_on IS NOT NULL)", name="granted_on_when_granted"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"))
    state: Mapped[ExtensionState] = mapped_column(enum_column(ExtensionState, "state"))
    reason: Mapped[str]
    # The task's due date when it was asked, the date asked for, and the one given.
    previous_on: Mapped[date]
    wanted_on: Mapped[date]
    granted_on: Mapped[date | None]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    asked_as_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    asked_at: Mapped[datetime]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None]


class Milestone(Model):
    """A step the agency promised by a date; moving the date needs a reason (in the trail)."""

    __tablename__ = "milestone"
    __table_args__ = (Index("ix_milestone_task", "task_id", "due_on"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"))
    title: Mapped[str]
    due_on: Mapped[date]
    first_due_on: Mapped[date]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class BudgetLine(Model):
    """Money for a task: the code and name of a program or activity (program/kegiatan), rupiah, fiscal year."""

    __tablename__ = "budget_line"
    __table_args__ = (Index("ix_budget_line_task", "task_id"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"))
    code: Mapped[str]
    name: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(16, 2))
    year: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class TaskLabel(Model):
    """A word the coordinator puts on tasks to find them again."""

    __tablename__ = "task_label"
    __table_args__ = (Index("ix_task_label_label", "government_id", "label"),)

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    government_id: Mapped[int] = government_fk()


class SavedView(Model):
    """A list of tasks as somebody likes it: filters, order and columns as in the address; shared or one's own."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_owner", "government_id", "owner_id"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    owner_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    name: Mapped[str]
    query: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class BulkRun(Model):
    """One action on many tasks: what it changed, row by row, so that it can be told and undone."""

    __tablename__ = "bulk_run"
    __table_args__ = (Index("ix_bulk_run_account", "government_id", "account_id", "id"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    action: Mapped[str]
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
