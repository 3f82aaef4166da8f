"""What a report prints beside its levels, against what the levels come to: the check that all were read right."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from spbe_tasks.rules.index import DISPLAY_DECIMALS, Level, as_decimal, compute, predicate
from spbe_tasks.rules.instrument import Instrument, PredicateBasis


@dataclass(frozen=True, slots=True)
class Printed:
    """The figures a report prints besides the levels; keyed by the number of the domain or aspect."""

    index: Decimal | None = None
    predicate: str | None = None
    domains: Mapping[int, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    aspects: Mapping[int, Decimal] = field(default_factory=lambda: MappingProxyType({}))


class Figure(StrEnum):
    """Which of the printed figures."""

    INDEX = "index"
    DOMAIN = "domain"
    ASPECT = "aspect"
    PREDICATE = "predicate"


@dataclass(frozen=True, slots=True)
class PrintedDifference:
    """A printed figure and what the levels come to instead; ``number`` is that of the domain or aspect.

    Figures are decimals, predicates their Indonesian names. ``is_tolerable``: no more than what printing
    rounded levels explains (the instrument's ``printed_tolerance``); shown, but nothing to mend.
    """

    figure: Figure
    printed: Decimal | str
    recomputed: Decimal | str
    number: int | None = None
    is_tolerable: bool = False


def compare_printed(
    instrument: Instrument,
    levels: Mapping[int, Level],
    printed: Printed,
    *,
    basis: PredicateBasis | None = None,
) -> tuple[PrintedDifference, ...]:
    """Where printed figures and levels disagree: index, predicate, domains, aspects, in this order.

    Figures that are not printed, and domains or aspects that the instrument does not have, are not compared.
    Recomputed figures are rounded once, a half up, to two decimals or to as many as are printed. ``basis``
    is the assessment's, by default the instrument's. Raises InvalidInputError for levels that cannot be
    counted (see ``index.check_levels``).

    Source of the tolerance: PermenPANRB 8/2026 reports print levels rounded to two decimals.
    """
    result = compute(instrument, levels)
    differences = []
    if printed.index is not None:
        differences.append(_figure(instrument, Figure.INDEX, printed.index, result.index))
    if printed.predicate is not None:
        bound = predicate(instrument, result.index, basis or instrument.predicate_basis)
        differences.append(_predicate(printed.predicate, bound.name_id))
    differences += _figures(instrument, Figure.DOMAIN, printed.domains, result.domains)
    differences += _figures(instrument, Figure.ASPECT, printed.aspects, result.aspects)
    return tuple(difference for difference in differences if difference is not None)


def _figures(
    instrument: Instrument, figure: Figure, printed: Mapping[int, Decimal], exact: Mapping[int, Fraction]
) -> Iterator[PrintedDifference | None]:
    for number in sorted(printed.keys() & exact.keys()):
        yield _figure(instrument, figure, printed[number], exact[number], number=number)


def _figure(
    instrument: Instrument, figure: Figure, printed: Decimal, exact: Fraction, *, number: int | None = None
) -> PrintedDifference | None:
    recomputed = as_decimal(exact, max(DISPLAY_DECIMALS, _decimals(printed)))
    if recomputed == printed:
        return None
    is_tolerable = abs(recomputed - printed) <= instrument.printed_tolerance
    return PrintedDifference(figure, printed, recomputed, number, is_tolerable)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _predicate(printed: str, recomputed: str) -> PrintedDifference | None:
    if printed.casefold().split() == recomputed.casefold().split():
        return None
    return PrintedDifference(Figure.PREDICATE, printed, recomputed)
