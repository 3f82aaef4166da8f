"""The tasks of a measured government, with their submissions and events."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from spbe_tasks.demo.bulk import copy_rows, reserve_ids
from spbe_tasks.demo.volume_ground import PUBLISHED_BEFORE, TARGET, YEAR, Cells, Ground
from spbe_tasks.models import Event, Plan, Submission, Task
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal
from spbe_tasks.rules.task_kind import TaskKind, at_stake
from spbe_tasks.rules.workflow import CancelKind, State
from spbe_tasks.services.trail import seal_of

# Of a hundred tasks: in the newest plan, and in the plans of earlier years, which are over.
PRESENT = {
    State.PLANNED: 5,
    State.ASSIGNED: 25,
    State.IN_PROGRESS: 25,
    State.BLOCKED: 4,
    State.SUBMITTED: 8,
    State.RETURNED: 5,
    State.ACCEPTED: 22,
    State.CANCELLED: 4,
    State.WITHDRAWN: 2,
}
PAST = {State.ACCEPTED: 86, State.CANCELLED: 10, State.WITHDRAWN: 4}
UNPUBLISHED = frozenset({State.PLANNED, State.WITHDRAWN})
EXPLAINED = frozenset({State.BLOCKED, State.RETURNED, State.CANCELLED, State.WITHDRAWN})
HANDED_IN = frozenset({State.SUBMITTED, State.RETURNED, State.ACCEPTED})
WORDS = "Contoh."
# At or above the target, so that no task needs a second round.
REACHED = (TARGET, TARGET, TARGET, TARGET + 1)
CREATED = {"round": 1}


class TaskRow(NamedTuple):
    """A task to be written; the fields are the table's columns."""

    id: int
    government_id: int
    plan_id: int
    policy_id: int
    indicator_number: int
    agency_id: int
    round: int
    state: State
    title: str
    baseline_level: Decimal
    target_level: Decimal
    share_numerator: int
    share_denominator: int
    points: Decimal
    due_on: date
    due_version: int
    is_due_by_hand: bool
    assignee_id: int | None
    reached_level: Decimal | None
    cancel_kind: CancelKind | None
    state_note: str | None
    state_changed_at: datetime
    published_at: datetime | None
    version: int


class Gap(NamedTuple):
    """What the tasks of one indicator have in common: each owner has an equal share."""

    title: str
    baseline: Decimal
    owners: int
    points: Decimal


def invent(
    ground: Ground, plan: Plan, age: int, cells: Cells, levels: Mapping[int, Decimal]
) -> list[TaskRow]:
    """A task for every cell, in a random state; those of a plan ``age`` years back are closed."""
    random, session = ground.random, ground.session
    share_of_state = PAST if age else PRESENT
    states = random.choices(list(share_of_state), list(share_of_state.values()), k=len(cells))
    gaps = _gaps(ground, cells, levels)
    today, now = ground.today - age * YEAR, ground.now - age * YEAR
    rows = []
    for task_id, (number, agency_id), state in zip(
        reserve_ids(session, Task, len(cells)), cells, states, strict=True
    ):
        gap = gaps[number]
        is_mine = agency_id == ground.agency_ids[0] and state not in UNPUBLISHED
        rows.append(
            TaskRow(
                id=task_id,
                government_id=ground.government_id,
                plan_id=plan.id,
                policy_id=plan.policy_id,
                indicator_number=number,
                agency_id=agency_id,
                round=1,
                state=state,
                title=gap.title,
                baseline_level=gap.baseline,
                target_level=TARGET,
                share_numerator=1,
                share_denominator=gap.owners,
                points=gap.points,
                due_on=today + timedelta(days=random.randrange(-60, 120)),
                due_version=1,
                is_due_by_hand=True,
                assignee_id=ground.focal_point_id if is_mine else None,
                reached_level=random.choice(REACHED) if state is State.ACCEPTED else None,
                cancel_kind=random.choice(list(CancelKind)) if state is State.CANCELLED else None,
                state_note=WORDS if state in EXPLAINED else None,
                state_changed_at=now - timedelta(hours=random.randrange(1, 90 * 24)),
                published_at=None if state in UNPUBLISHED else plan.published_at,
                version=1,
            )
        )
    return rows


def write(ground: Ground, rows: Sequence[TaskRow], *, position: int, seal: str) -> str:
    """Write tasks, submissions and sealed events that follow ``position`` and ``seal`` in the chain; the last seal."""
    copy_rows(ground.session, Task, TaskRow._fields, rows)
    columns = ("government_id", "task_id", "number", "note", "submitted_by_id", "submitted_at")
    handed_in = (
        (row.government_id, row.id, 1, WORDS, ground.focal_point_id, row.state_changed_at)
        for row in rows
        if row.state in HANDED_IN
    )
    copy_rows(ground.session, Submission, columns, handed_in)
    return _write_events(ground, rows, position, seal)


def _gaps(ground: Ground, cells: Cells, levels: Mapping[int, Decimal]) -> Mapping[int, Gap]:
    found = {}
    for number, owners in Counter(number for number, _ in cells).items():
        indicator, baseline = ground.instrument.indicator(number), levels[number]
        stake = at_stake(
            TaskKind.GAP, Fraction(1, owners), indicator.weight, baseline=baseline, target=TARGET
        )
        title = indicator.short_name("id")
        found[number] = Gap(title, baseline, owners, as_decimal(stake, STORED_DECIMALS))
    return found


def _write_events(ground: Ground, rows: Sequence[TaskRow], position: int, seal: str) -> str:
    columns = ("id", "government_id", "at", "subject_type", "subject_id", "action")
    lines = []
    for event in _events(ground, rows, position, seal):
        seal = event.chain_digest or seal
        plain = [getattr(event, name) for name in columns]
        lines.append((*plain, json.dumps(event.data), event.chain_position, seal))
    copy_rows(ground.session, Event, (*columns, "data", "chain_position", "chain_digest"), lines)
    return seal


def _events(ground: Ground, rows: Sequence[TaskRow], position: int, seal: str) -> Iterator[Event]:
    at = ground.now - PUBLISHED_BEFORE
    ids = reserve_ids(ground.session, Event, len(rows))
    for place, (event_id, row) in enumerate(zip(ids, rows, strict=True), position + 1):
        event = Event(
            id=event_id,
            government_id=row.government_id,
            at=at,
            actor_id=None,
            subject_type="task",
            subject_id=row.id,
            action="create",
            data=CREATED,
        )
        seal = seal_of(seal, event)
        event.chain_position, event.chain_digest = place, seal
        yield event
