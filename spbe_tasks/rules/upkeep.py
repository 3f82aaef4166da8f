"""Upkeep: levels that are not low, and fall unless their evidence is renewed; what is at risk until it is.

Source: PermenPANRB 59/2020 with Pedoman Menteri PANRB 3/2024: the review behind level 4 counts for two years, level 5
is kept by a review in the running year. Which levels these are, and for how long, the instrument's file says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.rules.gaps import Owner, WantedTask, find_gaps, owners_of, title_of
from spbe_tasks.rules.index import Level, compute
from spbe_tasks.rules.instrument import Instrument, LevelScale
from spbe_tasks.rules.ownership import part_of_one
from spbe_tasks.rules.policy import DueDates, Policy
from spbe_tasks.rules.rounds import FigureName, IndicatorTrace, TaskFact
from spbe_tasks.rules.task_kind import TaskKind, at_stake
from spbe_tasks.rules.workflow import State


@dataclass(frozen=True, slots=True)
class Risk:
    """The exact index if every level that is not renewed fell by one, and which indicators these are, by number."""

    index: Fraction
    indicators: tuple[int, ...]


def renewal_months(instrument: Instrument, number: int, level: Decimal) -> int | None:
    """After how many months the evidence of an indicator at ``level`` has to be renewed; None: never.

    A level between two whole ones is kept as the lower one is. Raises NotFoundError for an unknown indicator.
    """
    whole = int(level)
    own = instrument.upkeep_months.get(whole)
    if own is not None:
        return own
    steps = (step for step in instrument.indicator(number).levels if step.level == whole)
    is_reviewed = any(criterion.is_review for step in steps for criterion in step.criteria)
    return instrument.review_age_limit_months if is_reviewed else None


def wanted_upkeep(
    instrument: Instrument,
    levels: Mapping[int, Level],
    owners: Iterable[Owner],
    policy: Policy,
    *,
    dates: DueDates,
) -> tuple[WantedTask, ...]:
    """One task for every owner of every indicator that is no gap and has something to renew, by number and agency.

    Empty unless the policy says so. Each keeps the present level; its points are what a fall by one would cost, and
    say by when it is due. Raises InvalidInputError as ``gaps.wanted_tasks``.
    """
    if not policy.has_upkeep:
        return ()
    low = {gap.indicator_number for gap in find_gaps(instrument, levels, policy)}
    kept: dict[int, Decimal] = {}
    for number, level in levels.items():
        if level is not None and number not in low and renewal_months(instrument, number, level) is not None:
            kept[number] = level
    return tuple(
        _task(instrument, owner, kept[number], part_of_one(owner.share, len(them)), dates)
        for number, them in owners_of(sorted(kept), owners).items()
        for owner in sorted(them, key=lambda each: each.agency_slug)
    )


def find_risk(
    instrument: Instrument,
    levels: Mapping[int, Level],
    traces: Mapping[int, IndicatorTrace],
    *,
    index: Fraction,
) -> Risk:
    """What the index would be if the upkeep that is not accepted failed. ``levels`` and ``index`` are what is secured.

    A level falls by one, never below the scale; one that has fallen already, or is due to a task of another kind, does
    not. As everywhere, the lowest agency of an indicator counts.
    """
    fallen = dict(levels)
    for number, trace in traces.items():
        lowest = min(
            _fallen(instrument.scale, counted.task, counted.values[FigureName.SECURED])
            for counted in trace.counted
        )
        if lowest < trace.value(FigureName.SECURED):
            fallen[number] = lowest
    numbers = tuple(sorted(number for number, level in fallen.items() if level != levels[number]))
    return Risk(compute(instrument, fallen).index if numbers else index, numbers)


def _task(
    instrument: Instrument, owner: Owner, level: Decimal, share: Fraction, dates: DueDates
) -> WantedTask:
    indicator = instrument.indicator(owner.indicator_number)
    return WantedTask(
        indicator_number=indicator.number,
        agency_id=owner.agency_id,
        agency_slug=owner.agency_slug,
        is_lead=owner.is_lead,
        title=title_of(indicator),
        baseline=level,
        target=level,
        share=share,
        points=at_stake(TaskKind.UPKEEP, share, indicator.weight, baseline=level, target=level),
        effort_days=Fraction(0),
        dates=dates,
        kind=TaskKind.UPKEEP,
    )


def _is_at_risk(task: TaskFact) -> bool:
    keeps = task.kind is TaskKind.UPKEEP and task.baseline >= task.target
    return keeps and task.state is not State.ACCEPTED


def _fallen(scale: LevelScale, task: TaskFact, secured: Decimal) -> Decimal:
    return min(secured, max(secured - 1, scale.minimum)) if _is_at_risk(task) else secured
