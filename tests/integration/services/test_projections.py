"""The stored projection against hand-computed rows and against the oracle, which shares no rule with the product."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import EvaluationCalendar, Plan, Projection, ProjectionRequest, ProjectionSnapshot
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import CancelKind, State
from spbe_tasks.services import projection_record, projections
from spbe_tasks.work import Work
from tests import factories, oracle
from tests.factories import NOW

TODAY = NOW.date()
EVALUATION = date(2025, 8, 1)


def _rebuilt(work: Work, plan: Plan) -> Projection:
    work.session.flush()
    work.session.add(ProjectionRequest(plan_id=plan.id))
    work.session.flush()
    assert projections.rebuild(work, plan.id, now=NOW)
    return work.session.get_one(Projection, plan.id, populate_existing=True)


def _evaluated(session: Session, plan: Plan) -> None:
    session.add(
        EvaluationCalendar(
            government_id=plan.government_id, year=plan.year, self_assessment_opens_on=EVALUATION
        )
    )


def test_a_plan_without_tasks_stands_at_its_baseline_everywhere(work: Work) -> None:
    plan = factories.plan(work.session, factories.government(work.session))
    stored = _rebuilt(work, plan)
    assert stored.baseline == stored.secured == stored.expected == stored.potential == Decimal(2)


def test_an_accepted_task_raises_the_secured_index_by_weight_times_levels(work: Work) -> None:
    government = factories.government(work.session)
    plan = factories.plan(work.session, government)
    agency = factories.agency(work.session, government)
    factories.task(work.session, plan, agency, 33, state=State.ACCEPTED, reached_level=Decimal(4))
    stored = _rebuilt(work, plan)
    assert stored.secured == Decimal("2.055")  # 2 + 2.75 x (4 - 2) / 100
    record = projection_record.read(stored)
    assert record.agencies[0].name == agency.short_name
    assert record.figures["secured"].levels[33] == 4


def test_a_rebuild_without_a_request_on_the_same_day_changes_nothing(work: Work) -> None:
    plan = factories.plan(work.session, factories.government(work.session))
    first = _rebuilt(work, plan).generation
    assert not projections.rebuild(work, plan.id, now=NOW)
    assert work.session.get_one(Projection, plan.id, populate_existing=True).generation == first


def test_a_new_day_is_rebuilt_and_kept_beside_the_old_one(work: Work) -> None:
    plan = factories.plan(work.session, factories.government(work.session))
    _rebuilt(work, plan)
    assert projections.rebuild(work, plan.id, now=NOW + timedelta(days=1))
    days = work.session.scalars(
        select(ProjectionSnapshot.on).where(ProjectionSnapshot.plan_id == plan.id)
    ).all()
    assert set(days) == {TODAY, TODAY + timedelta(days=1)}


def test_a_lost_request_is_asked_for_again(work: Work) -> None:
    plan = factories.plan(work.session, factories.government(work.session))
    old = func.now() - timedelta(minutes=1)
    work.session.add(ProjectionRequest(plan_id=plan.id, requested_at=old))
    work.session.flush()
    projections.sweep_lost(work)
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (plan.id,))]


def test_figures_of_yesterday_are_asked_for_again(work: Work) -> None:
    plan = factories.plan(work.session, factories.government(work.session))
    _rebuilt(work, plan)
    projections.sweep_days(work, now=NOW)
    assert not work.jobs
    projections.sweep_days(work, now=NOW + timedelta(days=1))
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (plan.id,))]


@st.composite
def situations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Tasks of two agencies in one to three rounds on indicators with and without prerequisites."""
    tasks = []
    for indicator in draw(
        st.lists(st.sampled_from([12, 21, 25, 33, 47]), min_size=1, max_size=4, unique=True)
    ):
        for agency in draw(st.sampled_from([(0,), (1,), (0, 1)])):
            rounds = draw(st.integers(1, 3))
            for number in range(1, rounds + 1):
                tasks.append(
                    {
                        "indicator": indicator,
                        "agency": agency,
                        **_round(draw, number, is_last=number == rounds),
                    }
                )
    return tasks


def _round(draw: st.DrawFn, number: int, *, is_last: bool) -> dict[str, Any]:
    states = list(State) if is_last else [State.ACCEPTED, State.CANCELLED, State.WITHDRAWN]
    state = draw(st.sampled_from(states))
    values: dict[str, Any] = {
        "round": number,
        "state": state,
        "baseline_level": Decimal(draw(st.integers(0, 4))),
        "target_level": Decimal(draw(st.integers(1, 5))),
        "due_on": draw(
            st.sampled_from([TODAY - timedelta(days=1), TODAY, EVALUATION, EVALUATION + timedelta(days=1)])
        ),
    }
    values["share_denominator"] = draw(st.integers(1, 7))
    values["kind"] = draw(st.sampled_from(TaskKind))
    if values["kind"] is TaskKind.UPKEEP and draw(st.booleans()):
        values["target_level"] = values["baseline_level"]
    if state is State.ACCEPTED:
        values["reached_level"] = Decimal(draw(st.integers(1, 5)))
    if state is State.CANCELLED:
        values["cancel_kind"] = draw(st.sampled_from(list(CancelKind)))
    return values


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tasks=situations(),
    low=st.sampled_from([1, 2]),
    level_12=st.sampled_from([None, 1, 2]),
    is_dated=st.booleans(),
)
def test_the_stored_figures_are_those_of_the_oracle(
    work: Work, tasks: list[dict[str, Any]], low: int, level_12: int | None, is_dated: bool
) -> None:
    session = work.session
    with session.begin_nested():
        government = factories.government(session)
        baseline = factories.revision(session, government, {12: level_12}, level=low)
        plan = factories.plan(session, government, baseline=baseline)
        if is_dated:
            _evaluated(session, plan)
        agencies = [factories.agency(session, government) for _ in range(2)]
        for each in tasks:
            values = {name: value for name, value in each.items() if name not in {"indicator", "agency"}}
            factories.task(session, plan, agencies[each["agency"]], each["indicator"], **values)
        stored = _rebuilt(work, plan)
        oracle.check_stored(session, stored, evaluation_on=EVALUATION if is_dated else None)


@pytest.mark.parametrize("figure", projection_record.FIGURES)
def test_what_is_read_back_is_exactly_what_was_computed(work: Work, figure: str) -> None:
    government = factories.government(work.session)
    plan = factories.plan(work.session, government)
    for number in (33, 34):
        factories.task(
            work.session, plan, factories.agency(work.session, government), number, share_denominator=3
        )
    record = projection_record.read(_rebuilt(work, plan))
    computed = projections.compute(work.session, plan, today=TODAY)
    assert record.figures[figure].index == getattr(computed, figure).index
    assert record.figures[figure].domains == getattr(computed, figure).result.domains
    assert tuple(row.figures for row in record.agencies) == computed.agencies
