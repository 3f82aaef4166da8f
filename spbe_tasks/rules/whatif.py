"""What if: other levels for some indicators, and at once the index, the predicate, the effort and who bears it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.gaps import Owner
from spbe_tasks.rules.index import IndexResult, Level, check_level, compute, counted, predicate
from spbe_tasks.rules.instrument import Instrument, PredicateBasis, PredicateBound, Prerequisite
from spbe_tasks.rules.ownership import part_of_one
from spbe_tasks.rules.path_problem import index_of, next_predicate
from spbe_tasks.rules.policy import Effort


@dataclass(frozen=True, slots=True)
class Present:
    """What is asked "what if" about. ``levels`` needs every indicator; ``capacities`` are person-days by slug."""

    instrument: Instrument
    levels: Mapping[int, Level]
    basis: PredicateBasis
    owners: Iterable[Owner] = ()
    effort: Effort = field(default_factory=Effort)
    capacities: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VoidRaise:
    """A raise that does not count, because another indicator is too low for it."""

    indicator_number: int
    asked: Decimal
    needs_indicator: int
    needs_level: int


@dataclass(frozen=True, slots=True)
class AgencyEffort:
    """Person-days that the raises ask of one agency; ``capacity`` None is no cap."""

    agency_id: int
    slug: str
    raises: int
    days: Fraction
    capacity: Decimal | None

    @property
    def is_over(self) -> bool:
        """Whether more is asked than the agency has."""
        return self.capacity is not None and self.days > self.capacity


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures of the levels that count, next to the present ones.

    ``levels`` holds every indicator, with void raises taken back. ``raised`` and ``fallen`` are those that count
    above and below the present level, by number. ``gap`` are the index points to the next predicate, None at the
    highest one. ``effort_days`` are person-days of all raises, those of nobody (``unowned``) included; falling costs
    nothing. ``agencies`` is sorted, most person-days first, then by slug.
    """

    levels: Mapping[int, Level]
    result: IndexResult
    before: IndexResult
    predicate: PredicateBound
    predicate_before: PredicateBound
    next_predicate: PredicateBound | None
    gap: Fraction | None
    raised: tuple[int, ...]
    fallen: tuple[int, ...]
    void: tuple[VoidRaise, ...]
    effort_days: Fraction
    agencies: tuple[AgencyEffort, ...]
    unowned: tuple[int, ...]

    @property
    def index(self) -> Fraction:
        """The exact index."""
        return self.result.index

    @property
    def gain(self) -> Fraction:
        """Index points above (or below, when negative) the present index."""
        return self.result.index - self.before.index


def answer(present: Present, wanted: Mapping[int, Level]) -> Answer:
    """The figures as they would be with the ``wanted`` levels; an indicator that is not named stays as it is.

    An instrument's prerequisites bind raises: one to a level that needs another indicator higher than it would be is
    void and counts with the present level, which may void another in turn. Levels that stand are not questioned.

    Raises InvalidInputError with every level that cannot be taken; ``field`` of a problem is ``level_12``.
    """
    problems = (*_unknown(present.instrument, wanted), *_off_scale(present, wanted))
    if problems:
        raise InvalidInputError(problems)
    asked = {**present.levels, **wanted}
    levels, void = _without_void(present, asked)
    before, after = compute(present.instrument, present.levels), compute(present.instrument, levels)
    following = next_predicate(present.instrument, after.index, present.basis)
    numbers = [each.number for each in present.instrument.indicators]
    raised = tuple(n for n in numbers if counted(levels[n]) > counted(present.levels[n]))
    effort_days, agencies, unowned = _effort(present, levels, raised)
    return Answer(
        levels=levels,
        result=after,
        before=before,
        predicate=predicate(present.instrument, after.index, present.basis),
        predicate_before=predicate(present.instrument, before.index, present.basis),
        next_predicate=following,
        gap=index_of(following, present.basis) - after.index if following else None,
        raised=raised,
        fallen=tuple(n for n in numbers if counted(levels[n]) < counted(present.levels[n])),
        void=void,
        effort_days=effort_days,
        agencies=agencies,
        unowned=unowned,
    )


def targets(assessed: Mapping[int, Level], levels: Mapping[int, Level]) -> dict[int, Decimal]:
    """What a plan that starts from ``assessed`` has to reach, by indicator: every level above the assessed one."""
    return {
        number: level
        for number, level in sorted(levels.items())
        if level is not None and level > counted(assessed[number])
    }


def changed(present: Mapping[int, Level], wanted: Mapping[int, Level]) -> dict[int, Decimal]:
    """The wanted levels that differ from the present ones, by number."""
    return {
        number: level
        for number, level in sorted(wanted.items())
        if level is not None and level != present.get(number)
    }


def _unknown(instrument: Instrument, wanted: Mapping[int, Level]) -> Iterable[Problem]:
    for number in sorted(wanted):
        if not instrument.has(number):
            yield Problem("level.unknown_indicator", f"level_{number}", params={"number": number})


def _off_scale(present: Present, wanted: Mapping[int, Level]) -> Iterable[Problem]:
    for number in sorted(wanted):
        # What stands was taken once; only another level is judged.
        if present.instrument.has(number) and wanted[number] != present.levels[number]:
            problem = check_level(present.instrument, number, wanted[number])
            if problem is not None:
                yield replace(problem, field=f"level_{number}")


def _without_void(
    present: Present, asked: Mapping[int, Level]
) -> tuple[dict[int, Level], tuple[VoidRaise, ...]]:
    levels, void = dict(asked), list[VoidRaise]()
    found = True
    while found:
        found = False
        for rule in present.instrument.prerequisites:
            for number in _bound(rule, present.levels, levels):
                found = True
                asked_level = counted(levels[number])
                void.append(VoidRaise(number, asked_level, rule.needs_indicator, rule.needs_level))
                levels[number] = present.levels[number]
    return levels, tuple(sorted(void, key=lambda each: each.indicator_number))


def _bound(rule: Prerequisite, present: Mapping[int, Level], levels: Mapping[int, Level]) -> list[int]:
    """The raises that this rule voids: those that would cross its level without what it needs."""
    if counted(levels[rule.needs_indicator]) >= rule.needs_level:
        return []
    return [n for n in sorted(rule.indicators) if counted(present[n]) < rule.level <= counted(levels[n])]


def _effort(
    present: Present, levels: Mapping[int, Level], raised: Iterable[int]
) -> tuple[Fraction, tuple[AgencyEffort, ...], tuple[int, ...]]:
    owners: dict[int, list[Owner]] = defaultdict(list)
    for owner in present.owners:
        owners[owner.indicator_number].append(owner)
    total, unowned = Fraction(0), []
    days: dict[tuple[int, str], list[Fraction]] = defaultdict(list)
    for number in raised:
        cost = present.effort.days(number, counted(present.levels[number]), counted(levels[number]))
        total += cost
        if number not in owners:
            unowned.append(number)
        for owner in owners.get(number, ()):
            share = part_of_one(owner.share, len(owners[number]))
            days[owner.agency_id, owner.agency_slug].append(share * cost)
    agencies = (
        AgencyEffort(agency_id, slug, len(parts), sum(parts, Fraction(0)), present.capacities.get(slug))
        for (agency_id, slug), parts in days.items()
    )
    return total, tuple(sorted(agencies, key=lambda each: (-each.days, each.slug))), tuple(unowned)
