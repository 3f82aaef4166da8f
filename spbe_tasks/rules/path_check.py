"""What keeps a path from being looked for: every mistake of the question, each with its place."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.index import check_levels, counted
from spbe_tasks.rules.path_problem import PathProblem


def problems_of(problem: PathProblem) -> tuple[Problem, ...]:
    """Every problem; empty when the question can be put.

    ``field`` is ``target``, ``capacity_<slug>``, ``fixed_<number>``, ``excluded`` or ``owners``. Codes:
    ``path.target_above_scale``, ``path.capacity_negative``, ``path.fixed_off_scale``, ``path.fixed_below_present``,
    ``path.fixed_unowned``, ``path.fixed_and_excluded``, ``path.unknown_indicator``, ``ownership.shares_not_one`` and
    those of ``check_levels``.
    """
    wrong = check_levels(problem.instrument, problem.levels)
    if wrong:
        return wrong
    return (*_target(problem), *_owners(problem), *_capacities(problem), *_chosen(problem))


def _target(problem: PathProblem) -> Iterator[Problem]:
    top = problem.instrument.scale.maximum
    if problem.target > Fraction(top):
        params = {"maximum": top}
        yield Problem(
            "path.target_above_scale", "target", value=f"{float(problem.target):.4g}", params=params
        )


def _owners(problem: PathProblem) -> Iterator[Problem]:
    for number, shares in sorted(problem.owners.items()):
        total = sum(shares.values(), Fraction(0))
        if shares and (total != 1 or min(shares.values()) < 0):
            yield Problem("ownership.shares_not_one", "owners", value=str(total), params={"number": number})


def _capacities(problem: PathProblem) -> Iterator[Problem]:
    for slug, days in sorted(problem.capacities.items()):
        if not days.is_finite() or days < 0:
            yield Problem(
                "path.capacity_negative", f"capacity_{slug}", value=str(days), params={"agency": slug}
            )


def _chosen(problem: PathProblem) -> Iterator[Problem]:
    for number in sorted(problem.excluded | set(problem.fixed)):
        if not problem.instrument.has(number):
            yield Problem("path.unknown_indicator", "excluded", value=str(number), params={"number": number})
        elif number in problem.fixed:
            code = _fixed(problem, number, problem.fixed[number])
            if code is not None:
                params = {"number": number, "level": counted(problem.levels[number])}
                yield Problem(code, f"fixed_{number}", value=str(problem.fixed[number]), params=params)


def _fixed(problem: PathProblem, number: int, level: Decimal) -> str | None:
    present = counted(problem.levels[number])
    if level == present:
        return None
    if not problem.instrument.scale.holds(level):
        return "path.fixed_off_scale"
    if level < present:
        return "path.fixed_below_present"
    if number in problem.excluded:
        return "path.fixed_and_excluded"
    return None if problem.owners.get(number) else "path.fixed_unowned"
