"""From score to tasks: a policy says which indicators are low, the ownership matrix who must raise them.

What is wanted is compared with what stands in ``reconciliation``.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.index import Level, check_levels, contribution, counted
from spbe_tasks.rules.instrument import Indicator, Instrument
from spbe_tasks.rules.ownership import part_of_one
from spbe_tasks.rules.policy import DueDates, Policy
from spbe_tasks.rules.policy_check import check
from spbe_tasks.rules.task_kind import TaskKind, at_stake

# Titles are written once, when a task is made, in the language of the regulation.
_TITLE_LOCALE = "id"


@dataclass(frozen=True, slots=True)
class Owner:
    """One cell of the ownership matrix; ``share`` is a part of 1, None for an equal part."""

    indicator_number: int
    agency_id: int
    agency_slug: str
    is_lead: bool
    share: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A low indicator; ``baseline`` is 0 where not assessed counts as zero."""

    indicator_number: int
    baseline: Decimal
    target: Decimal


@dataclass(frozen=True, slots=True)
class WantedTask:
    """What one owner has to do about one gap. ``points`` are index points, ``effort_days`` person-days.

    Of the kind ``UPKEEP``: about a level that is to be kept (``upkeep``); ``points`` are then a risk.
    ``dates`` say by when, by the points at stake: a later round is worth less than the whole gap.
    """

    indicator_number: int
    agency_id: int
    agency_slug: str
    is_lead: bool
    title: str
    baseline: Decimal
    target: Decimal
    share: Fraction
    points: Fraction
    effort_days: Fraction
    dates: DueDates
    unlocks_others: bool = False
    kind: TaskKind = TaskKind.GAP

    @property
    def due_on(self) -> date:
        """When the first round is due, which is worth the whole gap."""
        return self.dates.on(self.points)


@dataclass(frozen=True, slots=True)
class WantedPlan:
    """Every task the gaps ask for, most urgent first, and the low indicators that nobody owns, by number."""

    tasks: tuple[WantedTask, ...]
    unowned: tuple[int, ...]


def find_gaps(instrument: Instrument, levels: Mapping[int, Level], policy: Policy) -> tuple[Gap, ...]:
    """The low indicators in the order of their numbers.

    ``levels`` is keyed by indicator number and needs every indicator. None, not assessed, is low and starts
    from 0 where the instrument counts it as zero. Raises InvalidInputError with every problem of the levels
    and of the policy (``policy.check``).
    """
    problems = (*check_levels(instrument, levels), *check(instrument, policy))
    if problems:
        raise InvalidInputError(problems)
    found = []
    for indicator in instrument.indicators:
        baseline = levels[indicator.number]
        value = counted(baseline)
        below = policy.low_below(instrument, indicator.number)
        if below is not None and value < below:
            found.append(Gap(indicator.number, value, policy.target.of(instrument, indicator.number)))
    return tuple(found)


def wanted_tasks(
    instrument: Instrument,
    levels: Mapping[int, Level],
    owners: Iterable[Owner],
    policy: Policy,
    *,
    dates: DueDates,
) -> WantedPlan:
    """One task for every owner of every gap, in total priority order, whatever the order of the input.

    Order: points descending, prerequisites of others first, effort ascending, due date, indicator number,
    agency slug. The points of an indicator's tasks add up to its gap in index points exactly. ``dates`` are the
    policy's due rule as days.

    Raises InvalidInputError as ``find_gaps`` does, and when the owners of a gap are listed twice or their
    shares do not add up to 1: all equal (none given) or all given.
    """
    gaps = find_gaps(instrument, levels, policy)
    by_indicator = owners_of([gap.indicator_number for gap in gaps], owners)
    unlocking = unlocking_indicators(instrument, gaps)
    tasks = [
        replace(task, unlocks_others=task.indicator_number in unlocking)
        for gap in gaps
        for task in _tasks_of(instrument, gap, by_indicator[gap.indicator_number], policy, dates)
    ]
    unowned = tuple(number for number, them in by_indicator.items() if not them)
    return WantedPlan(tuple(sorted(tasks, key=_priority)), unowned)


def gap_points(instrument: Instrument, gaps: Iterable[Gap]) -> dict[int, Fraction]:
    """The index points of each gap, by indicator number, whoever owns it or nobody."""
    return {
        gap.indicator_number: contribution(instrument, gap.indicator_number, gap.target - gap.baseline)
        for gap in gaps
    }


def unlocking_indicators(instrument: Instrument, gaps: Collection[Gap]) -> frozenset[int]:
    """The indicators whose raise some other wanted raise waits for, by the instrument's prerequisites."""
    by_number = {gap.indicator_number: gap for gap in gaps}

    def crosses(number: int, level: int) -> bool:
        gap = by_number.get(number)
        return gap is not None and gap.baseline < level <= gap.target

    return frozenset(
        rule.needs_indicator
        for rule in instrument.prerequisites
        if crosses(rule.needs_indicator, rule.needs_level)
        and any(crosses(number, rule.level) for number in rule.indicators)
    )


def _tasks_of(
    instrument: Instrument, gap: Gap, owners: list[Owner], policy: Policy, dates: DueDates
) -> Iterator[WantedTask]:
    indicator = instrument.indicator(gap.indicator_number)
    effort_days = policy.effort.days(gap.indicator_number, gap.baseline, gap.target)
    for owner in owners:
        share = part_of_one(owner.share, len(owners))
        yield WantedTask(
            indicator_number=gap.indicator_number,
            agency_id=owner.agency_id,
            agency_slug=owner.agency_slug,
            is_lead=owner.is_lead,
            title=title_of(indicator),
            baseline=gap.baseline,
            target=gap.target,
            share=share,
            points=at_stake(TaskKind.GAP, share, indicator.weight, baseline=gap.baseline, target=gap.target),
            effort_days=share * effort_days,
            dates=dates,
        )


def _priority(task: WantedTask) -> tuple[Fraction, bool, Fraction, date, int, str]:
    return (
        -task.points,
        not task.unlocks_others,
        task.effort_days,
        task.due_on,
        task.indicator_number,
        task.agency_slug,
    )


def title_of(indicator: Indicator) -> str:
    """What the machine calls the tasks of an indicator."""
    return indicator.short_name(_TITLE_LOCALE)


def owners_of(numbers: Iterable[int], owners: Iterable[Owner]) -> dict[int, list[Owner]]:
    """The owners of each of these indicators, in the order of ``numbers``; none where nobody owns it.

    Raises InvalidInputError when owners are listed twice or their shares do not add up to 1.
    """
    found: dict[int, list[Owner]] = {number: [] for number in numbers}
    for owner in owners:
        if owner.indicator_number in found:
            found[owner.indicator_number].append(owner)
    problems = [problem for them in found.values() for problem in _owner_problems(them)]
    if problems:
        raise InvalidInputError(problems)
    return found


def _owner_problems(owners: list[Owner]) -> list[Problem]:
    if not owners:
        return []
    number = owners[0].indicator_number
    problems = []
    if len({owner.agency_id for owner in owners}) < len(owners):
        problems.append(Problem("ownership.agency_listed_twice", params={"number": number}))
    given = [owner.share for owner in owners if owner.share is not None]
    is_whole = len(given) == len(owners) and sum(given) == 1 and min(given) >= 0
    if given and not is_whole:
        total = str(sum(given, Fraction(0)))
        problems.append(Problem("ownership.shares_not_one", "share", value=total, params={"number": number}))
    return problems
