"""The projected index: secured, expected and potential, rebuilt from the tasks of one plan.

The level of an indicator in a figure is the minimum, over its agencies, of the value of their latest counting
round. Withdrawn tasks and those cancelled as not needed do not count; where nothing counts, the assessment's
level stands. The value of a round, whose baseline is the level that round started from:

- secured: reached if accepted, else baseline;
- expected: reached if accepted; target if submitted, or in progress, not overdue and due on or before the
  evaluation date (none known: submitted only); else baseline;
- potential: reached if accepted; baseline if given up; else target.

So secured <= expected <= potential as long as no target lies below its round's baseline. An instrument's
prerequisites bind planned raises only: where the needed indicator is too low in the same figure, the raise is
void and the round counts with its baseline. Accepted levels and baselines already there are never touched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.rules.agency_points import AgencyFigures, AgencyPart, agency_figures, agency_parts
from spbe_tasks.rules.index import IndexResult, Level, compute
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.rounds import FigureName, IndicatorTrace, TaskFact, VoidedRaise, trace_indicators
from spbe_tasks.rules.upkeep import Risk, find_risk
from spbe_tasks.rules.workflow import is_overdue

__all__ = [
    "AgencyFigures",
    "Figure",
    "FigureName",
    "IndicatorTrace",
    "Projection",
    "TaskFact",
    "VoidedRaise",
    "is_same_on",
    "project",
]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the exact index with its domains and aspects, and the level of every indicator."""

    result: IndexResult
    levels: Mapping[int, Level]

    @property
    def index(self) -> Fraction:
        """The exact index."""
        return self.result.index


@dataclass(frozen=True, slots=True)
class Projection:
    """The figures and where they come from.

    ``traces`` is keyed by indicator number and holds those with a counting task. ``voided`` are warnings, by
    figure. ``agencies`` is sorted, most undelivered points first; each row is the sum of its ``parts``.
    ``risk`` stands beside the figures: they count the present level of what has to be renewed.
    ``evaluation_on`` is None when no date was known: ``expected`` then counts submitted work only, and pages say so.
    """

    baseline: Figure
    secured: Figure
    expected: Figure
    potential: Figure
    traces: Mapping[int, IndicatorTrace]
    voided: tuple[VoidedRaise, ...]
    agencies: tuple[AgencyFigures, ...]
    parts: tuple[AgencyPart, ...]
    risk: Risk
    today: date
    evaluation_on: date | None

    @property
    def gap(self) -> Fraction:
        """Index points between the baseline and every counting task at its target, prerequisites aside."""
        return sum((row.points_at_stake for row in self.agencies), Fraction(0))


def project(
    instrument: Instrument,
    baseline_levels: Mapping[int, Level],
    tasks: Iterable[TaskFact],
    *,
    today: date,
    evaluation_on: date | None,
) -> Projection:
    """The projection of one plan, the same for any order of ``tasks``; without tasks all figures are equal.

    ``baseline_levels`` is keyed by indicator number and needs every indicator; None is "not assessed" and
    counts as the instrument says. ``tasks`` are all tasks of the plan on an indicator. ``today`` and
    ``evaluation_on`` are the government's own dates. Raises InvalidInputError for levels that cannot be
    counted, NotFoundError for a task on an indicator the instrument does not have.
    """
    facts = tuple(tasks)
    traces, voided = trace_indicators(
        instrument, baseline_levels, facts, today=today, evaluation_on=evaluation_on
    )
    parts = agency_parts(instrument, traces, today=today)
    figures = {
        name: _figure(
            instrument,
            {**baseline_levels, **{n: _level(instrument, t.value(name)) for n, t in traces.items()}},
        )
        for name in FigureName
    }
    secured = figures[FigureName.SECURED]
    return Projection(
        baseline=_figure(instrument, baseline_levels),
        secured=secured,
        expected=figures[FigureName.EXPECTED],
        potential=figures[FigureName.POTENTIAL],
        traces=traces,
        voided=voided,
        agencies=agency_figures(parts, facts, today=today),
        parts=parts,
        risk=find_risk(instrument, secured.levels, traces, index=secured.index),
        today=today,
        evaluation_on=evaluation_on,
    )


def is_same_on(tasks: Iterable[TaskFact], day: date, other_day: date) -> bool:
    """Whether the projections of two days are the same: no task is overdue on one of them only."""
    return all(
        is_overdue(task.state, task.due_on, day) == is_overdue(task.state, task.due_on, other_day)
        for task in tasks
    )


def _figure(instrument: Instrument, levels: Mapping[int, Level]) -> Figure:
    return Figure(compute(instrument, levels), levels)


def _level(instrument: Instrument, value: Decimal) -> Level:
    # A task says 0 for a baseline that was not assessed; a scale that starts higher has no level 0.
    return None if value == 0 and instrument.scale.minimum > 0 else value
