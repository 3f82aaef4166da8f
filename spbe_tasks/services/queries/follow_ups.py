"""Selects of what became of each recommendation: the latest round of every agency's task on an indicator."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Agency, CriterionClaim, Evidence, EvidenceUse, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.bundle import AnySelect
from spbe_tasks.services.queries.tasks import visible

_LATER, _EARLIER = aliased(Task), aliased(Task)
_SAME_OF_LATER = and_(
    _LATER.plan_id == Task.plan_id,
    _LATER.indicator_number == Task.indicator_number,
    _LATER.agency_id == Task.agency_id,
)
_SAME_OF_EARLIER = and_(
    _EARLIER.plan_id == Task.plan_id,
    _EARLIER.indicator_number == Task.indicator_number,
    _EARLIER.agency_id == Task.agency_id,
)
_HAS_LATER = (
    select(_LATER.id)
    .where(_SAME_OF_LATER, _LATER.round > Task.round, _LATER.state != State.WITHDRAWN)
    .exists()
)
_HAS_ACCEPTED_EARLIER = (
    select(_EARLIER.id)
    .where(_SAME_OF_EARLIER, _EARLIER.round < Task.round, _EARLIER.state == State.ACCEPTED)
    .exists()
)
# As ``requirements.asks_for``: a claim on a criterion the task no longer asks for counts nowhere.
_IS_ASKED = or_(
    and_(CriterionClaim.level > Task.baseline_level, CriterionClaim.level <= Task.target_level),
    and_(
        Task.baseline_level >= Task.target_level,
        CriterionClaim.level <= Task.target_level,
        CriterionClaim.level > Task.target_level - 1,
    ),
)
MET = (
    select(func.count())
    .where(CriterionClaim.task_id == Task.id, CriterionClaim.is_met, _IS_ASKED)
    .correlate(Task)
    .scalar_subquery()
)
EVIDENCE = (
    select(func.count(EvidenceUse.evidence_id.distinct()))
    .join(Evidence, Evidence.id == EvidenceUse.evidence_id)
    .where(EvidenceUse.task_id == Task.id, Evidence.removed_at.is_(None))
    .correlate(Task)
    .scalar_subquery()
)
# Built once: every list is a few conditions more.
_ROWS: AnySelect = (
    select(
        Task.id,
        Task.indicator_number,
        Task.title,
        Task.agency_id,
        Agency.short_name.label("agency_name"),
        Task.state,
        Task.round,
        Task.baseline_level,
        Task.target_level,
        Task.reached_level,
        Task.cancel_kind,
        Task.state_note,
        Task.due_on,
        MET.label("met"),
        EVIDENCE.label("evidence"),
        _HAS_ACCEPTED_EARLIER.label("has_accepted_earlier"),
    )
    .join(Agency, Agency.id == Task.agency_id)
    .where(Task.state != State.WITHDRAWN, ~_HAS_LATER)
    .order_by(Task.indicator_number, Agency.short_name, Task.id)
)


def list_latest(session: Session, scope: Scope, plan_id: int) -> Sequence[Row[Any]]:
    """Every recommendation of a plan as far as the scope sees it, by indicator and agency, in one statement.

    ``met`` counts the criteria claimed as met, ``evidence`` the pieces of evidence that show any.
    """
    return session.execute(_ROWS.where(visible(scope), Task.plan_id == plan_id)).all()
