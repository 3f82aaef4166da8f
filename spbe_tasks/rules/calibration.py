"""Calibration: what a plan predicted against what the evaluator then found, per indicator, agency and reviewer.

A difference is the official level minus the predicted one: below zero the evaluator gave less than was accepted.
All means are exact fractions. Nothing here compares levels of two instruments.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from spbe_tasks.rules.index import Level, contribution, counted
from spbe_tasks.rules.instrument import Instrument

# From fewer raised indicators, or fewer verdicts, nothing is concluded: chance would speak.
LEAST_COUNT = 5
# A mean difference of less than a quarter of a level, either way, counts as agreement.
AGREES_WITHIN = Fraction(1, 4)

Key = TypeVar("Key", bound=Hashable)


class CutOffReason(StrEnum):
    """Which day says until when a prediction could be made."""

    CLOSED = "closed"  # the self-assessment closed
    OPENED = "opened"  # it opened; when it closed is not known
    IMPORTED = "imported"  # the day before the official result came in


@dataclass(frozen=True, slots=True)
class CutOff:
    """The last day, in the government's zone, whose figures count as the prediction."""

    on: date
    reason: CutOffReason


class Lean(StrEnum):
    """How verdicts compare with the evaluator's, in the mean."""

    ABOVE = "above"  # accepted higher than the evaluator found
    AGREES = "agrees"
    BELOW = "below"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Compared:
    """One indicator: the levels a plan started from, predicted and got; ``gain`` and ``kept`` are index points.

    ``gain`` is the predicted raise, 0 when none was predicted; ``kept`` the part of it that came true: never below 0,
    and never above ``gain``, so that one indicator cannot make up for another.
    """

    number: int
    baseline: Decimal
    predicted: Decimal
    official: Decimal
    gain: Fraction
    kept: Fraction

    @property
    def difference(self) -> Decimal:
        """The official level minus the predicted one, in levels."""
        return self.official - self.predicted

    @property
    def is_raise(self) -> bool:
        """Whether the plan predicted more than it started from."""
        return self.predicted > self.baseline

    @property
    def is_confirmed(self) -> bool:
        """Whether the evaluator found at least what was predicted."""
        return self.official >= self.predicted

    @property
    def is_tellable(self) -> bool:
        """Whether there is anything to say: a raise, or a level that came out otherwise."""
        return self.is_raise or self.difference != 0


@dataclass(frozen=True, slots=True)
class Decision:
    """A task accepted, with the level ``reached``, or (None) reopened, as the trail tells it."""

    task_id: int
    indicator_number: int
    agency_id: int
    round: int
    person_id: int | None
    reached: Decimal | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Some verdicts or indicators together; ``mean`` is of their differences, in levels."""

    count: int
    confirmed: int
    mean: Fraction

    @property
    def lean(self) -> Lean:
        """What the mean says; nothing from fewer than ``LEAST_COUNT``."""
        if self.count < LEAST_COUNT:
            return Lean.TOO_FEW
        if abs(self.mean) < AGREES_WITHIN:
            return Lean.AGREES
        return Lean.ABOVE if self.mean < 0 else Lean.BELOW


@dataclass(frozen=True, slots=True)
class Discount:
    """Which share of the predicted gain came true, 0 to 1, in ``count`` raised indicators of ``plans`` plans."""

    kept: Fraction
    count: int
    plans: int


def cut_off(*, closes_on: date | None, opens_on: date | None, imported_on: date) -> CutOff:
    """Until when the figures of a plan count as its prediction; all days are the government's own.

    The day on which the self-assessment of the evaluation closed; else the one on which it opened; else, and never
    later than, the day before the first revision of the official result was imported.
    """
    before = CutOff(imported_on - timedelta(days=1), CutOffReason.IMPORTED)
    for day, reason in ((closes_on, CutOffReason.CLOSED), (opens_on, CutOffReason.OPENED)):
        if day is not None:
            return CutOff(day, reason) if day <= before.on else before
    return before


def compare(
    instrument: Instrument,
    *,
    baseline: Mapping[int, Level],
    predicted: Mapping[int, Level],
    official: Mapping[int, Level],
) -> tuple[Compared, ...]:
    """Every indicator in the instrument's order. The levels are by one instrument and keyed by number.

    "Not assessed" counts as 0, as in the index.
    """
    return tuple(
        _compared(
            instrument,
            each.number,
            *(counted(levels[each.number]) for levels in (baseline, predicted, official)),
        )
        for each in instrument.indicators
    )


def tally(compared: Sequence[Compared]) -> Tally | None:
    """The mean difference of these indicators and how many were confirmed; None for none."""
    if not compared:
        return None
    total = sum((Fraction(each.difference) for each in compared), Fraction(0))
    confirmed = sum(each.is_confirmed for each in compared)
    return Tally(len(compared), confirmed, total / len(compared))


def in_force(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The verdicts that stood after all these decisions, which are in the order in which they were made.

    A reopened task has none; of an agency's rounds on an indicator the latest accepted one counts.
    """
    last = {each.task_id: each for each in decisions}
    latest: dict[tuple[int, int], Decision] = {}
    for each in sorted(last.values(), key=lambda each: (each.round, each.task_id)):
        if each.reached is not None:
            latest[each.indicator_number, each.agency_id] = each
    return tuple(latest.values())


def decisive(
    verdicts: Iterable[Decision], compared: Iterable[Compared]
) -> tuple[tuple[Decision, Compared], ...]:
    """The verdicts whose level is the predicted one of their indicator, each with the indicator.

    Where another agency was lower, the evaluator judged that one: the higher verdict is left out, for it was not tried.
    """
    by_number = {each.number: each for each in compared}
    return tuple(
        (each, by_number[each.indicator_number])
        for each in verdicts
        if each.reached == by_number[each.indicator_number].predicted
    )


def tallies(
    verdicts: Iterable[tuple[Decision, Compared]], key: Callable[[Decision], Key]
) -> Mapping[Key, Tally]:
    """The tally of each group of decisive verdicts, such as those of one agency or one reviewer."""
    groups: dict[Key, list[Compared]] = {}
    for verdict, found in verdicts:
        groups.setdefault(key(verdict), []).append(found)
    told = {group: tally(them) for group, them in groups.items()}
    return {group: each for group, each in told.items() if each is not None}


def discount(plans: Iterable[Sequence[Compared]]) -> Discount | None:
    """Which share of the gain that these plans predicted came true, weighted by index points.

    None below ``LEAST_COUNT`` raised indicators in all, or where they are worth nothing.
    """
    raised = [[each for each in plan if each.is_raise] for plan in plans]
    every = [each for plan in raised for each in plan]
    gain = sum((each.gain for each in every), Fraction(0))
    if len(every) < LEAST_COUNT or gain == 0:
        return None
    kept = sum((each.kept for each in every), Fraction(0))
    return Discount(kept / gain, len(every), sum(bool(plan) for plan in raised))


def _compared(
    instrument: Instrument, number: int, baseline: Decimal, predicted: Decimal, official: Decimal
) -> Compared:
    raised = max(predicted - baseline, Decimal(0))
    came_true = min(max(official - baseline, Decimal(0)), raised)
    return Compared(
        number,
        baseline,
        predicted,
        official,
        gain=contribution(instrument, number, raised),
        kept=contribution(instrument, number, came_true),
    )
