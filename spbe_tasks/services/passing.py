"""Carries out on the rows of a plan's tasks what a succession of agencies found: a few statements, however many."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Integer, Numeric, column, update, values

from spbe_tasks.models import Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.rounds import TaskFact
from spbe_tasks.rules.succession import MergedAway, Passing, Transfer
from spbe_tasks.rules.task_kind import at_stake
from spbe_tasks.rules.workflow import MACHINE, Action, State, TaskFacts, is_open, transition
from spbe_tasks.services import assignments, instruments, open_requests, trail
from spbe_tasks.work import Work

Entry = tuple[str, tuple[str, int], Mapping[str, object]]


def named(passing: Passing, real: Mapping[int, int]) -> Passing:
    """The same with the ids that agencies have got meanwhile."""
    moves = (replace(move, agency_id=real.get(move.agency_id, move.agency_id)) for move in passing.transfers)
    return Passing(tuple(moves), passing.merged)


def carry_out(
    work: Work,
    scope: Scope,
    plan: Plan,
    tasks: Mapping[int, TaskFact],
    passing: Passing,
    *,
    slugs: Mapping[int, str],
    now: datetime,
) -> None:
    """Write the changes to the rows, with an event each; ``tasks`` are the plan's tasks, locked, by id.

    Merged tasks come first: they free the one open round of their agency. Open tasks whose assignee does not work for
    the new agency lose them: its focal points are reminded from then on.
    """
    instrument = instruments.of(work.session, plan)
    _merge(work, instrument, tasks, passing.merged, now=now)
    _transfer(work, instrument, tasks, passing.transfers)
    work.session.expire_all()
    entries = [
        *(_merged(tasks[each.task_id], each) for each in passing.merged),
        *(_transferred(tasks[each.task_id], each, slugs) for each in passing.transfers),
    ]
    trail.record_many_by(work, scope, entries, now=now)
    open_requests.void(work, scope, [each.task_id for each in passing.merged], now=now)


def release(
    work: Work, scope: Scope, tasks: Mapping[int, TaskFact], passing: Passing, *, now: datetime
) -> None:
    """Take off the open tasks that went over whoever does not work for their new agency, once people have moved."""
    moved = [move.task_id for move in passing.transfers if is_open(tasks[move.task_id].state)]
    assignments.release_stale(work, scope, moved, now=now)


def _merge(
    work: Work,
    instrument: Instrument,
    tasks: Mapping[int, TaskFact],
    merged: tuple[MergedAway, ...],
    *,
    now: datetime,
) -> None:
    if not merged:
        return
    for each in merged:
        transition(_facts(instrument, tasks[each.task_id]), Action.MERGE, MACHINE, {})
    pairs = values(column("id", BigInteger), column("into_id", BigInteger), name="merged").data(
        [(each.task_id, each.into_id) for each in merged]
    )
    work.session.execute(
        update(Task)
        .where(Task.id == pairs.c.id)
        .values(
            state=State.WITHDRAWN,
            merged_into_id=pairs.c.into_id,
            reached_level=None,
            cancel_kind=None,
            state_note=None,
            obstacle=None,
            state_changed_at=now,
            version=Task.version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def _transfer(
    work: Work,
    instrument: Instrument,
    tasks: Mapping[int, TaskFact],
    transfers: tuple[Transfer, ...],
) -> None:
    if not transfers:
        return
    columns = (
        column("id", BigInteger),
        column("agency_id", BigInteger),
        column("round", Integer),
        column("numerator", Integer),
        column("denominator", Integer),
        column("points", Numeric),
    )
    rows = [_row(instrument, tasks[move.task_id], move) for move in transfers]
    new = values(*columns, name="new").data(rows)
    work.session.execute(
        update(Task)
        .where(Task.id == new.c.id)
        .values(
            agency_id=new.c.agency_id,
            round=new.c.round,
            share_numerator=new.c.numerator,
            share_denominator=new.c.denominator,
            points=new.c.points,
            version=Task.version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def _row(instrument: Instrument, task: TaskFact, move: Transfer) -> tuple[int, int, int, int, int, Decimal]:
    weight = instrument.indicator(task.indicator_number).weight
    stake = at_stake(task.kind, move.share, weight, baseline=task.baseline, target=task.target)
    worth = as_decimal(stake, STORED_DECIMALS)
    share = move.share
    return (move.task_id, move.agency_id, move.round, share.numerator, share.denominator, worth)


def _facts(instrument: Instrument, task: TaskFact) -> TaskFacts:
    return TaskFacts(task.state, task.agency_id, task.baseline, task.target, instrument.scale)


def _merged(task: TaskFact, away: MergedAway) -> Entry:
    data: dict[str, object] = {"from": task.state.value, "to": State.WITHDRAWN.value, "into": away.into_id}
    if task.reached is not None:
        data["reached"] = str(task.reached)
    return Action.MERGE.value, ("task", task.task_id), data


def _transferred(task: TaskFact, move: Transfer, slugs: Mapping[int, str]) -> Entry:
    data: dict[str, object] = {"from_agency": slugs[task.agency_id], "to_agency": slugs[move.agency_id]}
    if move.round != task.round:
        data["round"] = [task.round, move.round]
    if move.share != task.share:
        data["share"] = [str(task.share), str(move.share)]
    return "transfer", ("task", task.task_id), data
