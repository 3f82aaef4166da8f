"""A policy: which indicators are low, what they are to reach, by when, at what effort and within which capacities.

What cannot be carried out is found in ``policy_check``, the stored form made and read in ``policy_settings``, two
versions compared in ``policy_review``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.instrument import Instrument

# Our own working figures; no regulation states any of them. A task worth two levels of a usual indicator
# (weight 2.75: 0.055 index points) is of high priority, one worth a single level of it of middle priority.
# Fixed bounds, not thirds of the list: one agency's dates must not move because another one got a task.
DEFAULT_EFFORT_DAYS_PER_LEVEL = Decimal(10)
HIGH_FROM = Decimal("0.05")
MIDDLE_FROM = Decimal("0.025")


class LowRule(StrEnum):
    """Which indicators are low."""

    BELOW_LEVEL = "below_level"
    BELOW_TARGET = "below_target"
    LISTED_ONLY = "listed_only"


class Priority(StrEnum):
    """How urgent a task is, by the index points at stake in it."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class LevelRule:
    """A level of the instrument's scale with exceptions, keyed by domain number and by indicator number."""

    default: Decimal
    by_domain: Mapping[int, Decimal] = field(default_factory=dict)
    by_indicator: Mapping[int, Decimal] = field(default_factory=dict)

    def of(self, instrument: Instrument, number: int) -> Decimal:
        """The indicator's own level, else its domain's, else the default. Raises NotFoundError for an unknown one."""
        domain = instrument.domain_of(number).number
        return self.by_indicator.get(number, self.by_domain.get(domain, self.default))

    def exceptions(self) -> Iterator[tuple[str, int, Decimal]]:
        """Each exception as ("domain" or "indicator", its number, the level), by number."""
        for kind, levels in (("domain", self.by_domain), ("indicator", self.by_indicator)):
            for number in sorted(levels):
                yield kind, number, levels[number]


@dataclass(frozen=True, slots=True)
class DueDates:
    """A due rule turned into days; every priority has one. All are working days."""

    days: Mapping[Priority, date]
    high_from: Decimal = HIGH_FROM
    middle_from: Decimal = MIDDLE_FROM

    @classmethod
    def same(cls, day: date) -> "DueDates":
        """One day for every priority."""
        return cls(dict.fromkeys(Priority, day))

    def on(self, points: Fraction) -> date:
        """When a task with so many index points at stake is due."""
        return self.days[priority_of(points, self.high_from, self.middle_from)]

    @property
    def first(self) -> date:
        """The earliest of the days."""
        return min(self.days.values())

    @property
    def last(self) -> date:
        """The latest of the days."""
        return max(self.days.values())


@dataclass(frozen=True, slots=True)
class DueRule:
    """By priority either a day, or a number of working days from publishing: exactly one of the two is given.

    A task is of high priority from ``high_from`` index points on, of middle priority from ``middle_from`` on.
    """

    fixed_on: Mapping[Priority, date] | None = None
    working_days: Mapping[Priority, int] | None = None
    high_from: Decimal = HIGH_FROM
    middle_from: Decimal = MIDDLE_FROM

    @classmethod
    def on(cls, day: date) -> "DueRule":
        """One day for every task."""
        return cls(fixed_on=dict.fromkeys(Priority, day))

    def dates(self, calendar: WorkCalendar, counted_from: date) -> DueDates:
        """The days of this rule. A day off moves to the next working day; counting starts after ``counted_from``."""
        if self.fixed_on is not None:
            days = {each: calendar.next_working_day(day) for each, day in self.fixed_on.items()}
        else:
            days = {
                each: _working_days_after(calendar, counted_from, count)
                for each, count in (self.working_days or {}).items()
            }
        return DueDates(days, self.high_from, self.middle_from)


@dataclass(frozen=True, slots=True)
class Effort:
    """Person-days of one whole level, all agencies of the indicator together.

    An indicator's own figure holds for each of its steps; else the figure of the step, keyed by the level it
    leads to; else ``days_per_level``.
    """

    days_per_level: Decimal = DEFAULT_EFFORT_DAYS_PER_LEVEL
    by_step: Mapping[int, Decimal] = field(default_factory=dict)
    by_indicator: Mapping[int, Decimal] = field(default_factory=dict)

    def days(self, number: int, baseline: Decimal, target: Decimal) -> Fraction:
        """Person-days to raise an indicator from ``baseline`` (0: not assessed) to ``target``, exact.

        A partial step costs its fraction; nothing where the target is not above the baseline.
        """
        total, low = Fraction(0), Fraction(baseline)
        while low < target:
            level = int(low) + 1
            high = min(Fraction(target), Fraction(level))
            total += (high - low) * Fraction(self.of_step(number, level))
            low = high
        return total

    def of_step(self, number: int, level: int) -> Decimal:
        """Person-days of raising the indicator to the whole ``level`` from the one below it."""
        return self.by_indicator.get(number, self.by_step.get(level, self.days_per_level))


@dataclass(frozen=True, slots=True)
class Policy:
    """Which indicators are low, what they are to reach, by when, at what effort.

    By ``BELOW_LEVEL`` an indicator is low below its threshold; one with a target of its own and no threshold of
    its own is low below that target. By ``BELOW_TARGET`` it is low below its target. By ``LISTED_ONLY`` only
    indicators with a target of their own are looked at. ``capacities`` are person-days by agency slug; an agency
    that is not named has no cap. ``has_upkeep``: levels that fall unless their evidence is renewed get tasks, too.
    """

    threshold: LevelRule
    target: LevelRule
    due: DueRule
    low_rule: LowRule = LowRule.BELOW_LEVEL
    effort: Effort = field(default_factory=Effort)
    capacities: Mapping[str, Decimal] = field(default_factory=dict)
    has_upkeep: bool = False

    @classmethod
    def simple(cls, threshold: Decimal, target: Decimal, due_on: date) -> "Policy":
        """Low below one level, to reach another one by one day; everything else as usual."""
        return cls(LevelRule(threshold), LevelRule(target), DueRule.on(due_on))

    def low_below(self, instrument: Instrument, number: int) -> Decimal | None:
        """The level below which an indicator is low; None when this policy does not look at it."""
        own = self.target.by_indicator.get(number)
        if self.low_rule is LowRule.LISTED_ONLY:
            return own
        if self.low_rule is LowRule.BELOW_TARGET:
            return self.target.of(instrument, number)
        if own is not None and number not in self.threshold.by_indicator:
            return own
        return self.threshold.of(instrument, number)


def priority_of(points: Fraction, high_from: Decimal, middle_from: Decimal) -> Priority:
    """The priority of a task by its index points at stake and the bounds of a policy."""
    if points >= high_from:
        return Priority.HIGH
    return Priority.MIDDLE if points >= middle_from else Priority.LOW


def _working_days_after(calendar: WorkCalendar, day: date, count: int) -> date:
    for _ in range(count):
        day = calendar.next_working_day(day + timedelta(days=1))
    return day
