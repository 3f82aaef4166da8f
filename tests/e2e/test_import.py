"""Journey three: a report comes in as PDF, is corrected in place, and the next import keeps what was pinned."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.messages import translate
from spbe_tasks.rules.access import Role
from spbe_tasks.transaction import transaction
from tests import factories
from tests.e2e import steps
from tests.e2e.conftest import DESK, PHONE, Installation, installed
from tests.services import PostgresServer
from tests.settings import settings_of
from tests.unit.readers.reports import BODY, LEVELS, Layout, print_report

COORDINATOR = "koordinator@ketapang.example"
YEAR = 2024
CORRECTED, PINNED, CHANGED = 7, 10, 20


@pytest.fixture
def office(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path: Path
) -> Iterator[Installation]:
    """An installation with the government that the report is about, and its coordinator."""
    with installed(postgres, migrated, chromium, tmp_path) as running:
        with create_app(settings_of(running.product.settings)).app_context():
            with transaction() as work:
                government = factories.government(work.session, name=BODY, timezone=steps.ZONE)
                factories.account(work.session, government, Role.COORDINATOR, email=COORDINATOR)
            db.session.remove()
            db.engine.dispose()
        yield running


def _report(folder: Path, name: str, changes: dict[int, str]) -> Path:
    """The report as printed, with some levels other than in ``LEVELS``."""
    file = folder / name
    file.write_bytes(print_report(Layout(name="plain"), {**LEVELS, **changes}))
    return file


@pytest.mark.parametrize(("size", "language"), [(PHONE, "en"), (DESK, "id")], ids=["phone-en", "desk-id"])
def test_a_report_is_corrected_and_imported_and_the_next_one_keeps_the_pin(
    office: Installation, tmp_path: Path, size: dict[str, int], language: str
) -> None:
    with office.visitor(locale=language, viewport=size) as page:
        steps.sign_in(page, COORDINATOR, factories.PASSWORD)
        steps.speak(page, language)

        steps.open_import(page, _report(tmp_path, "lhe.pdf", {}))
        expect(page.locator("dl.facts")).to_contain_text(BODY)
        expect(page.locator("[name=year]")).to_have_value(str(YEAR))
        expect(page.locator("input.level-input")).to_have_count(len(LEVELS))
        wanted = "5" if LEVELS[CORRECTED] != "5" else "4"
        page.fill(f"[name=level_{CORRECTED}]", wanted)
        steps.submit_check(page)
        expect(page.locator("main")).to_contain_text(translate("Printed figures that differ", language))
        _is_sound(page, size)
        page.locator("button[name=compare]").click()
        _is_sound(page, size)
        steps.store_import(page)
        assessment = page.url

        page.locator(f"a[href$='/indicators/{PINNED}/pin']").click()
        page.fill("[name=level]", "4")
        page.fill("[name=reason]", "Berita acara klarifikasi.")
        _is_sound(page, size)
        steps.submit(page)
        expect(page).to_have_url(assessment)
        _is_sound(page, size)

        changed = str(1 + int(LEVELS[CHANGED]) % 5)
        steps.open_import(page, _report(tmp_path, "lhe-2.pdf", {CORRECTED: wanted, CHANGED: changed}))
        page.locator("button[name=compare]").click()
        rows = page.locator("section[aria-labelledby=changes] tbody tr")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text(f"{LEVELS[CHANGED]} → {changed}")
        expect(page.locator("section[aria-labelledby=pins]")).to_contain_text(
            translate("kept at %(level)s; the file says %(read)s", language, level=4, read=LEVELS[PINNED])
        )
        steps.store_import(page)
        expect(page.locator("ol.timeline > li")).to_have_count(3)
        expect(page.locator("#pins")).to_contain_text("Berita acara klarifikasi.")
        page.locator(f"a[href*='{re.sub(r'.*(?=/assessments)', '', assessment)}/compare']").first.click()
        _is_sound(page, size)


def _is_sound(page: Page, size: dict[str, int]) -> None:
    """No wider than the screen, and without a fault of accessibility."""
    page.wait_for_load_state()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, (page.url, size)
    found = Axe().run(page)
    assert found.violations_count == 0, (page.url, found.generate_report())
