"""The stored form of a policy: what is written is read back the same, and every mistake has its place."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.policy import DueRule, Effort, LevelRule, LowRule, Policy, Priority
from spbe_tasks.rules.policy_settings import read_settings, settings_of
from tests.unit.rules.sample_instrument import DECIMAL_SCALE, SAMPLE, WEIGHTS

FINE = replace(SAMPLE, scale=DECIMAL_SCALE)
NUMBERS = sorted(WEIGHTS)
LEAST = {"threshold": {"default": "3"}, "target": {"default": "4"}, "due": {"fixed_on": {}}}
DAYS = {"high": "2026-06-01", "middle": "2026-06-01", "low": "2026-06-01"}

low_levels = st.integers(100, 250).map(lambda value: Decimal(value) / 100)
high_levels = st.integers(250, 500).map(lambda value: Decimal(value) / 100)
days = st.integers(0, 10_000).map(lambda value: Decimal(value) / 100)


def rules(levels: st.SearchStrategy[Decimal]) -> st.SearchStrategy[LevelRule]:
    return st.builds(
        LevelRule,
        levels,
        st.dictionaries(st.integers(1, 2), levels),
        st.dictionaries(st.sampled_from(NUMBERS), levels),
    )


def each_priority(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[Priority, object]]:
    return st.fixed_dictionaries(dict.fromkeys(Priority, values))


some_days = st.integers(0, 900).map(lambda number: date(2026, 1, 1) + timedelta(days=number))
due_rules = st.builds(DueRule, each_priority(some_days)) | st.builds(
    DueRule,
    st.none(),
    each_priority(st.integers(1, 750)),
    st.just(Decimal("0.07")),
    st.just(Decimal("0.0001")),
)
policies = st.builds(
    Policy,
    rules(low_levels),
    rules(high_levels),
    due_rules,
    st.sampled_from(LowRule),
    st.builds(
        Effort,
        days,
        st.dictionaries(st.integers(2, 5), days),
        st.dictionaries(st.sampled_from(NUMBERS), days),
    ),
    st.dictionaries(st.text("abc-", min_size=1, max_size=5), days),
    st.booleans(),
)


@given(policies)
def test_a_policy_comes_back_from_json_as_it_was(policy: Policy) -> None:
    assert read_settings(json.loads(json.dumps(settings_of(policy))), FINE) == policy


def test_figures_are_exact_text() -> None:
    policy = Policy.simple(Decimal("2.50"), Decimal("3.00"), date(2026, 6, 1))
    settings = settings_of(policy)
    assert settings["threshold"] == {"default": "2.5", "domains": {}, "indicators": {}}
    assert settings["due"] == {"high_from": "0.05", "middle_from": "0.025", "fixed_on": DAYS}
    assert settings["effort"] == {"days_per_level": "10", "steps": {}, "indicators": {}}


def test_what_is_usual_may_be_left_out_and_numbers_need_no_quotes() -> None:
    written = {
        "threshold": {"default": 3},
        "target": {"default": 4, "indicators": {12: 5}},
        "due": {"fixed_on": DAYS},
    }
    policy = read_settings(written, SAMPLE)
    assert policy.target == LevelRule(Decimal(4), {}, {12: Decimal(5)})
    assert policy.effort == Effort()


def refused(raw: object) -> list[tuple[str, str | None]]:
    with pytest.raises(InvalidInputError) as caught:
        read_settings(raw, SAMPLE)
    return [(problem.code, problem.field) for problem in caught.value.problems]


@pytest.mark.parametrize("raw", [None, [], "threshold: 3", 3])
def test_what_is_no_group_of_keys_is_refused(raw: object) -> None:
    assert refused(raw)[0] == ("settings.not_a_group", None)


def test_every_mistake_is_told_with_its_path() -> None:
    raw = {
        "tresold": 3,
        "low_rule": "lowest",
        "threshold": {"default": 2.5},
        "target": {"indicators": {"twelve": "4"}},
        "due": {"working_days": {"high": "1.5", "middle": True, "low": 3, "none": 1}},
        "effort": {"steps": [1]},
        "capacities": {"bkpsdm": "viel"},
    }
    assert sorted(refused(raw), key=str) == [
        ("settings.key_not_a_number", "target.indicators.twelve"),
        ("settings.missing", "target.default"),
        ("settings.not_a_choice", "low_rule"),
        ("settings.not_a_figure", "capacities.bkpsdm"),
        ("settings.not_a_figure", "due.working_days.middle"),
        ("settings.not_a_figure", "threshold.default"),
        ("settings.not_a_group", "effort.steps"),
        ("settings.not_whole", "due.working_days.high"),
        ("settings.unknown_key", "due.working_days.none"),
        ("settings.unknown_key", "tresold"),
    ]


def test_figures_that_can_be_read_are_then_judged() -> None:
    raw = LEAST | {"target": {"default": "9"}, "due": {"fixed_on": DAYS}}
    assert refused(raw) == [("policy.target_off_scale", "target_level")]
    assert ("settings.missing", "due.fixed_on.low") in refused(LEAST)
    assert refused({**LEAST, "due": {"fixed_on": {**DAYS, "low": "2026-02-30"}}}) == [
        ("settings.not_a_date", "due.fixed_on.low")
    ]


@pytest.mark.parametrize(
    ("written", "meant"), [(True, True), ("true", True), (False, False), ("False", False)]
)
def test_upkeep_is_switched_on_or_off_also_as_the_text_of_a_file(written: object, meant: bool) -> None:
    settings = LEAST | {"due": {"fixed_on": DAYS}, "upkeep": written}
    assert read_settings(settings, SAMPLE).has_upkeep is meant


def test_a_switch_that_is_neither_on_nor_off_is_refused() -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_settings(LEAST | {"due": {"fixed_on": DAYS}, "upkeep": "perhaps"}, SAMPLE)
    assert [(each.code, each.field) for each in refused.value.problems] == [
        ("settings.not_yes_or_no", "upkeep")
    ]
