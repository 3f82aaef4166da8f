"""Closing the plan of a year and reopening it. While it is closed nothing of it changes.

Who keeps that: the selects that lock a plan or a task (``queries/closing.refuse_closed``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from spbe_tasks.instruments.crosswalk_loader import list_crosswalks
from spbe_tasks.models import Plan, Projection
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.carry_over import where_to
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal
from spbe_tasks.rules.instrument import Indicator, Instrument
from spbe_tasks.rules.workflow import State, is_open
from spbe_tasks.services import assignments, instruments, projections, reminders, trail
from spbe_tasks.services.baselines import Baseline
from spbe_tasks.services.queries import carry_over, governments, plans
from spbe_tasks.services.queries import closing as queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Way:
    """Where open tasks go under a later instrument: ``followed`` pairs a task's row with the indicators after it.

    ``ended`` are the rows of the tasks whose indicator nothing follows.
    """

    instrument: Instrument
    is_official: bool
    followed: Sequence[tuple[Any, tuple[Indicator, ...]]]
    ended: Sequence[Any]

    @property
    def rows(self) -> list[Any]:
        """The rows of the tasks that go on."""
        return [row for row, _indicators in self.followed]

    @property
    def goes(self) -> Mapping[int, tuple[Indicator, ...]]:
        """The indicators that go on with each of them, by task id."""
        return {row.id: indicators for row, indicators in self.followed}


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing a plan leaves: the secured index, tasks by state, the open ones, and where they go.

    The index is computed now while the plan is open, and the stored one once it is closed, as is ``closed_by``.
    ``result`` is the first official assessment after the plan's year by its instrument or one that follows it; None
    before it is imported. Rows are those of ``queries.plans.list_named_tasks``.
    """

    plan: Plan
    instrument: Instrument
    secured: Decimal
    states: Mapping[State, int]
    open_tasks: Sequence[Any]
    result: Baseline | None
    result_instrument: Instrument | None
    ways: tuple[Way, ...]
    closed_by: str | None = None


def preview(session: Session, scope: Scope, plan: Plan, *, now: datetime) -> Closing:
    """What the plan, which has been got through a scope, is or was closed with; writes nothing."""
    kin = [each for each in carry_over.list_kin(session, plan.id) if is_open(each.state)]
    rows = plans.list_named_tasks(session, scope, [each.task_id for each in kin])
    walks = [each for each in list_crosswalks() if each.from_id == plan.instrument_id]
    after = (plan.instrument_id, *(each.to_id for each in walks))
    found = queries.find_next_result(session, scope, after, plan.year)
    result = Baseline(*found) if found else None
    ways = []
    for walk in walks:
        to = instruments.get(session, scope.government_id, walk.to_id)
        targets = where_to(kin, walk)
        followed = [(row, tuple(map(to.indicator, targets[row.id]))) for row in rows if targets[row.id]]
        ways.append(Way(to, walk.is_official, followed, [row for row in rows if not targets[row.id]]))
    return Closing(
        plan=plan,
        instrument=instruments.of(session, plan),
        secured=_secured(session, plan, now),
        states=plans.list_states(session, scope, plan.id),
        open_tasks=rows,
        result=result,
        result_instrument=instruments.of(session, result.assessment) if result else None,
        ways=tuple(ways),
        closed_by=queries.find_closer(session, plan),
    )


def close(work: Work, scope: Scope, plan_id: int, *, reason: str, now: datetime) -> Plan:
    """Freeze a plan: its figures are computed a last time, and what waits to be told about its tasks is cancelled.

    Waits for whoever is changing a task of it. Writes an event with the secured index and the open tasks by state.

    Raises NotFoundError for a foreign plan, ConflictError ("plan.closed") when it already is, InvalidInputError
    without a reason.
    """
    plan = plans.get_plan(work.session, scope, plan_id, for_update=True)
    said = _reason(reason)
    queries.lock_tasks(work.session, [plan.id])
    projections.rebuild(work, plan.id, now=now, is_forced=True)
    cancelled = reminders.cancel_for_plan(work, plan.id, now=now)
    figures = work.session.get(Projection, plan.id, populate_existing=True)
    assert figures is not None  # it was just stored
    plan.closed_at, plan.closed_by_id, plan.closing_reason = now, scope.account_id, said
    states = plans.list_states(work.session, scope, plan.id)
    data = {
        "reason": said,
        "secured": str(figures.secured.normalize()),
        "open": {state.value: number for state, number in states.items() if is_open(state)},
        "reminders": cancelled,
    }
    trail.record_by(work, scope, "close_plan", ("plan", plan.id), now=now, data=data)
    work.session.flush()
    return plan


def reopen(work: Work, scope: Scope, plan_id: int, *, reason: str, now: datetime) -> Plan:
    """Let a closed plan be worked on again; its figures are asked for.

    People who left meanwhile are no longer in charge of its open tasks. Raises NotFoundError for a foreign plan,
    ConflictError ("plan.not_closed") for an open one, InvalidInputError without a reason.
    """
    plan = plans.lock_plan(work.session, scope, plan_id)
    if not plan.is_closed:
        raise ConflictError("plan.not_closed", year=plan.year)
    data = {"reason": _reason(reason)}
    plan.closed_at = plan.closed_by_id = plan.closing_reason = None
    trail.record_by(work, scope, "reopen_plan", ("plan", plan.id), now=now, data=data)
    work.session.flush()
    opened = [each.task_id for each in carry_over.list_kin(work.session, plan.id) if is_open(each.state)]
    assignments.release_stale(work, scope, opened, now=now)
    projections.request(work, plan.id)
    return plan


def _reason(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise InvalidInputError.of("field.required", "reason")
    return said


def _secured(session: Session, plan: Plan, now: datetime) -> Decimal:
    stored = session.get(Projection, plan.id)
    if plan.is_closed and stored is not None:
        return stored.secured
    government = governments.get_government(session, plan.government_id)
    today = local_date(now, government.timezone)
    computed = projections.compute(session, plan, today=today)
    return as_decimal(computed.secured.index, STORED_DECIMALS)
