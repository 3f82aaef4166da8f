"""Carries out what reconciliation found on the rows of a plan's tasks: a few statements, however many tasks.

Reading them is ``standing_tasks``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import BigInteger, Date, Integer, Numeric, Text, Values, case, column, insert, update, values
from sqlalchemy.orm import Session

from spbe_tasks.models import Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.policy import DueDates
from spbe_tasks.rules.reconciliation import Changes, Create, ExistingTask, SourceFields, Update
from spbe_tasks.rules.task_kind import TaskKind, at_stake
from spbe_tasks.rules.workflow import MACHINE, Action, Field, State, TaskFacts, transition
from spbe_tasks.services import assignments, instruments, trail
from spbe_tasks.services.tasks import actor_of
from spbe_tasks.work import Work

# Rows per UPDATE: eight values each, and PostgreSQL takes 65,535 in one statement.
BATCH = 5_000
NO_LONGER_WANTED = "no_longer_wanted"

Entry = tuple[str, tuple[str, int], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Generation:
    """One carrying out: whose plan, for whom, when. Make it with ``begin``."""

    work: Work
    scope: Scope
    plan: Plan
    instrument: Instrument
    now: datetime


def begin(work: Work, scope: Scope, plan: Plan, *, now: datetime) -> Generation:
    """The plan with its instrument, which is looked up once for all tasks."""
    return Generation(work, scope, plan, instruments.of(work.session, plan), now)


def carry_out(doing: Generation, changes: Changes, standing: Mapping[int, ExistingTask]) -> None:
    """Write the changes and an event for each. ``standing`` are the plan's tasks, locked, by id.

    Withdrawals come first: they free the one open round that a restored or new task may take. Planned tasks then
    all name the plan's version of the policy; published ones keep theirs.
    """
    _withdraw(doing, [standing[each.task_id] for each in changes.withdraw])
    _update(doing, changes.update, standing)
    _create(doing, changes.create)
    doing.work.session.execute(
        update(Task)
        .where(
            Task.plan_id == doing.plan.id,
            Task.state == State.PLANNED,
            Task.kind != TaskKind.HAND_MADE,
            Task.policy_id != doing.plan.policy_id,
        )
        .values(policy_id=doing.plan.policy_id)
    )


def publish(doing: Generation, tasks: Sequence[ExistingTask], dates: DueDates | None) -> None:
    """Hand planned tasks over to their agencies, with an event each. Raises ForbiddenError as the table says.

    ``dates`` are given when the policy counts from publishing: every date that no person set becomes one of them.
    """
    for task in tasks:
        transition(_facts(doing, task), Action.PUBLISH, actor_of(doing.scope), {})
    if dates is not None:
        dated = [Update(task.id, _dated(doing, task, dates)) for task in tasks if not task.is_due_by_hand]
        known = {task.id: task for task in tasks}
        _update(doing, [each for each in dated if each.fields.due_on != known[each.task_id].due_on], known)
    _move(doing, tasks, State.ASSIGNED, published_at=doing.now)
    _record(doing, (_moved(Action.PUBLISH, task, State.ASSIGNED) for task in tasks))


def _withdraw(doing: Generation, tasks: Sequence[ExistingTask]) -> None:
    reason: dict[str, object] = {Field.REASON: NO_LONGER_WANTED}
    for task in tasks:
        transition(_facts(doing, task), Action.WITHDRAW, MACHINE, reason)
    _move(doing, tasks, State.WITHDRAWN)
    _record(
        doing, (_moved(Action.WITHDRAW, task, State.WITHDRAWN, reason=NO_LONGER_WANTED) for task in tasks)
    )


def _dated(doing: Generation, task: ExistingTask, dates: DueDates) -> SourceFields:
    weight = doing.instrument.indicator(task.indicator_number).weight
    stake = at_stake(task.kind, task.share, weight, baseline=task.baseline, target=task.target)
    return SourceFields(task.title, task.baseline, task.target, task.share, stake, dates.on(stake))


def _move(doing: Generation, tasks: Sequence[ExistingTask], state: State, **fields: object) -> None:
    if tasks:
        doing.work.session.execute(
            update(Task)
            .where(Task.id.in_([task.id for task in tasks]))
            .values(state=state, state_changed_at=doing.now, version=Task.version + 1, **fields)
        )


def _update(doing: Generation, updates: Sequence[Update], standing: Mapping[int, ExistingTask]) -> None:
    restored = [standing[each.task_id] for each in updates if each.restores]
    for task in restored:
        transition(_facts(doing, task), Action.RESTORE, MACHINE, {})
    # A round that was withdrawn after publishing is planned again: its agency sees it once it is published again.
    _move(doing, restored, State.PLANNED, published_at=None, state_note=None, merged_into_id=None)
    if restored:
        assignments.release_stale(doing.work, doing.scope, [task.id for task in restored], now=doing.now)
    for start in range(0, len(updates), BATCH):
        _write_fields(doing.work.session, _new_fields(updates[start : start + BATCH]))
    _record(doing, (_updated(each, standing[each.task_id]) for each in updates))


def _write_fields(session: Session, new: Values) -> None:
    session.execute(
        update(Task)
        .where(Task.id == new.c.id)
        .values(
            title=new.c.title,
            baseline_level=new.c.baseline,
            target_level=new.c.target,
            share_numerator=new.c.numerator,
            share_denominator=new.c.denominator,
            points=new.c.points,
            due_on=new.c.due_on,
            # A reminder belongs to one due date: a changed one starts a new ladder.
            due_version=Task.due_version + case((Task.due_on != new.c.due_on, 1), else_=0),
            version=Task.version + 1,
        )
    )


def _new_fields(updates: Sequence[Update]) -> Values:
    columns = (
        column("id", BigInteger),
        column("title", Text),
        column("baseline", Numeric),
        column("target", Numeric),
        column("numerator", Integer),
        column("denominator", Integer),
        column("points", Numeric),
        column("due_on", Date),
    )
    return values(*columns, name="new").data([(each.task_id, *_stored(each.fields)) for each in updates])


def _create(doing: Generation, creates: Sequence[Create]) -> None:
    if not creates:
        return
    rows = doing.work.session.execute(
        insert(Task).returning(Task.id, Task.indicator_number, Task.agency_id, Task.round),
        [_new_row(doing, each) for each in creates],
    )
    ids = {(row.indicator_number, row.agency_id, row.round): row.id for row in rows}
    _record(
        doing,
        (_created(each, ids[each.indicator_number, each.agency_id, each.round]) for each in creates),
    )


def _new_row(doing: Generation, new: Create) -> dict[str, object]:
    title, baseline, target, numerator, denominator, stake, due_on = _stored(new.fields)
    return {
        "government_id": doing.plan.government_id,
        "plan_id": doing.plan.id,
        "policy_id": doing.plan.policy_id,
        "indicator_number": new.indicator_number,
        "agency_id": new.agency_id,
        "round": new.round,
        "kind": new.kind,
        "state": State.PLANNED,
        "title": title,
        "baseline_level": baseline,
        "target_level": target,
        "share_numerator": numerator,
        "share_denominator": denominator,
        "points": stake,
        "due_on": due_on,
        "state_changed_at": doing.now,
    }


def _stored(fields: SourceFields) -> tuple[object, ...]:
    share = fields.share
    stake = as_decimal(fields.points, STORED_DECIMALS)
    levels = (fields.baseline, fields.target)
    return (fields.title, *levels, share.numerator, share.denominator, stake, fields.due_on)


def _facts(doing: Generation, task: ExistingTask) -> TaskFacts:
    return TaskFacts(task.state, task.agency_id, task.baseline, task.target, doing.instrument.scale)


def _record(doing: Generation, entries: Iterator[Entry]) -> None:
    trail.record_many_by(doing.work, doing.scope, list(entries), now=doing.now)


def _moved(action: Action, task: ExistingTask, state: State, **data: object) -> Entry:
    return action.value, ("task", task.id), {"from": task.state.value, "to": state.value, **data}


def _created(new: Create, task_id: int) -> Entry:
    return "create", ("task", task_id), {"round": new.round, "kind": new.kind.value, **_words(new.fields)}


def _updated(change: Update, task: ExistingTask) -> Entry:
    action = Action.RESTORE.value if change.restores else "update"
    before = SourceFields(task.title, task.baseline, task.target, task.share, Fraction(0), task.due_on)
    old, new = _words(before), _words(change.fields)
    return action, ("task", task.id), {name: value for name, value in new.items() if value != old[name]}


def _words(fields: SourceFields) -> dict[str, object]:
    return {
        "title": fields.title,
        "baseline": str(fields.baseline.normalize()),
        "target": str(fields.target.normalize()),
        "share": str(fields.share),
        "due_on": fields.due_on.isoformat(),
    }
