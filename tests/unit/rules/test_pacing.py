"""When there is room for one more mail to a domain."""

from datetime import UTC, datetime, timedelta

import pytest

from spbe_tasks.rules.pacing import free_at

NOW = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)


def _ago(*seconds: int) -> list[datetime]:
    return [NOW - timedelta(seconds=each) for each in seconds]


@pytest.mark.parametrize(
    ("sent", "per_minute", "seconds"),
    [
        ([], 1, 0),
        ([30], None, 0),
        ([30], 1, 30),
        ([30], 2, 0),
        ([50, 30, 10], 2, 30),
        ([50, 30, 10], 3, 10),
        ([60], 1, 0),
        ([59], 1, 1),
        ([-30], 1, 0),  # a clock that was set back
    ],
)
def test_so_many_may_leave_in_any_span_of_a_minute(
    sent: list[int], per_minute: int | None, seconds: int
) -> None:
    assert free_at(_ago(*sent), per_minute, NOW) == NOW + timedelta(seconds=seconds)
