"""A small integer programme in exact numbers: rows scaled to integers, goals taken one after the other, answers proved.

The solver counts in floating point. Every row and goal is therefore made of integers, every answer is rounded and
checked again in integers, and one that its bound does not prove is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from math import ceil, floor, gcd, inf, lcm
from time import monotonic
from typing import Any

from spbe_tasks.rules.errors import SpbeError

Terms = Mapping[int, Fraction]

# Above it a double no longer tells neighbouring integers from each other after a few hundred additions.
_LARGEST = 2**40


class NotProvedError(SpbeError):
    """No proved answer within the time allowed, or in numbers the solver can hold."""


@dataclass(slots=True)
class Allowance:
    """The seconds that one question may still take, over all its programmes and goals."""

    seconds: float

    def spend(self, run: Callable[[], object]) -> None:
        """Do it and count how long it took."""
        begun = monotonic()
        run()
        self.seconds -= monotonic() - begun


@dataclass(frozen=True, slots=True)
class Row:
    """``at_least`` <= sum of integer coefficient x variable <= ``at_most``; None is no bound."""

    terms: Mapping[int, int]
    at_least: int | None
    at_most: int | None

    def holds(self, values: Sequence[int]) -> bool:
        """Whether the row holds, in integers."""
        total = sum(factor * values[column] for column, factor in self.terms.items())
        return (self.at_least is None or total >= self.at_least) and (
            self.at_most is None or total <= self.at_most
        )


@dataclass(slots=True)
class Programme:
    """Whole-numbered variables from 0 to their upper bound, and rows over them."""

    allowance: Allowance
    upper: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def variable(self, upper: int = 1) -> int:
        """A new variable; returns its column."""
        self.upper.append(upper)
        return len(self.upper) - 1

    def require(
        self, terms: Terms, *, at_least: Fraction | None = None, at_most: Fraction | None = None
    ) -> None:
        """A new row. Bounds are tightened to the next integer after scaling, which no whole solution notices."""
        factor = _factor([*terms.values()])
        whole = {column: int(value * factor) for column, value in terms.items() if value}
        low = None if at_least is None else ceil(at_least * factor)
        high = None if at_most is None else floor(at_most * factor)
        self.rows.append(Row(whole, low, high))

    def minimise(self, goals: Sequence[Terms]) -> tuple[int, ...] | None:
        """The values of all variables that minimise the goals one after the other; None when no values are allowed.

        Raises NotProvedError ("path.not_proved") when the time is up, the numbers are too large, or the solver
        contradicts itself.
        """
        solver = _Solver(self)
        values: tuple[int, ...] | None = None
        for goal in goals:
            whole = _whole(goal)
            found = solver.minimise(whole)
            if found is None and values is not None:
                # The values of the goal before are allowed still.
                raise NotProvedError("path.not_proved")
            if found is None:
                return None
            values = found
            best = sum(factor * values[column] for column, factor in whole.items())
            solver.add(Row(whole, None, best))
        return values


class _Solver:
    """One run of the solver over a growing list of rows."""

    def __init__(self, programme: Programme) -> None:
        # Loaded here: numpy and the solver are heavy, and only whoever asks for a path needs them.
        # The public class writes a banner to the standard output, where commands answer in JSON; its base does not.
        from highspy._core import HighsVarType, _Highs  # noqa: PLC0415

        self._upper = programme.upper
        self._rows: list[Row] = []
        make: Any = _Highs  # it comes without complete types
        self._highs = make()
        self._allowance = programme.allowance
        _configure(self._highs.setOptionValue)
        for upper in programme.upper:
            self._highs.addVar(0.0, float(upper))
        columns = list(range(len(programme.upper)))
        self._highs.changeColsIntegrality(len(columns), columns, [HighsVarType.kInteger] * len(columns))
        for row in programme.rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """One more row."""
        _check_size([*row.terms.values(), row.at_least or 0, row.at_most or 0])
        low = -inf if row.at_least is None else float(row.at_least)
        high = inf if row.at_most is None else float(row.at_most)
        self._rows.append(row)
        factors = [float(factor) for factor in row.terms.values()]
        self._highs.addRow(low, high, len(row.terms), list(row.terms), factors)

    def minimise(self, goal: Mapping[int, int]) -> tuple[int, ...] | None:
        """Values that minimise the goal, proved; None when none are allowed."""
        from highspy import HighsModelStatus as Status  # noqa: PLC0415

        _check_size(goal.values())
        if not self._upper:
            return () if all(row.holds(()) for row in self._rows) else None
        columns = range(len(self._upper))
        self._highs.changeColsCost(
            len(columns), list(columns), [float(goal.get(column, 0)) for column in columns]
        )
        if self._allowance.seconds <= 0:
            raise NotProvedError("path.not_proved")
        self._highs.setOptionValue("time_limit", self._allowance.seconds)
        self._allowance.spend(self._highs.run)
        status = self._highs.getModelStatus()
        if status == Status.kInfeasible:
            return None
        if status != Status.kOptimal:
            raise NotProvedError("path.not_proved")
        return self._checked(goal)

    def _checked(self, goal: Mapping[int, int]) -> tuple[int, ...]:
        values = tuple(round(value) for value in self._highs.getSolution().col_value)
        reached = sum(factor * values[column] for column, factor in goal.items())
        bound = self._highs.getInfo().mip_dual_bound
        is_inside = all(0 <= value <= upper for value, upper in zip(values, self._upper, strict=True))
        if not (is_inside and all(row.holds(values) for row in self._rows) and bound > reached - 1):
            raise NotProvedError("path.not_proved")
        return values


def _configure(set_option: Callable[[str, Any], object]) -> None:
    options: dict[str, Any] = {
        "output_flag": False,
        # Its presolve calls programmes infeasible that are not (HiGHS 1.16; trying everything found it).
        "presolve": "off",
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.0,
        "threads": 1,
    }
    for name, value in options.items():
        set_option(name, value)


def _whole(goal: Terms) -> Mapping[int, int]:
    factor = _factor([*goal.values()])
    return {column: int(value * factor) for column, value in goal.items() if value}


def _factor(values: Sequence[Fraction]) -> Fraction:
    """What makes integers without a common divisor of these fractions."""
    denominator = lcm(*(value.denominator for value in values)) if values else 1
    whole = [int(value * denominator) for value in values]
    return Fraction(denominator, reduce(gcd, whole, 0) or 1)


def _check_size(values: Any) -> None:
    if any(abs(value) > _LARGEST for value in values):
        raise NotProvedError("path.not_proved")
