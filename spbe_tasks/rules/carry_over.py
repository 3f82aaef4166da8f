"""Which tasks of an earlier plan a new task takes further: the same finding again, or what a crosswalk leads to it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from spbe_tasks.rules.crosswalk import Crosswalk
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State, is_open


class Lineage(StrEnum):
    """How a task descends from an earlier one: a recurring finding (temuan berulang), or through a crosswalk."""

    RECURRING = "recurring"
    CROSSWALK = "crosswalk"


@dataclass(frozen=True, slots=True)
class Kin:
    """A task as far as descent goes: whose, about what, which round, and where it stands."""

    task_id: int
    indicator_number: int
    agency_id: int
    round: int
    state: State
    kind: TaskKind = TaskKind.GAP


def ancestors_of(
    tasks: Iterable[Kin], earlier: Iterable[Kin], crosswalk: Crosswalk | None = None
) -> Mapping[int, tuple[int, ...]]:
    """The ancestors of ``tasks`` among the tasks of the plan before, by task id; a task without any is left out.

    Only tasks of a gap descend. Under the same instrument the ancestor is the last round of the same agency on the
    same indicator, whatever became of it: accepted, and low again all the same, is a recurring finding too. Withdrawn
    rounds and upkeep were no finding. Through a ``crosswalk`` they are the open tasks of the indicators that are
    followed: those of the same agency, or everybody's where it had none. Each list is in order of task id.
    """
    last = _last_rounds(each for each in earlier if each.state is not State.WITHDRAWN)
    gaps = [each for each in tasks if each.kind is TaskKind.GAP]
    if crosswalk is None:
        found = {each.task_id: _same_finding(each, last) for each in gaps}
    else:
        found = {each.task_id: _followed(each, last, crosswalk) for each in gaps}
    return {task_id: ancestors for task_id, ancestors in found.items() if ancestors}


def where_to(earlier: Iterable[Kin], crosswalk: Crosswalk) -> Mapping[int, tuple[int, ...]]:
    """The new indicators that go on with each open task, by task id; none where nothing follows its indicator."""
    return {
        each.task_id: crosswalk.targets_of(each.indicator_number) for each in earlier if is_open(each.state)
    }


def _last_rounds(tasks: Iterable[Kin]) -> Mapping[int, Sequence[Kin]]:
    """The last round of every agency, by indicator; by task id."""
    last: dict[tuple[int, int], Kin] = {}
    for each in sorted(tasks, key=lambda task: task.round):
        if each.kind is not TaskKind.UPKEEP:
            last[each.indicator_number, each.agency_id] = each
    by_indicator = defaultdict(list)
    for each in sorted(last.values(), key=lambda task: task.task_id):
        by_indicator[each.indicator_number].append(each)
    return by_indicator


def _same_finding(task: Kin, last: Mapping[int, Sequence[Kin]]) -> tuple[int, ...]:
    return tuple(
        each.task_id for each in last.get(task.indicator_number, ()) if each.agency_id == task.agency_id
    )


def _followed(task: Kin, last: Mapping[int, Sequence[Kin]], crosswalk: Crosswalk) -> tuple[int, ...]:
    sources = crosswalk.sources_of(task.indicator_number)
    opened = [each for number in sources for each in last.get(number, ()) if is_open(each.state)]
    own = [each for each in opened if each.agency_id == task.agency_id]
    return tuple(sorted(each.task_id for each in own or opened))
