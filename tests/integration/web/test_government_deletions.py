"""The page of archive and deletion: what each of the two administrators, the coordinators and everybody else meet."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.models import Account, BuildKind, BuildState, BuiltFile, Government, GovernmentDeletion
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.government_deletion import WAIT
from spbe_tasks.services import government_deletions
from spbe_tasks.stored_files import storage
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from workers import jobs

PAGE = "/settings/deletion"


@pytest.fixture
def government(session: Session) -> Government:
    return factories.government(session, slug="ketapang")


@pytest.fixture
def coordinator(session: Session, government: Government) -> Account:
    return factories.account(session, government, locale="en")


def _administrator(session: Session, sign_in: SignIn, government: Government) -> FlaskClient:
    browser = sign_in(factories.administrator(session, name="Admin Satu", locale="en"))
    browser.post(f"/governments/{government.id}/choose")
    return browser


def _text(browser: FlaskClient, address: str = PAGE) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def _asked_long_ago(session: Session, government: Government) -> GovernmentDeletion:
    """A request by another administrator that may be confirmed now, with an archive."""
    asker = factories.administrator(session, name="Admin Nol")
    where = Scope(government.id, asker.id, Role.ADMINISTRATOR)
    government_deletions.ask(
        Work(session), where, slug=government.slug, reason="Uji coba selesai.", now=clock.now() - WAIT
    )
    factories.built_file(
        session,
        factories.account(session, government),
        kind=BuildKind.GOVERNMENT_ARCHIVE,
        finished_at=clock.now(),
    )
    session.flush()
    return session.scalars(select(GovernmentDeletion)).one()


def test_an_administrator_asks_and_the_coordinators_see_it_everywhere(
    session: Session, government: Government, coordinator: Account, sign_in: SignIn
) -> None:
    browser, theirs = _administrator(session, sign_in, government), sign_in(coordinator)
    assert "asks to delete this government" not in _text(theirs, "/dashboard")
    answer = browser.post(PAGE, data={"slug": "ketapang", "reason": "Uji coba selesai."})
    assert answer.location == PAGE
    assert "An administrator asks to delete this government" in _text(theirs, "/dashboard")
    page = _text(theirs)
    assert "Admin Satu asked on" in page
    assert "Uji coba selesai." in page
    assert "Admin Satu asks to delete this government with everything in it" in _text(theirs, "/news")
    agency = factories.agency(session, government)
    focal_point = sign_in(factories.account(session, government, Role.FOCAL_POINT, agency))
    assert "asks to delete this government" not in _text(focal_point, "/dashboard")


def test_a_wrong_short_name_is_refused_and_what_was_typed_stays(
    session: Session, government: Government, sign_in: SignIn
) -> None:
    browser = _administrator(session, sign_in, government)
    answer = browser.post(PAGE, data={"slug": "ketapangg", "reason": "Uji coba selesai."})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "This is not its short name. Type ketapang" in page
    assert "Uji coba selesai." in page
    assert session.scalars(select(GovernmentDeletion)).all() == []


def test_whoever_asked_sees_what_is_in_the_way_and_no_button_to_confirm(
    session: Session, government: Government, sign_in: SignIn
) -> None:
    browser = _administrator(session, sign_in, government)
    browser.post(PAGE, data={"slug": "ketapang", "reason": "Uji coba selesai."})
    page = _text(browser)
    for words in ("Another administrator has to confirm", "three days after", "no archive of the last seven"):
        assert words in page
    assert "/confirm" not in page


def test_a_coordinator_withdraws_it(
    session: Session, government: Government, coordinator: Account, sign_in: SignIn
) -> None:
    deletion, browser = _asked_long_ago(session, government), sign_in(coordinator)
    page = _text(browser)
    assert "/confirm" not in page
    assert "talk to Admin Nol" in page
    assert browser.post(f"{PAGE}/{deletion.id}/withdraw").location == PAGE
    assert "The request is withdrawn" in _text(browser)
    assert "asks to delete this government" not in _text(browser, "/dashboard")


def test_the_second_administrator_confirms_and_everybody_is_out_at_once(
    session: Session, government: Government, coordinator: Account, sign_in: SignIn
) -> None:
    deletion, theirs = _asked_long_ago(session, government), sign_in(coordinator)
    browser = _administrator(session, sign_in, government)
    assert browser.post(f"{PAGE}/{deletion.id}/confirm", data={"slug": "sambas"}).status_code == 422
    answer = browser.post(f"{PAGE}/{deletion.id}/confirm", data={"slug": "ketapang"})
    assert answer.location == "/governments/deleted"
    assert theirs.get("/dashboard").status_code == 200
    jobs.sweep_deletions()
    jobs.delete_government(deletion.id)
    assert theirs.get("/dashboard").location.startswith("/login")
    record = _text(browser, "/governments/deleted")
    for words in ("ketapang", "Admin Nol, Admin Satu", "Uji coba selesai.", "SHA-256"):
        assert words in record
    assert browser.get("/settings").location == "/governments"


def test_who_had_it_chosen_when_it_went_chooses_anew(
    session: Session, government: Government, sign_in: SignIn
) -> None:
    deletion, browser = _asked_long_ago(session, government), _administrator(session, sign_in, government)
    second = factories.administrator(session)
    scope = Scope(government.id, second.id, Role.ADMINISTRATOR)
    government_deletions.confirm(Work(session), scope, deletion.id, slug="ketapang", now=clock.now())
    session.commit()
    jobs.delete_government(deletion.id)
    assert browser.get(PAGE).location == "/governments"
    assert "ketapang" not in _text(browser, "/governments")


def test_an_archive_is_asked_for_and_downloaded_in_pieces(
    session: Session, government: Government, coordinator: Account, sign_in: SignIn
) -> None:
    browser = sign_in(coordinator)
    assert browser.post(f"{PAGE}/archive").location == PAGE
    built = session.scalars(select(BuiltFile)).one()
    assert built.kind == BuildKind.GOVERNMENT_ARCHIVE
    assert "Waiting for a free worker" in _text(browser)
    built.state, built.file_key, built.file_name = BuildState.READY, storage().put(b"PK"), "Arsip.zip"
    built.media_type, built.size_bytes = "application/zip", 2
    built.finished_at, built.expires_at = clock.now(), clock.now() + timedelta(days=30)
    session.commit()
    assert "Arsip.zip" in _text(browser)
    answer = browser.get(f"/downloads/{built.id}")
    assert (answer.data, answer.mimetype, answer.content_length) == (b"PK", "application/zip", 2)


def test_who_is_no_longer_coordinator_gets_no_archive_built_before(
    session: Session, government: Government, sign_in: SignIn
) -> None:
    person = factories.account(session, government)
    key = storage().put(b"PK")
    built = factories.built_file(session, person, kind=BuildKind.GOVERNMENT_ARCHIVE, file_key=key)
    assert sign_in(person).get(f"/downloads/{built.id}").status_code == 200
    person.role = Role.EXECUTIVE
    session.commit()
    assert sign_in(person).get(f"/downloads/{built.id}").status_code == 404
