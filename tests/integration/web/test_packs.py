"""The pages of the self-assessment."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.labels import built_file
from spbe_tasks.models import BuildKind, BuiltFile, Pack, PackEntry
from spbe_tasks.services import packs
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted


@pytest.fixture
def pack(world: World, work: Work) -> Pack:
    factories.ownership(work.session, world.kominfo, 33)
    return packs.begin(work, factories.scope(world.coordinator), world.plan.id, now=NOW)


def test_the_coordinator_begins_it_from_the_plan(world: World, sign_in: SignIn, session: Session) -> None:
    browser = sign_in(world.coordinator)
    assert f"/self-assessment/begin/{world.plan.id}" in browser.get("/self-assessment").text
    answer = browser.post(f"/self-assessment/begin/{world.plan.id}", follow_redirects=True)
    assert answer.status_code == 200
    pack = session.scalars(select(Pack)).one()
    assert f"/self-assessment/{pack.id}/47" in answer.text


def test_an_agency_waits_for_the_coordinator(world: World, sign_in: SignIn) -> None:
    assert "/self-assessment/begin" not in sign_in(world.focal).get("/self-assessment").text


def test_a_refused_entry_keeps_what_was_typed(
    world: World, pack: Pack, sign_in: SignIn, session: Session
) -> None:
    browser = sign_in(world.focal)
    address = f"/self-assessment/{pack.id}/33"
    typed = {"version": "0", "claimed_level": "3", "facts_3": "Ada peraturan.", "analysis_3": "x" * 4_001}
    answer = browser.post(address, data=typed)
    assert answer.status_code == 422
    assert "Ada peraturan." in answer.text
    assert session.scalars(select(PackEntry)).all() == []
    assert browser.post(address, data=typed | {"analysis_3": "Terpadu."}).location.endswith(address)
    assert "Terpadu." in browser.get(address).text


def test_a_second_writer_sees_the_clash_and_stores_on_top(world: World, pack: Pack, sign_in: SignIn) -> None:
    address = f"/self-assessment/{pack.id}/33"
    sign_in(world.coordinator).post(address, data={"version": "0", "claimed_level": "2"})
    browser = sign_in(world.focal)
    answer = browser.post(address, data={"version": "0", "claimed_level": "4"})
    assert answer.status_code == 409
    assert 'name="version" type="hidden" value="1"' in answer.text
    assert browser.post(address, data={"version": "1", "claimed_level": "4"}).status_code == 302


def test_the_list_shows_what_is_missing(world: World, pack: Pack, sign_in: SignIn) -> None:
    browser = sign_in(world.coordinator)
    browser.post(
        f"/self-assessment/{pack.id}/33", data={"version": "0", "claimed_level": "3", "is_ready": "y"}
    )
    page = browser.get(f"/self-assessment/{pack.id}?missing=unready").text
    assert f'/self-assessment/{pack.id}/33"' not in page
    assert f'/self-assessment/{pack.id}/34"' in page


def test_the_package_is_asked_for_once_and_waits_among_the_downloads(
    world: World, pack: Pack, sign_in: SignIn, session: Session
) -> None:
    browser = sign_in(world.focal)
    for _ in range(2):
        answer = browser.post(f"/self-assessment/{pack.id}/package", data={"number": "33"})
        assert answer.location.endswith("/downloads")
    built = session.scalars(select(BuiltFile)).one()
    subject = {"pack_id": pack.id, "year": pack.year, "number": 33}
    assert (built.kind, built.subject) == (BuildKind.EVIDENCE_PACKAGE, subject)
    assert built_file(built.kind, subject, "id") in browser.get("/downloads").text


def test_the_whole_list_takes_at_most_six_statements(world: World, pack: Pack, sign_in: SignIn) -> None:
    browser = sign_in(world.coordinator)
    browser.get(f"/self-assessment/{pack.id}")  # what a process remembers is read once
    with counted(db.engine) as statements:
        assert browser.get(f"/self-assessment/{pack.id}").status_code == 200
    assert len(statements) <= 6, "\n\n".join(statements)
