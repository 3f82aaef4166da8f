"""Stored figures against recomputed ones, many plans at a time: what differs is found, shown and mended."""

import logging
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from spbe_tasks import proving
from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    EvaluationCalendar,
    Government,
    Plan,
    Projection,
    ProjectionProof,
    ProjectionSnapshot,
    Task,
)
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import projection_proofs, projection_recomputing, projections
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories, oracle
from tests.factories import NOW
from tests.statements import counted

TODAY = NOW.date()
NEXT_DAY = NOW + timedelta(days=1)


def _plan(session: Session, *, due_on: date = date(2025, 6, 30), state: State = State.IN_PROGRESS) -> Plan:
    """A plan with a task, an evaluation date, and its figures as of ``NOW``."""
    government = factories.government(session)
    plan: Plan = factories.plan(session, government)
    session.add(
        EvaluationCalendar(
            government_id=government.id, year=plan.year, self_assessment_opens_on=date(2025, 8, 1)
        )
    )
    factories.task(session, plan, factories.agency(session, government), 33, due_on=due_on, state=state)
    session.flush()
    assert projections.rebuild(Work(session), plan.id, now=NOW)
    return plan


def _stored(session: Session, plan: Plan) -> Projection:
    return session.get_one(Projection, plan.id, populate_existing=True)


def _corrupt(session: Session, plan: Plan, values: str) -> None:
    session.execute(text(f"UPDATE projection SET {values} WHERE plan_id = :id"), {"id": plan.id})


def test_figures_that_agree_are_proved_and_due_again_on_the_next_local_day(work: Work) -> None:
    plan = _plan(work.session)
    assert projection_proofs.list_due(work.session, now=NOW) == [plan.id]
    outcome = projection_proofs.prove(work, [plan.id], now=NOW)
    assert (outcome.agreeing, outcome.differing, outcome.waiting) == ((plan.id,), {}, ())
    assert not work.jobs
    assert projection_proofs.list_due(work.session, now=NOW) == []
    # 23.59 and 00.00 in Ketapang, which is seven hours ahead of UTC.
    assert projection_proofs.list_due(work.session, now=NOW.replace(hour=16, minute=59)) == []
    assert projection_proofs.list_due(work.session, now=NOW.replace(hour=17, minute=0)) == [plan.id]
    assert _stored(work.session, plan).generation == 1


@pytest.mark.parametrize(
    ("values", "path", "pair"),
    [
        ("secured = 2.06", "secured", ("2.060000000000", "2.000000000000")),
        (
            "details = jsonb_set(details, '{figures,expected,levels,33}', '\"5\"')",
            "figures.expected.levels.33",
            ("5", "3.00"),
        ),
        ("details = jsonb_set(details, '{agencies,0,tasks_open}', '7')", "agencies.0.tasks_open", (7, 1)),
        ("details = jsonb_set(details, '{evaluation_on}', 'null')", "evaluation_on", (None, "2025-08-01")),
    ],
)
def test_a_changed_figure_is_found_shown_logged_and_mended_by_the_rebuild(
    work: Work,
    caplog: pytest.LogCaptureFixture,
    values: str,
    path: str,
    pair: tuple[object, object],
) -> None:
    session, plan, other = work.session, _plan(work.session), _plan(work.session)
    scope = factories.scope(factories.account(session, session.get_one(Government, plan.government_id)))
    _corrupt(session, plan, values)
    with caplog.at_level(logging.ERROR):
        outcome = projection_proofs.prove(work, [plan.id, other.id], now=NEXT_DAY)
    assert (outcome.agreeing, list(outcome.differing)) == ((other.id,), [plan.id])
    difference = outcome.differing[plan.id][path]
    assert difference["stored"] == pair[0]
    assert difference["computed"] == pair[1]
    assert f"plan {plan.id}" in caplog.text
    assert path in caplog.text
    (finding,) = projection_proofs.list_differing(session, scope)
    assert (finding.plan_id, finding.difference[path], finding.is_mended) == (plan.id, difference, False)
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (plan.id,))]
    assert projections.answer(work, plan.id, now=NEXT_DAY)
    (finding,) = projection_proofs.list_differing(session, scope)
    assert finding.is_mended
    again = projection_proofs.prove(work, [plan.id, other.id], now=NEXT_DAY)
    assert (len(again.agreeing), again.differing) == (2, {})
    assert projection_proofs.list_differing(session, scope) == []


def test_another_government_does_not_see_what_was_found(work: Work) -> None:
    session, plan = work.session, _plan(work.session)
    _corrupt(session, plan, "secured = 4")
    projection_proofs.prove(work, [plan.id], now=NOW)
    stranger = factories.scope(factories.account(session, factories.government(session)))
    assert projection_proofs.list_differing(session, stranger) == []


def test_figures_that_agree_move_on_to_the_new_day_with_their_snapshot(work: Work) -> None:
    session = work.session
    same, late = _plan(session), _plan(session, due_on=TODAY)
    before = _stored(session, same).details
    outcome = projection_proofs.prove(work, [same.id, late.id], now=NEXT_DAY)
    assert set(outcome.agreeing) == {same.id, late.id}
    for plan in (same, late):
        stored = _stored(session, plan)
        assert (stored.generation, stored.as_of_on, stored.rebuilt_at) == (2, NEXT_DAY.date(), NEXT_DAY)
        expected = oracle.projected(session, plan.id, today=NEXT_DAY.date(), evaluation_on=date(2025, 8, 1))
        assert {name: getattr(stored, name) for name in expected} == expected
        snapshot = session.get_one(ProjectionSnapshot, (plan.id, NEXT_DAY.date()))
        assert snapshot.expected == stored.expected
        assert snapshot.levels == {
            name: stored.details["figures"][name]["levels"] for name in ("secured", "expected")
        }
    assert _stored(session, same).details == before
    # Overdue since midnight, so nobody expects it in time any more.
    assert _stored(session, late).expected == _stored(session, late).secured
    assert _stored(session, same).expected > _stored(session, same).secured
    assert not work.jobs


def test_a_moved_on_projection_is_what_a_rebuild_would_have_stored(work: Work) -> None:
    session, plan = work.session, _plan(work.session, due_on=TODAY)
    projection_proofs.prove(work, [plan.id], now=NEXT_DAY)
    moved = _stored(session, plan).details
    assert projections.rebuild(work, plan.id, now=NEXT_DAY, is_forced=True)
    assert _stored(session, plan).details == moved


def test_a_plan_with_changes_that_are_not_counted_yet_waits(work: Work) -> None:
    session, plan = work.session, _plan(work.session)
    _corrupt(session, plan, "secured = 4")
    projections.request(work, plan.id)
    session.flush()
    assert projection_proofs.list_due(session, now=NOW) == []
    outcome = projection_proofs.prove(work, [plan.id], now=NEXT_DAY)
    assert outcome.waiting == (plan.id,)
    assert session.get(ProjectionProof, plan.id) is None
    assert (_stored(session, plan).generation, _stored(session, plan).as_of_on) == (1, TODAY)


def test_a_plan_that_was_never_computed_is_asked_for(work: Work) -> None:
    plan = factories.plan(work.session, factories.government(work.session))
    outcome = projection_proofs.prove(work, [plan.id], now=NOW)
    assert (outcome.waiting, list(work.jobs)) == ((plan.id,), [(Job.REBUILD_PROJECTION, (plan.id,))])


def test_a_closed_plan_is_left_as_it_stands(work: Work) -> None:
    plan = _plan(work.session)
    plan.closed_at, plan.closing_reason = NOW, "Selesai"
    work.session.flush()
    assert projection_proofs.list_due(work.session, now=NEXT_DAY) == []
    assert projection_proofs.prove(work, [plan.id], now=NEXT_DAY) == projection_proofs.Outcome()
    assert _stored(work.session, plan).generation == 1


def test_what_an_earlier_version_did_not_store_is_rebuilt_without_an_alarm(
    work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    session, plan = work.session, _plan(work.session)
    _corrupt(session, plan, "details = details - 'risk'")
    outcome = projection_proofs.prove(work, [plan.id], now=NOW)
    assert (outcome.differing, list(work.jobs)) == ({}, [(Job.REBUILD_PROJECTION, (plan.id,))])
    assert session.get_one(ProjectionProof, plan.id).difference is None
    assert not caplog.records


def test_a_plan_that_cannot_be_computed_is_told_and_does_not_keep_others_from_being_proved(
    work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    session, broken, whole = work.session, _plan(work.session), _plan(work.session)
    task = session.scalars(select(Task).where(Task.plan_id == broken.id)).one()
    task.indicator_number = 99
    session.flush()
    outcome = projection_proofs.prove(work, [broken.id, whole.id], now=NEXT_DAY)
    assert (outcome.agreeing, list(outcome.differing)) == ((whole.id,), [broken.id])
    assert "NotFoundError" in outcome.differing[broken.id]["error"]
    assert not work.jobs
    assert projection_proofs.list_due(session, now=NEXT_DAY) == []
    assert "cannot be computed" in caplog.text


def test_the_number_of_statements_does_not_grow_with_the_plans(work: Work) -> None:
    session = work.session
    ids = [_plan(session).id for _ in range(6)]
    numbers = []
    for some, now in ((ids[:1], NOW), (ids, NOW), (ids[:1], NEXT_DAY), (ids, NEXT_DAY + timedelta(days=1))):
        with counted(session.connection()) as seen:
            assert len(projection_proofs.prove(work, some, now=now).agreeing) == len(some)
        numbers.append(len(seen))
    assert numbers[0] == numbers[1] <= 10
    assert numbers[2] == numbers[3] <= 10


def _accept_and_rebuild(plan_id: int) -> None:
    with transaction() as work:
        task = work.session.scalars(select(Task).where(Task.plan_id == plan_id)).one()
        task.state, task.reached_level = State.ACCEPTED, Decimal(3)
        projections.request(work, plan_id)
    with transaction() as work:
        assert projections.rebuild(work, plan_id, now=NEXT_DAY)


@pytest.mark.own_database
def test_a_late_sweep_replaces_nothing_that_was_rebuilt_after_it_read_the_facts(app: Flask) -> None:
    with transaction() as work:
        plan_id, other_id = _plan(work.session, due_on=TODAY).id, _plan(work.session, due_on=TODAY).id
    session = db.session()
    late = projection_recomputing.recompute(session, [plan_id, other_id], now=NEXT_DAY)
    session.commit()
    _accept_and_rebuild(plan_id)
    with transaction() as work:
        outcome = projection_proofs.settle(work, late, now=NEXT_DAY)
    assert (outcome.agreeing, outcome.waiting, outcome.differing) == ((other_id,), (plan_id,), {})
    stored = session.get_one(Projection, plan_id)
    assert (stored.generation, stored.secured) == (2, Decimal("2.0275"))
    assert session.get_one(Projection, other_id).generation == 2
    assert session.get(ProjectionProof, plan_id) is None


@pytest.mark.own_database
def test_a_late_sweep_replaces_nothing_where_a_change_waits_or_somebody_is_at_it(app: Flask) -> None:
    with transaction() as work:
        asked_id, held_id = _plan(work.session, due_on=TODAY).id, _plan(work.session, due_on=TODAY).id
    session = db.session()
    late = projection_recomputing.recompute(session, [asked_id, held_id], now=NEXT_DAY)
    session.commit()
    with transaction() as work:
        projections.request(work, asked_id)
    with db.engine.begin() as other:
        other.execute(text("SELECT 1 FROM plan WHERE id = :id FOR NO KEY UPDATE"), {"id": held_id})
        with transaction() as work:
            outcome = projection_proofs.settle(work, late, now=NEXT_DAY)
    assert (outcome.agreeing, sorted(outcome.waiting)) == ((), [asked_id, held_id])
    assert {row.generation for row in session.scalars(select(Projection))} == {1}


@pytest.mark.own_database
def test_the_job_of_the_night_goes_through_all_plans_and_asks_for_what_is_left(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "BATCH", 2)
    with transaction() as work:
        ids = [_plan(work.session).id for _ in range(5)]
        _corrupt(work.session, work.session.get_one(Plan, ids[0]), "potential = 5")
    proving.sweep(now=NEXT_DAY)
    session = db.session()
    days = {row.plan_id: row.as_of_on for row in session.scalars(select(Projection))}
    assert days == {ids[0]: TODAY, **dict.fromkeys(ids[1:], NEXT_DAY.date())}
    proofs = {row.plan_id: row.difference is None for row in session.scalars(select(ProjectionProof))}
    assert proofs == {ids[0]: False, **dict.fromkeys(ids[1:], True)}
    session.commit()
    generations = {row.plan_id: row.generation for row in session.scalars(select(Projection))}
    session.commit()
    proving.sweep(now=NEXT_DAY)
    assert {row.plan_id: row.generation for row in session.scalars(select(Projection))} == generations
