"""The checklist of a task: the criteria of each level still to climb, and what the agency says about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from spbe_tasks.models import CriterionClaim, Task
from spbe_tasks.rules import requirements
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.instrument import Criterion, Indicator, Instrument, LevelStep, Place
from spbe_tasks.rules.requirements import asks_for, not_asked
from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import instruments, level_texts, task_turns, trail, typed_drafts
from spbe_tasks.services.level_texts import Texts
from spbe_tasks.services.queries import checklists
from spbe_tasks.services.queries import evidence as evidence_queries
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.services.queries.evidence import EvidenceItem
from spbe_tasks.services.typed_drafts import DraftForm
from spbe_tasks.work import Work

Claims = Mapping[Place, tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One criterion with what the agency said; never claimed is not met, without explanation.

    ``is_proposed``: it was ticked in an earlier task, and the agency has said nothing about it in this one.
    """

    level: int
    criterion: Criterion
    is_met: bool
    explanation: str
    is_proposed: bool = False
    evidence: tuple[EvidenceItem, ...] = ()

    @property
    def shows_nothing(self) -> bool:
        """Whether it is ticked although neither evidence nor words say what shows it: so it cannot be handed in."""
        return self.is_met and not self.evidence and not self.explanation.strip()


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    """The criteria of one whole level, and what the agency writes about it."""

    step: LevelStep
    items: tuple[ChecklistItem, ...]
    words: Words = field(default_factory=Words)

    @property
    def met(self) -> int:
        """How many of its criteria are claimed as met."""
        return sum(item.is_met for item in self.items)

    @property
    def is_incomplete(self) -> bool:
        """Whether a criterion is still open."""
        return self.met < len(self.items)


@dataclass(frozen=True, slots=True)
class Progress:
    """The lowest level still to climb whose criteria are not all claimed: ``missing`` of ``asked`` are open.

    ``level`` is None when every criterion is claimed as met (or the instrument has none).
    """

    level: int | None
    missing: int = 0
    asked: int = 0


def progress(indicator: Indicator, climb: tuple[Decimal, Decimal], met: Mapping[int, int]) -> Progress:
    """How far a task is from its target, by the number of criteria met at each level.

    ``climb`` is (baseline, target); where both are one, that level is to be kept.
    """
    for step in _between(indicator, climb):
        missing = len(step.criteria) - met.get(step.level, 0)
        if missing > 0:
            return Progress(step.level, missing, len(step.criteria))
    return Progress(None)


def steps_of(task: Task, instrument: Instrument, rows: Mapping[str, JsonRows]) -> tuple[ChecklistStep, ...]:
    """The levels to climb, lowest first, or the one to keep; ``rows`` are those of ``checklists.rows_of``."""
    claims = {(row["level"], row["letter"]): row for row in rows["claims"]}
    evidence = evidence_queries.by_place(rows["evidence"])
    texts = level_texts.by_level(rows["texts"])
    return tuple(
        ChecklistStep(
            step,
            tuple(
                _item(step.level, each, claims.get(place), evidence.get(place, ()))
                for each in step.criteria
                for place in ((step.level, each.letter),)
            ),
            texts.get(step.level, Words()),
        )
        for step in _asked(task, instrument)
    )


def claim(
    work: Work,
    scope: Scope,
    task_id: int,
    claims: Claims,
    *,
    texts: Texts | None = None,
    now: datetime,
    version: int | None = None,
) -> int:
    """Store what the agency says, (level, letter) -> (met, explanation), and what it writes about levels.

    Returns how many claims and texts changed. Criteria and levels not named stay as they are. The task's version rises
    with a change: the list is part of what others see. The person's draft of it is taken away.

    Raises as ``task_turns.take``, and InvalidInputError for a criterion or a level the task does not ask for, and for a
    text that is too long.
    """
    task = task_turns.take(work, scope, task_id, Action.CLAIM, version=version)
    instrument = instruments.of(work.session, task.plan)
    assert scope.account_id is not None  # only people of the agency claim
    asked = asked_places(task, instrument)
    strangers = not_asked(claims, asked)
    if strangers:
        raise InvalidInputError(strangers)
    _check_levels(texts or {}, task, instrument)
    stored = {(each.level, each.letter): each for each in checklists.list_claims(work.session, task.id)}
    changes = {place: said for place, said in claims.items() if said != _said(stored.get(place))}
    for place, said in changes.items():
        row = stored.setdefault(place, _new_claim(task, place))
        row.is_met, row.explanation = said
        row.proposed_by_task_id = None
        row.claimed_by_id, row.claimed_at = scope.account_id, now
        work.session.add(row)
    written = level_texts.write(work, scope, task, texts, now=now) if texts else 0
    typed_drafts.forget(work, scope, task, DraftForm.CHECKLIST)
    if changes or written:
        flag_modified(task, "state_changed_at")  # writes the same value, so that the version rises
        met = sum(row.is_met for place, row in stored.items() if place in asked)
        data = {"changed": len(changes), "met": met, "asked": len(asked)}
        data |= {"texts": written} if written else {}
        trail.record_by(work, scope, Action.CLAIM, ("task", task.id), now=now, data=data)
    return len(changes) + written


def asked_places(task: Task, instrument: Instrument) -> frozenset[Place]:
    """Level and letter of every criterion the task asks for."""
    indicator = instrument.indicator(task.indicator_number)
    return requirements.asked_places(indicator, baseline=task.baseline_level, target=task.target_level)


def _check_levels(texts: Texts, task: Task, instrument: Instrument) -> None:
    levels = {step.level for step in _asked(task, instrument)}
    strangers = [
        Problem("text.not_asked", params={"level": level}) for level in sorted(texts.keys() - levels)
    ]
    if strangers:
        raise InvalidInputError(strangers)


def _said(row: CriterionClaim | None) -> tuple[bool, str]:
    return (row.is_met, row.explanation) if row else (False, "")


def _new_claim(task: Task, place: Place) -> CriterionClaim:
    level, letter = place
    return CriterionClaim(task_id=task.id, government_id=task.government_id, level=level, letter=letter)


def _asked(task: Task, instrument: Instrument) -> Sequence[LevelStep]:
    indicator = instrument.indicator(task.indicator_number)
    return _between(indicator, (task.baseline_level, task.target_level))


def _between(indicator: Indicator, climb: tuple[Decimal, Decimal]) -> Sequence[LevelStep]:
    baseline, target = climb
    return [step for step in indicator.levels if asks_for(step.level, baseline=baseline, target=target)]


def _item(
    level: int, criterion: Criterion, claim: Mapping[str, Any] | None, evidence: tuple[EvidenceItem, ...]
) -> ChecklistItem:
    if claim is None:
        return ChecklistItem(level, criterion, is_met=False, explanation="", evidence=evidence)
    return ChecklistItem(
        level, criterion, claim["is_met"], claim["explanation"], claim["is_proposed"], evidence
    )
