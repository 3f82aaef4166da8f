"""The path on the real instruments: targets, prerequisites, capacities, and every question that cannot be put."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import PredicateBasis
from spbe_tasks.rules.path import (
    NotProvedError,
    Outcome,
    PathProblem,
    external_indicators,
    index_of,
    next_predicate,
    solve,
)
from spbe_tasks.rules.path_programme import Allowance, Programme
from spbe_tasks.rules.policy import Effort

SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")
ONE = {"diskominfo": Fraction(1)}


def question(instrument=SPBE, level="2", *, target="3", changes=None, owners=None, **others):
    levels = {each.number: Decimal(level) for each in instrument.indicators}
    levels |= {number: None if new is None else Decimal(new) for number, new in (changes or {}).items()}
    owned = {each.number: ONE for each in instrument.indicators} | (owners or {})
    return PathProblem(instrument, levels, Fraction(target), owned, **others)


def test_heavier_indicators_come_first_where_the_effort_is_the_same():
    path = solve(question(target=Fraction(2) + Fraction("2.75") / 100))
    assert path.outcome is Outcome.FOUND
    ((number, before, after),) = [(each.number, each.before, each.after) for each in path.raises]
    # Of those with the heaviest weight the lowest number.
    heaviest = max(each.weight for each in SPBE.indicators)
    assert number == min(each.number for each in SPBE.indicators if each.weight == heaviest)
    assert (before, after) == (2, 3)
    assert path.days == 10


def test_a_weight_of_2_75_reaches_its_index_to_the_last_digit():
    two = Fraction(2) + 2 * Fraction("2.75") / 100
    only = {each.number: {} for each in SPBE.indicators if each.weight != Decimal("2.75")}
    exact, above = (
        solve(question(target=two, owners=only)),
        solve(question(target=two + Fraction(1, 10**9), owners=only)),
    )
    assert exact.index == two
    assert (exact.days, above.days) == (20, 30)


@pytest.mark.parametrize(
    ("basis", "lowest"), [(PredicateBasis.UNROUNDED, "3.5"), (PredicateBasis.ROUNDED, "3.495")]
)
def test_a_predicate_is_reached_by_the_basis_of_the_plan(basis, lowest):
    very_good = next(each for each in SPBE.predicates if each.name_id == "Sangat Baik")
    assert index_of(very_good, basis) == Fraction(lowest)
    assert next_predicate(SPBE, Fraction(lowest) - Fraction(1, 10**6), basis) == very_good
    assert next_predicate(SPBE, Fraction(lowest), basis) != very_good
    assert next_predicate(SPBE, Fraction(5), basis) is None


def test_raising_an_indicator_that_needs_another_one_takes_both():
    levels = {12: "1", 21: "1"}
    path = solve(question(target="1", changes=levels, fixed={21: Decimal(2)}))
    assert {each.number: each.after for each in path.raises} == {12: 2, 21: 2}
    only = {each.number: {} for each in SPBE.indicators if each.number not in {12, 21}}
    without = solve(question(changes=levels, owners=only, excluded=frozenset({12})))
    assert (without.outcome, without.raises) == (Outcome.OUT_OF_REACH, ())
    assert without.limit is not None
    assert (without.limit.agencies, without.limit.lacking) == ((), {})


def test_an_indicator_already_above_the_bound_is_free_of_it():
    path = solve(question(target="1", changes={12: "1", 21: "3"}, fixed={21: Decimal(4)}))
    assert {each.number: each.after for each in path.raises} == {21: 4}


def test_indicators_that_nobody_owns_are_named_and_left_alone():
    path = solve(question(owners={1: {}, 2: {}}, changes={2: "5"}))
    assert path.unowned == (1,)
    assert all(each.number != 1 for each in path.raises)


def test_not_assessed_starts_from_nothing():
    only = {each.number: {} for each in SPBE.indicators if each.number != 1}
    path = solve(question(target="2", changes={1: None}, owners=only))
    assert [(each.before, each.after, each.days) for each in path.raises] == [(0, 2, 20)]


def test_a_target_that_is_reached_needs_nothing():
    path = solve(question(target="2"))
    assert (path.outcome, path.raises, path.index) == (Outcome.ALREADY_THERE, (), 2)


def test_a_fixed_level_is_carried_out_even_where_the_target_is_reached():
    path = solve(question(target="2", fixed={7: Decimal(4)}))
    assert [(each.number, each.after) for each in path.raises] == [(7, 4)]


def test_a_scale_of_decimals_starts_from_its_decimals_and_ends_at_whole_levels():
    only = {each.number: {} for each in PEMDI.indicators if each.number != 1}
    path = solve(question(PEMDI, "2.40", target=Fraction("2.41"), owners=only))
    assert [(each.before, each.after, each.days) for each in path.raises] == [(Decimal("2.40"), 3, 6)]


def test_the_agency_that_holds_the_target_back_is_named_with_the_days_it_lacks():
    owners = {each.number: {"bkd": Fraction(1, 2), "arsip": Fraction(1, 2)} for each in SPBE.indicators}
    path = solve(question(target="2.5", owners=owners, capacities={"bkd": Decimal(0), "arsip": Decimal(900)}))
    assert path.outcome is Outcome.OUT_OF_REACH
    assert path.index == 2
    assert path.limit is not None
    assert path.limit.agencies == ("bkd",)
    assert path.limit.index == 5
    assert set(path.limit.lacking) == {"bkd"}
    cheapest = solve(question(target="2.5", owners=owners))
    assert path.limit.lacking["bkd"] == cheapest.loads["bkd"]


def test_two_agencies_are_named_together_where_neither_alone_is_enough():
    owners = {each.number: {"bkd": Fraction(1, 2), "arsip": Fraction(1, 2)} for each in SPBE.indicators}
    path = solve(question(owners=owners, capacities={"bkd": Decimal(0), "arsip": Decimal(0)}))
    assert path.limit is not None
    assert path.limit.agencies == ("arsip", "bkd")


@pytest.mark.parametrize(
    ("others", "code", "place"),
    [
        ({"target": "5.01"}, "path.target_above_scale", "target"),
        ({"capacities": {"bkd": Decimal(-1)}}, "path.capacity_negative", "capacity_bkd"),
        ({"capacities": {"bkd": Decimal("NaN")}}, "path.capacity_negative", "capacity_bkd"),
        ({"fixed": {7: Decimal("2.5")}}, "path.fixed_off_scale", "fixed_7"),
        ({"fixed": {7: Decimal(1)}}, "path.fixed_below_present", "fixed_7"),
        ({"fixed": {99: Decimal(3)}}, "path.unknown_indicator", "excluded"),
        ({"excluded": frozenset({99})}, "path.unknown_indicator", "excluded"),
        ({"fixed": {7: Decimal(3)}, "owners": {7: {}}}, "path.fixed_unowned", "fixed_7"),
        ({"fixed": {7: Decimal(3)}, "excluded": frozenset({7})}, "path.fixed_and_excluded", "fixed_7"),
        ({"owners": {7: {"bkd": Fraction(1, 2)}}}, "ownership.shares_not_one", "owners"),
        (
            {"fixed": {7: Decimal(3)}, "capacities": {"diskominfo": Decimal(9)}},
            "path.fixed_out_of_reach",
            "fixed",
        ),
    ],
)
def test_a_question_that_cannot_be_put_is_refused_with_its_place(others, code, place):
    with pytest.raises(InvalidInputError) as caught:
        solve(question(**others))
    assert [(each.code, each.field) for each in caught.value.problems] == [(code, place)]


def test_several_mistakes_are_named_at_once():
    asked = question(target="6", capacities={"bkd": Decimal(-1)}, fixed={7: Decimal(1)})
    with pytest.raises(InvalidInputError) as caught:
        solve(asked)
    assert len(caught.value.problems) == 3


def test_levels_that_cannot_be_counted_are_refused():
    asked = question()
    with pytest.raises(InvalidInputError) as caught:
        solve(replace(asked, levels={**asked.levels, 3: Decimal(9)}))
    assert [each.code for each in caught.value.problems] == ["level.outside_scale"]


def test_no_time_gives_no_answer_rather_than_an_unproved_one():
    with pytest.raises(NotProvedError):
        solve(
            question(target="3.1", effort=Effort(by_indicator={1: Decimal("7.31"), 2: Decimal("9.77")})),
            seconds=0,
        )


def test_nothing_is_written_to_the_standard_output():
    code = (
        "from fractions import Fraction as F; from spbe_tasks.rules.path_programme import Allowance, Programme;"
        "p = Programme(Allowance(5)); c = p.variable(); p.require({c: F(1)}, at_least=F(1));"
        "print(p.minimise([{c: F(1)}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(1,)\n"


def test_a_programme_that_a_presolve_of_the_solver_calls_impossible_is_solved():
    """HiGHS 1.16 with its presolve on finds no values for these rows; trying all of them finds (-133)."""
    points = {0: 26, 1: 52, 2: 78, 3: 26, 4: 52, 5: 78, 6: 55, 7: 110, 8: 165, 9: 1793, 10: 3586}
    programme = Programme(Allowance(5))
    for _ in range(14):
        programme.variable()
    rows = [
        *(dict.fromkeys(columns, 1) for columns in ((0, 1, 2), (3, 4, 5), (6, 7, 8), (9, 10), (11, 12, 13))),
        {7: 1, 8: 1, 1: -1, 2: -1},
        {9: 1, 10: 1, 1: -1, 2: -1},
        {0: 2, 1: 4, 2: 6, 3: 1, 4: 2, 5: 3, 11: -18},
        {0: 1, 1: 2, 2: 3, 3: 1, 4: 2, 5: 3, 12: -12},
        {0: 5, 1: 10, 2: 15, 6: 15, 7: 30, 8: 45, 9: 12, 10: 24, 13: -156},
    ]
    for row, most in zip(rows, [1, 1, 1, 1, 1, 0, 0, 6, 0, 15], strict=True):
        programme.require(
            {column: Fraction(factor) for column, factor in row.items()}, at_most=Fraction(most)
        )
    programme.require({column: Fraction(each) for column, each in points.items()}, at_least=Fraction(56))
    values = programme.minimise([{column: Fraction(-each) for column, each in points.items()}])
    assert values is not None
    assert sum(points[column] * values[column] for column in points) == 133


def test_numbers_too_large_to_be_told_apart_are_refused():
    programme = Programme(Allowance(5))
    column = programme.variable()
    programme.require({column: Fraction(2**41 + 1), programme.variable(): Fraction(1)}, at_least=Fraction(1))
    with pytest.raises(NotProvedError):
        programme.minimise([{column: Fraction(1)}])


def test_external_indicators_are_those_that_take_their_value_from_elsewhere():
    assert external_indicators(SPBE) == frozenset()
    assert external_indicators(PEMDI)
