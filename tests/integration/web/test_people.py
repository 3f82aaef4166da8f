import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Government, Message, MessageKind
from spbe_tasks.rules.access import Role
from tests import factories
from tests.factories import PASSWORD
from tests.integration.conftest import SignIn

BUDI = {"name": "  Budi \t Santoso ", "email": "budi@ketapang.example", "role": "focal_point", "position": ""}


@pytest.fixture
def government(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def agency(session: Session, government: Government) -> Agency:
    return factories.agency(session, government, short_name="Diskominfo")


@pytest.fixture
def coordinator(session: Session, government: Government) -> Account:
    return factories.account(session, government)


@pytest.fixture
def browser(sign_in: SignIn, coordinator: Account) -> FlaskClient:
    return sign_in(coordinator)


def test_somebody_is_invited_and_listed(browser: FlaskClient, session: Session, agency: Agency) -> None:
    assert browser.get(f"/people/new?agency={agency.id}").status_code == 200
    answer = browser.post("/people/new", data={**BUDI, "agency_id": agency.id})
    assert answer.location == "/people"
    account = session.scalars(select(Account).where(Account.email == BUDI["email"])).one()
    assert (account.name, account.role, account.agency_id) == ("Budi Santoso", Role.FOCAL_POINT, agency.id)
    assert session.scalars(select(Message.account_id)).all() == [account.id]
    assert "Budi Santoso" in browser.get("/people").text


def test_while_mail_is_paused_whoever_invites_is_told_that_the_invitation_waits(
    browser: FlaskClient, session: Session, government: Government, agency: Agency
) -> None:
    words = "Mail of this government is paused. The invitation leaves once it is resumed."
    browser.post("/locale", data={"locale": "en"})
    browser.post("/people/new", data={**BUDI, "agency_id": agency.id})
    assert words not in browser.get("/people").text
    government.is_mail_paused = True
    session.flush()
    browser.post("/people/new", data={**BUDI, "email": "siti@ketapang.example", "agency_id": agency.id})
    assert words in browser.get("/people").text
    invited = session.scalars(select(Account).where(Account.email == BUDI["email"])).one()
    browser.post(f"/people/{invited.id}/invite")
    assert words in browser.get("/people").text


def test_an_invitation_without_agency_keeps_what_was_typed(browser: FlaskClient, session: Session) -> None:
    page = browser.post("/people/new", data={**BUDI, "agency_id": ""})
    assert page.status_code == 422
    assert "budi@ketapang.example" in page.text
    assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "administrator"},
        {"role": "king"},
        {"agency_id": "999999"},
        {"agency_id": "x"},
        {"agency_id": "9" * 40},
        {"email": "budi"},
        {"name": " \x00 "},
    ],
)
def test_a_tampered_invitation_is_refused(
    browser: FlaskClient, session: Session, agency: Agency, wrong: dict[str, str]
) -> None:
    page = browser.post("/people/new", data={**BUDI, "agency_id": agency.id, **wrong})
    assert page.status_code == 422
    assert session.scalars(select(Account).where(Account.email == BUDI["email"])).all() == []


def test_a_taken_address_is_told_at_its_field(
    browser: FlaskClient, coordinator: Account, agency: Agency
) -> None:
    page = browser.post("/people/new", data={**BUDI, "email": coordinator.email, "agency_id": agency.id})
    assert page.status_code == 422
    assert 'id="email-error"' in page.text


def test_a_new_role_signs_the_person_out(
    browser: FlaskClient, sign_in: SignIn, session: Session, government: Government
) -> None:
    reviewer = factories.account(session, government, Role.EXECUTIVE)
    theirs = sign_in(reviewer)
    given = {"name": "Nama", "role": "executive", "agency_id": "", "version": reviewer.version}
    browser.post(f"/people/{reviewer.id}", data=given)
    assert theirs.get("/profile").status_code == 200
    browser.post(f"/people/{reviewer.id}", data={**given, "role": "reviewer", "version": reviewer.version})
    assert theirs.get("/profile").status_code == 302


def test_a_stale_edit_keeps_what_was_typed(
    browser: FlaskClient, session: Session, government: Government
) -> None:
    person = factories.account(session, government, Role.REVIEWER)
    given = {"role": "reviewer", "agency_id": "", "version": person.version}
    browser.post(f"/people/{person.id}", data={**given, "name": "Satu"})
    page = browser.post(f"/people/{person.id}", data={**given, "name": "Dua"})
    assert page.status_code == 409
    assert 'value="Dua"' in page.text
    assert person.name == "Satu"


def test_the_last_coordinator_keeps_the_role(browser: FlaskClient, coordinator: Account) -> None:
    given = {"name": "X", "role": "reviewer", "agency_id": "", "version": coordinator.version}
    assert browser.post(f"/people/{coordinator.id}", data=given).status_code == 409
    assert coordinator.role is Role.COORDINATOR


def test_an_account_is_closed_opened_and_invited_again(
    browser: FlaskClient, client: FlaskClient, session: Session, government: Government
) -> None:
    person = factories.account(session, government, Role.EXECUTIVE)
    sign_in_again = {"email": person.email, "password": PASSWORD}
    browser.post(f"/people/{person.id}/close")
    assert client.post("/login", data=sign_in_again).status_code == 422
    assert browser.get(f"/people/{person.id}").status_code == 200
    browser.post(f"/people/{person.id}/reopen")
    assert client.post("/login", data=sign_in_again).status_code == 302
    assert browser.post(f"/people/{person.id}/invite").status_code == 409


def test_a_person_who_forgot_the_password_is_sent_a_link(
    browser: FlaskClient, session: Session, government: Government
) -> None:
    person = factories.account(session, government, Role.EXECUTIVE)
    assert f'action="/people/{person.id}/reset"' in browser.get(f"/people/{person.id}").text
    assert browser.post(f"/people/{person.id}/reset").location == "/people"
    (message,) = session.scalars(select(Message))
    assert (message.account_id, message.kind) == (person.id, MessageKind.PASSWORD_RESET)


@pytest.mark.parametrize("state", [{"password_hash": None}, {"is_active": False}])
def test_who_cannot_sign_in_is_sent_no_link_to_a_new_password(
    browser: FlaskClient, session: Session, government: Government, state: dict[str, object]
) -> None:
    person = factories.account(session, government, Role.EXECUTIVE, **state)
    address = f"/people/{person.id}/reset"
    assert address not in browser.get(f"/people/{person.id}").text
    assert browser.post(address).status_code == 409
    assert session.scalars(select(Message)).all() == []
    invited = factories.account(session, government, Role.EXECUTIVE, password_hash=None)
    assert browser.post(f"/people/{invited.id}/invite").status_code == 302
    assert session.scalars(select(Message.account_id)).all() == [invited.id]


def test_people_of_another_government_are_not_found(browser: FlaskClient, session: Session) -> None:
    stranger = factories.account(session, factories.government(session), name="Orang Asing")
    assert "Orang Asing" not in browser.get("/people").text
    assert browser.get(f"/people/{stranger.id}").status_code == 404
    for action in ("", "/close", "/reopen", "/invite"):
        assert browser.post(f"/people/{stranger.id}{action}", data=BUDI).status_code == 404
    assert stranger.is_active


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.FOCAL_POINT, Role.AGENCY_HEAD, Role.EXECUTIVE])
def test_only_coordinators_and_administrators_manage_people(
    sign_in: SignIn, session: Session, government: Government, agency: Agency, role: Role
) -> None:
    visitor = sign_in(factories.account(session, government, role, agency))
    for page in ("/people", "/people/new", "/agencies", "/agencies/new", "/settings", "/settings/holidays"):
        assert visitor.get(page).status_code == 403


def test_an_empty_government_says_whom_to_invite(
    sign_in: SignIn, session: Session, government: Government
) -> None:
    browser = sign_in(factories.administrator(session))
    browser.post(f"/governments/{government.id}/choose")
    for page in ("/people", "/agencies", "/settings/evaluation", "/settings/holidays"):
        answer = browser.get(page)
        assert (answer.status_code, 'class="empty"' in answer.text) == (200, True)


def test_a_profile_changes_name_and_language(browser: FlaskClient, coordinator: Account) -> None:
    page = browser.get("/profile")
    assert 'lang="id"' in page.text
    given = {"name": "Nama Baru", "locale": "en", "version": coordinator.version}
    assert browser.post("/profile", data=given).location == "/profile"
    page = browser.get("/profile")
    assert '<html lang="en"' in page.text
    assert "Nama Baru" in page.text
    assert browser.post("/profile", data={**given, "locale": "xx"}).status_code == 422


def test_a_changed_password_keeps_this_browser_and_ends_others(
    browser: FlaskClient, sign_in: SignIn, coordinator: Account
) -> None:
    elsewhere = sign_in(coordinator)
    new = {"password": "kuda besar lari pagi", "repeated": "kuda besar lari pagi"}
    assert browser.post("/profile/password", data={**new, "old_password": "wrong"}).status_code == 422
    assert elsewhere.get("/profile").status_code == 200
    answer = browser.post("/profile/password", data={**new, "old_password": PASSWORD})
    assert answer.location == "/profile"
    assert browser.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 302


def test_agencies_are_entered_renamed_and_closed(
    browser: FlaskClient, session: Session, government: Government
) -> None:
    names = {"name": "Badan Keuangan", "short_name": "BPKAD"}
    assert browser.post("/agencies/new", data=names).location == "/agencies"
    assert browser.post("/agencies/new", data=names).status_code == 422
    agency = session.scalars(select(Agency).where(Agency.short_name == "BPKAD")).one()
    renamed = {"name": "Badan Aset", "short_name": "BKAD", "version": agency.version}
    assert browser.post(f"/agencies/{agency.id}", data=renamed).location == "/agencies"
    assert browser.post(f"/agencies/{agency.id}", data={**renamed, "version": 1}).status_code == 409
    task = factories.task(session, factories.plan(session, government), agency, title="Kebijakan data")
    session.commit()  # a refused attempt rolls back
    assert "Kebijakan data" in browser.get(f"/agencies/{agency.id}").text
    refused = browser.post(f"/agencies/{agency.id}/close")
    assert (refused.status_code, "Kebijakan data" in refused.text) == (409, True)
    session.delete(task)
    session.flush()
    assert browser.post(f"/agencies/{agency.id}/close").status_code == 302
    assert not agency.is_active
    assert browser.post(f"/agencies/{agency.id}/reopen").status_code == 302


def test_agencies_of_another_government_are_not_found(browser: FlaskClient, session: Session) -> None:
    foreign = factories.agency(session, factories.government(session), short_name="OPD Asing")
    assert "OPD Asing" not in browser.get("/agencies").text
    assert browser.get(f"/agencies/{foreign.id}").status_code == 404
    for action in ("", "/close", "/reopen"):
        given = {"name": "A", "short_name": "A"}
        assert browser.post(f"/agencies/{foreign.id}{action}", data=given).status_code == 404


def test_the_system_page_shows_counts_and_administrators(sign_in: SignIn, session: Session) -> None:
    factories.government(session)
    administrator = factories.administrator(session, name="Admin Utama")
    page = sign_in(administrator).get("/system")
    assert page.status_code == 200
    assert "Admin Utama" in page.text
