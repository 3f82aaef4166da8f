"""Parts of a task: its people divide the work among them, and tick what is done. Nothing else depends on them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from spbe_tasks.models import Task, TaskPart
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem
from spbe_tasks.rules.requirements import due_date_problem
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import task_turns, trail
from spbe_tasks.services.people_trail import changes
from spbe_tasks.services.queries import parts as queries
from spbe_tasks.services.queries import people
from spbe_tasks.work import Work

# Our own figure: what a page still shows at a glance.
MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class PartWords:
    """What a person says about a part."""

    title: str
    assignee_id: int | None = None
    due_on: date | None = None


def add(work: Work, scope: Scope, task_id: int, said: PartWords, *, now: datetime) -> TaskPart:
    """Add a part after those there are.

    Raises as ``task_turns.take``, and InvalidInputError with everything that is wrong in ``said``, or for too many
    parts.
    """
    task = task_turns.take(work, scope, task_id, Action.DIVIDE)
    _check(work, scope, task, said)
    standing = queries.list_parts(work.session, task)
    if len(standing) >= MOST_PARTS:
        raise InvalidInputError.of("part.too_many", maximum=MOST_PARTS)
    position = max((each.position for each in standing), default=0) + 1
    part = TaskPart(government_id=task.government_id, task_id=task.id, position=position, **asdict(said))
    work.session.add(part)
    work.session.flush()
    _record(work, scope, part, "add_part", now=now)
    return part


def change(
    work: Work, scope: Scope, part_id: int, said: PartWords, *, version: int | None, now: datetime
) -> TaskPart:
    """Change what a part is, who does it, and by when. Raises as ``add``, and ConflictError for a stale version."""
    task, part = _get(work, scope, part_id, version)
    _check(work, scope, task, said)
    before = asdict(PartWords(part.title, part.assignee_id, part.due_on))
    changed = changes(before, asdict(said))
    if changed:
        part.title, part.assignee_id, part.due_on = said.title, said.assignee_id, said.due_on
        work.session.flush()
        _record(work, scope, part, "change_part", now=now)
    return part


def tick(
    work: Work, scope: Scope, part_id: int, *, is_done: bool, version: int | None, now: datetime
) -> TaskPart:
    """Say that a part is done, or not done after all; saying it twice changes nothing. Raises as ``change``."""
    _, part = _get(work, scope, part_id, version if is_done else None)
    if part.is_done is not is_done:
        part.is_done = is_done
        part.done_by_id, part.done_at = (scope.account_id, now) if is_done else (None, None)
        work.session.flush()
        _record(work, scope, part, "finish_part" if is_done else "reopen_part", now=now)
    return part


def remove(work: Work, scope: Scope, part_id: int, *, version: int | None, now: datetime) -> int:
    """Take a part away; returns the task's id. The history keeps its words. Raises as ``change``."""
    task, part = _get(work, scope, part_id, version)
    _record(work, scope, part, "remove_part", now=now)
    work.session.delete(part)
    return task.id


def _get(work: Work, scope: Scope, part_id: int, version: int | None) -> tuple[Task, TaskPart]:
    seen = queries.get_part(work.session, scope, part_id)
    task = task_turns.take(work, scope, seen.task_id, Action.DIVIDE)
    part = queries.get_part(work.session, scope, part_id, is_fresh=True)
    if version is not None and part.version != version:
        raise ConflictError("part.stale_version")
    return task, part


def _check(work: Work, scope: Scope, task: Task, said: PartWords) -> None:
    problems = []
    if not said.title.strip():
        problems.append(Problem("field.required", "title"))
    people_there = {each.id for each in people.list_assignable(work.session, scope, task.agency_id)}
    if said.assignee_id is not None and said.assignee_id not in people_there:
        problems.append(Problem("task.assignee_outside_agency", "assignee_id"))
    if said.due_on is not None:
        mistake = due_date_problem(said.due_on, task.plan.year)
        if mistake is None and said.due_on > task.due_on:
            mistake = Problem("part.due_after_task", "due_on", params={"due_on": task.due_on})
        problems += [mistake] if mistake else []
    if problems:
        raise InvalidInputError(problems)


def _record(work: Work, scope: Scope, part: TaskPart, action: str, *, now: datetime) -> None:
    data: Mapping[str, object] = {
        "part": part.id,
        "title": part.title,
        "assignee_id": part.assignee_id,
        "part_due_on": part.due_on.isoformat() if part.due_on else None,
    }
    trail.record_by(
        work,
        scope,
        action,
        ("task", part.task_id),
        now=now,
        data={name: value for name, value in data.items() if value is not None},
    )
