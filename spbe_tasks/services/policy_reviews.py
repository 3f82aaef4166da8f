"""What generating would do, for a person to look at first: tasks by name, loads of agencies, the outlook, warnings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.policy_review import (
    AgencyLoad,
    Difference,
    Outlook,
    differences,
    loads,
    outlook,
    warnings,
)
from spbe_tasks.rules.reconciliation import ExistingTask, SourceFields
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.services import instruments
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.queries import people


class ChangeKind(StrEnum):
    """What happens to a task."""

    NEW = "new"
    CHANGED = "changed"
    RESTORED = "restored"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ChangedTask:
    """One task that appears, changes or goes; ``before`` and ``after`` are None where there is none."""

    kind: ChangeKind
    task_id: int | None
    indicator_number: int
    agency_name: str
    before: ExistingTask | None
    after: SourceFields | None
    task_kind: TaskKind = TaskKind.GAP

    @property
    def due_on(self) -> date | None:
        """When it is due afterwards."""
        return self.after.due_on if self.after else None


@dataclass(frozen=True, slots=True)
class Review:
    """``agencies`` are their short names by slug; ``differences`` those from the version that stands."""

    tasks: tuple[ChangedTask, ...]
    loads: tuple[AgencyLoad, ...]
    outlook: Outlook
    warnings: tuple[Problem, ...]
    differences: tuple[Difference, ...]
    target_index: Decimal | None
    agencies: Mapping[str, str]


def review(session: Session, scope: Scope, seen: Generated, *, target_index: Decimal | None) -> Review:
    """Everything about a preview that a coordinator should see before storing it."""
    agencies = people.list_agencies(session, scope)
    before, wanted = seen.settled.before, seen.wanted.tasks
    found = loads(wanted, seen.policy)
    target = target_index or (seen.plan.target_index if seen.plan else None)
    instrument = instruments.of(session, seen.baseline.assessment)
    figures = outlook(instrument, seen.levels, seen.changes, seen.standing, today=seen.settled.today)
    slugs = {each.slug: each.short_name for each in agencies}
    return Review(
        tasks=tuple(_changed(seen, {each.id: each.short_name for each in agencies})),
        loads=found,
        outlook=figures,
        warnings=_named(warnings(figures, found, opens_on=seen.settled.opens_on, target_index=target), slugs),
        differences=differences(before.policy, seen.policy) if before else (),
        target_index=target,
        agencies=slugs,
    )


def _changed(seen: Generated, names: Mapping[int, str]) -> Iterator[ChangedTask]:
    for new in seen.changes.create:
        name = names[new.agency_id]
        yield ChangedTask(ChangeKind.NEW, None, new.indicator_number, name, None, new.fields, new.kind)
    for update in seen.changes.update:
        task = seen.standing[update.task_id]
        kind = ChangeKind.RESTORED if update.restores else ChangeKind.CHANGED
        name, fields = names[task.agency_id], update.fields
        yield ChangedTask(kind, task.id, task.indicator_number, name, task, fields, task.kind)
    for withdrawn in seen.changes.withdraw:
        task = seen.standing[withdrawn.task_id]
        name = names[task.agency_id]
        yield ChangedTask(ChangeKind.WITHDRAWN, task.id, task.indicator_number, name, task, None, task.kind)


def _named(found: Sequence[Problem], names: Mapping[str, str]) -> tuple[Problem, ...]:
    """The warnings with the agencies' names instead of their slugs."""
    return tuple(
        Problem(each.code, params={**each.params, "agency": names.get(str(each.params["agency"]), "")})
        if "agency" in each.params
        else each
        for each in found
    )
