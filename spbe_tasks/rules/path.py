"""The path to the target: the cheapest set of level raises that reaches an index, proved, or why none does.

What may be chosen is a whole level above the present one, for each indicator that somebody owns and nobody excluded:
criteria belong to whole levels, so a path never stops between two (on a scale of decimals, too).
"""

from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.index import compute, counted
from spbe_tasks.rules.path_check import problems_of
from spbe_tasks.rules.path_problem import (
    Limit,
    Outcome,
    Path,
    PathProblem,
    Raise,
    external_indicators,
    index_of,
    next_predicate,
)
from spbe_tasks.rules.path_programme import NotProvedError
from spbe_tasks.rules.path_search import Search

__all__ = [
    "Limit",
    "NotProvedError",
    "Outcome",
    "Path",
    "PathProblem",
    "Raise",
    "external_indicators",
    "index_of",
    "next_predicate",
    "solve",
]


def solve(problem: PathProblem, *, seconds: float = 10.0) -> Path:
    """The cheapest path, or what keeps the target out of reach; the same answer for any order of the input.

    ``seconds`` limits the whole answer. Raises InvalidInputError with every problem of what is asked
    (``path_check``), and NotProvedError when no proof was found in time.
    """
    problems = problems_of(problem)
    if problems:
        raise InvalidInputError(problems)
    before = compute(problem.instrument, problem.levels).index
    search = Search(problem, before, seconds)
    is_settled = all(counted(problem.levels[number]) == level for number, level in problem.fixed.items())
    if before >= problem.target and is_settled:
        return Path(Outcome.ALREADY_THERE, (), before, before, search.unowned)
    cheapest = search.cheapest()
    if cheapest is not None:
        return search.path(Outcome.FOUND, cheapest)
    furthest = search.furthest()
    if furthest is None:
        raise InvalidInputError.of("path.fixed_out_of_reach", "fixed")
    return search.path(Outcome.OUT_OF_REACH, furthest, limited=True)
