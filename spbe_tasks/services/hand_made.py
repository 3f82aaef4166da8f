"""Tasks that a coordinator makes by hand, on any indicator for any agency; generation leaves them alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from spbe_tasks.models import Plan, Task
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidTransitionError,
    Problem,
)
from spbe_tasks.rules.gaps import title_of
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal, counted
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.ownership import part_of_one
from spbe_tasks.rules.reconciliation import ExistingTask
from spbe_tasks.rules.requirements import due_date_problem
from spbe_tasks.rules.task_kind import TaskKind, at_stake
from spbe_tasks.rules.workflow import State, is_open
from spbe_tasks.services import instruments, projections, standing_tasks, trail
from spbe_tasks.services.queries import governments, people, tasks
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class HandMade:
    """What a coordinator asks for. Without a title the task is called as its indicator; ``note`` says what to do."""

    indicator_number: int
    agency_id: int
    target_level: Decimal
    due_on: date
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a task is made on: ``rows`` are the agency's rounds on the indicator, first to last.

    ``baseline`` is where the agency stands.
    """

    session: Session
    scope: Scope
    plan: Plan
    instrument: Instrument
    rows: Sequence[ExistingTask]
    baseline: Decimal
    now: datetime


def make(work: Work, scope: Scope, plan_id: int, said: HandMade, *, now: datetime) -> Task:
    """Make a planned task; publishing hands it over. It starts from the level accepted last, else the assessed one.

    An agency that answers for the indicator has its own share of the points, another one an equal part beside them.

    Raises NotFoundError for a foreign plan, ConflictError for a closed one, and InvalidInputError with everything that
    is wrong: an unknown indicator or agency, a level off the scale or below where the agency stands, a day that has
    passed or lies outside the plan's years, or a task of this agency on this indicator that is still open.
    """
    plan = queries.get_plan(work.session, scope, plan_id, for_update=True)
    instrument = instruments.of(work.session, plan)
    standing = list(standing_tasks.read(work.session, plan.id, for_update=True).values())
    rows = sorted((each for each in standing if _is_about(each, said)), key=lambda each: each.round)
    baseline = _baseline(work.session, plan, rows, said)
    ground = _Ground(work.session, scope, plan, instrument, rows, baseline, now)
    problems = (*_place_problems(ground, said), *_problems(ground, said))
    if problems:
        raise InvalidInputError(problems)
    task = _row(ground, said)
    try:
        with work.session.begin_nested():
            work.session.add(task)
    except IntegrityError:  # the next round of an acceptance came in between
        raise InvalidInputError.of("hand_made.open_already", "agency_id") from None
    _record(work, scope, task, now=now)
    projections.request(work, plan.id)
    return task


def change(
    work: Work, scope: Scope, task_id: int, *, title: str, note: str, version: int | None, now: datetime
) -> bool:
    """Call an open hand-made task otherwise, or say otherwise what is to be done; whether anything changed.

    Without a title it is called as its indicator. What it asks for stays: that is another task.

    Raises NotFoundError for a task out of sight, ForbiddenError for who does not manage plans, ConflictError for a
    closed plan or a stale ``version``, and InvalidTransitionError ("hand_made.not_open") for another kind of task or
    one that is closed.
    """
    if not scope.may(Capability.MANAGE_PLANS):
        raise ForbiddenError
    task = tasks.get_task(work.session, scope, task_id, for_update=True)
    if version is not None and task.version != version:
        raise ConflictError("task.stale_version")
    if task.kind is not TaskKind.HAND_MADE or not is_open(task.state):
        raise InvalidTransitionError("hand_made.not_open")
    indicator = instruments.of(work.session, task.plan).indicator(task.indicator_number)
    before = task.title, task.note
    task.title, task.note = title.strip() or title_of(indicator), note.strip() or None
    if (task.title, task.note) == before:
        return False
    data = {"title": task.title, "previous_title": before[0], "reason": task.note}
    trail.record_by(work, scope, "reword", ("task", task.id), now=now, data=data)
    return True


def _is_about(task: ExistingTask, said: HandMade) -> bool:
    return (task.indicator_number, task.agency_id) == (said.indicator_number, said.agency_id)


def _baseline(session: Session, plan: Plan, rows: Sequence[ExistingTask], said: HandMade) -> Decimal:
    accepted = [each.reached for each in rows if each.reached is not None]
    if accepted:
        return accepted[-1]
    return counted(queries.levels_of(session, plan.baseline_revision_id).get(said.indicator_number))


def _place_problems(ground: _Ground, said: HandMade) -> Iterator[Problem]:
    if not ground.instrument.has(said.indicator_number):
        params = {"number": said.indicator_number}
        yield Problem("policy.unknown_indicator", "indicator_number", params=params)
    agencies = people.list_agencies(ground.session, ground.scope, active_only=True)
    if said.agency_id not in {each.id for each in agencies}:
        yield Problem("agency.not_found", "agency_id")
    if any(is_open(each.state) for each in ground.rows):
        yield Problem("hand_made.open_already", "agency_id")


def _problems(ground: _Ground, said: HandMade) -> Iterator[Problem]:
    scale = ground.instrument.scale
    if not scale.holds(said.target_level):
        limits = {"minimum": scale.minimum, "maximum": scale.maximum}
        yield Problem("policy.target_off_scale", "target_level", value=str(said.target_level), params=limits)
    elif said.target_level < ground.baseline:
        params = {"level": f"{ground.baseline.normalize():f}"}
        yield Problem("hand_made.target_below_level", "target_level", params=params)
    mistake = due_date_problem(said.due_on, ground.plan.year)
    government = governments.get_government(ground.session, ground.plan.government_id)
    today = local_date(ground.now, government.timezone)
    if mistake is None and said.due_on < today:
        mistake = Problem("plan.due_in_past", "due_on", value=said.due_on.isoformat())
    if mistake is not None:
        yield mistake


def _row(ground: _Ground, said: HandMade) -> Task:
    plan, baseline, target = ground.plan, ground.baseline, said.target_level
    indicator = ground.instrument.indicator(said.indicator_number)
    share = _share(ground.session, plan, said)
    stake = at_stake(TaskKind.HAND_MADE, share, indicator.weight, baseline=baseline, target=target)
    return Task(
        government_id=plan.government_id,
        plan_id=plan.id,
        policy_id=plan.policy_id,
        indicator_number=said.indicator_number,
        agency_id=said.agency_id,
        round=max((each.round for each in ground.rows), default=0) + 1,
        kind=TaskKind.HAND_MADE,
        state=State.PLANNED,
        title=said.title or title_of(indicator),
        note=said.note or None,
        baseline_level=baseline,
        target_level=target,
        share_numerator=share.numerator,
        share_denominator=share.denominator,
        points=as_decimal(stake, STORED_DECIMALS),
        due_on=said.due_on,
        is_due_by_hand=True,
        state_changed_at=ground.now,
    )


def _share(session: Session, plan: Plan, said: HandMade) -> Fraction:
    owners = [
        each
        for each in queries.list_owners(session, plan.government_id, plan.instrument_id)
        if each.indicator_number == said.indicator_number
    ]
    own = next((each for each in owners if each.agency_id == said.agency_id), None)
    return part_of_one(None, len(owners) + 1) if own is None else part_of_one(own.share, len(owners))


def _record(work: Work, scope: Scope, task: Task, *, now: datetime) -> None:
    trail.record_by(
        work,
        scope,
        "create",
        ("task", task.id),
        now=now,
        data={
            "kind": task.kind.value,
            "title": task.title,
            "baseline": str(task.baseline_level.normalize()),
            "target": str(task.target_level.normalize()),
            "due_on": task.due_on.isoformat(),
            "reason": task.note,
        },
    )
