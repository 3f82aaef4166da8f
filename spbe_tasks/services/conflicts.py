"""Published tasks that no longer fit what the plan wants: listed, and decided by a person one by one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.models import KeptConflict, Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal
from spbe_tasks.rules.reconciliation import Conflict, ConflictReason
from spbe_tasks.rules.task_kind import at_stake
from spbe_tasks.rules.workflow import AGENCY_STATES, OPEN_STATES, Action, CancelKind, Field, State
from spbe_tasks.services import instruments, open_requests, plans, projections, task_turns, tasks, trail
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.services.queries import policies
from spbe_tasks.services.queries import tasks as task_queries
from spbe_tasks.work import Work


class Decision(StrEnum):
    """What a person makes of a conflict."""

    KEEP = "keep"
    ADOPT = "adopt"
    NOT_NEEDED = "not_needed"
    GIVEN_UP = "given_up"


_CANCELS = {Decision.NOT_NEEDED: CancelKind.NOT_NEEDED, Decision.GIVEN_UP: CancelKind.GIVEN_UP}


@dataclass(frozen=True, slots=True)
class Deciding:
    """One decision being carried out: by whom, on which plan, when."""

    work: Work
    scope: Scope
    plan: Plan
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ConflictedTask:
    """A task with everything that no longer fits; ``row`` as ``queries.list_named_tasks`` names it.

    ``is_kept``: a person decided to leave it, and nothing else is wanted since.
    """

    row: Any
    conflicts: tuple[Conflict, ...]
    is_kept: bool

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What can be decided about it in its state."""
        return possible(self.row.state, self.conflicts)


def possible(state: State, conflicts: Iterable[Conflict]) -> tuple[Decision, ...]:
    """What can be decided about a task: it can always be kept; an open one cancelled; one with the agency adapted."""
    found = [Decision.KEEP]
    is_wanted = all(each.reason is not ConflictReason.NO_LONGER_WANTED for each in conflicts)
    if state in AGENCY_STATES and is_wanted:
        found.append(Decision.ADOPT)
    if state in OPEN_STATES:
        found += [Decision.NOT_NEEDED, Decision.GIVEN_UP]
    return tuple(found)


def listed(session: Session, scope: Scope, seen: Generated) -> tuple[ConflictedTask, ...]:
    """The tasks of a preview that no longer fit, by indicator: those decided about already, too."""
    by_task = _by_task(seen.conflicts)
    rows = queries.list_named_tasks(session, scope, by_task.keys())
    kept = policies.list_kept(session, scope, by_task.keys())
    return tuple(
        ConflictedTask(row, tuple(by_task[row.id]), all(_key(each) in kept for each in by_task[row.id]))
        for row in rows
    )


def decide(
    work: Work,
    scope: Scope,
    plan_id: int,
    task_ids: Sequence[int],
    decision: Decision,
    *,
    reason: str = "",
    now: datetime,
) -> int:
    """Decide about these conflicts of a plan in the same way; returns how many.

    Keeping is noted and holds until something else is wanted. Adopting writes the wanted levels and due date into the
    task. Cancelling needs a reason. Every task gets an event; all is done or nothing.

    Raises ConflictError when a task no longer is in conflict, InvalidInputError with every task whose state does not
    allow the decision or when nothing was chosen, and the errors of ``tasks.act``.
    """
    plan = queries.get_plan(work.session, scope, plan_id, for_update=True)
    if not task_ids:
        raise InvalidInputError.of("plan.no_conflict_chosen", "tasks")
    conflicts = _by_task(plans.preview_plan(work.session, scope, plan, now=now).conflicts)
    if not set(task_ids) <= conflicts.keys():
        raise ConflictError("plan.conflict_gone")
    chosen = {
        task_id: task_queries.get_task(work.session, scope, task_id, for_update=True) for task_id in task_ids
    }
    problems = [
        Problem("plan.cannot_decide_so", "decision", params={"number": task.indicator_number})
        for task_id, task in chosen.items()
        if decision not in possible(task.state, conflicts[task_id])
    ]
    if problems:
        raise InvalidInputError(problems)
    doing = Deciding(work, scope, plan, reason, now)
    for task_id, task in chosen.items():
        _carry_out(doing, task, conflicts[task_id], decision)
    projections.request(work, plan.id)
    return len(chosen)


def _carry_out(doing: Deciding, task: Task, conflicts: Sequence[Conflict], decision: Decision) -> None:
    if decision in _CANCELS:
        given: dict[str, object] = {Field.CANCEL_KIND: _CANCELS[decision], Field.REASON: doing.reason}
        tasks.act(doing.work, doing.scope, task.id, Action.CANCEL, given, version=None, now=doing.now)
    elif decision is Decision.ADOPT:
        _adopt(doing, task, conflicts)
    else:
        _keep(doing, task, conflicts)


def _keep(doing: Deciding, task: Task, conflicts: Sequence[Conflict]) -> None:
    rows = [
        {
            "government_id": task.government_id,
            "task_id": task.id,
            "reason": each.reason,
            "wanted": each.wanted_text,
            "decided_by_id": doing.scope.account_id,
            "decided_at": doing.now,
        }
        for each in conflicts
    ]
    doing.work.session.execute(insert(KeptConflict).on_conflict_do_nothing(), rows)
    _record(doing, task, "keep", conflicts)


def _adopt(doing: Deciding, task: Task, conflicts: Sequence[Conflict]) -> None:
    instrument = instruments.of(doing.work.session, doing.plan)
    task_turns.check(doing.work.session, doing.scope, task, Action.ADOPT)
    due_version = task.due_version
    for conflict in conflicts:
        _take_over(task, conflict)
    share = Fraction(task.share_numerator, task.share_denominator)
    weight = instrument.indicator(task.indicator_number).weight
    stake = at_stake(task.kind, share, weight, baseline=task.baseline_level, target=task.target_level)
    task.points = as_decimal(stake, STORED_DECIMALS)
    task.policy_id = doing.plan.policy_id
    _record(doing, task, Action.ADOPT.value, conflicts)
    doing.work.session.flush()
    if task.due_version != due_version:
        open_requests.void(doing.work, doing.scope, [task.id], now=doing.now)


def _take_over(task: Task, conflict: Conflict) -> None:
    assert conflict.wanted is not None  # possible() has looked
    if conflict.reason is ConflictReason.BASELINE_CHANGED:
        task.baseline_level = conflict.wanted.baseline
    elif conflict.reason is ConflictReason.TARGET_CHANGED:
        task.target_level = conflict.wanted.target
    elif conflict.due_on is not None:
        task.due_on = conflict.due_on
        task.due_version += 1


def _by_task(conflicts: Iterable[Conflict]) -> dict[int, list[Conflict]]:
    found: dict[int, list[Conflict]] = defaultdict(list)
    for conflict in conflicts:
        found[conflict.task_id].append(conflict)
    return found


def _key(conflict: Conflict) -> tuple[int, str, str]:
    return conflict.task_id, conflict.reason.value, conflict.wanted_text


def _record(doing: Deciding, task: Task, action: str, conflicts: Sequence[Conflict]) -> None:
    trail.record_by(
        doing.work,
        doing.scope,
        action,
        ("task", task.id),
        now=doing.now,
        data={each.reason.value: each.wanted_text for each in conflicts},
    )
