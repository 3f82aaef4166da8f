"""The golden table of projections against what is stored after a rebuild, and against the oracle in plain SQL."""

from decimal import Decimal

import pytest

from spbe_tasks.models import Agency, EvaluationCalendar, Plan, Projection
from spbe_tasks.services import projection_record, projections
from spbe_tasks.services.projection_record import Record
from spbe_tasks.work import Work
from tests import factories, oracle
from tests.factories import NOW
from tests.golden_projections import SITUATIONS, TODAY, Situation, fraction


def _stage(work: Work, situation: Situation) -> tuple[Plan, dict[str, Agency]]:
    session = work.session
    government = factories.government(session)
    instrument_id = situation.instrument_id
    baseline = factories.revision(
        session,
        government,
        {number: None if level is None else Decimal(level) for number, level in situation.levels.items()},
        level=Decimal(situation.level),
        instrument_id=instrument_id,
    )
    plan = factories.plan(session, government, baseline=baseline, instrument_id=instrument_id)
    session.add(
        EvaluationCalendar(
            government_id=government.id, year=plan.year, self_assessment_opens_on=situation.evaluation_on
        )
    )
    agencies = {name: factories.agency(session, government) for name in "ABC"}
    for each in situation.tasks:
        factories.task(
            session,
            plan,
            agencies[each.agency],
            each.number,
            round=each.round,
            state=each.state,
            kind=each.kind,
            title="Tugas",
            baseline_level=each.baseline,
            target_level=each.target,
            reached_level=each.reached,
            cancel_kind=each.cancel_kind,
            due_on=each.due_on,
            share_numerator=each.share.numerator,
            share_denominator=each.share.denominator,
        )
    return plan, agencies


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.sentence)
def test_what_is_stored_and_what_the_oracle_says_is_as_worked_out_by_hand(
    work: Work, situation: Situation
) -> None:
    plan, agencies = _stage(work, situation)
    projections.request(work, plan.id)
    assert projections.rebuild(work, plan.id, now=NOW)
    stored = work.session.get_one(Projection, plan.id, populate_existing=True)
    assert {name: getattr(stored, name) for name in situation.indices} == situation.indices
    record = projection_record.read(stored)
    _check_levels(record, situation)
    answer = oracle.ask(work.session, plan.id, today=TODAY, evaluation_on=situation.evaluation_on)
    assert answer.figures == situation.indices
    assert answer.at_risk == situation.index_at_risk
    rows = {row.agency_id: row.figures for row in record.agencies}
    for agency, points in situation.points.items():
        agency_id = agencies[agency].id
        expected = dict(zip(oracle.POINTS, map(fraction, points), strict=True))
        assert {name: getattr(rows[agency_id], f"points_{name}") for name in oracle.POINTS} == expected
        assert all(abs(answer.points[agency_id][name] - expected[name]) < oracle.NEAR for name in expected)


def _check_levels(record: Record, situation: Situation) -> None:
    for number, expected in situation.stands.items():
        found = [record.figures[name].levels[number] or 0 for name in ("secured", "expected", "potential")]
        assert found == [Decimal(level) for level in expected]
    assert record.risk is not None
    assert record.risk.index == fraction(str(situation.index_at_risk))
    assert {(each["figure"], each["indicator"]) for each in record.voided} == situation.voided
