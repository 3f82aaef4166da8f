"""``python -m bench.path``: the path to a target for a large government, beside computing its index twice."""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.index import compute, counted
from spbe_tasks.rules.path import Outcome, Path, PathProblem, solve
from spbe_tasks.rules.policy import Effort

INSTRUMENT = "permenpanrb-59-2020"
AGENCIES = 35
# What is asked for, above the present index; the second one is more than the capacities allow.
NEAR, FAR = Fraction("0.4"), Fraction(3)
SECONDS = 60.0


def main() -> None:
    """Solve many questions of the size of a large government, and print the CPU time they take by what is asked.

    The solver has one thread: on an idle machine that is the time one waits, and what else runs disturbs it less.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.path", description=__doc__)
    parser.add_argument("--questions", type=int, default=25, help="of each kind (%(default)s)")
    given = parser.parse_args()
    solve(question(0, NEAR), seconds=SECONDS)  # the solver is loaded here
    print("| question | least, CPU ms | median | most | found |")
    print("| --- | ---: | ---: | ---: | ---: |")
    kinds: tuple[tuple[str, Callable[[int], PathProblem]], ...] = (
        ("floor: the index before and after", lambda seed: question(seed, NEAR)),
        ("0.4 index points", lambda seed: question(seed, NEAR)),
        ("more than the capacities allow", lambda seed: question(seed, FAR)),
    )
    for name, ask in kinds:
        print(_row(name, [ask(seed) for seed in range(given.questions)]), flush=True)


def question(seed: int, points: Fraction) -> PathProblem:
    """47 indicators at levels 1 to 4, 35 agencies, one to three for each indicator, all of them with capacities."""
    dice = random.Random(seed)
    instrument = get_instrument(INSTRUMENT)
    slugs = [f"opd-{number:02}" for number in range(AGENCIES)]
    levels = {each.number: Decimal(dice.randint(1, 4)) for each in instrument.indicators}
    owners = {each.number: _shares(dice, slugs) for each in instrument.indicators}
    before = compute(instrument, levels).index
    return PathProblem(
        instrument=instrument,
        levels=levels,
        target=min(before + points, Fraction(instrument.scale.maximum)),
        owners=owners,
        effort=Effort(
            Decimal(10), {5: Decimal(15)}, {n: Decimal(dice.randint(4, 20)) for n in range(1, 48, 3)}
        ),
        capacities={slug: Decimal(dice.randint(10, 40)) for slug in slugs},
    )


def _shares(dice: random.Random, slugs: list[str]) -> dict[str, Fraction]:
    them = dice.sample(slugs, dice.randint(1, 3))
    parts = [dice.randint(1, 3) for _ in them]
    return {slug: Fraction(part, sum(parts)) for slug, part in zip(them, parts, strict=True)}


def _row(name: str, questions: list[PathProblem]) -> str:
    measure: Callable[[PathProblem], bool] = _index_only if name.startswith("floor") else _is_found
    spent, found = [], 0
    for each in questions:
        start = time.process_time()
        found += measure(each)
        spent.append(1_000 * (time.process_time() - start))
    figures = (f"{each:.1f}" for each in (min(spent), statistics.median(spent), max(spent)))
    return f"| {name} | {' | '.join(figures)} | {found} of {len(questions)} |"


def _index_only(problem: PathProblem) -> bool:
    higher = {number: counted(level) + 1 for number, level in problem.levels.items()}
    return compute(problem.instrument, higher).index > compute(problem.instrument, problem.levels).index


def _is_found(problem: PathProblem) -> bool:
    answer: Path = solve(problem, seconds=SECONDS)
    return answer.outcome is Outcome.FOUND


if __name__ == "__main__":
    main()
