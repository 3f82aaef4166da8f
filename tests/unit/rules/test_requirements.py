"""What a task asks for; how what was filled in is judged stands with the transition table in test_workflow.py."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from spbe_tasks.rules.instrument import Criterion, LevelStep
from spbe_tasks.rules.requirements import Field, asked_places, asks_for, due_date_problem, not_asked
from tests.unit.rules.sample_instrument import SAMPLE

AB = tuple(Criterion(letter, "Ada", "There") for letter in "ab")
INDICATOR = replace(
    SAMPLE.indicator(1), levels=tuple(LevelStep(level, "Nama", "Name", criteria=AB) for level in (2, 3, 4))
)


@pytest.mark.parametrize(
    ("baseline", "target", "asked"),
    [
        ("1", "3", [2, 3]),
        ("0", "1", [1]),
        ("2", "3", [3]),
        ("2.4", "3.6", [3]),
        ("2.4", "2.9", []),
        ("4", "4", [4]),  # upkeep: the level to keep
        ("4.5", "4.2", [4]),
    ],
)
def test_a_task_asks_for_the_whole_levels_it_climbs_or_the_one_it_keeps(
    baseline: str, target: str, asked: list[int]
) -> None:
    climb = {"baseline": Decimal(baseline), "target": Decimal(target)}
    assert [level for level in range(1, 6) if asks_for(level, **climb)] == asked


def test_every_lettered_criterion_of_these_levels_is_asked_for_and_others_are_named() -> None:
    asked = asked_places(INDICATOR, baseline=Decimal(1), target=Decimal(3))
    assert asked == {(2, "a"), (2, "b"), (3, "a"), (3, "b")}
    strangers = not_asked([(4, "a"), (2, "a"), (3, "z")], asked, field=Field.CRITERIA)
    assert [(each.code, each.field, each.params) for each in strangers] == [
        ("criterion.not_asked", "criteria", {"level": 3, "letter": "z"}),
        ("criterion.not_asked", "criteria", {"level": 4, "letter": "a"}),
    ]
    assert not_asked(asked, asked) == []


def test_a_due_date_lies_in_the_years_of_the_plan() -> None:
    ends = (date(2024, 1, 1), date(2029, 12, 31))
    assert [due_date_problem(day, 2024) for day in ends] == [None, None]
    for day in (date(2023, 12, 31), date(2030, 1, 1)):
        problem = due_date_problem(day, 2024)
        assert problem is not None
        assert (problem.code, problem.field) == ("due_date.outside_years", "due_on")
        assert problem.params == {"earliest": ends[0], "latest": ends[1]}
