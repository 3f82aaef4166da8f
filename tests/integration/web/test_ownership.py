import gzip
import re
from fractions import Fraction

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Ownership
from spbe_tasks.services import matrix_load
from tests import factories
from tests.factories import NOW, SPBE
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


def shares(session: Session, number: int) -> dict[int, str]:
    rows = session.scalars(select(Ownership).where(Ownership.indicator_number == number))
    return {row.agency_id: f"{row.share_numerator}/{row.share_denominator}" for row in rows}


def test_shares_are_typed_beside_the_owners(browser: FlaskClient, world: World, session: Session) -> None:
    form = {
        "lead_id": world.kominfo.id,
        "lead_share": "1/3",
        "contributor_ids": [world.bappeda.id],
        f"share-{world.bappeda.id}": "2/3",
        "store": "y",
    }
    assert browser.post(f"/ownership/{SPBE}/5", data=form).status_code == 302
    assert shares(session, 5) == {world.kominfo.id: "1/3", world.bappeda.id: "2/3"}
    page = browser.get(f"/ownership/{SPBE}/5").text
    assert 'value="1/3"' in page
    assert 'value="2/3"' in page
    assert "<small>2/3</small>" in browser.get("/ownership").text


@pytest.mark.parametrize(
    ("lead_share", "other_share", "sentence"),
    [
        ("1/2", "1/3", "5/6"),
        ("half", "nix", "“half”"),
    ],
)
def test_shares_that_do_not_add_up_are_told_and_what_was_typed_stays(
    browser: FlaskClient, world: World, session: Session, lead_share: str, other_share: str, sentence: str
) -> None:
    form = {
        "lead_id": world.kominfo.id,
        "lead_share": lead_share,
        "contributor_ids": [world.bappeda.id],
        f"share-{world.bappeda.id}": other_share,
        "store": "y",
    }
    answer = browser.post(f"/ownership/{SPBE}/5", data=form)
    assert answer.status_code == 422
    assert f'value="{lead_share}"' in answer.text
    assert f'name="share-{world.bappeda.id}" value="{other_share}"' in answer.text
    assert owners(session, 5) == {}
    assert sentence in answer.text


def test_each_indicator_leads_to_the_one_before_and_the_one_after(browser: FlaskClient, world: World) -> None:
    def ways(number: int) -> list[str]:
        page = browser.get(f"/ownership/{SPBE}/{number}").text
        return re.findall(rf'<a rel="(\w+)" href="/ownership/{SPBE}/(\d+)"', page)

    assert ways(1) == [("next", "2")]
    assert ways(5) == [("prev", "4"), ("next", "6")]
    assert ways(47) == [("prev", "46")]


def test_the_points_at_stake_stand_below_each_agency(
    browser: FlaskClient, world: World, session: Session
) -> None:
    factories.ownership(session, world.kominfo, 12)
    factories.ownership(session, world.bappeda, 12, is_lead=False)
    seen = matrix_load.read(session, factories.scope(world.coordinator), SPBE, now=NOW)
    assert seen is not None
    weight = Fraction(get_instrument(SPBE).indicator(12).weight) / 100
    assert (seen.points(world.kominfo.id), seen.points(world.bappeda.id)) == (weight / 2, weight / 2)
    assert len(seen.low) == 47
    assert seen.gap == 1
    assert "<b>0,01</b>" in browser.get("/ownership").text


def test_an_agency_with_more_than_a_third_of_the_points_is_pointed_out(
    browser: FlaskClient, world: World, session: Session
) -> None:
    instrument = get_instrument(SPBE)
    numbers = [each.number for each in instrument.indicators]
    for number in numbers[7:27]:
        factories.ownership(session, world.kominfo, number)
    seen = matrix_load.read(session, factories.scope(world.coordinator), SPBE, now=NOW)
    assert seen is not None
    assert seen.part(world.kominfo.id) > Fraction(1, 3)
    assert (
        100 * seen.part(world.kominfo.id)
    ).denominator > 1  # a part that is no whole percentage is shown, too
    assert (seen.is_over(world.kominfo.id), seen.is_over(world.bappeda.id)) == (True, False)
    assert browser.get("/ownership").text.count(' class="load is-over"') == 1


def test_without_any_assessment_only_the_indicators_are_counted(
    sign_in: SignIn, session: Session, world: World
) -> None:
    government = factories.government(session)
    factories.agency(session, government)
    browser = sign_in(factories.account(session, government))
    page = browser.get("/ownership")
    assert page.status_code == 200
    assert '<span class="load">0</span>' in page.text


def test_suggestions_are_taken_one_by_one_or_all_and_never_overwrite(
    browser: FlaskClient, world: World, session: Session
) -> None:
    factories.ownership(session, world.bappeda, 2)
    accept = f"/ownership/{SPBE}/suggestions"
    browser.post(accept, data={"number": 1})
    assert owners(session, 1) == {world.kominfo.id: True, world.bappeda.id: False}
    assert owners(session, 3) == {}
    browser.post(accept)
    assert owners(session, 2) == {world.bappeda.id: True}
    assert owners(session, 3) == {world.kominfo.id: True, world.bappeda.id: False}
    browser.post(accept, data={"number": 2})
    assert owners(session, 2) == {world.bappeda.id: True}


def test_the_history_tells_who_changed_what_page_by_page(
    browser: FlaskClient, sign_in: SignIn, world: World, session: Session
) -> None:
    for number in range(1, 28):
        browser.post(CELL, data={"cell": f"{number}-{world.kominfo.id}-lead"})
    browser.post(CELL, data={"cell": f"1-{world.bappeda.id}-lead"})
    first = browser.get(f"/ownership/{SPBE}/history").text
    assert first.count('class="row-title"') == 25
    assert "Siti Koordinator" in first
    newest = first[first.index('class="row-title"') :][:900]
    assert "<b>Diskominfo</b>" in newest
    assert "<b>Bappeda</b>, Diskominfo" in newest
    assert browser.get(f"/ownership/{SPBE}/history?page=2").text.count('class="row-title"') == 3
    stranger = factories.account(session, factories.government(session))
    assert "Diskominfo" not in sign_in(stranger).get(f"/ownership/{SPBE}/history").text
