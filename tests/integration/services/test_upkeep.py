"""Upkeep tasks through generation, publishing, acceptance and the projection."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Government, Plan, Projection, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import plans, policy_reviews, projections, standings, task_sheets, tasks
from spbe_tasks.services.orders import Order
from spbe_tasks.services.projection_record import Record, read
from spbe_tasks.work import Work
from tests import factories, oracle
from tests.factories import DUE_ON, NOW, POLICY, SPBE

# Level 2 of 33 is low; level 4 of 1 rests on a review, level 5 of 47 is kept every year.
LEVELS = {33: 2, 1: 4, 47: 5}
WITH_UPKEEP = replace(POLICY, has_upkeep=True)


@pytest.fixture
def home(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def agency(session: Session, home: Government) -> Agency:
    found = factories.agency(session, home)
    for number in LEVELS:
        factories.ownership(session, found, number)
    return found


@pytest.fixture
def coordinator(session: Session, home: Government) -> Scope:
    return factories.scope(factories.account(session, home))


@pytest.fixture
def focal(session: Session, home: Government, agency: Agency) -> Account:
    return factories.account(session, home, Role.FOCAL_POINT, agency)


@pytest.fixture
def baseline(session: Session, home: Government, agency: Agency) -> int:
    return factories.revision(session, home, LEVELS, level=3).id


def generate(work: Work, scope: Scope, policy: object = WITH_UPKEEP) -> plans.Generated:
    done = plans.generate(work, scope, Order(SPBE, 2024, policy=policy), now=NOW)  # type: ignore[arg-type]
    work.session.flush()
    work.session.expire_all()
    return done


def found(session: Session) -> dict[int, Task]:
    return {task.indicator_number: task for task in session.scalars(select(Task))}


def figures(work: Work, plan: Plan) -> Record:
    projections.rebuild(work, plan.id, now=NOW)
    computed = projections.compute(work.session, plan, today=NOW.date())
    expected = oracle.projected(work.session, plan.id, today=NOW.date(), evaluation_on=None)
    assert {name: getattr(computed, name).index for name in expected} == {
        name: Fraction(value) for name, value in expected.items()
    }
    assert computed.risk.index == Fraction(oracle.at_risk(work.session, plan.id, today=NOW.date()))
    stored = work.session.get_one(Projection, plan.id, populate_existing=True)
    return read(stored)


def test_the_policy_says_whether_levels_are_kept_up(work: Work, coordinator: Scope, baseline: int) -> None:
    assert generate(work, coordinator, POLICY).created == 1
    assert {number: task.kind for number, task in found(work.session).items()} == {33: TaskKind.GAP}
    done = generate(work, coordinator)
    assert (done.created, done.unchanged, len(done.upkeep)) == (2, 1, 2)
    rows = found(work.session)
    assert {number: task.kind for number, task in rows.items()} == {
        33: TaskKind.GAP,
        1: TaskKind.UPKEEP,
        47: TaskKind.UPKEEP,
    }
    assert [(rows[n].baseline_level, rows[n].target_level) for n in (1, 47)] == [(4, 4), (5, 5)]
    assert {task.due_on for task in rows.values()} == {DUE_ON}
    assert not generate(work, coordinator).changes_anything
    assert generate(work, coordinator, POLICY).withdrawn == 2


def test_the_preview_tells_upkeep_apart_and_counts_no_gain(
    work: Work, coordinator: Scope, baseline: int
) -> None:
    order = Order(SPBE, 2024, policy=WITH_UPKEEP)
    seen = plans.preview(work.session, coordinator, order, now=NOW)
    review = policy_reviews.review(work.session, coordinator, seen, target_index=None)
    assert {each.indicator_number: each.task_kind for each in review.tasks} == {
        33: TaskKind.GAP,
        1: TaskKind.UPKEEP,
        47: TaskKind.UPKEEP,
    }
    assert [load.tasks for load in review.loads] == [1]
    assert review.outlook.potential - review.outlook.baseline == review.loads[0].points


def test_upkeep_is_a_risk_beside_the_figures_until_it_is_accepted(
    work: Work, coordinator: Scope, focal: Account, baseline: int
) -> None:
    plan = generate(work, coordinator).plan
    assert plan is not None
    plans.publish(work, coordinator, plan.id, now=NOW)
    work.session.expire_all()
    before = figures(work, plan)
    assert before.risk is not None
    assert before.risk.indicators == (1, 47)
    # One level less of weights 1.3 and 3.
    assert before.figures["secured"].index - before.risk.index == Fraction(43, 1000)
    seen = standings.read(work.session, coordinator, plan, before, now=NOW)
    assert seen.gap == before.figures["potential"].index - before.figures["baseline"].index
    assert seen.unplanned == {}

    task = found(work.session)[1]
    reviewer = factories.account(
        work.session, work.session.get_one(Government, plan.government_id), Role.REVIEWER
    )
    for person, action, given in (
        (focal, Action.START, {}),
        (focal, Action.SUBMIT, {"note": "Laporan reviu 2025"}),
        (reviewer, Action.ACCEPT, {"reached_level": Decimal(4)}),
    ):
        tasks.act(work, factories.scope(person), task.id, action, given, version=None, now=NOW)
    after = figures(work, plan)
    assert after.risk is not None
    assert after.risk.indicators == (47,)
    assert after.figures["secured"].index == before.figures["secured"].index


def test_accepted_lower_the_level_falls_and_the_next_round_restores_it(
    work: Work, coordinator: Scope, focal: Account, baseline: int
) -> None:
    plan = generate(work, coordinator).plan
    assert plan is not None
    task = found(work.session)[1]
    task.state, task.published_at = State.SUBMITTED, NOW
    work.session.flush()
    given = {"reached_level": Decimal(3), "reason": "Reviu tidak ada."}
    tasks.act(work, coordinator, task.id, Action.ACCEPT, given, version=None, now=NOW)
    work.session.flush()
    following = work.session.scalars(select(Task).where(Task.round == 2)).one()
    assert following.kind is TaskKind.UPKEEP
    assert (following.baseline_level, following.target_level, following.points) == (3, 4, Decimal("0.013"))
    after = figures(work, plan)
    assert after.figures["baseline"].index - after.figures["secured"].index == Fraction(13, 1000)
    assert after.risk is not None
    assert after.risk.indicators == (47,)
    assert not generate(work, coordinator).changes_anything


def test_its_page_asks_for_the_criteria_of_the_level_that_is_kept(
    work: Work, coordinator: Scope, baseline: int
) -> None:
    generate(work, coordinator)
    sheet = task_sheets.read(work.session, coordinator, found(work.session)[1].id)
    assert [step.step.level for step in sheet.steps] == [4]
    assert sheet.asked > 0
    assert (sheet.renewal_months, sheet.levels_at_stake) == (24, 1)


def test_the_dates_of_upkeep_follow_the_policy_by_the_points_at_risk(
    work: Work, coordinator: Scope, baseline: int
) -> None:
    later = date(2025, 9, 30)
    moved = Order(SPBE, 2024, due_on=later)
    generate(work, coordinator)
    done = plans.generate(work, coordinator, moved, now=NOW)
    work.session.expire_all()
    assert done.policy.has_upkeep
    assert {task.due_on for task in found(work.session).values()} == {later}
