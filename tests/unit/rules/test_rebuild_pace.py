"""How long figures rest after a run: not at all after one change, longer the faster changes come, never for long."""

from datetime import timedelta

import pytest

from spbe_tasks.rules.rebuild_pace import LONGEST_REST, rest_after


@pytest.mark.parametrize(
    ("changes", "seconds"), [(0, 0), (1, 0), (2, 1), (3, 2), (21, 20), (61, 60), (1_000, 60)]
)
def test_a_rest_grows_with_the_changes_that_a_run_has_answered(changes: int, seconds: int) -> None:
    assert rest_after(changes) == timedelta(seconds=seconds)


def test_no_rest_is_longer_than_the_longest() -> None:
    assert rest_after(10**6) == LONGEST_REST
