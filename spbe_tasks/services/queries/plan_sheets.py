"""Selects of everything a plan's workbook lists: its tasks, and what is said and shown at each of their criteria."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Agency,
    CriterionClaim,
    Evidence,
    EvidenceUse,
    EvidenceVersion,
    Scan,
    Task,
)
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.evidence import newest
from spbe_tasks.services.queries.follow_ups import EVIDENCE, MET
from spbe_tasks.services.queries.tasks import visible

# Built once: every workbook is a few conditions more.
_TASKS: AnySelect = (
    select(
        Task.id,
        Task.indicator_number,
        Task.title,
        Task.kind,
        Task.agency_id,
        Agency.short_name.label("agency_name"),
        Account.name.label("assignee_name"),
        Task.state,
        Task.round,
        Task.baseline_level,
        Task.target_level,
        Task.reached_level,
        Task.points,
        Task.due_on,
        Task.state_note,
        MET.label("met"),
        EVIDENCE.label("evidence"),
    )
    .join(Agency, Agency.id == Task.agency_id)
    .outerjoin(Account, Account.id == Task.assignee_id)
    .order_by(Task.indicator_number, Agency.short_name, Task.agency_id, Task.round)
)
_CLAIMED: AnySelect = select(CriterionClaim.task_id, CriterionClaim.level, CriterionClaim.letter).join(
    Task, Task.id == CriterionClaim.task_id
)
_PIECES: AnySelect = (
    select(
        EvidenceUse.task_id,
        EvidenceUse.level,
        EvidenceUse.letter,
        Evidence.title,
        Evidence.expires_on,
        (EvidenceVersion.scan == Scan.INFECTED).label("is_infected"),
    )
    .select_from(EvidenceUse)
    .join(Task, Task.id == EvidenceUse.task_id)
    .join(Evidence, Evidence.id == EvidenceUse.evidence_id)
    .join(EvidenceVersion, newest())
    .where(Evidence.removed_at.is_(None))
    .order_by(EvidenceUse.id)
)


def list_tasks(session: Session, scope: Scope, plan_id: int) -> Sequence[Row[Any]]:
    """Every task of a plan the scope sees but withdrawn ones, by indicator, agency and round."""
    return session.execute(_TASKS.where(*_of(scope, plan_id))).all()


def list_met(session: Session, scope: Scope, plan_id: int) -> Sequence[Row[Any]]:
    """(task_id, level, letter) of each criterion claimed as met in those tasks."""
    return session.execute(_CLAIMED.where(*_of(scope, plan_id), CriterionClaim.is_met)).all()


def list_pieces(session: Session, scope: Scope, plan_id: int) -> Sequence[Row[Any]]:
    """What is attached to the criteria of those tasks, in the order it was added: whoever sees a task sees that."""
    return session.execute(_PIECES.where(*_of(scope, plan_id))).all()


def _of(scope: Scope, plan_id: int) -> tuple[Any, ...]:
    return visible(scope), Task.plan_id == plan_id, Task.state != State.WITHDRAWN
