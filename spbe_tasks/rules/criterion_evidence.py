"""How far a criterion is shown: by evidence that counts today, by none that does, or by a tick alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CriterionEvidence(StrEnum):
    """What stands behind a criterion, best first."""

    SHOWN = "shown"
    EXPIRED = "expired"
    QUARANTINED = "quarantined"
    CLAIMED_ONLY = "claimed_only"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence at a criterion; it no longer counts from ``expires_on`` on, infected it never does."""

    title: str
    expires_on: date | None = None
    is_infected: bool = False


def criterion_evidence(pieces: Iterable[Piece], *, is_met: bool, today: date) -> CriterionEvidence:
    """The status of one criterion on a day of the government's own calendar.

    One piece that counts is enough. Where none does, an expired one is named before an infected one: it is the one to
    renew.
    """
    given = tuple(pieces)
    clean = [each for each in given if not each.is_infected]
    if any(each.expires_on is None or today < each.expires_on for each in clean):
        return CriterionEvidence.SHOWN
    if clean:
        return CriterionEvidence.EXPIRED
    if given:
        return CriterionEvidence.QUARANTINED
    return CriterionEvidence.CLAIMED_ONLY if is_met else CriterionEvidence.MISSING
