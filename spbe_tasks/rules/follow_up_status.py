"""A task in the four statuses in which inspectorates report what became of recommendations.

The statuses are those of BPK Regulation 2/2017 on following up audit recommendations: Article 6 paragraph (4) names
them, Article 7 says what each means. An inspectorate uses them for its own recommendations alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spbe_tasks.rules.workflow import State


class FollowUp(StrEnum):
    """What became of a recommendation, in the regulation's order."""

    CONFORMS = "conforms"  # sesuai dengan rekomendasi
    IN_PROCESS = "in_process"  # belum sesuai, masih dalam proses
    NOT_BEGUN = "not_begun"  # belum ditindaklanjuti
    CANNOT = "cannot"  # tidak dapat ditindaklanjuti


@dataclass(frozen=True, slots=True)
class FollowUpFacts:
    """A task as the status sees it, levels on the instrument's scale.

    ``has_answer``: something is there already, whatever the state says: a criterion claimed, evidence, or an earlier
    round that was accepted.
    """

    state: State
    target: Decimal
    reached: Decimal | None = None
    has_answer: bool = False


_IN_HAND = frozenset({State.IN_PROGRESS, State.BLOCKED, State.SUBMITTED, State.RETURNED})
_ENDED = frozenset({State.CANCELLED, State.WITHDRAWN})


def follow_up_status(facts: FollowUpFacts) -> FollowUp:
    """The status of a task in any state. Pure and total.

    Accepted at the target or above it conforms; accepted below it has been acted on and does not conform yet. A blocked
    task is in process, too: reporting an obstacle is an answer, and the agency is still to act. What was cancelled, as
    not needed or as given up, or withdrawn, nobody can follow up any more.
    """
    if facts.state in _ENDED:
        return FollowUp.CANNOT
    if facts.state is State.ACCEPTED and facts.reached is not None and facts.reached >= facts.target:
        return FollowUp.CONFORMS
    if facts.state is State.ACCEPTED or facts.state in _IN_HAND or facts.has_answer:
        return FollowUp.IN_PROCESS
    return FollowUp.NOT_BEGUN


def completion(counts: Mapping[FollowUp, int]) -> Fraction | None:
    """The share, 0 to 1, of all recommendations whose follow-up conforms; None when there are none.

    Those that cannot be followed up stay among all: giving work up must not raise the share.
    """
    total = sum(counts.values())
    return Fraction(counts.get(FollowUp.CONFORMS, 0), total) if total else None
