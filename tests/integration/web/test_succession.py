"""Merging and dividing agencies in a browser: previewed, confirmed, and what was seen is what is done."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks.models import Agency
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from tests import factories
from tests.factories import SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

MERGE = "/succession/merge"


@pytest.fixture
def browser(sign_in: SignIn, world: World, session: Session) -> FlaskClient:
    factories.ownership(session, world.kominfo, 12)
    factories.ownership(session, world.bappeda, 12, is_lead=False)
    factories.ownership(session, world.kominfo, 33)
    return sign_in(world.coordinator)


def fingerprint(page: str) -> str:
    found = re.search(r'name="seen" type="hidden" value="([0-9a-f]{16})"', page)
    assert found
    return found[1]


def test_a_merger_is_previewed_with_the_index_and_then_carried_out(
    browser: FlaskClient, world: World, session: Session
) -> None:
    form = {"source_ids": world.bappeda.id, "successor_id": world.kominfo.id}
    seen = browser.post(MERGE, data={**form, "preview": "1"})
    assert seen.status_code == 200
    assert f"/tasks/{world.other.id}" in seen.text  # it would be merged into the other one
    assert "Budi Bappeda" in seen.text
    assert world.other.state is State.ASSIGNED
    answer = browser.post(MERGE, data={**form, "store": "1", "seen": fingerprint(seen.text)})
    assert answer.location == f"/agencies/{world.kominfo.id}"
    session.expire_all()
    assert (world.other.state, world.other.merged_into_id) == (State.WITHDRAWN, world.shared.id)
    assert world.other_focal.agency_id == world.kominfo.id
    assert not world.bappeda.is_active
    page = browser.get("/agencies").text
    assert "Diskominfo</small>" in page
    history = browser.get(f"/tasks/{world.other.id}").text
    assert f'<a href="/tasks/{world.shared.id}">' in history


def test_the_preview_says_which_capacities_do_not_go_over(
    browser: FlaskClient, world: World, session: Session
) -> None:
    capped = replace(factories.POLICY, capacities={world.bappeda.slug: Decimal("37.5")})
    world.plan.policy_id = factories.policy(session, world.government, capped, number=2).id
    session.flush()
    form = {"source_ids": world.bappeda.id, "successor_id": world.kominfo.id, "preview": "1"}
    page = browser.post(MERGE, data=form).text
    assert re.search(r"Bappeda\b[^<]*\b37,5\b", page)
    other = {"source_ids": world.kominfo.id, "successor_id": world.bappeda.id, "preview": "1"}
    assert "37,5" not in browser.post(MERGE, data=other).text  # its own capacity stays


def test_what_changed_since_the_preview_is_shown_and_not_carried_out(
    browser: FlaskClient, world: World, session: Session
) -> None:
    form = {"source_ids": world.bappeda.id, "successor_id": world.kominfo.id}
    seen = fingerprint(browser.post(MERGE, data={**form, "preview": "1"}).text)
    factories.task(session, world.plan, world.bappeda, 40)
    session.commit()
    answer = browser.post(MERGE, data={**form, "store": "1", "seen": seen})
    assert answer.status_code == 409
    assert fingerprint(answer.text) != seen
    assert world.bappeda.is_active


def test_a_merger_into_a_new_agency_asks_for_its_names_and_keeps_what_was_chosen(
    browser: FlaskClient, world: World, session: Session
) -> None:
    form = {"source_ids": [world.bappeda.id, world.kominfo.id], "successor_id": 0}
    refused = browser.post(MERGE, data={**form, "preview": "1"})
    assert refused.status_code == 422
    boxes = re.findall(r'<input[^>]*name="source_ids"[^>]*>', refused.text)
    assert ["checked" in each for each in boxes] == [True, True]
    names = {"new_name": "Dinas Baru", "new_short_name": "Baru"}
    answer = browser.post(MERGE, data={**form, **names, "store": "1"})
    made = session.query(Agency).filter_by(short_name="Baru").one()
    assert answer.location == f"/agencies/{made.id}"
    assert "Diskominfo" in browser.get(answer.location).text  # told as its predecessor


def test_nobody_chosen_is_told(browser: FlaskClient, world: World) -> None:
    assert browser.post(MERGE, data={"successor_id": -1, "preview": "1"}).status_code == 422


def test_a_merger_without_a_successor_asks_for_one_and_blames_no_other_field(
    browser: FlaskClient, world: World
) -> None:
    refused = browser.post(MERGE, data={"source_ids": world.bappeda.id, "successor_id": -1, "preview": "1"})
    assert refused.status_code == 422
    assert 'href="#successor_id"' in refused.text
    assert 'href="#source_ids' not in refused.text


def test_a_division_sends_each_row_where_it_was_said_and_the_rest_to_the_default(
    browser: FlaskClient, world: World, session: Session
) -> None:
    third = factories.agency(session, world.government, short_name="Ketiga")
    form = {"default_id": third.id, f"take:{SPBE}:12": world.bappeda.id, f"move:{world.focal.id}": third.id}
    address = f"/succession/{world.kominfo.id}/divide"
    seen = browser.post(address, data={**form, "preview": "1"})
    assert seen.status_code == 200
    assert f'<option value="{world.bappeda.id}" selected>' in seen.text
    answer = browser.post(address, data={**form, "store": "1", "seen": fingerprint(seen.text)})
    assert answer.status_code == 302
    session.expire_all()
    assert (world.task.agency_id, world.focal.agency_id) == (third.id, third.id)
    assert world.shared.agency_id in {world.bappeda.id, world.kominfo.id}
    assert not world.kominfo.is_active


def test_what_a_division_leaves_open_is_told_row_by_row(browser: FlaskClient, world: World) -> None:
    answer = browser.post(f"/succession/{world.kominfo.id}/divide", data={"default_id": -1, "preview": "1"})
    assert answer.status_code == 422
    assert answer.text.count("message-danger") == 4  # two indicators, two people
    assert "Dewi Kominfo" in answer.text


def test_whoever_merges_their_own_agency_stays_signed_in(
    sign_in: SignIn, world: World, session: Session
) -> None:
    mine = factories.account(session, world.government, Role.COORDINATOR, world.bappeda)
    browser = sign_in(mine)
    form = {"source_ids": world.bappeda.id, "successor_id": world.kominfo.id, "store": "1"}
    assert browser.post(MERGE, data=form).status_code == 302
    session.expire_all()
    assert mine.agency_id == world.kominfo.id
    assert browser.get("/agencies").status_code == 200


def test_the_names_it_had_are_told_on_the_agencys_page(browser: FlaskClient, world: World) -> None:
    form = {"name": "Dinas Kominfo dan Statistik", "short_name": "Kominfostik", "version": "1"}
    browser.post(f"/agencies/{world.kominfo.id}", data=form)
    browser.post(
        f"/agencies/{world.kominfo.id}", data={**form, "short_name": "Diskominfostik", "version": "2"}
    )
    page = browser.get(f"/agencies/{world.kominfo.id}").text
    assert "Diskominfo → Kominfostik" in page
    assert "Kominfostik → Diskominfostik" in page
