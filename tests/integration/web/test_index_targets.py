from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks.services import projections
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

SAID = {"year": "2025", "value": "3,25", "source": "RPJMD 2025-2029"}


@pytest.fixture
def browser(session: Session, world: World, sign_in: SignIn) -> FlaskClient:
    world.coordinator.locale = "en"
    session.commit()
    return sign_in(world.coordinator)


def page(browser: FlaskClient, address: str) -> str:
    return unescape(browser.get(address).get_data(as_text=True))


def test_a_target_is_entered_changed_and_removed_beside_the_evaluation_dates(browser: FlaskClient) -> None:
    assert "/settings/targets" in page(browser, "/settings/evaluation")
    assert browser.post("/settings/targets", data=SAID).location == "/settings/targets"
    shown = page(browser, "/settings/targets?change=2025")
    assert "RPJMD 2025-2029" in shown
    assert 'value="3.25"' in shown
    browser.post("/settings/targets", data=SAID | {"value": "3.4"})
    shown = page(browser, "/settings/targets")
    assert "3.40" in shown
    assert "3.25" not in shown
    address = shown.partition('action="/settings/targets/')[2].partition('"')[0]
    assert browser.post(f"/settings/targets/{address}").status_code == 302
    assert "No targets yet" in page(browser, "/settings/targets")


def test_a_target_off_the_scale_is_refused_beside_its_field(browser: FlaskClient) -> None:
    answer = browser.post("/settings/targets", data=SAID | {"value": "7"})
    assert answer.status_code == 422
    assert 'value="7"' in answer.text
    assert 'id="value-error"' in answer.text


def test_a_new_plan_proposes_the_target_of_the_year_it_is_evaluated_in(
    session: Session, world: World, browser: FlaskClient
) -> None:
    factories.index_target(session, world.government, year=2024, value="3.1")
    factories.index_target(session, world.government, year=2025, value="3.2")
    factories.revision(session, world.government, year=2023)
    session.commit()
    form = page(browser, "/plans/permenpanrb-59-2020/2023/generate")
    assert 'name="target_index" type="text" value="3.1"' in form
    standing = page(browser, "/plans/permenpanrb-59-2020/2024/generate")
    assert 'name="target_index" type="text" value=""' in standing


def test_the_dashboard_tells_the_targets_from_the_plans_year_on(
    session: Session, world: World, work: Work, browser: FlaskClient
) -> None:
    factories.index_target(session, world.government, year=2023, value="2.9", source="RPJMD lama")
    factories.index_target(session, world.government, year=2025, value="3.2")
    projections.rebuild(work, world.plan.id, now=NOW)
    session.commit()
    shown = page(browser, "/dashboard?year=2024")
    assert "RPJMD 2025-2029" in shown
    assert "RPJMD lama" not in shown
