"""Remediation tasks, the criteria claimed on them, submissions, and the one append-only event trail."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from spbe_tasks.models.base import Model, big_id, created_instant, enum_column, government_fk
from spbe_tasks.models.plan import Plan
from spbe_tasks.rules.carry_over import Lineage
from spbe_tasks.rules.reconciliation import ConflictReason
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import CancelKind, Obstacle, State

_OPEN = "state NOT IN ('accepted', 'cancelled', 'withdrawn')"


class Task(Model):
    """A remediation task (tugas tindak lanjut): one agency raises one indicator, in one round."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("plan_id", "indicator_number", "agency_id", "round"),
        Index(
            "uq_task_one_open_round",
            "plan_id",
            "indicator_number",
            "agency_id",
            unique=True,
            postgresql_where=_OPEN,
        ),
        Index("ix_task_list", "government_id", "plan_id", "due_on", "id"),
        Index("ix_task_agency_list", "government_id", "agency_id", "due_on", "id"),
        Index("ix_task_open_due", "government_id", "due_on", postgresql_where=_OPEN),
        Index("ix_task_assignee", "assignee_id", postgresql_where="assignee_id IS NOT NULL"),
        Index("ix_task_merged_into", "merged_into_id", postgresql_where="merged_into_id IS NOT NULL"),
        CheckConstraint("(state = 'accepted') = (reached_level IS NOT NULL)", name="reached_when_accepted"),
        CheckConstraint("(state = 'cancelled') = (cancel_kind IS NOT NULL)", name="kind_when_cancelled"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="RESTRICT"))
    # The version of the policy that asked for it: the plan's while planned, what stood then once published.
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id", ondelete="RESTRICT"))
    indicator_number: Mapped[int] = mapped_column(SmallInteger)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"))
    round: Mapped[int] = mapped_column(SmallInteger, default=1)
    state: Mapped[State] = mapped_column(enum_column(State, "state"))
    # Fixed when the row is made: another kind of task for the same agency and indicator is another row.
    kind: Mapped[TaskKind] = mapped_column(
        enum_column(TaskKind, "task_kind"), default=TaskKind.GAP, server_default=TaskKind.GAP.value
    )
    title: Mapped[str]
    # What the coordinator wrote when making it by hand.
    note: Mapped[str | None]
    baseline_level: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    target_level: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    share_numerator: Mapped[int]
    share_denominator: Mapped[int]
    points: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    due_on: Mapped[date]
    due_version: Mapped[int] = mapped_column(default=1)
    is_due_by_hand: Mapped[bool] = mapped_column(default=False)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    reached_level: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    cancel_kind: Mapped[CancelKind | None] = mapped_column(enum_column(CancelKind, "cancel_kind"))
    state_note: Mapped[str | None]
    # Of a blocked task: what kind of thing is in the way, where that was said.
    obstacle: Mapped[Obstacle | None] = mapped_column(enum_column(Obstacle, "obstacle"))
    # Of a withdrawn task whose agency was merged with another: the task of the other, which goes on.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"))
    state_changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    created_at: Mapped[created_instant]
    # What a search looks in, by the stems of Indonesian words. Without an index: a search stays inside one plan, whose
    # few thousand rows its own index gives, while a word is in tens of thousands of rows of all governments.
    search_words: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed("to_tsvector('indonesian', title || ' ' || coalesce(note, ''))", persisted=True),
        deferred=True,
    )
    version: Mapped[int] = mapped_column(default=1)

    plan: Mapped[Plan] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}


class TaskAncestor(Model):
    """A task of an earlier plan that this one takes further: its ancestor. Written once."""

    __tablename__ = "task_ancestor"
    __table_args__ = (Index("ix_task_ancestor_ancestor", "ancestor_id"),)

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"), primary_key=True)
    ancestor_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"), primary_key=True)
    government_id: Mapped[int] = government_fk()
    lineage: Mapped[Lineage] = mapped_column(enum_column(Lineage, "lineage"))


class KeptConflict(Model):
    """A person's decision to leave a published task as it is although something else is wanted. Written once.

    ``wanted`` names what was wanted then: once something else is wanted, the conflict is open again.
    """

    __tablename__ = "kept_conflict"
    __table_args__ = (UniqueConstraint("task_id", "reason", "wanted"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"))
    reason: Mapped[ConflictReason] = mapped_column(enum_column(ConflictReason, "reason"))
    wanted: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime]


class CriterionClaim(Model):
    """What the agency says about one lettered criterion of a level: met or not, and by which evidence."""

    __tablename__ = "criterion_claim"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    letter: Mapped[str] = mapped_column(primary_key=True)
    government_id: Mapped[int] = government_fk()
    is_met: Mapped[bool]
    explanation: Mapped[str] = mapped_column(default="")
    # Copied from this earlier task as a proposal; none once the agency has said something itself.
    proposed_by_task_id: Mapped[int | None] = mapped_column(
        ForeignKey("task.id", ondelete="RESTRICT"), index=True
    )
    claimed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    claimed_at: Mapped[datetime]


class Submission(Model):
    """A task handed in for review (pengajuan). Whoever stands here may not accept the task."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("task_id", "number"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"))
    number: Mapped[int]
    note: Mapped[str]
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    # The absent person an acting officer handed it in for: neither of the two may accept it.
    submitted_as_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="RESTRICT"), index=True
    )
    submitted_at: Mapped[datetime]
    # The checklist as it was handed in: claims, evidence with its versions, texts. See services/submissions.py.
    contents: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))


class Event(Model):
    """One line of the trail: who did what to which thing, when. Written once; a job adds the seal."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "government_id", "subject_type", "subject_id", "id"),
        Index("ix_event_unsealed", "government_id", "id", postgresql_where="chain_position IS NULL"),
        UniqueConstraint("government_id", "chain_position"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    action: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    chain_position: Mapped[int | None]
    chain_digest: Mapped[str | None]
