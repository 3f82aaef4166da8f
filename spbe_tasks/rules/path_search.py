"""The questions behind a path as integer programmes: what is cheapest, what goes furthest, what stands in the way."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, lcm

from spbe_tasks.rules.index import compute, contribution, counted
from spbe_tasks.rules.path_problem import Limit, Outcome, Path, PathProblem, Raise
from spbe_tasks.rules.path_programme import Allowance, Programme, Terms

# So many indicators (agencies) are told apart by one goal: its largest factor stays far below what a double holds.
_INDICATORS_PER_GOAL = 8
_AGENCIES_PER_GOAL = 16

Chosen = tuple[Raise, ...]


class Search:
    """The raises that may be chosen, and the programmes over them."""

    def __init__(self, problem: PathProblem, before: Fraction, seconds: float) -> None:
        self._problem = problem
        self._before = before
        self._allowance = Allowance(seconds)
        self._choices = {
            each.number: _choices(problem, each.number) for each in problem.instrument.indicators
        }
        top = problem.instrument.scale.whole_levels[-1]
        self.unowned = tuple(
            number
            for number, level in sorted(problem.levels.items())
            if not problem.owners.get(number) and counted(level) < top
        )

    def cheapest(self) -> Chosen | None:
        """The cheapest raises within the capacities that reach the target; None when none do."""
        model = _Model(self._problem, self._choices, self._allowance)
        model.cap()
        model.reach(self._problem.target - self._before)
        return model.chosen(model.programme.minimise([model.days, *model.ties]))

    def furthest(self) -> Chosen | None:
        """The cheapest of the raises within the capacities with the highest index; None when nothing is allowed."""
        model = _Model(self._problem, self._choices, self._allowance)
        model.cap()
        return model.chosen(model.programme.minimise([_less(model.points), model.days, *model.ties]))

    def path(self, outcome: Outcome, chosen: Chosen, *, limited: bool = False) -> Path:
        """The answer with its index, computed anew from the levels."""
        levels = {**self._problem.levels, **{each.number: each.after for each in chosen}}
        index = compute(self._problem.instrument, levels).index
        limit = self._limit(index) if limited else None
        return Path(outcome, chosen, self._before, index, self.unowned, limit)

    def _limit(self, best: Fraction) -> Limit:
        model = _Model(self._problem, self._choices, self._allowance)
        lifted = model.cap_unless_lifted()
        # The smallest step any raise can make: whoever improves the index improves it by that much.
        model.improve(best - self._before)
        goals = [dict.fromkeys(lifted.values(), Fraction(1)), _less(model.points), *_by_name(lifted)]
        values = model.programme.minimise(goals)
        if values is None:
            return Limit((), best, {})
        agencies = tuple(slug for slug, column in sorted(lifted.items()) if values[column])
        gained = sum((each.points for each in model.chosen(values) or ()), Fraction(0))
        return Limit(agencies, self._before + gained, self._lacking())

    def _lacking(self) -> Mapping[str, Fraction]:
        model = _Model(self._problem, self._choices, self._allowance)
        extra = model.cap_with_extra()
        model.reach(self._problem.target - self._before)
        goals = [{column: unit for column, unit in extra.values()}, model.days, *model.ties]
        values = model.programme.minimise(goals)
        if values is None:
            return {}
        return {
            slug: unit * values[column] for slug, (column, unit) in sorted(extra.items()) if values[column]
        }


class _Model:
    """One programme: a variable per raise that may be chosen, at most one raise per indicator."""

    def __init__(
        self, problem: PathProblem, choices: Mapping[int, Sequence[Raise]], allowance: Allowance
    ) -> None:
        self.programme = Programme(allowance)
        self._problem = problem
        self._columns = {
            number: [(self.programme.variable(), each) for each in found] for number, found in choices.items()
        }
        self._all = [pair for pairs in self._columns.values() for pair in pairs]
        self.days: Terms = {column: each.days for column, each in self._all}
        self.points: Terms = {column: each.points for column, each in self._all}
        self._loads: dict[str, dict[int, Fraction]] = defaultdict(dict)
        for column, each in self._all:
            for slug, load in each.loads.items():
                self._loads[slug][column] = load
        for number, pairs in self._columns.items():
            is_fixed = number in problem.fixed and bool(pairs)
            once = {column: Fraction(1) for column, _ in pairs}
            self.programme.require(once, at_least=Fraction(is_fixed), at_most=Fraction(1))
        self._bind_prerequisites()

    @property
    def ties(self) -> list[Terms]:
        """What decides between equals: fewer indicators, a higher index, the lowest numbers raised furthest."""
        fewer: Terms = {column: Fraction(1) for column, _ in self._all}
        numbers = sorted(self._columns)
        groups = [
            numbers[at : at + _INDICATORS_PER_GOAL] for at in range(0, len(numbers), _INDICATORS_PER_GOAL)
        ]
        return [fewer, _less(self.points), *map(self._furthest_first, groups)]

    def reach(self, points: Fraction) -> None:
        """Ask for so many index points at least."""
        self.programme.require(self.points, at_least=points)

    def improve(self, points: Fraction) -> None:
        """Ask for more than so many index points."""
        unit = Fraction(1, lcm(*(each.denominator for each in self.points.values()), points.denominator))
        self.programme.require(self.points, at_least=points + unit)

    def cap(self) -> None:
        """Hold every agency to its capacity."""
        for terms, capacity in self._capped().values():
            self.programme.require(terms, at_most=capacity)

    def cap_unless_lifted(self) -> Mapping[str, int]:
        """As ``cap``, with a variable per agency that lifts its capacity altogether; returns the columns."""
        lifted = {}
        for slug, (terms, capacity) in self._capped().items():
            lifted[slug] = self.programme.variable()
            everything = sum(terms.values(), Fraction(0))
            self.programme.require({**terms, lifted[slug]: -everything}, at_most=capacity)
        return lifted

    def cap_with_extra(self) -> Mapping[str, tuple[int, Fraction]]:
        """As ``cap``, with added person-days per agency; returns the columns and the days of one unit of each."""
        extra = {}
        for slug, (terms, capacity) in self._capped().items():
            unit = Fraction(1, lcm(*(each.denominator for each in terms.values()), capacity.denominator))
            column = self.programme.variable(ceil(sum(terms.values(), Fraction(0)) / unit))
            extra[slug] = (column, unit)
            self.programme.require({**terms, column: -unit}, at_most=capacity)
        return extra

    def chosen(self, values: Sequence[int] | None) -> Chosen | None:
        """The raises that the values stand for, by number; None for None."""
        if values is None:
            return None
        return tuple(
            each
            for number in sorted(self._columns)
            for column, each in self._columns[number]
            if values[column]
        )

    def _capped(self) -> Mapping[str, tuple[Mapping[int, Fraction], Fraction]]:
        return {
            slug: (terms, Fraction(self._problem.capacities[slug]))
            for slug, terms in sorted(self._loads.items())
            if slug in self._problem.capacities
        }

    def _bind_prerequisites(self) -> None:
        for rule in self._problem.instrument.prerequisites:
            if counted(self._problem.levels[rule.needs_indicator]) >= rule.needs_level:
                continue
            enough = self._reaching(rule.needs_indicator, rule.needs_level)
            for number in sorted(rule.indicators):
                # One that starts at the level or above is grandfathered.
                if counted(self._problem.levels[number]) < rule.level:
                    bound = self._reaching(number, rule.level)
                    terms = dict.fromkeys(bound, Fraction(1)) | dict.fromkeys(enough, Fraction(-1))
                    self.programme.require(terms, at_most=Fraction(0))

    def _reaching(self, number: int, level: int) -> list[int]:
        return [column for column, each in self._columns[number] if each.after >= level]

    def _furthest_first(self, numbers: Sequence[int]) -> Terms:
        terms: dict[int, Fraction] = {}
        factor = 1
        for number in reversed(numbers):
            pairs = self._columns[number]
            terms |= {column: Fraction(-rank * factor) for rank, (column, _) in enumerate(pairs, start=1)}
            factor *= len(pairs) + 1
        return terms


def _choices(problem: PathProblem, number: int) -> tuple[Raise, ...]:
    """Every raise of one indicator that may be chosen, lowest first."""
    before = counted(problem.levels[number])
    owners = problem.owners.get(number, {})
    if number in problem.excluded or not owners:
        return ()
    fixed = problem.fixed.get(number)
    levels = [Decimal(level) for level in problem.instrument.scale.whole_levels] if fixed is None else [fixed]
    return tuple(_raise(problem, number, before, level) for level in levels if level > before)


def _raise(problem: PathProblem, number: int, before: Decimal, after: Decimal) -> Raise:
    days = problem.effort.days(number, before, after)
    loads = {slug: days * share for slug, share in problem.owners[number].items() if days * share}
    points = contribution(problem.instrument, number, Fraction(after) - Fraction(before))
    return Raise(number, before, after, points, days, loads)


def _less(terms: Terms) -> Terms:
    return {column: -factor for column, factor in terms.items()}


def _by_name(columns: Mapping[str, int]) -> list[Terms]:
    """Goals that prefer the agencies whose slugs come first."""
    slugs = sorted(columns)
    groups = [slugs[at : at + _AGENCIES_PER_GOAL] for at in range(0, len(slugs), _AGENCIES_PER_GOAL)]
    return [
        {columns[slug]: Fraction(-(2**rank)) for rank, slug in enumerate(reversed(group))} for group in groups
    ]
