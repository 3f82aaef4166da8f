"""The checklist of a task: the criteria of each level still to climb, and what the agency says about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import CriterionClaim, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.instrument import Criterion, LevelStep
from spbe_tasks.rules.workflow import Action, transition
from spbe_tasks.services import trail
from spbe_tasks.services.queries import plans
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.services.tasks import actor_of, facts_of
from spbe_tasks.work import Work

Claims = Mapping[tuple[int, str], tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One criterion with what the agency said; never claimed is not met, without explanation."""

    criterion: Criterion
    is_met: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    """The criteria of one whole level."""

    step: LevelStep
    items: tuple[ChecklistItem, ...]

    @property
    def met(self) -> int:
        """How many of its criteria are claimed as met."""
        return sum(item.is_met for item in self.items)


def checklist(session: Session, task: Task, instrument_id: str) -> tuple[ChecklistStep, ...]:
    """The levels in (baseline, target], lowest first; ``task`` has been got through a scope."""
    claims = {(claim.level, claim.letter): claim for claim in queries.list_claims(session, task)}
    return tuple(
        ChecklistStep(
            step, tuple(_item(each, claims.get((step.level, each.letter))) for each in step.criteria)
        )
        for step in _asked(task, instrument_id)
    )


def claim(work: Work, scope: Scope, task_id: int, claims: Claims, *, now: datetime) -> Task:
    """Store what the agency says: (level, letter) -> (met, explanation or link). Criteria not named stay as they are.

    Raises NotFoundError for a task out of sight, the errors of ``workflow.transition`` when it is not this person's
    turn, and InvalidInputError for a criterion the task does not ask for.
    """
    task = queries.get_task(work.session, scope, task_id, for_update=True)
    instrument_id = plans.get_plan(work.session, scope, task.plan_id).instrument_id
    transition(
        facts_of(work.session, task, get_instrument(instrument_id)), Action.CLAIM, actor_of(scope), given={}
    )
    asked = {(step.level, each.letter) for step in _asked(task, instrument_id) for each in step.criteria}
    strangers = [
        Problem("criterion.not_asked", params={"level": a, "letter": b}) for a, b in claims.keys() - asked
    ]
    if strangers:
        raise InvalidInputError(strangers)
    for (level, letter), (is_met, explanation) in claims.items():
        work.session.merge(
            CriterionClaim(
                task_id=task.id,
                level=level,
                letter=letter,
                government_id=task.government_id,
                is_met=is_met,
                explanation=explanation.strip(),
                claimed_by_id=scope.account_id,
                claimed_at=now,
            )
        )
    trail.record(
        work,
        Action.CLAIM,
        ("task", task.id),
        government_id=task.government_id,
        actor_id=scope.account_id,
        at=now,
        data={"met": sum(is_met for is_met, _ in claims.values()), "asked": len(asked)},
    )
    return task


def _asked(task: Task, instrument_id: str) -> Sequence[LevelStep]:
    indicator = get_instrument(instrument_id).indicator(task.indicator_number)
    return [step for step in indicator.levels if task.baseline_level < step.level <= task.target_level]


def _item(criterion: Criterion, claim: CriterionClaim | None) -> ChecklistItem:
    if claim is None:
        return ChecklistItem(criterion, is_met=False, explanation="")
    return ChecklistItem(criterion, claim.is_met, claim.explanation)
