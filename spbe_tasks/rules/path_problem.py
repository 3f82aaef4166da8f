"""What is asked of a path to the target, and what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import ExternalUse, Instrument, PredicateBasis, PredicateBound
from spbe_tasks.rules.policy import Effort

# Half of the last printed digit: an index from here on is printed as the bound itself.
_HALF_PRINTED_STEP = Fraction(1, 200)


@dataclass(frozen=True, slots=True)
class PathProblem:
    """What is asked. Everything is keyed by indicator number or agency slug, in any order.

    ``levels`` are the present (secured) levels of every indicator; raising those already above the bound of a
    prerequisite is free of it. ``target`` is the exact index to reach. ``owners`` gives the agencies of an indicator
    with their shares of the effort, sum 1; all of them are needed for a raise. ``capacities`` are person-days; an
    agency that is not named has no cap. ``excluded`` indicators stay as they are; ``fixed`` ones end at that level.
    """

    instrument: Instrument
    levels: Mapping[int, Level]
    target: Fraction
    owners: Mapping[int, Mapping[str, Fraction]]
    effort: Effort = field(default_factory=Effort)
    capacities: Mapping[str, Decimal] = field(default_factory=dict)
    excluded: frozenset[int] = frozenset()
    fixed: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raise:
    """One indicator raised. ``points`` are index points, ``days`` person-days in all, ``loads`` by agency slug."""

    number: int
    before: Decimal
    after: Decimal
    points: Fraction
    days: Fraction
    loads: Mapping[str, Fraction]


class Outcome(StrEnum):
    """What came of it."""

    ALREADY_THERE = "already_there"
    FOUND = "found"
    OUT_OF_REACH = "out_of_reach"


@dataclass(frozen=True, slots=True)
class Limit:
    """What keeps the target out of reach.

    ``agencies`` is the smallest set whose capacities, lifted together, improve the best index, to ``index``; empty when
    no capacity is to blame but the scale, the prerequisites, or what was excluded, fixed, or is owned by nobody.
    ``lacking`` are the person-days by agency that, added, reach the target with the least addition; empty when no
    capacity reaches it.
    """

    agencies: tuple[str, ...]
    index: Fraction
    lacking: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Path:
    """The answer: proved to cost the least when FOUND, to reach the most when OUT_OF_REACH (``limit`` says why).

    Between answers that cost the same, the one with fewer indicators is taken, then the one with the higher index,
    then the one that raises the indicator of the lowest number furthest. ``unowned`` are the indicators below the top
    of the scale that nobody owns, by number.
    """

    outcome: Outcome
    raises: tuple[Raise, ...]
    before: Fraction
    index: Fraction
    unowned: tuple[int, ...]
    limit: Limit | None = None

    @property
    def days(self) -> Fraction:
        """Person-days, all agencies together."""
        return sum((each.days for each in self.raises), Fraction(0))

    @property
    def loads(self) -> Mapping[str, Fraction]:
        """Person-days by agency slug, in the order of the slugs; only agencies with work."""
        found: dict[str, Fraction] = {}
        for each in self.raises:
            for slug, days in each.loads.items():
                found[slug] = found.get(slug, Fraction(0)) + days
        return {slug: found[slug] for slug in sorted(found) if found[slug]}


def index_of(bound: PredicateBound, basis: PredicateBasis) -> Fraction:
    """The lowest exact index that has the predicate: its bound, or half a printed step less where the basis is rounded.

    Source: the bounds are the instrument's; whether the printed or the exact figure counts, the assessment says.
    """
    bound_itself = Fraction(bound.lower_bound)
    return bound_itself - _HALF_PRINTED_STEP if basis is PredicateBasis.ROUNDED else bound_itself


def next_predicate(instrument: Instrument, index: Fraction, basis: PredicateBasis) -> PredicateBound | None:
    """The lowest predicate that this index does not have yet; None when it has the highest."""
    above = [bound for bound in instrument.predicates if index_of(bound, basis) > index]
    return min(above, key=lambda bound: bound.lower_bound, default=None)


def external_indicators(instrument: Instrument) -> frozenset[int]:
    """The indicators whose value is that of another national index: local work alone does not raise them."""
    return frozenset(each.number for each in instrument.indicators if each.external_use is ExternalUse.VALUE)
