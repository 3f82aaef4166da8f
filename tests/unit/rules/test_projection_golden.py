"""The golden table of projections against the rules alone."""

from decimal import Decimal
from fractions import Fraction

import pytest

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.projection import FigureName, TaskFact, project
from tests import golden_projections
from tests.golden_projections import SITUATIONS, TODAY, Round, Situation


def _fact(place: int, round_: Round) -> TaskFact:
    return TaskFact(
        task_id=place,
        indicator_number=round_.number,
        agency_id=ord(round_.agency),
        round=round_.round,
        state=round_.state,
        baseline=round_.baseline,
        target=round_.target,
        due_on=round_.due_on,
        share=round_.share,
        reached=round_.reached,
        cancel_kind=round_.cancel_kind,
        kind=round_.kind,
    )


def _levels(situation: Situation) -> dict[int, Level]:
    numbers = [each.number for each in get_instrument(situation.instrument_id).indicators]
    levels: dict[int, Level] = dict.fromkeys(numbers, Decimal(situation.level))
    return levels | {n: None if v is None else Decimal(v) for n, v in situation.levels.items()}


def test_the_table_has_thirty_situations_and_no_sentence_twice() -> None:
    assert len({each.sentence for each in SITUATIONS}) == len(SITUATIONS) >= 30


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.sentence)
def test_the_rules_answer_as_worked_out_by_hand(situation: Situation) -> None:
    facts = [_fact(place, each) for place, each in enumerate(situation.tasks)]
    computed = project(
        get_instrument(situation.instrument_id),
        _levels(situation),
        facts,
        today=TODAY,
        evaluation_on=situation.evaluation_on,
    )
    assert {name: getattr(computed, name).index for name in situation.indices} == {
        name: Fraction(value) for name, value in situation.indices.items()
    }
    assert computed.risk.index == Fraction(situation.index_at_risk)
    for number, expected in situation.stands.items():
        found = [getattr(computed, name.value).levels[number] or 0 for name in FigureName]
        assert found == [Decimal(level) for level in expected]
    assert {(each.figure.value, each.indicator_number) for each in computed.voided} == situation.voided
    rows = {row.agency_id: row for row in computed.agencies}
    for agency, points in situation.points.items():
        row = rows[ord(agency)]
        said = (row.points_at_stake, row.points_secured, row.points_waiting, row.points_late)
        assert said == tuple(map(golden_projections.fraction, points))
