"""Journey one: an assessment becomes tasks, a task becomes a higher index, and the reminder's link opens the task."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Role
from spbe_tasks.transaction import transaction
from tests import factories
from tests.e2e import steps
from tests.e2e.conftest import PHONE, Installation, installed
from tests.services import PostgresServer
from tests.settings import settings_of

FOCAL, COORDINATOR = "pic.bpkad@ketapang.example", "koordinator@ketapang.example"
YEAR = 2024
OWNED = (33, 34, 38)


@pytest.fixture
def office(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path: Path
) -> Iterator[Installation]:
    """An installation whose clock stands in office hours, with a government, an agency that owns three indicators."""
    offset = str(steps.seconds_to_office_hours())
    with installed(postgres, migrated, chromium, tmp_path, CLOCK_OFFSET=offset) as running:
        with create_app(settings_of(running.product.settings)).app_context():
            _enter_people()
            db.session.remove()
            db.engine.dispose()
        yield running


def _enter_people() -> None:
    with transaction() as work:
        session = work.session
        government = factories.government(session, slug="ketapang", timezone=steps.ZONE)
        agency = factories.agency(session, government, name="Badan Pengelola Keuangan", short_name="BPKAD")
        for number in OWNED:
            factories.ownership(session, agency, number)
        factories.account(session, government, Role.FOCAL_POINT, agency, email=FOCAL, name="Sari Dewi")
        factories.account(session, government, Role.COORDINATOR, email=COORDINATOR, name="Budi Santoso")


def _levels(folder: Path) -> Path:
    """All indicators at 2 but those the agency does not own at 3: the index is 3 - 3 x 2.75 / 100 = 2.9175."""
    file = folder / "nilai.csv"
    rows = [f"{number};{2 if number in OWNED else 3}" for number in range(1, 48)]
    file.write_text("nomor;tingkat\n" + "\n".join(rows))
    return file


def test_from_the_assessment_to_a_higher_index_and_a_reminder(office: Installation, tmp_path: Path) -> None:
    with office.visitor() as coordinator, office.visitor(viewport=PHONE) as focal:
        steps.sign_in(coordinator, COORDINATOR, factories.PASSWORD)
        steps.upload_levels(coordinator, _levels(tmp_path), YEAR)
        expect(coordinator.locator("main")).to_contain_text("2,92")
        due_on = _product_day(office) + timedelta(days=5)
        steps.make_and_publish_plan(coordinator, YEAR, due_on=due_on.isoformat(), target="3,5")
        steps.wait_for_secured(coordinator, "2,92")

        steps.sign_in(focal, FOCAL, factories.PASSWORD)
        expect(focal).to_have_url(f"{office.product.url}/tasks/mine")
        task = steps.work_and_submit(focal)

        steps.accept_at(coordinator, task, "3")
        steps.wait_for_secured(coordinator, "2,95")  # 2.9175 + 2.75 / 100 = 2.945
        assert _exact_secured(office) == "589/200"

        mail = steps.mail_to(office.mailbox, FOCAL, containing="/tasks/", seconds=150)
        assert mail["Auto-Submitted"] == "auto-generated"
        link = steps.link_in(mail, "/tasks/")
    with office.visitor(viewport=PHONE) as stranger:
        steps.sign_in(stranger, FOCAL, factories.PASSWORD, at=link)
        expect(stranger).to_have_url(link)
        expect(stranger.locator("h1")).to_contain_text("Layanan")


def _product_day(office: Installation) -> date:
    moved = datetime.now(UTC) + timedelta(seconds=int(office.product.settings["CLOCK_OFFSET"]))
    return moved.astimezone(ZoneInfo(steps.ZONE)).date()


def _exact_secured(office: Installation) -> str:
    printed = office.product.run(
        "projection", "show", "--government", "ketapang", "--year", str(YEAR), "--json"
    )
    return str(json.loads(printed)["figures"]["secured"]["exact"])
