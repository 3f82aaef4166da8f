"""Working on tasks: ask the transition table, carry out what the action means, write the trail, ask for a rebuild."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Plan, Submission, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.gaps import points
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.workflow import (
    MACHINE,
    Action,
    Actor,
    CancelKind,
    Field,
    LegalAction,
    State,
    TaskFacts,
    as_level,
    legal_actions,
    opens_next_round,
    transition,
)
from spbe_tasks.services import calendars, projections, trail
from spbe_tasks.services.queries import governments, people, plans
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.work import Work

Given = Mapping[str, object]
# A follow-up round never starts with less time than this.
SHORTEST_ROUND = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Doing:
    """One action being carried out: everything its effect needs."""

    work: Work
    scope: Scope
    plan: Plan
    instrument: Instrument
    given: Given
    now: datetime


def act(
    work: Work,
    scope: Scope,
    task_id: int,
    action: Action,
    given: Given,
    *,
    version: int | None,
    now: datetime,
) -> Task:
    """Do ``action`` on a task as the scope's person; returns the changed task.

    ``given`` holds values by ``workflow.Field``; ``version`` is the one the person looked at (None: any).
    Writes the task, its event and a projection request; accepting below the target opens the next round.

    Raises NotFoundError for a task the person may not see, ConflictError ("task.stale_version") when somebody else
    changed it, and the errors of ``workflow.transition``.
    """
    task = queries.get_task(work.session, scope, task_id, for_update=True)
    if version is not None and task.version != version:
        raise ConflictError("task.stale_version")
    plan = plans.get_plan(work.session, scope, task.plan_id)
    doing = Doing(work, scope, plan, get_instrument(plan.instrument_id), given, now)
    facts = facts_of(work.session, task, doing.instrument)
    before = task.state
    after = transition(facts, action, actor_of(scope), given)
    effect = _EFFECTS.get(action)
    if effect:
        effect(doing, task)
    _move(doing, task, after)
    _record(doing, task, action, before)
    projections.request(work, plan.id)
    return task


def available_actions(session: Session, scope: Scope, task: Task) -> tuple[LegalAction, ...]:
    """What this person can do with the task now; the pages' buttons and the command line's help."""
    instrument = get_instrument(plans.get_plan(session, scope, task.plan_id).instrument_id)
    return legal_actions(facts_of(session, task, instrument), actor_of(scope))


def facts_of(session: Session, task: Task, instrument: Instrument) -> TaskFacts:
    """What the transition table needs to know, from a row."""
    return TaskFacts(
        state=task.state,
        agency_id=task.agency_id,
        baseline=task.baseline_level,
        target=task.target_level,
        scale=instrument.scale,
        submitter_ids=queries.submitter_ids(session, task.id)
        if task.state is State.SUBMITTED
        else frozenset(),
        later_round=_state_of(_later_round(session, task)) if task.state is State.ACCEPTED else None,
    )


def actor_of(scope: Scope) -> Actor:
    """The scope's person as the transition table sees them."""
    return Actor(scope.account_id, scope.role, scope.agency_id)


def _move(doing: Doing, task: Task, after: State) -> None:
    if after is task.state:
        return
    task.state = after
    task.state_changed_at = doing.now
    task.state_note = _text(doing.given, Field.REASON)


def _submit(doing: Doing, task: Task) -> None:
    earlier = doing.work.session.scalar(select(func.count()).where(Submission.task_id == task.id))
    doing.work.session.add(
        Submission(
            government_id=task.government_id,
            task_id=task.id,
            number=(earlier or 0) + 1,
            note=_text(doing.given, Field.NOTE) or "",
            submitted_by_id=doing.scope.account_id,
            submitted_at=doing.now,
        )
    )


def _accept(doing: Doing, task: Task) -> None:
    reached = as_level(doing.given[Field.REACHED_LEVEL])
    assert reached is not None  # the table has checked it
    task.reached_level = reached
    if opens_next_round(task.target_level, reached):
        _open_next_round(doing, task, reached)


def _open_next_round(doing: Doing, task: Task, reached: Decimal) -> None:
    """The agency goes on from the level reached. The one open round is the new one, so the old is stored first."""
    _move(doing, task, State.ACCEPTED)
    doing.work.session.flush()
    share = Fraction(task.share_numerator, task.share_denominator)
    weight = doing.instrument.indicator(task.indicator_number).weight
    following = Task(
        government_id=task.government_id,
        plan_id=task.plan_id,
        indicator_number=task.indicator_number,
        agency_id=task.agency_id,
        round=task.round + 1,
        state=State.ASSIGNED,
        title=task.title,
        baseline_level=reached,
        target_level=task.target_level,
        share_numerator=share.numerator,
        share_denominator=share.denominator,
        points=as_decimal(points(share, weight, task.target_level, reached), STORED_DECIMALS),
        due_on=_next_due(doing, task),
        assignee_id=task.assignee_id,
        state_changed_at=doing.now,
        published_at=doing.now,
    )
    doing.work.session.add(following)
    doing.work.session.flush()
    _write(doing, following, "open_round", {"round": following.round, "baseline": str(reached)})


def _next_due(doing: Doing, task: Task) -> date:
    """The old due date while it lies far enough ahead, else a fortnight from now, on a working day."""
    government = governments.get_government(doing.work.session, task.government_id)
    calendar = calendars.load(doing.work.session, government)
    soonest = doing.now.astimezone(ZoneInfo(government.timezone)).date() + SHORTEST_ROUND
    return calendar.next_working_day(max(task.due_on, soonest))


def _reopen(doing: Doing, task: Task) -> None:
    """Void what this round had reached; the untouched next round, which started from it, is withdrawn."""
    following = _later_round(doing.work.session, task)
    if following is not None and following.state is not State.WITHDRAWN:
        following.state = transition(
            facts_of(doing.work.session, following, doing.instrument), Action.WITHDRAW, MACHINE, doing.given
        )
        following.state_changed_at = doing.now
        _write(doing, following, Action.WITHDRAW, {"reason": _text(doing.given, Field.REASON)})
        doing.work.session.flush()
    task.reached_level = task.cancel_kind = None


def _cancel(doing: Doing, task: Task) -> None:
    task.cancel_kind = CancelKind(str(doing.given[Field.CANCEL_KIND]))


def _assign(doing: Doing, task: Task) -> None:
    wanted = doing.given[Field.ASSIGNEE_ID]
    if wanted not in {
        each.id for each in people.list_assignable(doing.work.session, doing.scope, task.agency_id)
    }:
        raise InvalidInputError.of("task.assignee_outside_agency", Field.ASSIGNEE_ID)
    task.assignee_id = int(str(wanted))


def _reschedule(doing: Doing, task: Task) -> None:
    due_on = doing.given[Field.DUE_ON]
    assert isinstance(due_on, date)  # the table has checked it
    if due_on != task.due_on:
        task.due_version += 1
    task.due_on = due_on
    task.is_due_by_hand = True


_EFFECTS: Mapping[Action, Callable[[Doing, Task], None]] = {
    Action.SUBMIT: _submit,
    Action.ACCEPT: _accept,
    Action.REOPEN: _reopen,
    Action.CANCEL: _cancel,
    Action.ASSIGN: _assign,
    Action.RESCHEDULE: _reschedule,
}


def _later_round(session: Session, task: Task) -> Task | None:
    return session.scalar(
        select(Task).where(
            Task.plan_id == task.plan_id,
            Task.indicator_number == task.indicator_number,
            Task.agency_id == task.agency_id,
            Task.round == task.round + 1,
        )
    )


def _state_of(task: Task | None) -> State | None:
    return task.state if task else None


def _text(given: Given, field: Field) -> str | None:
    value = given.get(field)
    return str(value).strip() or None if value is not None else None


def _record(doing: Doing, task: Task, action: Action, before: State) -> None:
    data: dict[str, object] = {"from": before.value, "to": task.state.value}
    data |= {
        str(field): str(doing.given[field]) for field in Field if doing.given.get(field) not in (None, "")
    }
    _write(doing, task, action, data)


def _write(doing: Doing, task: Task, action: str, data: Mapping[str, object]) -> None:
    trail.record(
        doing.work,
        str(action),
        ("task", task.id),
        government_id=task.government_id,
        actor_id=doing.scope.account_id,
        at=doing.now,
        data=data,
    )
