"""Seeded mistakes: each is found, named by a code, and placed by path and line; all of a file come at once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.instruments.loader import load_bytes
from spbe_tasks.instruments.tree import MAX_BYTES
from spbe_tasks.messages import describe
from spbe_tasks.rules.errors import InvalidInputError, Problem
from tests.unit.instruments.small_instrument import SMALL, changed, line_of

INDICATOR = "domains[0].aspects[0].indicators"


def problems_of(data):
    with pytest.raises(InvalidInputError) as caught:
        load_bytes(data)
    for problem in caught.value.problems:
        assert describe(problem, "en") != problem.code, f"no words for {problem.code}"
    return caught.value.problems


def test_small_instrument_is_valid():
    instrument = load_bytes(SMALL.encode())
    assert [indicator.number for indicator in instrument.indicators] == [1, 2]
    assert [criterion.letter for criterion in instrument.indicator(1).step(2).criteria] == ["a", "b"]
    assert instrument.indicator(1).step(2).criteria[1].is_review
    assert instrument.indicator(1).step(1).criteria == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("id: small", "id: Small One", "instrument.bad_id", "id"),
        ("year: 2024", "year: 1824", "instrument.bad_year", "year"),
        ("year: 2024", "year: soon", "instrument.not_a_whole_number", "year"),
        ("year: 2024", "yaer: 2024", "instrument.unknown_key", "yaer"),
        ("status: in_force", "status: asleep", "instrument.not_a_choice", "status"),
        ("is_provisional: false", "is_provisional: maybe", "instrument.not_true_or_false", "is_provisional"),
        ("  from: 2024", "  from: 2024\n  to: 2023", "instrument.years_reversed", "valid_years"),
        ("  from: 2024", "  from: [2024]", "instrument.not_a_value", "valid_years.from"),
        ("title_en: Small instrument", "title_en: ''", "instrument.missing", "title_en"),
        (
            "status: in_force",
            "status: in_force\nrevoked_on: yesterday",
            "instrument.not_a_date",
            "revoked_on",
        ),
        ("tokens: ['', '-']", "tokens: [[x]]", "instrument.not_a_list_of_texts", "not_assessed.tokens"),
        (
            "    2: {name_id: Dua",
            "    two: {name_id: Dua",
            "instrument.key_not_a_number",
            "level_names.process.two",
        ),
        ("maximum: 2", "maximum: 1", "instrument.bad_scale", "scale"),
        ("maximum: 2", "maximum: 100", "instrument.bad_scale", "scale"),
        ("maximum: 2", "maximum: 2.5", "instrument.end_not_whole", "scale.maximum"),
        ("is_integer: true", "is_integer: false\n  decimals: 3", "instrument.too_fine", "scale.decimals"),
        ("minimum: 1", "minimum: 1e9", "instrument.not_a_number", "scale.minimum"),
        ("tokens: ['', '-']", "tokens: '-'", "instrument.not_a_list", "not_assessed.tokens"),
        (
            "lower_bound: 1.5",
            "lower_bound: 0.5",
            "instrument.bound_outside_scale",
            "predicates[0].lower_bound",
        ),
        (
            "lower_bound: 1.0",
            "lower_bound: 1.5",
            "instrument.bounds_not_descending",
            "predicates[1].lower_bound",
        ),
        ("    2: {name_id: Dua, name_en: Two}\n", "", "instrument.levels_not_named", "level_names.process"),
        (
            "indicators: [2]",
            "indicators: [2, 9]",
            "instrument.unknown_indicator",
            "prerequisites[0].indicators",
        ),
        ("indicators: [2]", "indicators: [1]", "instrument.prerequisite_circle", "prerequisites"),
        ("needs_level: 2", "needs_level: 3", "instrument.level_outside_scale", "prerequisites[0]"),
        ("weight: 33.3", "weight: 33.4", "instrument.weights_do_not_add_up", "domains[0].aspects[0].weight"),
        ("weight: 33.3", "weight: 0", "instrument.not_positive", f"{INDICATOR}[0].weight"),
        ("weight: 33.3", "weight: .nan", "instrument.not_a_number", f"{INDICATOR}[0].weight"),
        ("weight: 33.3", "weight: 33,3", "instrument.not_a_number", f"{INDICATOR}[0].weight"),
        ("number: 2", "number: 1", "instrument.repeated_number", f"{INDICATOR}[1].number"),
        ("number: 2", "number: 0", "instrument.not_positive", f"{INDICATOR}[1].number"),
        ("number: 2", "number: 1000", "instrument.number_too_large", f"{INDICATOR}[1].number"),
        (
            "              2:\n",
            "              3:\n",
            "instrument.level_outside_scale",
            f"{INDICATOR}[0].levels.3",
        ),
        ("                b: ", "                c: ", "instrument.bad_letters", f"{INDICATOR}[0].levels.2"),
        (
            "                b: ",
            "                a: ",
            "instrument.repeated_key",
            f"{INDICATOR}[0].levels.2.a",
        ),
        (
            "a: {text_id: Ada., text_en: There is one.}",
            "a: Ada",
            "instrument.not_a_mapping",
            f"{INDICATOR}[0].levels.2.a",
        ),
        ("name_en: Second", "name_en: null", "instrument.missing", f"{INDICATOR}[1].name_en"),
    ],
)
def test_mistake_is_named_and_placed(old, new, code, place):
    assert (code, place) in {(problem.code, problem.field) for problem in problems_of(changed(old, new))}


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("weight: 33.3", "weight: abc", "weight: abc"),
        ("number: 2", "number: 1 # again", "number: 1 # again"),
        ("lower_bound: 1.0", "lower_bound: 1.5", "Kurang"),
    ],
)
def test_problem_says_its_line(old, new, shown):
    data = changed(old, new)
    assert line_of(data, shown) in {problem.row for problem in problems_of(data)}


def test_weights_of_domains_must_make_100():
    data = SMALL.replace("weight: 100", "weight: 90").replace("weight: 66.7", "weight: 56.7").encode()
    (problem,) = problems_of(data)
    assert (problem.code, problem.field, problem.value) == (
        "instrument.weights_do_not_add_up",
        "domains",
        "90",
    )


def test_misspelt_capability_type_is_reported():
    data = SMALL.replace("capability_type: process", "capability_type: proces").encode()
    assert [problem.code for problem in problems_of(data)] == ["instrument.unknown_capability_type"] * 2


def test_all_mistakes_of_a_file_are_reported_at_once_in_line_order():
    text = (
        SMALL.replace("year: 2024", "year: x")
        .replace("weight: 33.3", "weight: y")
        .replace("number: 2", "number: z")
    )
    problems = problems_of(text.encode())
    assert [(problem.code, problem.value) for problem in problems] == [
        ("instrument.not_a_whole_number", "x"),
        ("instrument.unknown_indicator", "2"),  # the prerequisite names the indicator whose number is gone
        ("instrument.not_a_number", "y"),
        ("instrument.not_a_whole_number", "z"),
    ]


def test_circle_over_several_prerequisites_is_named():
    more = "    needs_level: 2\n  - {indicators: [1], level: 2, needs_indicator: 2, needs_level: 2}\n"
    circles = [
        p
        for p in problems_of(changed("    needs_level: 2\n", more))
        if p.code == "instrument.prerequisite_circle"
    ]
    assert [problem.value for problem in circles] in (["1 -> 2 -> 1"], ["2 -> 1 -> 2"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "instrument.empty"),
        (b"  \n\n", "instrument.empty"),
        (b"# nothing but a comment\n", "instrument.empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "instrument.not_text"),
        (b"id: \xff\xfe", "instrument.not_text"),
        (b"id: a\x00b", "instrument.not_text"),
        (b"a: [1, 2", "instrument.bad_yaml"),
        (b"a: b: c", "instrument.bad_yaml"),
        (b"a: &x {b: 1}\nc: *x\n", "instrument.alias"),
        (b"[" * 100_000, "instrument.too_deep"),
        (b"#" * (MAX_BYTES + 1), "instrument.too_large"),
        (b"just a sentence", "instrument.not_a_mapping"),
        (b"- 1\n- 2\n", "instrument.not_a_mapping"),
        (b"? [a]\n: b\n", "instrument.key_not_text"),
        (b"id: a\n---\nid: b\n", "instrument.bad_yaml"),
    ],
)
def test_unreadable_file_is_refused_with_its_reason(data, code):
    assert code in {problem.code for problem in problems_of(data)}


def test_yaml_error_says_its_line():
    (problem,) = problems_of(b"id: a\nyear: 2024\nscale: [1, 2\nstatus: x\n")
    assert problem.code == "instrument.bad_yaml"
    assert problem.row == 4


def test_python_tags_are_never_obeyed():
    problems = problems_of(b"id: !!python/object/apply:os.system ['true']\n")
    assert "instrument.not_a_value" in {problem.code for problem in problems}


@given(st.integers(0, len(SMALL) - 1), st.sampled_from(["", "\n", ":", "-", "[", "'", "0", "\t", "x"]))
def test_damaged_file_gives_problems_or_an_instrument_that_still_adds_up(position, piece):
    text = SMALL[:position] + piece + SMALL[position + 1 :]
    problems: tuple[Problem, ...] = ()
    weights = Decimal(0)
    try:
        weights = sum((indicator.weight for indicator in load_bytes(text.encode()).indicators), Decimal(0))
    except InvalidInputError as error:
        problems = error.problems
    assert problems or weights == 100
