"""What anybody may read: index, target, progress by domain, and not one name."""

import re
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks.adapters.storage import FolderStorage
from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Agency
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import projections
from spbe_tasks.work import Work
from tests.factories import NOW
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted
from tests.unit.readers.test_images import png


@pytest.fixture
def published(session: Session, world: World) -> World:
    """A government that publishes, with a plan whose one task of three is accepted at level 4."""
    world.government.is_public = True
    world.plan.published_at = NOW
    world.plan.target_index = Decimal("3.5")
    world.task.state, world.task.reached_level = State.ACCEPTED, Decimal(4)
    session.flush()
    projections.rebuild(Work(session), world.plan.id, now=NOW, is_forced=True)
    session.commit()
    return world


def address(world: World) -> str:
    return f"/public/{world.government.slug}"


def test_the_page_is_off_until_somebody_turns_it_on(
    session: Session, world: World, client: FlaskClient
) -> None:
    hidden = client.get(address(world))
    unknown = client.get("/public/tidak-ada")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert world.government.name not in hidden.text


def test_a_coordinator_turns_it_on_in_the_settings_and_finds_it_there(
    session: Session, published: World, sign_in: SignIn, client: FlaskClient
) -> None:
    published.government.is_public = False
    session.flush()
    browser = sign_in(published.coordinator)
    form = {
        "name": published.government.name,
        "timezone": "Asia/Jakarta",
        "sender_name": "SPBE",
        "send_opens_at": "08:00",
        "send_closes_at": "16:00",
        "is_public": "y",
        "version": str(published.government.version),
    }
    assert browser.post("/settings", data=form).status_code == 302
    assert address(published) in browser.get("/settings").text
    assert client.get(address(published)).status_code == 200


def test_it_says_index_target_and_progress_by_domain(published: World, client: FlaskClient) -> None:
    page = re.sub(r"<[^>]+>|\s+", " ", client.get(address(published)).text)
    assert re.search(r"2,00\s+Cukup.*2,06\s+Cukup.*3,50\s+Sangat Baik", page)
    assert "1 dari 3 tugas" in page
    for domain in ("Kebijakan", "Tata Kelola", "Manajemen", "Layanan"):
        assert domain in page


def test_no_name_of_an_agency_or_a_person_is_in_it(
    session: Session, published: World, client: FlaskClient
) -> None:
    page = client.get(address(published)).text
    names = [each for row in session.query(Agency).all() for each in (row.name, row.short_name)]
    names += [each for row in session.query(Account).all() for each in (row.name, row.email)]
    assert not [each for each in names if each in page]
    assert published.task.title not in page


def test_it_is_the_same_for_everybody_and_may_be_kept(
    published: World, sign_in: SignIn, client: FlaskClient
) -> None:
    first = client.get(address(published))
    assert first.cache_control.public
    assert first.cache_control.max_age == 300
    assert "Set-Cookie" not in first.headers
    assert "Cookie" not in first.headers.get("Vary", "")
    assert sign_in(published.coordinator).get(address(published)).get_data() == first.get_data()
    again = client.get(address(published), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_language_is_in_the_address_and_not_the_browsers(published: World, client: FlaskClient) -> None:
    english = {"Accept-Language": "en"}
    assert 'lang="id"' in client.get(address(published), headers=english).text[:200]
    assert "Progress of the index" in client.get(f"{address(published)}?lang=en").text


def test_before_the_first_plan_is_published_there_are_no_figures(
    session: Session, published: World, client: FlaskClient
) -> None:
    published.plan.published_at = None
    session.flush()
    page = client.get(address(published)).text
    assert "Belum ada angka" in page
    assert "2,06" not in page


def test_the_logo_is_public_with_the_page_and_hidden_without(
    app: Flask, session: Session, published: World, client: FlaskClient
) -> None:
    storage = FolderStorage(app.extensions["settings"].storage_dir)
    published.government.logo_key = storage.put(png(8, 8))
    session.flush()
    assert client.get(f"{address(published)}/logo").mimetype == "image/png"
    published.government.is_public = False
    session.flush()
    assert client.get(f"{address(published)}/logo").status_code == 404


def test_it_costs_a_fixed_number_of_statements(published: World, client: FlaskClient) -> None:
    page = address(published)
    with counted(db.engine) as statements:
        client.get(page)
    assert len(statements) <= 4, statements
