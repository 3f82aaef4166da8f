"""Selects about indicators: what their pages show of assessments, owners, tasks and claims, each in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import (
    Agency,
    Assessment,
    AssessmentRevision,
    CriterionClaim,
    LevelPin,
    Ownership,
    Score,
    Task,
)
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries import bundle, governments
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.tasks import visible

# Built once: every page is a few conditions more.
_OTHER = aliased(AssessmentRevision)
_NEWEST = select(func.max(_OTHER.number)).where(_OTHER.assessment_id == Assessment.id).scalar_subquery()
_LEVELS: AnySelect = (
    select(
        Assessment.id.label("assessment_id"),
        Assessment.year,
        Assessment.kind,
        Assessment.is_illustrative,
        Score.indicator_number,
        Score.level,
        Score.read_level,
        LevelPin.reason,
    )
    .join(AssessmentRevision, AssessmentRevision.assessment_id == Assessment.id)
    .join(Score, Score.revision_id == AssessmentRevision.id)
    .outerjoin(LevelPin, LevelPin.id == Score.pin_id)
    .where(AssessmentRevision.number == _NEWEST)
)
_TASKS: AnySelect = select(
    Task.id,
    Task.agency_id,
    Agency.short_name,
    Agency.name,
    Task.state,
    Task.due_on,
    Task.round,
    Task.baseline_level,
    Task.target_level,
    Task.reached_level,
).join(Agency, Agency.id == Task.agency_id)


@dataclass(frozen=True, slots=True)
class Subject:
    """Which indicator; ``plan_id`` None where no plan follows the assessment."""

    instrument_id: str
    number: int
    plan_id: int | None


def get_page(session: Session, scope: Scope, subject: Subject) -> Mapping[str, JsonRows]:
    """What stands around one indicator.

    ``levels`` of every year and kind (newest revision, newest year first), ``owners`` (lead first), ``tasks`` this
    person may see, ``others`` of the agencies that share the indicator, ``claims`` about criteria in those tasks,
    ``holidays``. Agency roles get owners and others only where their own agency shares the indicator.
    """
    return bundle.fetch(
        session,
        levels=_LEVELS.where(
            Assessment.government_id == scope.government_id,
            Assessment.instrument_id == subject.instrument_id,
            Score.indicator_number == subject.number,
        ).order_by(Assessment.year.desc(), Assessment.id),
        owners=_owners(scope, subject),
        tasks=_TASKS.where(_visible(scope), _on(subject)).order_by(Agency.short_name, Task.round.desc()),
        others=_others(scope, subject),
        claims=_claims(scope, subject),
        holidays=governments.local_holidays(scope.government_id),
    )


def get_table(session: Session, scope: Scope, instrument_id: str, year: int) -> Mapping[str, JsonRows]:
    """``levels`` of all indicators in a year, every kind, and the ``leads`` of those this person may know."""
    leads = (
        select(Ownership.indicator_number, Agency.short_name)
        .join(Agency, Agency.id == Ownership.agency_id)
        .where(
            Ownership.government_id == scope.government_id,
            Ownership.instrument_id == instrument_id,
            Ownership.is_lead,
            true() if scope.sees_all_agencies else Ownership.agency_id == scope.agency_id,
        )
    )
    levels = _LEVELS.where(
        Assessment.government_id == scope.government_id,
        Assessment.instrument_id == instrument_id,
        Assessment.year == year,
    )
    return bundle.fetch(session, levels=levels, leads=leads)


def find_newest_year(session: Session, scope: Scope, instrument_id: str) -> int | None:
    """The newest year assessed by an instrument; None before the first."""
    return session.scalar(
        select(func.max(Assessment.year)).where(
            Assessment.government_id == scope.government_id, Assessment.instrument_id == instrument_id
        )
    )


def _visible(scope: Scope) -> ColumnElement[bool]:
    """``visible``, and nothing for who reads no tasks at all."""
    return visible(scope) & (true() if scope.may(Capability.VIEW_TASKS) else Task.id.is_(None))


def _on(subject: Subject) -> ColumnElement[bool]:
    return (
        (Task.plan_id == subject.plan_id)
        & (Task.indicator_number == subject.number)
        & (Task.state != State.WITHDRAWN)
    )


def _owners(scope: Scope, subject: Subject) -> AnySelect:
    return (
        select(
            Ownership.agency_id,
            Agency.short_name,
            Agency.name,
            Ownership.is_lead,
            Ownership.share_numerator,
            Ownership.share_denominator,
        )
        .join(Agency, Agency.id == Ownership.agency_id)
        .where(
            Ownership.government_id == scope.government_id,
            Ownership.instrument_id == subject.instrument_id,
            Ownership.indicator_number == subject.number,
            _shares(scope, subject),
        )
        .order_by(Ownership.is_lead.desc(), Agency.short_name)
    )


def _others(scope: Scope, subject: Subject) -> AnySelect:
    """What the task page shows of the neighbours, and nothing else: names, states and due dates."""
    return (
        select(Agency.short_name, Agency.name, Task.state, Task.due_on, Task.round)
        .join(Agency, Agency.id == Task.agency_id)
        .where(
            Task.government_id == scope.government_id,
            _on(subject),
            Task.agency_id != scope.agency_id,
            Task.published_at.is_not(None),
            _shares(scope, subject),
            Task.id.is_(None) if scope.sees_all_agencies else true(),
        )
        .order_by(Agency.short_name, Task.round.desc())
    )


def _claims(scope: Scope, subject: Subject) -> AnySelect:
    return (
        select(
            CriterionClaim.task_id,
            CriterionClaim.level,
            CriterionClaim.letter,
            CriterionClaim.is_met,
            CriterionClaim.explanation,
        )
        .join(Task, Task.id == CriterionClaim.task_id)
        .where(_visible(scope), _on(subject))
    )


def _shares(scope: Scope, subject: Subject) -> ColumnElement[bool]:
    """Whether this person may know who else answers for the indicator: everything, or their own agency does too."""
    if scope.sees_all_agencies:
        return true()
    cell, task = aliased(Ownership), aliased(Task)
    return or_(
        exists().where(
            cell.agency_id == scope.agency_id,
            cell.instrument_id == subject.instrument_id,
            cell.indicator_number == subject.number,
        ),
        exists().where(
            task.agency_id == scope.agency_id,
            task.plan_id == subject.plan_id,
            task.indicator_number == subject.number,
            task.state != State.WITHDRAWN,
            task.published_at.is_not(None),
        ),
    )
