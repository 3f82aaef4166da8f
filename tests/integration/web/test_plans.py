from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.models import Plan, Task
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import policies
from tests import factories
from tests.factories import SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

GENERATE = f"/plans/{SPBE}/2023/generate"


@pytest.fixture
def browser(sign_in: SignIn, world: World, session: Session) -> FlaskClient:
    """The coordinator of a government with a second assessed year: 1 and 2 are low, nobody owns 2."""
    factories.revision(session, world.government, {1: 2, 2: 1}, level=3, year=2023)
    factories.ownership(session, world.kominfo, 1)
    return sign_in(world.coordinator)


def plan_of(session: Session, year: int = 2023) -> Plan | None:
    return session.scalar(select(Plan).where(Plan.year == year))


def generate(browser: FlaskClient, step: str = "store", **changes: str) -> tuple[int, str]:
    answer = browser.post(GENERATE, data={"threshold": "3", step: "y"} | changes)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_new_plan_is_offered_previewed_and_made(browser: FlaskClient, session: Session) -> None:
    assert f'href="{GENERATE}"' in browser.get("/plans").get_data(as_text=True)
    page = browser.get(GENERATE).get_data(as_text=True)
    assert f'href="/ownership/{SPBE}/2"' in page, "the unowned indicator leads to its row of the matrix"
    status, page = generate(browser, "preview", threshold="2,5")
    assert (status, plan_of(session)) == (200, None)
    assert 'value="2,5"' in page
    assert generate(browser)[0] == 302
    plan = plan_of(session)
    assert plan is not None
    assert (
        session.scalar(select(func.count()).where(Task.plan_id == plan.id, Task.state == State.PLANNED)) == 1
    )


def test_a_plan_past_its_due_date_can_be_generated_again(
    browser: FlaskClient, world: World, session: Session
) -> None:
    address = f"/plans/{SPBE}/{world.plan.year}/generate"
    assert clock.now().date() > factories.DUE_ON
    page = browser.get(address)
    assert page.status_code == 200
    assert factories.DUE_ON.isoformat() not in page.text
    answer = browser.post(address, data={"threshold": "3", "due_on": "", "store": "y"})
    assert answer.status_code == 302
    session.refresh(world.plan)
    due = policies.current(session, factories.scope(world.coordinator), world.plan).policy.due
    assert min((due.fixed_on or {}).values()) > clock.now().date()


def test_wrong_figures_are_told_beside_their_fields(browser: FlaskClient, session: Session) -> None:
    status, page = generate(browser, threshold="9", target_index="7")
    assert status == 422
    assert 'id="threshold-error"' in page
    assert 'id="target_index-error"' in page
    assert generate(browser, threshold="tiga")[0] == 422
    assert generate(browser, threshold="NaN")[0] == 422
    past = (clock.now() - timedelta(days=3)).date().isoformat()
    assert 'id="due_on-error"' in generate(browser, due_on=past)[1]
    assert plan_of(session) is None


def test_a_year_without_assessment_says_what_to_do(browser: FlaskClient) -> None:
    assert browser.get(f"/plans/{SPBE}/2022/generate").status_code == 422
    assert browser.get("/plans/unknown/2023/generate").status_code == 404


def test_publishing_is_confirmed_and_then_done(browser: FlaskClient, session: Session, world: World) -> None:
    generate(browser)
    plan = plan_of(session)
    assert plan is not None
    page = browser.get("/plans?year=2023").get_data(as_text=True)
    assert f'href="/plans/{plan.id}/publish"' in page
    assert world.kominfo.short_name in browser.get(f"/plans/{plan.id}/publish").get_data(as_text=True)
    assert browser.post(f"/plans/{plan.id}/publish").status_code == 302
    assert set(session.scalars(select(Task.state).where(Task.plan_id == plan.id))) == {State.ASSIGNED}
    page = browser.get("/plans?year=2023").get_data(as_text=True)
    assert 'href="/tasks?year=2023&amp;state=assigned"' in page
    assert "/publish" not in page


def test_a_published_task_that_no_longer_fits_is_listed_with_a_link(
    browser: FlaskClient, session: Session
) -> None:
    generate(browser)
    plan = plan_of(session)
    assert plan is not None
    browser.post(f"/plans/{plan.id}/publish")
    generate(browser, threshold="2")
    task_id = session.scalar(select(Task.id).where(Task.plan_id == plan.id))
    assert f'href="/tasks/{task_id}"' in browser.get("/plans?year=2023").get_data(as_text=True)


def test_the_target_is_typed_with_a_comma(browser: FlaskClient, session: Session, world: World) -> None:
    address = f"/plans/{world.plan.id}/target"
    assert browser.post(address, data={"target_index": "3,50"}).status_code == 302
    session.refresh(world.plan)
    assert world.plan.target_index == Decimal("3.5")
    assert browser.post(address, data={"target_index": "8"}).status_code == 422
    browser.post(address, data={"target_index": ""})
    session.refresh(world.plan)
    assert world.plan.target_index is None


def test_a_plan_is_moved_to_another_revision_after_a_look(
    browser: FlaskClient, session: Session, world: World
) -> None:
    generate(browser)
    plan = plan_of(session)
    assert plan is not None
    from spbe_tasks.models import AssessmentKind
    from spbe_tasks.services import assessments
    from spbe_tasks.work import Work
    from tests.integration.services.test_assessments import table

    newer = assessments.import_scores(
        Work(session),
        factories.scope(world.coordinator),
        instrument_id=SPBE,
        year=2023,
        kind=AssessmentKind.OFFICIAL,
        file_name="baru.csv",
        data=table(level="3"),
        now=clock.now(),
    )
    session.flush()
    address = f"/plans/{plan.id}/rebase?revision={newer.id}"
    assert address in browser.get("/plans?year=2023").get_data(as_text=True)
    assert browser.get(address).status_code == 200
    assert plan.baseline_revision_id != newer.id
    assert browser.post(address).status_code == 302
    session.expire_all()
    assert plan.baseline_revision_id == newer.id
    assert set(session.scalars(select(Task.state).where(Task.plan_id == plan.id))) == {State.WITHDRAWN}


def test_another_governments_plan_and_revision_do_not_exist(
    browser: FlaskClient, session: Session, world: World
) -> None:
    foreign = factories.plan(session, factories.government(session))
    for path in (f"/plans/{foreign.id}/publish", f"/plans/{foreign.id}/rebase?revision=1"):
        assert browser.get(path).status_code == 404
        assert browser.post(path).status_code == 404
    assert browser.post(f"/plans/{foreign.id}/target", data={"target_index": "3"}).status_code == 404
    address = f"/plans/{world.plan.id}/rebase?revision={foreign.baseline_revision_id}"
    assert browser.get(address).status_code == 404
    assert browser.post(address).status_code == 404


def test_without_an_assessment_the_page_leads_to_the_import(sign_in: SignIn, session: Session) -> None:
    coordinator = factories.account(session, factories.government(session))
    page = sign_in(coordinator).get("/plans").get_data(as_text=True)
    assert 'href="/assessments/import"' in page


@pytest.mark.parametrize("person", ["focal", "head", "reviewer", "executive"])
def test_only_the_coordinator_sees_the_plan(sign_in: SignIn, world: World, person: str) -> None:
    browser = sign_in(getattr(world, person))
    for path in ("/plans", GENERATE, f"/plans/{world.plan.id}/publish"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"/plans/{world.plan.id}/publish").status_code == 403
