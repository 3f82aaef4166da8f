"""A government beside the published results of all: on the leaders' page, on a page of its own, and in the settings."""

from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Event, Government, GovernmentKind
from spbe_tasks.rules.access import Role
from spbe_tasks.services import national, projections
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE
from tests.integration.conftest import SignIn
from tests.statements import counted


@pytest.fixture
def ketapang(session: Session) -> Government:
    return factories.government(session, name="Pemerintah Kabupaten Ketapang")


@pytest.fixture
def coordinator(session: Session, ketapang: Government) -> Account:
    return factories.account(session, ketapang, locale="en")


def test_a_government_is_found_by_its_name_within_its_kind(session: Session, ketapang: Government) -> None:
    found = national.surroundings(ketapang, SPBE, 2024)
    assert found is not None
    assert found.own is not None
    assert found.rank is not None
    assert found.province is not None
    assert (found.own.index, found.province_name) == (Fraction("3.06"), "Kalimantan Barat")
    assert found.province.bodies == 14
    assert found.rank.bodies == 392
    city = factories.government(session, name="Pemerintah Kota Ketapang", kind=GovernmentKind.CITY)
    assert national.find_own(city, 2024) is None


def test_a_year_without_results_shows_the_latest_and_another_instrument_none(ketapang: Government) -> None:
    later = national.surroundings(ketapang, SPBE, 2025)
    assert later is not None
    assert (later.year, later.is_same_year) == (2024, False)
    assert national.surroundings(ketapang, "permenpanrb-8-2026", 2026) is None


def test_every_kind_of_government_finds_its_own_result(session: Session) -> None:
    for name, kind in (
        ("Pemerintah Provinsi Aceh", GovernmentKind.PROVINCE),
        ("Pemerintah Kota Denpasar", GovernmentKind.CITY),
        ("Kementerian Keuangan", GovernmentKind.MINISTRY),
        ("Badan Siber dan Sandi Negara", GovernmentKind.INSTITUTION),
    ):
        found = national.surroundings(factories.government(session, name=name, kind=kind), SPBE, 2023)
        assert found is not None
        assert found.own is not None, name
        assert (found.province is not None) is (kind is GovernmentKind.CITY)


def test_the_page_opens_where_the_government_stands(coordinator: Account, sign_in: SignIn) -> None:
    browser = sign_in(coordinator)
    page = browser.get("/national").text
    assert "Pemerintah Kab. Ketapang" in page
    assert 'id="own"' in page
    assert "Pemerintah Kab. Banyuwangi" not in page  # far above: on the first page
    assert "Pemerintah Kab. Banyuwangi" in browser.get("/national?page=1").text


def test_the_list_is_narrowed_by_name_and_province_and_keeps_the_place_among_all(
    coordinator: Account, ketapang: Government, sign_in: SignIn
) -> None:
    page = sign_in(coordinator).get("/national?of=2023&province=Kalimantan+Barat&name=sam").text
    assert "Pemerintah Kab. Sambas" in page
    assert "Pemerintah Kab. Ketapang" not in page
    place, _row = national.peers(ketapang, 2023, text="Sambas")[0]
    assert f">{place}</td>" in page
    assert "No government of this kind has such a name" in sign_in(coordinator).get("/national?name=zzz").text


def test_the_leaders_page_compares_with_province_kind_and_nation(
    work: Work, ketapang: Government, coordinator: Account, sign_in: SignIn
) -> None:
    plan = factories.plan(work.session, ketapang)
    projections.rebuild(work, plan.id, now=NOW)
    browser = sign_in(coordinator)
    with counted(db.engine) as statements:
        page = browser.get("/dashboard").text
    assert len(statements) <= 4, "\n\n".join(statements)
    assert "Regencies and cities of Kalimantan Barat" in page
    assert "All of Indonesia" in page
    assert "of 392" in page


def test_a_government_that_is_not_found_is_told_so_and_chooses_its_name(
    session: Session, sign_in: SignIn
) -> None:
    government = factories.government(session, name="Pemerintah Daerah Anu")
    browser = sign_in(factories.account(session, government, locale="en"))
    assert "Choose its name in the national results" in browser.get("/national").text
    settings = {
        "name": government.name,
        "timezone": "Asia/Pontianak",
        "sender_name": "SPBE",
        "send_opens_at": "07:30",
        "send_closes_at": "16:00",
    }
    refused = browser.post("/settings", data=settings | {"national_name": "Pemerintah Kab. Antah"})
    assert refused.status_code == 422
    answer = browser.post("/settings", data=settings | {"national_name": "Pemerintah Kab. Sambas"})
    assert answer.status_code == 302
    session.refresh(government)
    assert government.national_name == "Pemerintah Kab. Sambas"
    events = session.query(Event).filter_by(government_id=government.id, action="change_settings").all()
    assert "national_name" in events[-1].data
    assert 'id="own"' in browser.get("/national").text
    browser.post("/settings", data=settings | {"national_name": ""})
    session.refresh(government)
    assert government.national_name is None


def test_agency_roles_see_the_page_without_the_way_to_settings(session: Session, sign_in: SignIn) -> None:
    government = factories.government(session, name="Pemerintah Daerah Anu")
    focal = factories.account(
        session, government, Role.FOCAL_POINT, factories.agency(session, government), locale="en"
    )
    page = sign_in(focal).get("/national")
    assert page.status_code == 200
    assert "Choose its name in the national results" not in page.text
