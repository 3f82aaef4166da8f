"""What may be claimed for an indicator in the self-assessment, and whether evidence shows it."""

from decimal import Decimal

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.instrument import Place
from spbe_tasks.rules.pack import Claimed, Said, Source, claim
from tests.factories import SPBE

INSTRUMENT = get_instrument(SPBE)
INDICATOR = INSTRUMENT.indicator(20)  # 1a; 2a, 2b; 3a, 3b; 4a, 4b, 4c; 5a


def claimed(**said: object) -> Claimed:
    return claim(INDICATOR, INSTRUMENT.scale, Said(**({"baseline": Decimal(2)} | said)))  # type: ignore[arg-type]


def source(found: Claimed, key: Place) -> tuple[bool, Source]:
    lines = (line for step in found.steps if step.step.level == key[0] for line in step.lines)
    line = next(line for line in lines if line.criterion.letter == key[1])
    return line.is_met, line.source


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({}, 2),
        ({"secured": Decimal(3)}, 3),
        ({"baseline": None}, None),
        ({"baseline": None, "by_tasks": {(1, "a"): [True]}}, 1),
        ({"by_tasks": {(3, "a"): [True], (3, "b"): [True]}}, 3),
        ({"by_tasks": {(3, "a"): [True], (3, "b"): [True, False]}}, 2),
        ({"by_tasks": {(3, "a"): [True]}}, 2),
        # What stands below is never skipped: level 4 alone is no level 4.
        ({"by_tasks": {(4, "a"): [True], (4, "b"): [True], (4, "c"): [True]}}, 2),
        ({"by_pack": {(3, "a"): True, (3, "b"): True}, "by_tasks": {(3, "b"): [False]}}, 3),
        # A level that was assessed is not given away by an open criterion, only warned about.
        ({"by_pack": {(2, "a"): False}}, 2),
        ({"claimed": Decimal(4)}, 4),
    ],
)
def test_the_level_proposed_is_the_highest_that_is_supported(
    said: dict[str, object], level: int | None
) -> None:
    assert claimed(**said).level == (None if level is None else Decimal(level))


def test_who_says_whether_a_criterion_is_met() -> None:
    found = claimed(by_pack={(3, "a"): True}, by_tasks={(3, "a"): [False], (3, "b"): [True]})
    assert source(found, (3, "a")) == (True, Source.PACK)
    assert source(found, (3, "b")) == (True, Source.TASK)
    assert source(found, (2, "a")) == (True, Source.ASSESSMENT)
    assert source(found, (4, "a")) == (False, Source.NOBODY)


def test_evidence_is_complete_when_every_criterion_of_the_claimed_level_has_some() -> None:
    shown = {(2, "a"), (2, "b")}
    assert claimed(shown=shown).has_evidence
    assert not claimed(shown={(2, "a")}).has_evidence
    assert not claimed(shown=shown, claimed=Decimal(3)).has_evidence
    assert not claimed(baseline=None, shown=shown).has_evidence


def test_what_a_claim_does_not_rest_on_is_named() -> None:
    found = claimed(claimed=Decimal(4), by_tasks={(3, "a"): [True], (3, "b"): [False]})
    assert found.unmet == ((3, "b"), (4, "a"), (4, "b"), (4, "c"))
    assert claimed().unmet == ()


def test_a_level_between_two_rests_on_the_lower() -> None:
    step = claimed(claimed=Decimal("3.4")).own_step
    assert step is not None
    assert step.step.level == 3
