from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.gaps import Owner
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import PredicateBasis, PredicateBound
from spbe_tasks.rules.policy import Effort
from spbe_tasks.rules.whatif import Answer, Present, VoidRaise, answer, changed, targets
from tests.unit.rules.sample_instrument import DECIMAL_SCALE, REFUSING, SAMPLE

BOUNDS = (
    PredicateBound("Baik", "Good", Decimal("2.6")),
    PredicateBound("Cukup", "Fair", Decimal("1.8")),
    PredicateBound("Kurang", "Poor", Decimal(1)),
)
INSTRUMENT = replace(SAMPLE, predicates=BOUNDS)
NUMBERS = (1, 2, 12, 21, 22)


def levels(**other: int) -> dict[int, Level]:
    found: dict[int, Level] = dict.fromkeys(NUMBERS, Decimal(2))
    return found | {int(name[1:]): Decimal(level) for name, level in other.items()}


def owner(number: int, slug: str, share: Fraction | None = None) -> Owner:
    return Owner(number, {"a": 1, "b": 2}[slug], slug, slug == "a", share)


def ask(before: Mapping[int, Level], wanted: Mapping[int, Level], **values: object) -> Answer:
    present = Present(INSTRUMENT, before, PredicateBasis.UNROUNDED)
    return answer(replace(present, **values), wanted)  # type: ignore[arg-type]


def test_without_another_level_nothing_changes() -> None:
    found = ask(levels(), {})
    assert (found.index, found.gain, found.effort_days) == (2, 0, 0)
    assert found.raised == found.fallen == found.void == found.agencies == ()


def test_a_raise_brings_its_weight_and_costs_every_step() -> None:
    effort = Effort(Decimal(10), by_step={4: Decimal(25)})
    found = ask(levels(), {2: Decimal(4)}, effort=effort)
    assert found.gain == Fraction("0.945")  # 2 levels x 47.25 / 100
    assert found.result.domains[1] - found.before.domains[1] == Fraction("1.89")
    assert (found.raised, found.effort_days) == ((2,), 35)
    assert found.unowned == (2,)


def test_falling_below_the_present_level_lowers_the_index_and_costs_nothing() -> None:
    found = ask(levels(), {2: Decimal(1)})
    assert found.gain == Fraction("-0.4725")
    assert (found.fallen, found.raised, found.effort_days) == ((2,), (), 0)
    assert found.predicate.name_en == "Poor"
    assert found.predicate_before.name_en == "Fair"


def test_the_gap_is_what_the_next_predicate_is_away_and_none_at_the_top() -> None:
    found = ask(levels(), {12: Decimal(3)})
    assert (found.predicate.name_en, found.gap) == ("Fair", Fraction("0.4"))
    top = ask(levels(), {2: Decimal(4)})
    assert (top.predicate.name_en, top.next_predicate, top.gap) == ("Good", None, None)


def test_a_rounded_index_that_has_its_predicate_is_not_asked_for_it_again() -> None:
    close = (replace(BOUNDS[0], lower_bound=Decimal("2.2045")), *BOUNDS[1:])
    before = levels(i12=3)  # exactly 2.2
    near = replace(INSTRUMENT, predicates=(replace(close[0], lower_bound=Decimal("2.20")), *close[1:]))
    rounded = ask(before, {}, instrument=near, basis=PredicateBasis.ROUNDED)
    assert rounded.next_predicate is None
    assert ask(before, {}, instrument=replace(near, predicates=close)).gap == Fraction("0.0045")


def test_agencies_bear_their_shares_against_their_capacities() -> None:
    owners = [owner(1, "a"), owner(2, "a", Fraction(1, 4)), owner(2, "b", Fraction(3, 4))]
    caps = {"a": Decimal(12), "b": Decimal(15)}
    found = ask(levels(), {1: Decimal(3), 2: Decimal(4)}, owners=owners, capacities=caps)
    assert [(a.slug, a.raises, a.days, a.is_over) for a in found.agencies] == [
        ("a", 2, Fraction(15), True),
        ("b", 1, Fraction(15), False),
    ]
    assert found.unowned == ()


def test_owners_without_shares_bear_equal_parts_and_no_capacity_is_no_cap() -> None:
    found = ask(levels(), {2: Decimal(3)}, owners=[owner(2, "a"), owner(2, "b")])
    assert [(a.days, a.capacity, a.is_over) for a in found.agencies] == [(5, None, False)] * 2


def test_a_raise_without_what_it_needs_is_void_and_does_not_count() -> None:
    before = levels(i12=1, i21=1, i22=1)
    found = ask(before, {21: Decimal(3), 22: Decimal(2)}, owners=[owner(21, "a")])
    assert found.void == (VoidRaise(21, Decimal(3), 12, 2), VoidRaise(22, Decimal(2), 12, 2))
    assert (found.gain, found.effort_days, found.raised, found.agencies) == (0, 0, (), ())
    assert found.levels == before


def test_the_raise_counts_once_what_it_needs_is_raised_too() -> None:
    before = levels(i12=1, i21=1)
    found = ask(before, {21: Decimal(3), 12: Decimal(2)})
    assert (found.void, found.raised) == ((), (12, 21))


def test_levels_that_stand_are_not_questioned_when_what_they_need_falls() -> None:
    found = ask(levels(), {12: Decimal(1), 22: Decimal(3)})
    assert found.void == ()
    assert found.levels[21] == 2


def test_not_assessed_starts_from_zero() -> None:
    before: dict[int, Level] = levels() | {1: None}
    found = ask(before, {1: Decimal(2)})
    assert (found.gain, found.effort_days) == (Fraction("0.055"), 20)


def test_a_partial_step_costs_its_fraction_on_a_scale_of_decimals() -> None:
    fine = replace(INSTRUMENT, scale=DECIMAL_SCALE)
    found = ask(levels(), {1: Decimal("2.25")}, instrument=fine)
    assert found.effort_days == Fraction("2.5")


def test_every_level_that_cannot_be_taken_is_told_by_its_field() -> None:
    with pytest.raises(InvalidInputError) as refused:
        ask(levels(), {1: Decimal(6), 2: Decimal("2.5"), 99: Decimal(3), 21: Decimal(3)})
    assert {(each.code, each.field) for each in refused.value.problems} == {
        ("level.outside_scale", "level_1"),
        ("level.not_whole", "level_2"),
        ("level.unknown_indicator", "level_99"),
    }


def test_taking_a_level_away_is_refused_where_the_instrument_refuses_it() -> None:
    with pytest.raises(InvalidInputError):
        ask(levels(), {1: None}, instrument=replace(REFUSING, predicates=BOUNDS))


def test_a_plan_has_to_reach_what_lies_above_the_assessed_levels() -> None:
    assessed: dict[int, Level] = levels() | {22: None}
    wanted = levels(i1=3, i2=1, i22=1)
    assert targets(assessed, wanted) == {1: 3, 22: 1}


def test_only_levels_that_differ_are_kept() -> None:
    assert changed(levels(), levels(i1=3, i2=1)) == {1: 3, 2: 1}


_ANY = st.fixed_dictionaries({number: st.integers(1, 5).map(Decimal) for number in NUMBERS})


@given(before=_ANY, wanted=_ANY)
def test_effort_of_the_agencies_adds_up_and_void_raises_change_nothing(
    before: dict[int, Level], wanted: dict[int, Level]
) -> None:
    owners = [owner(number, slug) for number in NUMBERS for slug in "ab"]
    found = ask(before, wanted, owners=owners)
    assert sum((each.days for each in found.agencies), Fraction(0)) == found.effort_days
    void = {each.indicator_number for each in found.void}
    assert ask(before, {n: level for n, level in wanted.items() if n not in void}, owners=owners) == replace(
        found, void=()
    )
    for number in (21, 22):
        crosses = (before[number] or 0) < 2 <= (found.levels[number] or 0)
        assert not crosses or (found.levels[12] or 0) >= 2
