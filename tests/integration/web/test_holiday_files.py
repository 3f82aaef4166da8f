"""Days off from a file, on the page: looked at, stored as a whole, or refused with every row."""

import io
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Event, LocalHoliday
from spbe_tasks.rules.calendar import HolidayKind
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

PATH = "/settings/holidays/import"
FILE = (
    "tanggal;nama;jenis;nomor\n2026-12-29;Hari Jadi;libur daerah;SK 1\n2026-12-30;Cuti;cuti bersama;SKB 2\n"
)


@pytest.fixture
def coordinator(world: World, sign_in: SignIn) -> FlaskClient:
    world.coordinator.locale = "en"
    return sign_in(world.coordinator)


def _upload(client: FlaskClient, text: str) -> tuple[int, str]:
    answer = client.post(PATH, data={"file": (io.BytesIO(text.encode()), "libur.csv"), "preview": "1"})
    return answer.status_code, answer.get_data(as_text=True)


def _carried(page: str) -> dict[str, str]:
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) for name in ("content", "seen")}
    return {name: match.group(1) if match else "" for name, match in found.items()}


def _days(session: Session) -> dict[date, str]:
    return {row.on: row.name for row in session.scalars(select(LocalHoliday))}


def test_a_file_is_looked_at_and_then_stored_as_a_whole(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    status, page = _upload(coordinator, FILE)
    assert status == 200
    assert "Hari Jadi" in page
    assert _days(session) == {}
    answer = coordinator.post(PATH, data=_carried(page) | {"store": "1"})
    assert answer.location == "/settings/holidays"
    assert _days(session) == {date(2026, 12, 29): "Hari Jadi", date(2026, 12, 30): "Cuti"}
    assert len(session.scalars(select(Event).where(Event.action == "add_holiday")).all()) == 2
    assert "stand in the calendar already" in _upload(coordinator, FILE)[1]


def test_a_day_that_stands_there_otherwise_is_replaced(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    session.add(
        LocalHoliday(
            government_id=world.government.id, on=date(2026, 12, 29), name="Lama", kind=HolidayKind.LOCAL
        )
    )
    session.commit()
    page = _upload(coordinator, FILE)[1]
    assert "Lama" in page
    coordinator.post(PATH, data=_carried(page) | {"store": "1"})
    assert _days(session)[date(2026, 12, 29)] == "Hari Jadi"


def test_one_wrong_row_stores_nothing_and_every_wrong_row_is_told(
    coordinator: FlaskClient, session: Session
) -> None:
    status, page = _upload(
        coordinator, FILE + "2026-12-41;X;local\n2026-12-31;Y;tetap hari kerja;\n31-12-2026;;\n"
    )
    assert status == 422
    assert "2026-12-41" in page
    assert _days(session) == {}
    status, page = _upload(coordinator, "2026-12-28;Y;tetap hari kerja;")
    assert status == 422
    assert "2026-12-28" in page


def test_a_calendar_that_changed_meanwhile_is_looked_at_again(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    page = _upload(coordinator, FILE)[1]
    coordinator.post("/settings/holidays", data={"on": "2026-12-29", "name": "Baru", "kind": "local"})
    answer = coordinator.post(PATH, data=_carried(page) | {"store": "1"})
    assert answer.status_code == 409
    assert "Baru" in answer.get_data(as_text=True)
    assert _days(session) == {date(2026, 12, 29): "Baru"}


def test_the_list_names_the_zone_and_leads_to_the_import(coordinator: FlaskClient) -> None:
    page = coordinator.get("/settings/holidays").get_data(as_text=True)
    assert f'href="{PATH}"' in page
    assert "WIB" in page
