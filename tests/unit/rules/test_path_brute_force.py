"""Thousands of small random questions: the proved answer is the one that trying everything finds."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest

from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.path import Outcome, Path, PathProblem, solve
from tests.unit.rules.path_cases import Try, random_problem, shuffled, tries

BATCHES, CASES = 20, 260


def ends(problem: PathProblem, path: Path) -> dict[int, Decimal]:
    present = {number: level or Decimal(0) for number, level in problem.levels.items()}
    return present | {each.number: each.after for each in path.raises}


def best_of(found: list[Try]) -> Fraction:
    return max(each.points for each in found)


def check_limit(problem: PathProblem, path: Path, every: list[Try]) -> None:
    """The agencies named are a smallest set that helps most; the days lacking are the fewest that suffice."""
    assert path.limit is not None
    slugs = sorted(problem.capacities)
    sets = [each for size in range(len(slugs) + 1) for each in combinations(slugs, size)]
    best = {lifted: best_of([each for each in every if fits(problem, each, lifted)]) for lifted in sets}
    helping = [lifted for lifted in sets if best[lifted] > best[()]]
    smallest = [lifted for lifted in helping if len(lifted) == len(helping[0])]
    most = max((best[lifted] for lifted in smallest), default=best[()])
    named = next((lifted for lifted in smallest if best[lifted] == most), ())
    assert path.limit.agencies == named
    assert path.limit.index == path.before + most
    check_lacking(problem, path, every)


def fits(problem: PathProblem, one: Try, lifted: tuple[str, ...] = ()) -> bool:
    return all(one.loads[slug] <= cap for slug, cap in problem.capacities.items() if slug not in lifted)


def check_lacking(problem: PathProblem, path: Path, every: list[Try]) -> None:
    wanted = problem.target - path.before
    enough = [each for each in every if each.points >= wanted]

    def missing(one: Try) -> Fraction:
        over = (one.loads[slug] - Fraction(cap) for slug, cap in problem.capacities.items())
        return sum((each for each in over if each > 0), Fraction(0))

    assert path.limit is not None
    said = sum(path.limit.lacking.values(), Fraction(0))
    assert said == (min(map(missing, enough)) if enough else 0)
    assert bool(path.limit.lacking) == bool(enough)


def check_case(seed: int) -> str:
    problem = random_problem(seed)
    uncapped = list(tries(problem))
    every = [each for each in uncapped if fits(problem, each)]
    try:
        path = solve(problem)
    except InvalidInputError as error:
        codes = {each.code for each in error.problems}
        assert codes <= {"path.fixed_out_of_reach", "path.fixed_unowned"}, codes
        assert codes == {"path.fixed_unowned"} or not every
        return "refused"
    assert solve(shuffled(problem, seed)) == path
    wanted = [each for each in every if path.before + each.points >= problem.target]
    if path.outcome is Outcome.ALREADY_THERE:
        assert path.before >= problem.target
        assert not path.raises
    elif path.outcome is Outcome.FOUND:
        best = min(wanted, key=lambda each: each.cheapest_first)
        assert (path.days, ends(problem, path)) == (best.days, best.levels)
        assert path.index == path.before + best.points
        assert path.loads == {slug: days for slug, days in best.loads.items() if days}
    else:
        assert not wanted
        best = min(every, key=lambda each: (-each.points, *each.cheapest_first))
        assert ends(problem, path) == best.levels
        check_limit(problem, path, uncapped)
    return path.outcome


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_solver_agrees_with_trying_everything(batch: int) -> None:
    outcomes = Counter(check_case(batch * CASES + case) for case in range(CASES))
    # Every kind of answer is met in every batch, or the cases say less than they seem to.
    assert outcomes[Outcome.FOUND] > CASES // 5
    assert outcomes[Outcome.OUT_OF_REACH] > CASES // 10
