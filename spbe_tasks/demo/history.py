"""Plays the invented history through the real services, day by day, so that the trend and the trail are real too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from spbe_tasks.demo.content import History, Ketapang, Step, TaskKey
from spbe_tasks.demo.moments import Moments
from spbe_tasks.models import Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.evaluation import EvaluationDates
from spbe_tasks.rules.instrument import Place
from spbe_tasks.rules.requirements import ReturnReason, Verdict
from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.rules.workflow import Action, CancelKind, Field
from spbe_tasks.services import (
    criteria,
    evaluations,
    evidence,
    evidence_uses,
    forecasts,
    ownership,
    plans,
    projections,
    tasks,
)
from spbe_tasks.services.evidence import StoredFile
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order
from spbe_tasks.services.ownership import Cell
from spbe_tasks.work import Work

_CELLS = {"own": Cell.CONTRIBUTOR, "disown": Cell.NONE}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the history is played: the government's people by ``Person.id`` and its agencies' ids by slug.

    ``papers`` are the stored documents that the agencies bring, by title.
    """

    work: Work
    content: Ketapang
    history: History
    moments: Moments
    scopes: Mapping[str, Scope]
    agency_ids: Mapping[str, int]
    papers: Mapping[str, StoredFile]


def play(stage: Stage, *, coordinator: str, now: datetime) -> None:
    """Make the plan, publish it, do everything of the history, and leave the figures as they are ``now``."""
    history = stage.history
    plan = _begin(stage, stage.scopes[coordinator])
    _rebuild(stage, plan, history.generated_ago)
    plans.publish(stage.work, stage.scopes[coordinator], plan.id, now=stage.moments.at(history.published_ago))
    _rebuild(stage, plan, history.published_ago)
    for day in history.days:
        for number, step in enumerate(day.steps):
            _do(stage, plan, step, now=stage.moments.at(day.ago, number, len(day.steps)))
        _rebuild(stage, plan, day.ago)
    projections.request(stage.work, plan.id)
    projections.rebuild(stage.work, plan.id, now=now)
    forecasts.make(stage.work, plan.id, now=now)  # the first look is not for a page that is still being made


def _begin(stage: Stage, coordinator: Scope) -> Plan:
    """Generate the plan; then each task gets its due date and the person in charge."""
    ago, moments = stage.history.generated_ago, stage.moments
    dates = {name: moments.date_in(days) for name, days in stage.history.evaluation.items()}
    year = stage.content.year
    evaluations.set_dates(stage.work, coordinator, year, EvaluationDates(**dates), now=moments.at(ago))
    made = _generate(stage, coordinator, first=True, now=moments.at(ago))
    assert made.plan is not None  # generate made it
    for number, (key, beginning) in enumerate(stage.history.tasks.items()):
        at = moments.at(ago, number, len(stage.history.tasks))
        given: dict[Action, dict[str, object]] = {
            Action.RESCHEDULE: {Field.DUE_ON: moments.date_in(beginning.due)}
        }
        if beginning.assignee:
            given[Action.ASSIGN] = {Field.ASSIGNEE_ID: stage.scopes[beginning.assignee].account_id}
        for action, values in given.items():
            task_id = _task_id(stage, made.plan, key)
            tasks.act(stage.work, coordinator, task_id, action, values, version=None, now=at)
    return made.plan


def _do(stage: Stage, plan: Plan, step: Step, *, now: datetime) -> None:
    scope = stage.scopes[step.by]
    if step.do == "generate":
        _generate(stage, scope, first=False, now=now)
    elif step.do in _CELLS:
        ownership.set_cell(
            stage.work,
            scope,
            instrument_id=plan.instrument_id,
            indicator_number=step.given["indicator"],
            agency_id=stage.agency_ids[step.given["agency"]],
            cell=_CELLS[step.do],
            now=now,
        )
    else:
        assert step.task is not None  # every other step is about one
        _act(stage, scope, step, _task_id(stage, plan, step.task), now=now)


def _act(stage: Stage, scope: Scope, step: Step, task_id: int, *, now: datetime) -> None:
    if step.do == Action.CLAIM:
        claims = _claims(step.given, "claims", is_met=True) | _claims(step.given, "unmet", is_met=False)
        texts = {level: Words(**words) for level, words in step.given.get("texts", {}).items()}
        criteria.claim(stage.work, scope, task_id, claims, texts=texts, now=now)
    elif step.do == "attach":
        _attach(stage, scope, step, task_id, now=now)
    else:
        given: dict[str, object] = {
            field: read(stage, step.given[name])
            for name, (field, read) in _FIELDS.items()
            if name in step.given
        }
        tasks.act(stage.work, scope, task_id, Action(step.do), given, version=None, now=now)


def _attach(stage: Stage, scope: Scope, step: Step, task_id: int, *, now: datetime) -> None:
    assert scope.agency_id is not None  # people of agencies bring evidence
    stored = stage.papers[step.given["title"]]
    added = evidence.add_file(stage.work, scope, agency_id=scope.agency_id, stored=stored, now=now)
    places = [_place(each) for each in step.given["shows"]]
    evidence_uses.attach(stage.work, scope, task_id, places, added.item.id, now=now)


def _claims(given: Mapping[str, Any], name: str, *, is_met: bool) -> dict[tuple[int, str], tuple[bool, str]]:
    return {_place(place): (is_met, text) for place, text in given.get(name, {}).items()}


def _place(text: str) -> Place:
    """``3a`` is criterion a of level 3."""
    return int(text[:-1]), text[-1]


def _verdicts(raw: Mapping[str, Mapping[str, str]]) -> Mapping[Place, Verdict]:
    return {
        _place(place): Verdict(ReturnReason(each["reason"]), each.get("note", ""))
        for place, each in raw.items()
    }


_FIELDS: Mapping[str, tuple[Field, Callable[[Stage, Any], object]]] = {
    "reason": (Field.REASON, lambda _stage, text: text),
    "note": (Field.NOTE, lambda _stage, text: text),
    "reached_level": (Field.REACHED_LEVEL, lambda _stage, level: Decimal(level)),
    "cancel_kind": (Field.CANCEL_KIND, lambda _stage, kind: CancelKind(kind)),
    "criteria": (Field.CRITERIA, lambda _stage, verdicts: _verdicts(verdicts)),
    "due": (Field.DUE_ON, lambda stage, days: stage.moments.date_in(days)),
}


def _generate(stage: Stage, scope: Scope, *, first: bool, now: datetime) -> Generated:
    content = stage.content
    order = Order(
        instrument_id=content.instrument_id,
        year=content.year,
        threshold=content.threshold,
        target_level=content.target_level,
        target_index=content.target_index,
        due_on=stage.moments.date_in(stage.history.plan_due) if first else None,
    )
    return plans.generate(stage.work, scope, order, now=now)


def _task_id(stage: Stage, plan: Plan, key: TaskKey) -> int:
    """The latest round of a task; raises ``NoResultFound`` for one the plan does not have."""
    number, slug = key
    return stage.work.session.scalars(
        select(Task.id)
        .where(
            Task.plan_id == plan.id,
            Task.indicator_number == number,
            Task.agency_id == stage.agency_ids[slug],
        )
        .order_by(Task.round.desc())
        .limit(1)
    ).one()


def _rebuild(stage: Stage, plan: Plan, ago: int) -> None:
    """Keep that day's figures for the trend."""
    projections.request(stage.work, plan.id)
    projections.rebuild(stage.work, plan.id, now=stage.moments.evening(ago))
