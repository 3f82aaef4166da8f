"""A policy written by hand as YAML."""

import re
from datetime import date
from decimal import Decimal

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.readers.policy_file import read_policy
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.policy import DueRule, LevelRule, Priority
from tools.layout import ROOT

SPBE = get_instrument("permenpanrb-59-2020")
LEAST = """
threshold: {default: 2.5}
target: {default: 3}
due:
  fixed_on: {high: 2026-06-01, middle: 2026-06-01, low: 2026-06-02}
"""


def test_the_example_of_the_documentation_is_a_policy() -> None:
    example = re.search(r"```yaml\n(.+?)```", (ROOT / "docs" / "plan.md").read_text(), re.DOTALL)
    assert example is not None
    policy = read_policy(example[1].encode(), SPBE)
    assert policy.target == LevelRule(Decimal(3), {4: Decimal(4)}, {12: Decimal(4)})
    assert policy.due == DueRule(working_days=dict(zip(Priority, (60, 85, 120), strict=True)))
    assert policy.capacities == {"diskominfo": 220}


def test_unquoted_figures_and_days_stay_exact() -> None:
    policy = read_policy(f"{LEAST}effort:\n  days_per_level: 0.1\ncapacities:\n".encode(), SPBE)
    assert (policy.threshold.default, policy.effort.days_per_level) == (Decimal("2.5"), Decimal("0.1"))
    assert policy.due.fixed_on == dict(
        zip(Priority, (date(2026, 6, 1), date(2026, 6, 1), date(2026, 6, 2)), strict=True)
    )
    assert policy.capacities == {}


@pytest.mark.parametrize(
    "text", [f"{LEAST}target: {{default: 4}}", "- 1", "a: [", "", "threshold: &a {default: 3}\ntarget: *a"]
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_policy(text.encode(), SPBE)
    assert refused.value.problems
