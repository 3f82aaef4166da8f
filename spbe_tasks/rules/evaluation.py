"""The dates of one evaluation: when the self-assessment opens and closes, the interviews, the result."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from spbe_tasks.rules.errors import Problem

EARLIEST_YEAR, LATEST_YEAR = 2018, 2100


@dataclass(frozen=True, slots=True)
class EvaluationDates:
    """Dates of the cycle after an assessment, in the government's zone; None is not known yet."""

    self_assessment_opens_on: date | None = None
    self_assessment_closes_on: date | None = None
    interviews_on: date | None = None
    result_on: date | None = None

    def in_order(self) -> tuple[tuple[str, date], ...]:
        """The known dates by name, in the order in which they must follow one another."""
        pairs = ((name, getattr(self, name)) for name in self.__slots__)
        return tuple((name, day) for name, day in pairs if day is not None)


def year_problem(year: int) -> Problem | None:
    """Why this cannot be the year of an assessment; None when it can."""
    if EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    return Problem("evaluation.bad_year", "year", params={"earliest": EARLIEST_YEAR, "latest": LATEST_YEAR})


def check_dates(dates: EvaluationDates, *, year: int) -> tuple[Problem, ...]:
    """Every date that lies before the one it follows, or before the assessment of ``year``; empty: they fit."""
    mistake = year_problem(year)
    if mistake is not None:
        return (mistake,)
    known = dates.in_order()
    problems = [
        Problem("evaluation.before_assessment", name, params={"year": year})
        for name, day in known
        if day.year < year
    ]
    problems += [
        Problem("evaluation.out_of_order", later[0])
        for earlier, later in pairwise(known)
        if later[1] < earlier[1]
    ]
    return tuple(problems)
