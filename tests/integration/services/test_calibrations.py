"""Predicted against official on real rows: which day counts, who is told what, and what is not comparable."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Agency,
    Assessment,
    AssessmentRevision,
    EvaluationCalendar,
    Government,
    Plan,
    Score,
    Task,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calibration import CutOffReason, Discount, Tally
from spbe_tasks.rules.workflow import Action, Field, State
from spbe_tasks.services import calibrations, tasks
from spbe_tasks.services.calibrations import Calibration
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, PEMDI

CLOSED_ON = date(2025, 8, 29)
IMPORTED_AT = datetime(2026, 1, 20, 3, 0, tzinfo=UTC)
FIVE = (33, 34, 35, 36, 37)


@pytest.fixture
def government(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def agency(session: Session, government: Government) -> Agency:
    return factories.agency(session, government)


@pytest.fixture
def coordinator(session: Session, government: Government) -> Account:
    return factories.account(session, government)


@pytest.fixture
def plan(session: Session, government: Government) -> Plan:
    """The plan of 2024, from level 2 everywhere; the self-assessment of 2025 closed at the end of August."""
    row = factories.plan(session, government)
    dates = EvaluationCalendar(government_id=government.id, year=2024, self_assessment_closes_on=CLOSED_ON)
    session.add(dates)
    session.flush()
    return row


def official(session: Session, plan: Plan, levels: dict[int, int], **values: Any) -> AssessmentRevision:
    """The official result of the year after, imported in January."""
    government = session.get_one(Government, plan.government_id)
    made: dict[str, Any] = {"year": plan.year + 1, "imported_at": IMPORTED_AT} | values
    return factories.revision(session, government, dict(levels), **made)


def read(session: Session, account: Account, plan: Plan) -> Calibration | None:
    scope = factories.scope(account)
    return calibrations.read(session, scope, plan, calibrations.list_judged(session, scope))


def accept(work: Work, task: Task, reviewer: Account, reached: int, *, at: datetime = NOW) -> None:
    """As the service writes it: the level, and the event by the reviewer."""
    task.state, task.reached_level = State.SUBMITTED, None
    work.session.flush()
    given: dict[str, object] = {Field.REACHED_LEVEL: Decimal(reached)}
    tasks.act(work, factories.scope(reviewer), task.id, Action.ACCEPT, given, version=None, now=at)
    work.session.flush()


def test_the_prediction_is_what_stood_when_the_self_assessment_closed(
    session: Session, coordinator: Account, plan: Plan
) -> None:
    factories.snapshot(session, plan, CLOSED_ON - timedelta(days=30), {33: 3})
    counted = factories.snapshot(session, plan, CLOSED_ON - timedelta(days=2), {33: 3, 34: 3})
    factories.snapshot(session, plan, CLOSED_ON - timedelta(days=1), {}, levels=None)
    factories.snapshot(session, plan, CLOSED_ON + timedelta(days=1), {33: 4, 34: 4, 35: 4})
    result = official(session, plan, {33: 3, 34: 2, 40: 3})
    found = read(session, coordinator, plan)
    assert found is not None
    assert (found.judged.cut_off.on, found.judged.cut_off.reason) == (CLOSED_ON, CutOffReason.CLOSED)
    assert found.prediction is counted
    assert found.judged.outcome is result
    assert [each.number for each in found.raised] == [33, 34]
    assert found.confirmed == 1
    differences = {each.number: each.difference for each in found.compared if each.difference}
    assert differences == {34: -1, 40: 1}


def test_without_evaluation_dates_the_day_before_the_first_import_counts(
    session: Session, coordinator: Account, plan: Plan, government: Government
) -> None:
    session.query(EvaluationCalendar).delete()
    # 20.00 in London is 03.00 of the next day in Pontianak.
    result = official(session, plan, {}, imported_at=datetime(2026, 1, 19, 20, 0, tzinfo=UTC))
    day_before = factories.snapshot(session, plan, date(2026, 1, 19), {33: 3})
    factories.snapshot(session, plan, date(2026, 1, 20), {33: 4})
    second = AssessmentRevision(
        government_id=government.id,
        assessment_id=result.assessment_id,
        number=2,
        file_name="lhe.pdf",
        file_sha256="2" * 64,
        imported_at=IMPORTED_AT + timedelta(days=40),
        index_value=Decimal("3.06"),
    )
    session.add(second)
    session.flush()
    session.add_all(
        Score(revision_id=second.id, government_id=government.id, indicator_number=n, level=Decimal(3))
        for n in range(1, 48)
    )
    session.flush()
    found = read(session, coordinator, plan)
    assert found is not None
    assert found.prediction is day_before
    assert found.judged.outcome is second
    assert {each.official for each in found.compared} == {3}


def test_before_the_result_and_without_kept_levels_there_is_nothing_to_compare(
    session: Session, coordinator: Account, plan: Plan, government: Government
) -> None:
    factories.snapshot(session, plan, CLOSED_ON, {33: 3})
    assert read(session, coordinator, plan) is None
    assert calibrations.list_judged(session, factories.scope(coordinator)) == []
    baseline = factories.revision(session, government, year=2022)
    other = factories.plan(session, government, year=2022, baseline=baseline)
    official(session, other, {})
    assert read(session, coordinator, other) is None
    judged = calibrations.list_judged(session, factories.scope(coordinator))
    assert [(each.plan.id, each.prediction) for each in judged] == [(other.id, None)]


def test_a_result_by_another_instrument_is_not_compared(
    session: Session, coordinator: Account, plan: Plan, government: Government
) -> None:
    factories.snapshot(session, plan, CLOSED_ON, {33: 3})
    scope = factories.scope(coordinator)
    assert calibrations.find_other_instrument(session, scope, plan) is None
    other = official(session, plan, {}, instrument_id=PEMDI)
    assert read(session, coordinator, plan) is None
    found = calibrations.find_other_instrument(session, scope, plan)
    assert found is session.get_one(Assessment, other.assessment_id)
    official(session, plan, {})
    assert calibrations.find_other_instrument(session, scope, plan) is None
    assert read(session, coordinator, plan) is not None


def test_agencies_and_reviewers_are_held_against_what_they_gave_and_accepted(
    session: Session, work: Work, coordinator: Account, plan: Plan, government: Government, agency: Agency
) -> None:
    """Two reviewers; 12 is shared, and its other agency reached more than the prediction took."""
    one, two = (factories.account(session, government, Role.REVIEWER) for _ in range(2))
    other = factories.agency(session, government)
    accept(work, factories.task(session, plan, agency, 33, target_level=Decimal(4)), one, 4)
    accept(work, factories.task(session, plan, agency, 34), one, 3)
    accept(work, factories.task(session, plan, agency, 12), two, 3)
    accept(work, factories.task(session, plan, other, 12, target_level=Decimal(4)), one, 4)
    late = factories.task(session, plan, other, 35)
    accept(work, late, two, 3, at=IMPORTED_AT)
    factories.snapshot(session, plan, CLOSED_ON, {33: 4, 34: 3, 12: 3})
    official(session, plan, {33: 3, 34: 3, 12: 4})
    found = read(session, coordinator, plan)
    assert found is not None
    told = {row.id: row.tally for row in found.agencies}
    assert told == {agency.id: Tally(3, 2, Fraction(0))}
    told = {row.id: row.tally for row in found.reviewers}
    assert told == {one.id: Tally(2, 1, Fraction(-1, 2)), two.id: Tally(1, 1, Fraction(1))}
    assert [row.id for row in found.reviewers] == [one.id, two.id]
    assert set(found.verdicts) == {33, 34, 12}


def test_what_was_reopened_before_the_day_counts_for_nobody(
    session: Session, work: Work, coordinator: Account, plan: Plan, government: Government, agency: Agency
) -> None:
    reviewer = factories.account(session, government, Role.REVIEWER)
    task = factories.task(session, plan, agency, 33)
    accept(work, task, reviewer, 3)
    reason: dict[str, object] = {Field.REASON: "Bukti keliru."}
    tasks.act(work, factories.scope(coordinator), task.id, Action.REOPEN, reason, version=None, now=NOW)
    factories.snapshot(session, plan, CLOSED_ON, {})
    official(session, plan, {})
    found = read(session, coordinator, plan)
    assert found is not None
    assert (found.agencies, found.reviewers) == ((), ())


def test_a_reviewer_is_told_about_the_own_verdicts_only(
    session: Session, work: Work, plan: Plan, government: Government, agency: Agency
) -> None:
    one, two = (factories.account(session, government, Role.REVIEWER) for _ in range(2))
    executive = factories.account(session, government, Role.EXECUTIVE)
    accept(work, factories.task(session, plan, agency, 33), one, 3)
    accept(work, factories.task(session, plan, agency, 34), two, 3)
    factories.snapshot(session, plan, CLOSED_ON, {33: 3, 34: 3})
    official(session, plan, {33: 3, 34: 2})

    def seen_by(account: Account) -> set[int]:
        found = read(session, account, plan)
        assert found is not None
        assert [row.id for row in found.agencies] == [agency.id]
        return {row.id for row in found.reviewers}

    assert seen_by(one) == {one.id}
    assert seen_by(two) == {two.id}
    assert seen_by(executive) == {one.id, two.id}


def test_the_discount_comes_from_earlier_plans_of_the_same_government_and_instrument(
    session: Session, coordinator: Account, plan: Plan, government: Government
) -> None:
    scope = factories.scope(coordinator)
    following = factories.plan(
        session, government, year=2025, baseline=official(session, plan, dict.fromkeys(FIVE[:3], 3))
    )
    assert calibrations.discount_of(session, scope, following) is None  # nothing was kept yet
    factories.snapshot(session, plan, CLOSED_ON - timedelta(days=1), dict.fromkeys(FIVE[:4], 3))
    assert calibrations.discount_of(session, scope, following) is None  # four raises are too few
    factories.snapshot(session, plan, CLOSED_ON, dict.fromkeys(FIVE, 3))
    assert calibrations.discount_of(session, scope, following) == Discount(Fraction(3, 5), 5, 1)
    # Not from itself, nor for another government.
    assert calibrations.discount_of(session, scope, plan) is None
    abroad = factories.government(session)
    stranger = factories.account(session, abroad)
    theirs = factories.plan(
        session, abroad, year=2025, baseline=factories.revision(session, abroad, year=2025)
    )
    assert calibrations.discount_of(session, factories.scope(stranger), theirs) is None
