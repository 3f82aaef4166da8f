"""Which round of a task counts, what it is worth in each projected figure, and which raises are void.

The definitions are those in the head of ``projection``; this is where each of them is carried out, once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Instrument, Prerequisite
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import CancelKind, State, is_overdue

_ZERO = Decimal(0)


class FigureName(StrEnum):
    """The projected figures, from what is certain to what is possible."""

    SECURED = "secured"
    EXPECTED = "expected"
    POTENTIAL = "potential"


@dataclass(frozen=True, slots=True)
class TaskFact:
    """A task as the projection sees it. Levels are the scale's, 0 for a baseline that was not assessed.

    ``reached`` is given exactly when the task is accepted; ``share`` is the agency's part of 1.
    """

    task_id: int
    indicator_number: int
    agency_id: int
    round: int
    state: State
    baseline: Decimal
    target: Decimal
    due_on: date | None
    share: Fraction
    reached: Decimal | None = None
    cancel_kind: CancelKind | None = None
    kind: TaskKind = TaskKind.GAP

    def __post_init__(self) -> None:
        if (self.state is State.ACCEPTED) != (self.reached is not None):
            raise ValueError(f"task {self.task_id}: a reached level and an acceptance go together")


@dataclass(frozen=True, slots=True)
class VoidedRaise:
    """A planned raise that does not count in ``figure`` because another indicator is too low there."""

    figure: FigureName
    indicator_number: int
    agency_id: int
    task_id: int
    needs_indicator: int
    needs_level: int


@dataclass(frozen=True, slots=True)
class CountedTask:
    """The one round of an agency that counts, and what it is worth in each figure."""

    task: TaskFact
    values: Mapping[FigureName, Decimal]


@dataclass(frozen=True, slots=True)
class IndicatorTrace:
    """Where the levels of an indicator come from; ``counted`` is in the order of agency ids."""

    indicator_number: int
    baseline: Level
    counted: tuple[CountedTask, ...]

    def value(self, figure: FigureName) -> Decimal:
        """The level in a figure, 0 for not assessed: the minimum over the agencies that count."""
        return min(counted.values[figure] for counted in self.counted)


_Rounds = Mapping[int, Sequence[TaskFact]]
_Values = dict[int, Decimal]


def trace_indicators(
    instrument: Instrument,
    baseline_levels: Mapping[int, Level],
    tasks: Iterable[TaskFact],
    *,
    today: date,
    evaluation_on: date | None,
) -> tuple[Mapping[int, IndicatorTrace], tuple[VoidedRaise, ...]]:
    """The trace of every indicator that has a counting round, by number, and the raises that are void."""
    rounds = counting_rounds(tasks)
    values: dict[FigureName, _Values] = {}
    voided: list[VoidedRaise] = []
    for figure in FigureName:
        values[figure] = {
            task.task_id: _value(figure, task, today, evaluation_on)
            for number in rounds
            for task in rounds[number]
        }
        voided += _void_raises(instrument.prerequisites, baseline_levels, rounds, values[figure], figure)
    traces = {
        number: IndicatorTrace(
            number,
            baseline_levels.get(number),
            tuple(
                CountedTask(t, {figure: values[figure][t.task_id] for figure in FigureName}) for t in counted
            ),
        )
        for number, counted in rounds.items()
    }
    return traces, tuple(voided)


def counting_rounds(tasks: Iterable[TaskFact]) -> Mapping[int, tuple[TaskFact, ...]]:
    """The latest counting round of every agency, by indicator number, in the order of agency ids.

    Withdrawn tasks and those cancelled as not needed do not count; an indicator without a counting task is
    absent.
    """
    counting = sorted(
        (task for task in tasks if _counts(task)),
        key=lambda task: (task.indicator_number, task.agency_id, task.round),
    )
    latest = {(task.indicator_number, task.agency_id): task for task in counting}
    by_number = groupby(latest.values(), key=lambda task: task.indicator_number)
    return {number: tuple(group) for number, group in by_number}


def _counts(task: TaskFact) -> bool:
    return task.state is not State.WITHDRAWN and task.cancel_kind is not CancelKind.NOT_NEEDED


def _value(figure: FigureName, task: TaskFact, today: date, evaluation_on: date | None) -> Decimal:
    if task.reached is not None:
        return task.reached
    if figure is FigureName.EXPECTED:
        return task.target if _is_expected(task, today, evaluation_on) else task.baseline
    is_hoped_for = figure is FigureName.POTENTIAL and task.state is not State.CANCELLED
    return task.target if is_hoped_for else task.baseline


def _is_expected(task: TaskFact, today: date, evaluation_on: date | None) -> bool:
    if task.state is State.SUBMITTED:
        return True
    if task.state is not State.IN_PROGRESS or task.due_on is None or evaluation_on is None:
        return False
    return task.due_on <= evaluation_on and not is_overdue(task.state, task.due_on, today)


def _void_raises(
    prerequisites: Sequence[Prerequisite],
    baseline_levels: Mapping[int, Level],
    rounds: _Rounds,
    values: _Values,
    figure: FigureName,
) -> list[VoidedRaise]:
    """Put void raises in ``values`` back to their baseline; a raise voided here may void another in turn."""
    voided: list[VoidedRaise] = []
    found = True
    while found:
        found = False
        for rule in prerequisites:
            if _figure_value(rule.needs_indicator, baseline_levels, rounds, values) >= rule.needs_level:
                continue
            for task in _bound_raises(rule, rounds, values):
                found = True
                values[task.task_id] = task.baseline
                place = (figure, task.indicator_number, task.agency_id, task.task_id)
                voided.append(VoidedRaise(*place, rule.needs_indicator, rule.needs_level))
    return voided


def _bound_raises(rule: Prerequisite, rounds: _Rounds, values: _Values) -> list[TaskFact]:
    # What was accepted is a fact, and a round that starts at the level or above is grandfathered.
    return [
        task
        for number in sorted(rule.indicators)
        for task in rounds.get(number, ())
        if task.state is not State.ACCEPTED and task.baseline < rule.level <= values[task.task_id]
    ]


def _figure_value(
    number: int, baseline_levels: Mapping[int, Level], rounds: _Rounds, values: _Values
) -> Decimal:
    counted = rounds.get(number)
    if counted:
        return min(values[task.task_id] for task in counted)
    return baseline_levels.get(number) or _ZERO
