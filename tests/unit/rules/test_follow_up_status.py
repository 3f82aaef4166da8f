"""The four statuses of a follow-up, for every state a task can be in."""

from decimal import Decimal
from fractions import Fraction

import pytest

from spbe_tasks.rules.follow_up_status import FollowUp, FollowUpFacts, completion, follow_up_status
from spbe_tasks.rules.workflow import State

CONFORMS, IN_PROCESS, NOT_BEGUN, CANNOT = FollowUp
TARGET = Decimal(4)
# What a task is without anything to show, and with something.
BY_STATE = {
    State.PLANNED: (NOT_BEGUN, IN_PROCESS),
    State.ASSIGNED: (NOT_BEGUN, IN_PROCESS),
    State.IN_PROGRESS: (IN_PROCESS, IN_PROCESS),
    State.BLOCKED: (IN_PROCESS, IN_PROCESS),
    State.SUBMITTED: (IN_PROCESS, IN_PROCESS),
    State.RETURNED: (IN_PROCESS, IN_PROCESS),
    State.ACCEPTED: (IN_PROCESS, IN_PROCESS),  # without a level: none is stored so, and it is no proof
    State.CANCELLED: (CANNOT, CANNOT),
    State.WITHDRAWN: (CANNOT, CANNOT),
}


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_status_with_and_without_an_answer(state: State) -> None:
    found = tuple(follow_up_status(FollowUpFacts(state, TARGET, None, has)) for has in (False, True))
    assert found == BY_STATE[state]


@pytest.mark.parametrize(
    ("reached", "expected"),
    [("1", IN_PROCESS), ("3", IN_PROCESS), ("3.99", IN_PROCESS), ("4", CONFORMS), ("5", CONFORMS)],
)
def test_accepted_work_conforms_from_its_target_on(reached: str, expected: FollowUp) -> None:
    assert follow_up_status(FollowUpFacts(State.ACCEPTED, TARGET, Decimal(reached))) is expected


def test_completion_counts_what_conforms_among_all_even_what_was_given_up() -> None:
    assert completion({CONFORMS: 1, IN_PROCESS: 1, CANNOT: 1}) == Fraction(1, 3)
    assert completion({CANNOT: 2}) == 0


def test_without_recommendations_there_is_no_completion() -> None:
    assert completion({}) is None
