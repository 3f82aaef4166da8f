"""How long figures rest after a run: not at all after one change, longer the faster changes come, never for long."""

from datetime import timedelta

import pytest

from spbe_tasks.rules.rebuild_pace import LONGEST_REST, rest_after


@pytest.mark.parametrize(
    ("changes", "seconds"), [(0, 0), (1, 0), (2, 0.5), (3, 1), (21, 10), (51, 25), (1_000, 25)]
)
def test_a_rest_grows_with_the_changes_that_a_run_has_answered(changes: int, seconds: float) -> None:
    assert rest_after(changes) == timedelta(seconds=seconds)


def test_no_rest_is_longer_than_the_longest() -> None:
    assert rest_after(10**6) == LONGEST_REST
