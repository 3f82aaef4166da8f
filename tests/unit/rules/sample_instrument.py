"""A small instrument made by hand: five indicators, two domains, a prerequisite like that on number 12."""

from dataclasses import replace
from decimal import Decimal

from spbe_tasks.rules.instrument import (
    Aspect,
    Domain,
    Indicator,
    Instrument,
    InstrumentStatus,
    LevelScale,
    NotAssessedPolicy,
    PredicateBasis,
    PredicateBound,
    Prerequisite,
)

INTEGER_SCALE = LevelScale(Decimal(1), Decimal(5), is_integer=True)
DECIMAL_SCALE = LevelScale(Decimal("1.00"), Decimal("5.00"), is_integer=False)

WEIGHTS = {1: Decimal("2.75"), 2: Decimal("47.25"), 12: Decimal(20), 21: Decimal(15), 22: Decimal(15)}


def _indicator(number: int) -> Indicator:
    name = f"Tingkat Kematangan Indikator {number}"
    return Indicator(number, name, f"Indicator {number}", WEIGHTS[number], "process")


_FIRST = Aspect(1, "Aspek 1", "Aspect 1", Decimal(50), (_indicator(1), _indicator(2)))
_SECOND = Aspect(2, "Aspek 2", "Aspect 2", Decimal(50), (_indicator(12), _indicator(21), _indicator(22)))

SAMPLE = Instrument(
    id="sample",
    title_id="Contoh",
    title_en="Sample",
    regulation="none",
    year=2020,
    status=InstrumentStatus.IN_FORCE,
    is_provisional=False,
    valid_from_year=2020,
    valid_to_year=None,
    scale=INTEGER_SCALE,
    domains=(
        Domain(1, "Domain 1", "Domain 1", Decimal(50), (_FIRST,)),
        Domain(2, "Domain 2", "Domain 2", Decimal(50), (_SECOND,)),
    ),
    predicates=(PredicateBound("Baik", "Good", Decimal(1)),),
    predicate_basis=PredicateBasis.UNROUNDED,
    not_assessed=NotAssessedPolicy.COUNTS_AS_ZERO,
    prerequisites=(Prerequisite(frozenset({21, 22}), 2, 12, 2),),
)
REFUSING = replace(SAMPLE, not_assessed=NotAssessedPolicy.REFUSED)
