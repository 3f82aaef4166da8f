"""The index of an assessment, exactly: fractions all the way, rounding only where a figure is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.instrument import Instrument, NotAssessedPolicy, PredicateBasis, PredicateBound

# The level of an indicator; None when it was not assessed.
Level = Decimal | None

# Weights are points of 100 (PermenPANRB 59/2020, Lampiran, Tabel 10-12).
WEIGHT_TOTAL = 100

# Published indexes have two decimals, a half rounded up; half-even would miss 39 of 1,227 published results.
DISPLAY_DECIMALS = 2
# What a column keeps of a figure: exact for every instrument whose weights and levels have up to four decimals.
STORED_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class IndexResult:
    """The exact figures of one set of levels; domains and aspects are keyed by their number."""

    index: Fraction
    domains: Mapping[int, Fraction]
    aspects: Mapping[int, Fraction]


def compute(instrument: Instrument, levels: Mapping[int, Level]) -> IndexResult:
    """The index with its domains and aspects, exact, nothing rounded between the steps.

    ``levels`` is keyed by indicator number and needs every indicator; None is "not assessed" and counts as
    the instrument says. Raises InvalidInputError with every problem of ``check_levels``.

    Source: PermenPANRB 59/2020, Lampiran, Tabel 10-12. Aspect = sum(level x indicator weight) / aspect
    weight; domain = sum(aspect x aspect weight) / domain weight; index = sum(domain x domain weight) / 100.
    """
    _refuse_uncountable(instrument, levels)
    whole, parts = instrument.whole_weights, instrument.scale.parts
    counts = {level: int(counted(level) * parts) for level in set(levels.values())}
    # Every sum is a whole number of 1/(parts of a level x parts of a weight), so fractions are made of results only.
    # aspect x aspect weight is the aspect's sum again: those of a domain's aspects, added up, are the domain's.
    sums = {
        aspect.number: sum(whole.indicators[i.number] * counts[levels[i.number]] for i in aspect.indicators)
        for aspect in instrument.aspects
    }
    of_domains = {d.number: sum(sums[a.number] for a in d.aspects) for d in instrument.domains}
    return IndexResult(
        index=Fraction(sum(of_domains.values()), WEIGHT_TOTAL * whole.parts * parts),
        domains={n: Fraction(total, whole.domains[n] * parts) for n, total in of_domains.items()},
        aspects={n: Fraction(total, whole.aspects[n] * parts) for n, total in sums.items()},
    )


def counted(level: Level) -> Decimal:
    """What a level counts as, in levels: 0 where not assessed."""
    return Decimal(0) if level is None else level


def contribution(instrument: Instrument, number: int, difference: Decimal | Fraction | int) -> Fraction:
    """Index points gained (or lost, when negative) when one indicator changes by ``difference`` levels.

    The aspect and domain weights cancel out, so it is difference x weight / 100. Raises NotFoundError for a
    number the instrument does not have.
    """
    return Fraction(difference) * Fraction(instrument.indicator(number).weight) / WEIGHT_TOTAL


def predicate(instrument: Instrument, index: Fraction, basis: PredicateBasis) -> PredicateBound:
    """The predicate of an index, read from the exact or the printed figure as ``basis`` says.

    An index below every bound (possible only where "not assessed" counts as zero) has the lowest predicate.
    """
    figure = Fraction(display(index)) if basis is PredicateBasis.ROUNDED else index
    for bound in instrument.predicates:
        if figure >= Fraction(bound.lower_bound):
            return bound
    return instrument.predicates[-1]


def display(value: Fraction) -> Decimal:
    """The figure as published: two decimals, a half rounded away from zero (ROUND_HALF_UP)."""
    return as_decimal(value, DISPLAY_DECIMALS)


def as_decimal(value: Fraction, places: int) -> Decimal:
    """The figure with that many decimals, a half rounded away from zero; computed without a binary float."""
    scaled = abs(value) * 10**places
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(rounded if value >= 0 else -rounded).scaleb(-places)


def check_levels(instrument: Instrument, levels: Mapping[int, Level]) -> tuple[Problem, ...]:
    """Everything that keeps these levels from being counted, in indicator order; empty when they can be.

    ``field`` of a problem is the indicator number. Codes: ``level.missing``, ``level.unknown_indicator`` and
    those of ``check_level``.
    """
    problems: list[Problem | None] = []
    for indicator in instrument.indicators:
        if indicator.number in levels:
            problems.append(check_level(instrument, indicator.number, levels[indicator.number]))
        else:
            problems.append(_problem("level.missing", indicator.number))
    unknown = (number for number in sorted(levels) if not instrument.has(number))
    problems.extend(_problem("level.unknown_indicator", number) for number in unknown)
    return tuple(problem for problem in problems if problem is not None)


def check_level(instrument: Instrument, number: int, level: Level, row: int | None = None) -> Problem | None:
    """Why this value cannot be a level of the instrument; None when it can. ``row`` is the line it came from.

    Codes: ``level.not_assessed_refused``, ``level.outside_scale``, ``level.not_whole``, ``level.too_fine``.
    """
    scale = instrument.scale
    if level is None:
        is_refused = instrument.not_assessed is NotAssessedPolicy.REFUSED
        return _problem("level.not_assessed_refused", number, row=row) if is_refused else None
    if scale.holds(level):
        return None
    code = "level.not_whole" if scale.is_integer else "level.too_fine"
    if not level.is_finite() or not scale.minimum <= level <= scale.maximum:
        code = "level.outside_scale"
    limits = {"minimum": scale.minimum, "maximum": scale.maximum, "decimals": scale.decimals}
    return _problem(code, number, row=row, value=str(level), **limits)


def _problem(
    code: str, number: int, *, row: int | None = None, value: str | None = None, **params: object
) -> Problem:
    return Problem(code, field=str(number), row=row, value=value, params={"number": number, **params})


def _refuse_uncountable(instrument: Instrument, levels: Mapping[int, Level]) -> None:
    # An instrument has few different levels: to look at each once is cheaper than to look at every indicator's.
    is_complete = len(levels) == len(instrument.indicators) and all(map(instrument.has, levels))
    if is_complete and not any(check_level(instrument, 0, level) for level in set(levels.values())):
        return
    raise InvalidInputError(check_levels(instrument, levels))
