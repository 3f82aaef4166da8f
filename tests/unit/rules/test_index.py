"""The index against published results, the regulation's worked example, and properties that hold for any levels."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.rules.index import check_levels, compute, contribution, display, predicate
from spbe_tasks.rules.instrument import PredicateBasis
from tests.unit.rules import published

SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")
NUMBERS = [indicator.number for indicator in SPBE.indicators]

spbe_level = st.integers(1, 5).map(Decimal)
spbe_levels = st.fixed_dictionaries({number: spbe_level | st.none() for number in NUMBERS})
pemdi_level = st.decimals(Decimal("1.00"), Decimal("5.00"), places=2)
pemdi_levels = st.fixed_dictionaries({indicator.number: pemdi_level for indicator in PEMDI.indicators})


def shown(figures):
    return {number: str(display(value)) for number, value in figures.items()}


def same_level(level):
    return dict.fromkeys(NUMBERS, Decimal(level))


def by_sum(numbers, total):
    """Whole levels from 1 to 5 for ``numbers`` that add up to ``total``."""
    numbers = list(numbers)
    whole, rest = divmod(total, len(numbers))
    return {number: Decimal(whole + (position < rest)) for position, number in enumerate(numbers)}


@pytest.mark.parametrize("case", published.with_levels(), ids=lambda case: case.name)
class TestPublishedResult:
    def test_domains_aspects_and_index_are_reproduced_to_the_last_digit(self, case):
        result = compute(SPBE, case.levels)
        assert shown(result.domains) == case.facts["published"]["domains"]
        assert shown(result.aspects) == case.facts["recomputed"]["aspects"]
        assert shown(result.aspects) == (case.facts["published"]["aspects"] or shown(result.aspects))
        assert str(display(result.index)) == case.facts["published"]["index"]
        assert result.index == Fraction(case.facts["recomputed"]["index_exact"])

    def test_predicate_is_the_published_one_on_either_basis(self, case):
        index = compute(SPBE, case.levels).index
        expected = case.facts["published"]["predicate"]
        assert predicate(SPBE, index, PredicateBasis.UNROUNDED).name_id == expected
        assert predicate(SPBE, index, PredicateBasis.ROUNDED).name_id == expected


def test_every_case_with_levels_is_read():
    assert {case.name for case in published.with_levels()} == {
        "asmat-2024",
        "bandar-lampung-2021",
        "bandar-lampung-2024",
        "denpasar-2021",
        "maybrat-2023",
        "papua-selatan-2023",
    }


def test_self_assessment_of_denpasar_gives_its_published_index():
    case = published.read("denpasar-2021")
    levels = {number: Decimal(level) for number, level in case.facts["self_assessment"]["levels"].items()}
    index = compute(SPBE, levels).index
    assert str(display(index)) == case.facts["self_assessment"]["index_recomputed"] == "3.75"


class TestWorkedExampleOfTheRegulation:
    example = published.read("regulation-worked-example").facts

    def test_aspect_2_is_the_weighted_mean_of_its_indicators(self):
        given_levels = {
            number: Decimal(level) for number, level in self.example["aspect_2"]["levels"].items()
        }
        result = compute(SPBE, same_level(1) | given_levels)
        assert str(display(result.aspects[2])) == self.example["aspect_2"]["index"]

    def test_domain_2_is_the_weighted_mean_of_its_aspects(self):
        levels = same_level(1)
        for number, value in self.example["domain_2"]["aspects"].items():
            aspect = next(aspect for aspect in SPBE.aspects if aspect.number == number)
            levels |= {indicator.number: Decimal(value) for indicator in aspect.indicators}
        result = compute(SPBE, levels)
        assert str(display(result.domains[2])) == self.example["domain_2"]["index"]

    def test_index_is_the_sum_of_domains_times_weights(self):
        # No whole levels give a domain 4 of exactly 3.20, so that one enters as the figure of the example.
        levels = by_sum(range(1, 11), 37) | by_sum(range(11, 15), 12) | by_sum(range(15, 19), 16)
        levels |= by_sum(range(19, 21), 6) | by_sum(range(21, 32), 33)
        overall = self.example["overall"]
        domains = {number: Fraction(value) for number, value in overall["domains"].items()}
        first_three = compute(SPBE, levels | dict.fromkeys(range(32, 48), Decimal(1))).domains
        assert {number: first_three[number] for number in (1, 2, 3)} == {n: domains[n] for n in (1, 2, 3)}
        index = (
            sum(value * Fraction(SPBE.domains[number - 1].weight) for number, value in domains.items()) / 100
        )
        assert index == Fraction("3.282")
        assert str(display(index)) == overall["index"]


@pytest.mark.parametrize("name", ["ketapang-2023", "ketapang-2024"])
def test_ketapang_is_reproduced_from_the_sums_of_its_levels(name):
    facts = published.read(name).facts
    sums = facts["derived_level_sums"]
    candidates = sums["candidates_sum_32_41_and_42_47"]
    fixed = by_sum(range(1, 11), sums["sum_1_10"]) | by_sum(range(21, 32), sums["sum_21_31"])
    # All indicators of the governance domain weigh the same, so only their sum counts.
    fixed |= by_sum(range(11, 21), sums["sum_11_20"])
    assert len(candidates) >= 2
    for administration, public in candidates:
        levels = fixed | by_sum(range(32, 42), administration) | by_sum(range(42, 48), public)
        result = compute(SPBE, levels)
        assert shown(result.domains) == facts["published"]["domains"]
        assert str(display(result.index)) == facts["published"]["index"]
        assert (
            predicate(SPBE, result.index, PredicateBasis.UNROUNDED).name_id == facts["published"]["predicate"]
        )


class TestNotAssessed:
    def test_counts_as_zero_where_the_instrument_says_so(self):
        levels = same_level(3) | {32: None}
        assert compute(SPBE, levels).index == 3 - Fraction("2.75") * 3 / 100

    def test_is_refused_where_the_instrument_does_not_say(self):
        levels = {indicator.number: Decimal(3) for indicator in PEMDI.indicators} | {5: None}
        with pytest.raises(InvalidInputError) as caught:
            compute(PEMDI, levels)
        assert [(p.code, p.field) for p in caught.value.problems] == [("level.not_assessed_refused", "5")]

    def test_index_below_every_bound_has_the_lowest_predicate(self):
        index = compute(SPBE, dict.fromkeys(NUMBERS)).index
        assert index == 0
        assert predicate(SPBE, index, PredicateBasis.UNROUNDED).name_id == "Kurang"


class TestCheckLevels:
    def test_every_problem_is_listed_in_indicator_order(self):
        levels = same_level(3) | {4: Decimal(6), 9: Decimal("2.5"), 48: Decimal(1)}
        del levels[7]
        found = [(problem.code, problem.params["number"]) for problem in check_levels(SPBE, levels)]
        assert found == [
            ("level.outside_scale", 4),
            ("level.missing", 7),
            ("level.not_whole", 9),
            ("level.unknown_indicator", 48),
        ]

    def test_missing_row_is_an_error_and_not_a_zero(self):
        levels = same_level(3)
        del levels[47]
        with pytest.raises(InvalidInputError):
            compute(SPBE, levels)

    @pytest.mark.parametrize("level", ["NaN", "Infinity", "-1", "0", "0.99", "5.01"])
    def test_value_off_the_scale_is_refused(self, level):
        assert check_levels(SPBE, same_level(3) | {1: Decimal(level)})[0].code == "level.outside_scale"

    def test_decimals_are_levels_of_pemdi_up_to_two_places(self):
        levels = {indicator.number: Decimal("1.17") for indicator in PEMDI.indicators}
        assert check_levels(PEMDI, levels) == ()
        assert check_levels(PEMDI, levels | {1: Decimal("1.175")})[0].code == "level.too_fine"

    def test_whole_level_may_be_written_with_decimals(self):
        assert check_levels(SPBE, same_level(3) | {1: Decimal("4.00")}) == ()


class TestPredicate:
    @pytest.mark.parametrize(
        ("index", "unrounded", "rounded"),
        [
            ("3.494999", "Baik", "Baik"),
            ("3.495", "Baik", "Sangat Baik"),
            ("3.5", "Sangat Baik", "Sangat Baik"),
            ("2.5999", "Cukup", "Baik"),
            ("4.2", "Memuaskan", "Memuaskan"),
            ("1.0", "Kurang", "Kurang"),
        ],
    )
    def test_bound_is_met_by_the_exact_or_the_printed_index(self, index, unrounded, rounded):
        assert predicate(SPBE, Fraction(index), PredicateBasis.UNROUNDED).name_id == unrounded
        assert predicate(SPBE, Fraction(index), PredicateBasis.ROUNDED).name_id == rounded


class TestDisplay:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [("1.025", "1.03"), ("1.165", "1.17"), ("-1.025", "-1.03"), ("0", "0.00"), ("3", "3.00")],
    )
    def test_half_is_rounded_away_from_zero(self, value, expected):
        assert str(display(Fraction(value))) == expected

    @given(st.decimals(-9, 9, places=6))
    def test_agrees_with_decimal_half_up(self, value):
        assert display(Fraction(value)) == value.quantize(Decimal("0.01"), ROUND_HALF_UP)


class TestProperties:
    @given(spbe_levels)
    def test_index_is_the_sum_of_levels_times_weights(self, levels):
        expected = sum(
            Fraction(levels[indicator.number] or 0) * Fraction(indicator.weight) / 100
            for indicator in SPBE.indicators
        )
        assert compute(SPBE, levels).index == expected

    @given(pemdi_levels)
    def test_pemdi_index_stays_between_lowest_and_highest_level(self, levels):
        result = compute(PEMDI, levels)
        for value in (result.index, *result.domains.values(), *result.aspects.values()):
            assert min(levels.values()) <= value <= max(levels.values())

    @given(spbe_levels, st.sampled_from(NUMBERS))
    def test_raising_a_level_raises_the_index_by_its_contribution(self, levels, number):
        before, after = levels[number] or Decimal(0), Decimal(5)
        gained = compute(SPBE, levels | {number: after}).index - compute(SPBE, levels).index
        assert gained == contribution(SPBE, number, after - before)
        assert gained >= 0

    @given(spbe_levels, st.permutations(NUMBERS))
    def test_order_of_the_levels_does_not_matter(self, levels, order):
        assert compute(SPBE, {number: levels[number] for number in order}) == compute(SPBE, levels)

    @given(st.integers(1, 5))
    def test_equal_levels_give_that_level_everywhere(self, level):
        result = compute(SPBE, same_level(level))
        assert {result.index, *result.domains.values(), *result.aspects.values()} == {Fraction(level)}


def test_contribution_of_an_unknown_indicator_is_not_found():
    with pytest.raises(NotFoundError):
        contribution(SPBE, 48, 1)
