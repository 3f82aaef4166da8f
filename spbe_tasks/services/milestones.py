"""Milestones of a task: steps the agency promised by a day. Moving the day needs a reason, which the trail keeps."""

from dataclasses import dataclass
from datetime import date, datetime

from spbe_tasks.models import Milestone, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem
from spbe_tasks.rules.requirements import due_date_problem
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import task_turns, trail
from spbe_tasks.services.queries import milestones as queries
from spbe_tasks.work import Work

# Our own figure: what a page still shows at a glance.
MOST_MILESTONES = 20


@dataclass(frozen=True, slots=True)
class MilestoneWords:
    """What a person says about a milestone; ``reason`` is needed only to move its day."""

    title: str
    due_on: date
    reason: str = ""


def add(work: Work, scope: Scope, task_id: int, said: MilestoneWords, *, now: datetime) -> Milestone:
    """Promise a step by a day.

    Raises as ``task_turns.take``, and InvalidInputError with everything that is wrong in ``said``, or for too
    many milestones.
    """
    task = task_turns.take(work, scope, task_id, Action.ARRANGE)
    _check(task, said)
    if queries.count(work.session, task) >= MOST_MILESTONES:
        raise InvalidInputError.of("milestone.too_many", maximum=MOST_MILESTONES)
    milestone = Milestone(
        government_id=task.government_id,
        task_id=task.id,
        title=said.title.strip(),
        due_on=said.due_on,
        first_due_on=said.due_on,
    )
    work.session.add(milestone)
    work.session.flush()
    _record(work, scope, milestone, "add_milestone", now=now)
    return milestone


def change(
    work: Work, scope: Scope, milestone_id: int, said: MilestoneWords, *, version: int | None, now: datetime
) -> Milestone:
    """Change what is promised, or the day: with a reason. The first day stays known.

    Raises as ``add``, and ConflictError ("milestone.stale_version") when somebody else changed it.
    """
    task, milestone = _get(work, scope, milestone_id, version)
    moves = said.due_on != milestone.due_on
    _check(task, said, moves=moves, needs_reason=moves)
    if (milestone.title, milestone.due_on) != (said.title.strip(), said.due_on):
        noted = {"previous_milestone_on": milestone.due_on.isoformat(), "reason": said.reason.strip()}
        milestone.title, milestone.due_on = said.title.strip(), said.due_on
        work.session.flush()
        _record(work, scope, milestone, "change_milestone", now=now, noted=noted if moves else {})
    return milestone


def tick(
    work: Work, scope: Scope, milestone_id: int, *, is_done: bool, version: int | None, now: datetime
) -> Milestone:
    """Say that it is reached, or not after all; saying it twice changes nothing. Raises as ``change``."""
    _, milestone = _get(work, scope, milestone_id, version)
    if (milestone.done_at is not None) is not is_done:
        milestone.done_at, milestone.done_by_id = (now, scope.account_id) if is_done else (None, None)
        work.session.flush()
        _record(work, scope, milestone, "reach_milestone" if is_done else "reopen_milestone", now=now)
    return milestone


def remove(work: Work, scope: Scope, milestone_id: int, *, version: int | None, now: datetime) -> int:
    """Take it away; returns the task's id. The history keeps its words. Raises as ``change``."""
    task, milestone = _get(work, scope, milestone_id, version)
    _record(work, scope, milestone, "remove_milestone", now=now)
    work.session.delete(milestone)
    return task.id


def _get(work: Work, scope: Scope, milestone_id: int, version: int | None) -> tuple[Task, Milestone]:
    seen = queries.get(work.session, scope, milestone_id)
    task = task_turns.take(work, scope, seen.task_id, Action.ARRANGE)
    milestone = queries.get(work.session, scope, milestone_id, is_fresh=True)
    if version is not None and milestone.version != version:
        raise ConflictError("milestone.stale_version")
    return task, milestone


def _check(task: Task, said: MilestoneWords, *, moves: bool = True, needs_reason: bool = False) -> None:
    problems = []
    if not said.title.strip():
        problems.append(Problem("field.required", "title"))
    mistake = due_date_problem(said.due_on, task.plan.year) if moves else None
    if moves and mistake is None and said.due_on > task.due_on:
        mistake = Problem("milestone.due_after_task", "due_on", params={"due_on": task.due_on})
    problems += [mistake] if mistake else []
    if needs_reason and not said.reason.strip():
        problems.append(Problem("milestone.reason_missing", "reason"))
    if problems:
        raise InvalidInputError(problems)


def _record(
    work: Work,
    scope: Scope,
    milestone: Milestone,
    action: str,
    *,
    now: datetime,
    noted: dict[str, str] | None = None,
) -> None:
    data = {
        "milestone": milestone.id,
        "title": milestone.title,
        "milestone_on": milestone.due_on.isoformat(),
        **(noted or {}),
    }
    trail.record_by(work, scope, action, ("task", milestone.task_id), now=now, data=data)
