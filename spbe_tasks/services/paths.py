"""The path to the target of a year: what is asked for, in words and figures, as the rule's question; and its answer."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from spbe_tasks.rules import path
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.gaps import Owner
from spbe_tasks.rules.index import compute, predicate
from spbe_tasks.rules.instrument import PredicateBound
from spbe_tasks.rules.ownership import part_of_one
from spbe_tasks.rules.path import NotProvedError, Path, PathProblem
from spbe_tasks.rules.policy_check import MOST_CAPACITY_DAYS
from spbe_tasks.services import calendars
from spbe_tasks.services.queries import governments, plans
from spbe_tasks.services.scenarios import Ground

NEXT = "next"
_NEXT_WORDS = frozenset({NEXT, "berikutnya"})
_FIGURE = re.compile(r"\d{1,3}(?:[.,]\d{1,6})?")
_CENT = Decimal("0.01")
# What capacities are for where no evaluation is ahead.
_WITHOUT_DATES = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. ``target`` is an index ("3.5"), the name of a predicate in either language, or "next".

    ``capacities`` are person-days by agency slug, put over those of the policy; None lifts a cap. ``excluded`` None
    leaves out what local work alone does not raise (``rules.path.external_indicators``).
    """

    target: str
    capacities: Mapping[str, Decimal | None] = field(default_factory=dict)
    excluded: frozenset[int] | None = None
    fixed: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Goal:
    """The exact index to reach, and the predicate that was asked for, if it was one."""

    index: Fraction
    bound: PredicateBound | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A path with what was asked, and the predicates before and after it."""

    goal: Goal
    problem: PathProblem
    path: Path
    predicate_before: PredicateBound
    predicate: PredicateBound

    @property
    def capacities(self) -> Mapping[str, Decimal]:
        """The person-days that were counted with, by slug of those agencies that have a cap."""
        return self.problem.capacities

    @property
    def points(self) -> Mapping[str, Fraction]:
        """The index points of the raises by agency slug, each divided by the shares of its owners."""
        found: dict[str, Fraction] = {}
        for each in self.path.raises:
            for slug, share in self.problem.owners[each.number].items():
                found[slug] = found.get(slug, Fraction(0)) + each.points * share
        return found


def default_target(session: Session, scope: Scope, found: Ground) -> str:
    """What is asked for when nothing is said: the plan's target index, else the next predicate, else the top."""
    plan = plans.find_plan(session, scope.government_id, found.instrument.id, found.year)
    if plan is not None and plan.target_index is not None:
        return f"{plan.target_index.normalize():f}"
    present = compute(found.instrument, found.present.levels).index
    has_next = path.next_predicate(found.instrument, present, found.present.basis) is not None
    return NEXT if has_next else f"{found.instrument.scale.maximum:f}"


def until(session: Session, scope: Scope, found: Ground, wish: Wish, day: date, *, now: datetime) -> Wish:
    """The wish with the part of every capacity that is left until ``day``, in whole hundredths of a person-day.

    Capacities are for the working days from tomorrow until the self-assessment opens, or for a year where that is not
    known or over; a day before then leaves the same part of them as of the working days. Raises InvalidInputError
    ("path.until_past") for a day that leaves none.
    """
    government = governments.get_government(session, scope.government_id)
    today = local_date(now, government.timezone)
    if day <= today:
        raise InvalidInputError.of("path.until_past", "until")
    evaluation = governments.find_evaluation(session, government.id, found.year)
    opens_on = evaluation.self_assessment_opens_on if evaluation else None
    end = opens_on if opens_on is not None and opens_on > today else today + _WITHOUT_DATES
    calendar = calendars.load(session, government)
    whole = calendar.working_days_between(today, end)
    left = calendar.working_days_between(today, min(day, end))
    part = Fraction(left, whole) if whole else Fraction(1)
    capacities = {**found.present.capacities, **wish.capacities}
    return replace(wish, capacities={slug: _part_of(days, part) for slug, days in capacities.items()})


def find(found: Ground, wish: Wish, *, seconds: float) -> Answer:
    """The cheapest path from what stands now, or what keeps it out of reach. Nothing is stored.

    ``seconds`` limits the whole answer. Raises InvalidInputError with every mistake of what is asked
    for (``field`` is as in ``rules.path_check``), or alone "path.not_proved" when no proof was found in time.
    """
    problems = [*_target_problems(found, wish), *_capacity_problems(found, wish)]
    if problems:
        raise InvalidInputError(problems)
    goal = _goal(found, wish.target)
    assert goal is not None  # else it was among the problems
    asked = _problem(found, wish, goal.index)
    try:
        answer = path.solve(asked, seconds=seconds)
    except NotProvedError as error:
        raise InvalidInputError.of("path.not_proved") from error
    basis = found.present.basis
    before, after = (predicate(found.instrument, each, basis) for each in (answer.before, answer.index))
    return Answer(goal, asked, answer, before, after)


def _goal(found: Ground, words: str) -> Goal | None:
    """None when the words are no target of this instrument, or name a predicate above the highest."""
    text, instrument, basis = words.strip(), found.instrument, found.present.basis
    if _FIGURE.fullmatch(text):
        return Goal(Fraction(text.replace(",", ".")))
    wanted: PredicateBound | None
    if text.casefold() in _NEXT_WORDS:
        wanted = path.next_predicate(instrument, compute(instrument, found.present.levels).index, basis)
    else:
        names = {
            name.casefold(): each for each in instrument.predicates for name in (each.name_id, each.name_en)
        }
        wanted = names.get(text.casefold())
    return None if wanted is None else Goal(path.index_of(wanted, basis), wanted)


def _target_problems(found: Ground, wish: Wish) -> Iterable[Problem]:
    if _goal(found, wish.target) is not None:
        return
    if not wish.target.strip():
        yield Problem("field.required", "target")
    elif wish.target.strip().casefold() in _NEXT_WORDS:
        yield Problem("path.no_next_predicate", "target")
    else:
        names = ", ".join(each.name_id for each in found.instrument.predicates)
        yield Problem("path.unknown_target", "target", value=wish.target, params={"names": names})


def _capacity_problems(found: Ground, wish: Wish) -> Iterable[Problem]:
    for slug, days in sorted(wish.capacities.items()):
        if slug not in found.agencies:
            yield Problem("policy.unknown_agency", f"capacity_{slug}", params={"agency": slug})
        # The rule takes any exact figure; one with a huge exponent would take it forever.
        elif days is not None and not (
            days.is_finite() and -MOST_CAPACITY_DAYS <= days <= MOST_CAPACITY_DAYS and days % _CENT == 0
        ):
            params = {"maximum": MOST_CAPACITY_DAYS, "agency": slug}
            yield Problem("policy.bad_capacity", f"capacity_{slug}", value=str(days), params=params)


def _part_of(days: Decimal | None, part: Fraction) -> Decimal | None:
    # What is no capacity is left for the check to name.
    if days is None or not days.is_finite() or days <= 0:
        return days
    return (days * part.numerator / part.denominator).quantize(_CENT, ROUND_FLOOR)


def _problem(found: Ground, wish: Wish, target: Fraction) -> PathProblem:
    present = found.present
    capacities = {**present.capacities, **wish.capacities}
    return PathProblem(
        instrument=present.instrument,
        levels=present.levels,
        target=target,
        owners=_shares(present.owners),
        effort=present.effort,
        capacities={slug: days for slug, days in capacities.items() if days is not None},
        excluded=path.external_indicators(present.instrument) if wish.excluded is None else wish.excluded,
        fixed=wish.fixed,
    )


def _shares(owners: Iterable[Owner]) -> dict[int, dict[str, Fraction]]:
    by_number: dict[int, list[Owner]] = {}
    for owner in owners:
        by_number.setdefault(owner.indicator_number, []).append(owner)
    return {
        number: {each.agency_slug: part_of_one(each.share, len(them)) for each in them}
        for number, them in by_number.items()
    }
