import gzip
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Ownership
from tests import factories
from tests.factories import SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

CELL = f"/ownership/{SPBE}/cell"


@pytest.fixture
def browser(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.coordinator)


def owners(session: Session, number: int) -> dict[int, bool]:
    rows = session.execute(
        select(Ownership.agency_id, Ownership.is_lead).where(Ownership.indicator_number == number)
    )
    return {row.agency_id: row.is_lead for row in rows}


def button(browser: FlaskClient, number: int, agency_id: int) -> str:
    """The value the page's own button of that cell sends."""
    page = browser.get("/ownership").get_data(as_text=True)
    found = re.search(rf'name="cell" value="({number}-{agency_id}-[a-z]+)"', page)
    assert found
    return found[1]


def test_clicks_go_round_and_come_back_to_the_cell(
    browser: FlaskClient, world: World, session: Session
) -> None:
    seen = []
    for agency in (world.kominfo, world.bappeda, world.bappeda, world.bappeda):
        answer = browser.post(CELL, data={"cell": button(browser, 5, agency.id)})
        assert answer.location.endswith(f"#c5-{agency.id}")
        seen.append(owners(session, 5))
    lead, other = world.kominfo.id, world.bappeda.id
    assert seen == [{lead: True}, {lead: True, other: False}, {lead: False, other: True}, {lead: False}]


@pytest.mark.parametrize("value", ["", "5", "5-x-lead", "5-1-boss", "99999-1-lead", "5-999999-lead"])
def test_a_made_up_cell_does_not_exist(browser: FlaskClient, value: str) -> None:
    assert browser.post(CELL, data={"cell": value}).status_code == 404


def test_a_foreign_agency_does_not_exist(browser: FlaskClient, session: Session) -> None:
    stranger = factories.agency(session, factories.government(session))
    assert browser.post(CELL, data={"cell": f"5-{stranger.id}-lead"}).status_code == 404
    assert owners(session, 5) == {}


def test_one_indicator_is_edited_by_itself(browser: FlaskClient, world: World, session: Session) -> None:
    form = {"lead_id": world.kominfo.id, "contributor_ids": [world.bappeda.id], "store_and_next": "y"}
    answer = browser.post(f"/ownership/{SPBE}/5", data=form)
    assert answer.location == f"/ownership/{SPBE}/6"
    assert owners(session, 5) == {world.kominfo.id: True, world.bappeda.id: False}
    page = browser.get(f"/ownership/{SPBE}/5").get_data(as_text=True)
    assert f'<option selected value="{world.kominfo.id}">' in page
    browser.post(f"/ownership/{SPBE}/5", data={"lead_id": 0, "store": "y"})
    assert owners(session, 5) == {}


def test_a_whole_aspect_gets_one_lead(browser: FlaskClient, world: World, session: Session) -> None:
    aspect = get_instrument(SPBE).aspects[1]
    form = {"aspect": aspect.number, "agency_id": world.bappeda.id}
    assert browser.post(f"/ownership/{SPBE}/aspect", data=form).status_code == 302
    assert all(owners(session, each.number) == {world.bappeda.id: True} for each in aspect.indicators)


def test_indicators_without_lead_are_listed(browser: FlaskClient, world: World) -> None:
    page = browser.get("/ownership").get_data(as_text=True)
    assert page.count('<tr class="is-gap"') == 47
    browser.post(CELL, data={"cell": f"5-{world.kominfo.id}-lead"})
    assert browser.get("/ownership").get_data(as_text=True).count('<tr class="is-gap"') == 46


def test_a_matrix_of_thirty_agencies_stays_under_100_kilobytes_compressed(
    browser: FlaskClient, world: World, session: Session
) -> None:
    for number in range(28):
        agency = factories.agency(session, world.government, name=f"Dinas Panjang Sekali Namanya {number}")
        factories.ownership(session, agency, number + 1)
    page = browser.get("/ownership").get_data()
    assert page.count(b'name="cell"') == 47 * 30
    assert len(gzip.compress(page)) < 100_000


@pytest.mark.parametrize("person", ["focal", "head", "reviewer", "executive"])
def test_only_the_coordinator_sees_the_matrix(sign_in: SignIn, world: World, person: str) -> None:
    browser = sign_in(getattr(world, person))
    assert browser.get("/ownership").status_code == 403
    assert browser.get(f"/ownership/{SPBE}/5").status_code == 403
    assert browser.post(CELL, data={"cell": f"5-{world.kominfo.id}-lead"}).status_code == 403
