"""Printed figures against recomputed ones: published results agree, and one altered level is always noticed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import PredicateBasis
from spbe_tasks.rules.printed import Figure, Printed, PrintedDifference, compare_printed
from tests.unit.rules import published

SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")
CASE = published.read("bandar-lampung-2024")


def _printed(case: published.Case) -> Printed:
    figures = case.facts["published"]
    return Printed(
        Decimal(figures["index"]),
        figures["predicate"],
        {number: Decimal(value) for number, value in figures.get("domains", {}).items()},
        {number: Decimal(value) for number, value in figures.get("aspects", {}).items()},
    )


def _pemdi(aspect_2: str) -> tuple[PrintedDifference, ...]:
    levels = {indicator.number: Decimal("2.00") for indicator in PEMDI.indicators}
    return compare_printed(PEMDI, levels, Printed(aspects={2: Decimal(aspect_2)}))


@pytest.mark.parametrize("name", ["bandar-lampung-2021", "bandar-lampung-2024"])
def test_a_published_report_agrees_with_its_levels(name: str) -> None:
    case = published.read(name)
    printed = _printed(case)
    assert len(printed.domains) == 4
    assert len(printed.aspects) == 8
    assert compare_printed(SPBE, case.levels, printed) == ()


@pytest.mark.parametrize("number", [indicator.number for indicator in SPBE.indicators])
def test_one_altered_level_makes_index_domain_and_aspect_disagree(number: int) -> None:
    levels = dict(CASE.levels)
    levels[number] += -1 if levels[number] == 5 else 1
    differences = compare_printed(SPBE, levels, _printed(CASE))
    places = {(difference.figure, difference.number) for difference in differences}
    assert places >= {
        (Figure.INDEX, None),
        (Figure.DOMAIN, SPBE.domain_of(number).number),
        (Figure.ASPECT, SPBE.aspect_of(number).number),
    }
    assert not any(difference.is_tolerable for difference in differences)


def test_a_difference_tells_both_figures() -> None:
    printed = replace(_printed(CASE), index=Decimal("3.10"), predicate="Sangat Baik")
    assert compare_printed(SPBE, CASE.levels, printed) == (
        PrintedDifference(Figure.INDEX, Decimal("3.10"), Decimal("2.98")),
        PrintedDifference(Figure.PREDICATE, "Sangat Baik", "Baik"),
    )


def test_what_is_not_printed_or_not_in_the_instrument_is_not_compared() -> None:
    assert compare_printed(SPBE, CASE.levels, Printed()) == ()
    assert compare_printed(SPBE, CASE.levels, Printed(aspects={99: Decimal(1)})) == ()


def test_the_predicate_may_be_printed_in_capitals_and_broken_over_lines() -> None:
    levels = {indicator.number: Decimal(4) for indicator in SPBE.indicators}
    assert compare_printed(SPBE, levels, Printed(predicate="SANGAT\nBAIK")) == ()


@pytest.mark.parametrize(
    ("basis", "expected"), [(PredicateBasis.ROUNDED, ()), (PredicateBasis.UNROUNDED, ("Baik",))]
)
def test_the_predicate_is_compared_on_the_basis_of_the_assessment(
    basis: PredicateBasis, expected: tuple[str, ...]
) -> None:
    bound = replace(SPBE.predicates[1], lower_bound=Decimal("2.98"))  # the exact index is 2.9795
    instrument = replace(SPBE, predicates=(SPBE.predicates[0], bound, *SPBE.predicates[2:]))
    differences = compare_printed(instrument, CASE.levels, Printed(predicate="Sangat Baik"), basis=basis)
    assert tuple(difference.recomputed for difference in differences) == expected


def test_printed_figures_are_compared_after_rounding_a_half_up() -> None:
    levels = dict(CASE.levels)  # aspect 6 is 8/3
    assert compare_printed(SPBE, levels, Printed(aspects={6: Decimal("2.67")})) == ()
    assert compare_printed(SPBE, levels, Printed(aspects={6: Decimal("2.667")})) == ()
    assert compare_printed(SPBE, levels, Printed(aspects={6: Decimal("2.66")})) != ()


@pytest.mark.parametrize(("printed", "tolerable"), [("2.01", True), ("1.99", True), ("2.02", False)])
def test_what_rounded_levels_explain_is_told_as_tolerable(printed: str, *, tolerable: bool) -> None:
    assert _pemdi(printed) == (
        PrintedDifference(Figure.ASPECT, Decimal(printed), Decimal("2.00"), 2, is_tolerable=tolerable),
    )
    assert _pemdi("2") == ()


def test_levels_that_cannot_be_counted_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        compare_printed(SPBE, {1: Decimal(3)}, Printed())
