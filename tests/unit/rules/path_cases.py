"""Small random questions about paths, and every answer to them found by trying all sets of raises."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import product

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.index import contribution
from spbe_tasks.rules.instrument import Aspect, Domain, Indicator, Instrument, LevelScale, Prerequisite
from spbe_tasks.rules.path import PathProblem
from spbe_tasks.rules.policy import Effort

AGENCIES = ("arsip", "bkd", "diskominfo")


@dataclass(frozen=True, slots=True)
class Try:
    """One set of raises: the level every indicator ends at, and what that costs."""

    levels: Mapping[int, Decimal]
    days: Fraction
    raised: int
    points: Fraction
    loads: Mapping[str, Fraction]

    @property
    def cheapest_first(self) -> tuple[object, ...]:
        furthest = tuple(-self.levels[number] for number in sorted(self.levels))
        return (self.days, self.raised, -self.points, furthest)


def instrument(indicators: int, weights: list[Decimal], *, is_integer: bool, top: int) -> Instrument:
    """A small instrument; weights add up to 100. One prerequisite: the last ones need the first at level 2."""
    base = get_instrument("permenpanrb-59-2020")
    rows = tuple(
        Indicator(number, f"I{number}", f"I{number}", weight, "general")
        for number, weight in zip(range(1, indicators + 1), weights, strict=True)
    )
    total = Decimal(100)
    return replace(
        base,
        scale=LevelScale(Decimal(1), Decimal(top), is_integer=is_integer),
        domains=(Domain(1, "D", "D", total, (Aspect(1, "A", "A", total, rows),)),),
        prerequisites=(Prerequisite(frozenset({indicators, indicators - 1}) - {1}, 2, 1, 2),),
    )


def random_problem(seed: int) -> PathProblem:
    """A question with ties, shares, caps, prerequisites above and below their bound, decimals and exclusions."""
    dice = random.Random(seed)
    count, top = dice.randint(2, 5), dice.choice([3, 3, 4])
    is_integer = dice.random() < 0.7
    made = instrument(count, _weights(dice, count), is_integer=is_integer, top=top)
    numbers = range(1, count + 1)
    levels = {number: _level(dice, top, is_integer=is_integer) for number in numbers}
    start = sum((contribution(made, n, level or 0) for n, level in levels.items()), Fraction(0))
    room = top - start
    capacities = {slug: Decimal(dice.choice([0, 10, 15, 20, 30])) for slug in AGENCIES if dice.random() < 0.6}
    excluded = frozenset(number for number in numbers if dice.random() < 0.1)
    free = [number for number in numbers if number not in excluded]
    fixed = {}
    if free and dice.random() < 0.2:
        number = dice.choice(free)
        fixed[number] = dice.choice([Decimal(top), levels[number] or Decimal(1)])
    return PathProblem(
        instrument=made,
        levels=levels,
        target=start + room * Fraction(dice.randint(0, 100), 100),
        owners={number: _owners(dice) for number in numbers},
        effort=_effort(dice, numbers),
        capacities=capacities,
        excluded=excluded,
        fixed=fixed,
    )


def shuffled(problem: PathProblem, seed: int) -> PathProblem:
    """The same question with every mapping in another order."""
    dice = random.Random(seed)

    def mixed(mapping):
        pairs = list(mapping.items())
        dice.shuffle(pairs)
        return dict(pairs)

    return replace(
        problem,
        levels=mixed(problem.levels),
        owners={number: mixed(shares) for number, shares in mixed(problem.owners).items()},
        capacities=mixed(problem.capacities),
        fixed=mixed(problem.fixed),
    )


def tries(problem: PathProblem) -> Iterator[Try]:
    """Every set of raises, capacities aside, by trying all of them; written from the words of the rules alone."""
    present = {number: level or Decimal(0) for number, level in problem.levels.items()}
    numbers = sorted(present)
    for ends in product(*(_ends(problem, number, present[number]) for number in numbers)):
        levels = dict(zip(numbers, ends, strict=True))
        if _breaks_prerequisite(problem, present, levels):
            continue
        loads = dict.fromkeys(AGENCIES, Fraction(0))
        days = points = Fraction(0)
        for number in numbers:
            effort = problem.effort.days(number, present[number], levels[number])
            days += effort
            weight = problem.instrument.indicator(number).weight
            points += Fraction(weight) * (Fraction(levels[number]) - Fraction(present[number])) / 100
            for slug, share in problem.owners[number].items():
                loads[slug] += effort * share
        raised = sum(levels[number] > present[number] for number in numbers)
        yield Try(levels, days, raised, points, loads)


def _ends(problem: PathProblem, number: int, present: Decimal) -> list[Decimal]:
    if number in problem.fixed:
        return [problem.fixed[number]] if problem.fixed[number] > present else [present]
    if number in problem.excluded or not problem.owners[number]:
        return [present]
    top = int(problem.instrument.scale.maximum)
    return [present, *(Decimal(level) for level in range(1, top + 1) if level > present)]


def _breaks_prerequisite(
    problem: PathProblem, present: Mapping[int, Decimal], levels: Mapping[int, Decimal]
) -> bool:
    return any(
        levels[rule.needs_indicator] < rule.needs_level
        for rule in problem.instrument.prerequisites
        for number in rule.indicators
        if present[number] < rule.level <= levels[number]
    )


def _weights(dice: random.Random, count: int) -> list[Decimal]:
    weights = [
        dice.choice([Decimal("2.75"), Decimal("2.75"), Decimal("1.3"), Decimal(5)]) for _ in range(count - 1)
    ]
    return [*weights, 100 - sum(weights, Decimal(0))] if dice.random() < 0.5 else _even(count)


def _even(count: int) -> list[Decimal]:
    share = Decimal(100 // count)
    return [share] * (count - 1) + [100 - share * (count - 1)]


def _level(dice: random.Random, top: int, *, is_integer: bool) -> Decimal | None:
    if is_integer:
        return dice.choice([None, Decimal(1), Decimal(1), Decimal(2), Decimal(top)])
    return dice.choice([Decimal(1), Decimal("1.25"), Decimal("1.5"), Decimal("2.75"), Decimal(2)])


def _owners(dice: random.Random) -> dict[str, Fraction]:
    if dice.random() < 0.05:
        return {}
    slugs = dice.sample(AGENCIES, dice.choice([1, 1, 2, 3]))
    parts = [dice.choice([1, 1, 2]) for _ in slugs]
    return {slug: Fraction(part, sum(parts)) for slug, part in zip(slugs, parts, strict=True)}


def _effort(dice: random.Random, numbers: range) -> Effort:
    own = {number: Decimal(dice.choice([5, 8, 10])) for number in numbers if dice.random() < 0.3}
    steps = {2: Decimal(6), 3: Decimal("7.5")} if dice.random() < 0.3 else {}
    return Effort(by_step=steps, by_indicator=own)
