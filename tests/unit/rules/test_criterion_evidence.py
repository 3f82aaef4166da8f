"""What stands behind a criterion."""

from datetime import date

import pytest

from spbe_tasks.rules.criterion_evidence import CriterionEvidence, Piece, criterion_evidence

SHOWN, EXPIRED, QUARANTINED, CLAIMED_ONLY, MISSING = CriterionEvidence
TODAY = date(2026, 11, 24)
GOOD, LASTING = Piece("SK"), Piece("Reviu", date(2026, 11, 25))
OLD, INFECTED = Piece("Reviu lama", TODAY), Piece("Virus", is_infected=True)


@pytest.mark.parametrize(
    ("pieces", "is_met", "expected"),
    [
        ([GOOD], False, SHOWN),
        ([LASTING], True, SHOWN),
        ([OLD, GOOD], True, SHOWN),
        ([INFECTED, GOOD], True, SHOWN),
        ([OLD], True, EXPIRED),
        ([OLD, INFECTED], True, EXPIRED),
        ([INFECTED], True, QUARANTINED),
        ([], True, CLAIMED_ONLY),
        ([], False, MISSING),
    ],
)
def test_one_piece_that_counts_is_enough(
    pieces: list[Piece], is_met: bool, expected: CriterionEvidence
) -> None:
    assert criterion_evidence(pieces, is_met=is_met, today=TODAY) is expected
