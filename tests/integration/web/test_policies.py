from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.models import PolicyVersion, Task
from spbe_tasks.rules.policy import DueRule, LevelRule, LowRule, Policy, Priority
from spbe_tasks.services import plans, policies
from spbe_tasks.services.orders import Order
from spbe_tasks.work import Work
from tests import factories
from tests.factories import SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

GENERATE = f"/plans/{SPBE}/2023/generate"
TODAY = clock.now().date()
SOON, LATER = TODAY + timedelta(days=40), TODAY + timedelta(days=80)


@pytest.fixture
def browser(sign_in: SignIn, world: World, session: Session) -> FlaskClient:
    """The coordinator of a government with a second assessed year: 1 and 2 are low, nobody owns 2."""
    factories.revision(session, world.government, {1: 2, 2: 1}, level=3, year=2023)
    factories.ownership(session, world.kominfo, 1)
    return sign_in(world.coordinator)


def post(browser: FlaskClient, step: str = "store", **typed: object) -> tuple[int, str]:
    values = {"threshold": "3", "due_on": LATER.isoformat()} | typed
    answer = browser.post(GENERATE, data={name: str(value) for name, value in values.items()} | {step: "y"})
    return answer.status_code, answer.get_data(as_text=True)


def stored(session: Session, world: World) -> Policy:
    found = policies.standing(session, factories.scope(world.coordinator), SPBE, 2023)
    assert found is not None
    assert found.row.year == 2023
    return found.policy


def test_the_whole_form_becomes_a_policy(browser: FlaskClient, session: Session, world: World) -> None:
    typed = {
        "low_rule": "below_target",
        "target_level": "4",
        "threshold_domain_2": "2",
        "target_level_domain_2": "3",
        "target_level_indicator_1": "5",
        "due_rule": "fixed",
        "due_on_high": SOON.isoformat(),
        "high_from": "0,06",
        "middle_from": "0.0275",
        "effort": "12,5",
        "effort_step_4": "20",
        "effort_indicator_1": "7",
        f"capacity_{world.kominfo.slug}": "100",
        "note": "Menuju 2026",
    }
    assert post(browser, **typed)[0] == 302
    policy = stored(session, world)
    assert policy.low_rule is LowRule.BELOW_TARGET
    assert policy.threshold == LevelRule(Decimal(3), {2: Decimal(2)})
    assert policy.target == LevelRule(Decimal(4), {2: Decimal(3)}, {1: Decimal(5)})
    days = {each: LATER for each in Priority} | {Priority.HIGH: SOON}
    assert policy.due == DueRule(days, None, Decimal("0.06"), Decimal("0.0275"))
    assert policy.effort.by_step == {4: 20}
    assert (policy.effort.days_per_level, policy.effort.by_indicator) == (Decimal("12.5"), {1: 7})
    assert policy.capacities == {world.kominfo.slug: 100}
    page = browser.get(GENERATE).get_data(as_text=True)
    for value in ("12,5", "0,06", "0,0275", LATER.isoformat(), SOON.isoformat()):
        assert f'value="{value}"' in page
    assert browser.post(GENERATE, data={"threshold": "3", "store": "y"}).status_code == 302
    assert stored(session, world) == policy, "what is not sent stays as it is"


def test_working_days_after_publishing(browser: FlaskClient, session: Session, world: World) -> None:
    days = {"due_days_high": "10", "due_days_middle": "20", "due_days_low": "30"}
    assert post(browser, due_rule="counted", **days)[0] == 302
    counts = {Priority.HIGH: 10, Priority.MIDDLE: 20, Priority.LOW: 30}
    assert stored(session, world).due == DueRule(working_days=counts)
    assert "10, 20" in browser.get("/plans?year=2023").get_data(as_text=True)


def test_a_preview_stores_nothing_and_tells_tasks_loads_and_warnings(
    browser: FlaskClient, session: Session, world: World
) -> None:
    before = session.scalars(select(PolicyVersion.number)).all()
    status, page = post(
        browser, "preview", target_level="5", target_index="5", **{f"capacity_{world.kominfo.slug}": "0"}
    )
    assert status == 200
    assert session.scalars(select(PolicyVersion.number)).all() == before
    assert "Diskominfo" in page
    assert page.count("message-warning") >= 2, "capacity and target, and the unowned indicator"
    assert f'href="/ownership/{SPBE}/2"' in page
    assert 'value="5"' in page


def test_storing_only_changes_no_task_and_the_plan_says_so(browser: FlaskClient, session: Session) -> None:
    post(browser)
    before = session.scalars(select(Task.target_level).where(Task.indicator_number == 1)).all()
    assert post(browser, "store_only", target_level="5")[0] == 302
    assert session.scalars(select(Task.target_level).where(Task.indicator_number == 1)).all() == before
    page = browser.get("/plans?year=2023").get_data(as_text=True)
    assert f'href="{GENERATE}"' in page
    versions = browser.get(f"/plans/{SPBE}/policies").get_data(as_text=True)
    newest = max(session.scalars(select(PolicyVersion.number)).all())
    assert f'id="version-{newest}"' in versions


def test_every_wrong_figure_is_told_at_its_field_and_what_was_typed_stays(
    browser: FlaskClient, session: Session, world: World
) -> None:
    typed = {
        "threshold": "9",
        "target_level_indicator_12": "7",
        "threshold_domain_1": "dua",
        "effort_step_3": "-1",
        "due_on_low": "1999-01-01",
        "high_from": "0,01",
        f"capacity_{world.bappeda.slug}": "-5",
        "note": "Catatan panjang",
    }
    status, page = post(browser, **typed)
    assert status == 422
    assert 'id="threshold_domain_1-error"' in page, "what is no number is told first"
    typed["threshold_domain_1"] = ""
    status, page = post(browser, **typed)
    assert status == 422
    for name, value in typed.items():
        if value and name != "note":
            assert f'id="{name}-error"' in page, name
        assert f'value="{value}"' in page, name
    assert session.scalars(select(PolicyVersion).where(PolicyVersion.year == 2023)).all() == []


def test_whoever_is_late_is_told_and_may_then_decide(
    browser: FlaskClient, session: Session, world: World
) -> None:
    post(browser)
    seen = max(session.scalars(select(PolicyVersion.number)).all())
    order = Order(SPBE, 2023, policy=Policy.simple(Decimal(2), Decimal(3), LATER))
    plans.store_policy(Work(session), factories.scope(world.coordinator), order, now=clock.now())
    session.commit()
    status, page = post(browser, seen_number=seen, target_level="4")
    assert status == 409
    assert f'name="seen_number" type="hidden" value="{seen + 1}"' in page
    assert 'value="4"' in page
    assert post(browser, seen_number=seen + 1, target_level="4")[0] == 302
    assert stored(session, world).target.default == 4


def test_the_task_page_names_the_version(browser: FlaskClient, sign_in: SignIn, world: World) -> None:
    address = f"/tasks/{world.task.id}"
    page = browser.get(address).get_data(as_text=True)
    assert f'href="/plans/{SPBE}/policies#version-1"' in page
    agency_page = sign_in(world.focal).get(address).get_data(as_text=True)
    assert "/policies#" not in agency_page


def conflicted(browser: FlaskClient, session: Session) -> Task:
    post(browser)
    task = session.scalars(select(Task).where(Task.indicator_number == 1)).one()
    assert browser.post(f"/plans/{task.plan_id}/publish").status_code == 302
    post(browser, target_level="4")
    return task


def test_a_conflict_is_decided_on_its_page(browser: FlaskClient, session: Session) -> None:
    task = conflicted(browser, session)
    address = f"/plans/{task.plan_id}/conflicts"
    assert f'href="{address}"' in browser.get("/plans?year=2023").get_data(as_text=True)
    page = browser.get(address).get_data(as_text=True)
    assert f'name="tasks" value="{task.id}"' in page
    assert browser.post(address, data={"tasks": task.id, "decision": "keep"}).status_code == 302
    assert f'href="{address}"' not in browser.get("/plans?year=2023").get_data(as_text=True)
    assert f'value="{task.id}"' in browser.get(address).get_data(as_text=True), "it can be decided otherwise"
    assert browser.post(address, data={"tasks": task.id, "decision": "adopt"}).status_code == 302
    session.refresh(task)
    assert task.target_level == 4
    assert f'value="{task.id}"' not in browser.get(address).get_data(as_text=True)


def test_a_refused_decision_keeps_what_was_chosen_and_typed(browser: FlaskClient, session: Session) -> None:
    task = conflicted(browser, session)
    address = f"/plans/{task.plan_id}/conflicts"
    answer = browser.post(address, data={"tasks": task.id, "decision": "given_up", "reason": " "})
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert f'value="{task.id}" id="task-{task.id}" checked' in answer.text
    assert browser.post(address, data={"decision": "keep", "reason": "Biarkan"}).status_code == 422
    assert browser.post(address, data={"tasks": task.id}).status_code == 422
    assert browser.post(address, data={"tasks": task.id + 1_000, "decision": "keep"}).status_code == 422
