"""Every page of the menu, with the demo's data: accessible, no wider than a phone, in both languages."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from spbe_tasks.mail_samples import SAMPLES
from spbe_tasks.messages import LOCALES
from tests.e2e import steps
from tests.e2e.conftest import DESK, PHONE, Installation, installed
from tests.services import PostgresServer

PASSWORD = "demo-di-komputer-ini"
COORDINATOR = (
    "/dashboard",
    "/dashboard/figures",
    "/national",
    "/indicators/permenpanrb-59-2020",
    "/indicators/permenpanrb-59-2020/12",
    "/tasks",
    "/tasks/board",
    "/tasks/bulk?action=reschedule&all=1",
    "/tasks/calendar",
    "/tasks/review",
    "/tasks/timeline",
    "/tasks/views",
    "/search?q=kebijakan",
    "/tasks/1/comments",
    "/tasks/1/milestones/new",
    "/tasks/1/budget/new",
    "/extensions",
    "/news",
    "/plans",
    "/plans/permenpanrb-59-2020/2024/generate",
    "/plans/permenpanrb-59-2020/policies",
    "/plans/1/conflicts",
    "/checks",
    "/calibration",
    "/plans/1/tasks/new",
    "/scenarios",
    "/scenarios/permenpanrb-59-2020/2024/new",
    "/scenarios/permenpanrb-59-2020/2024/new?from=plan",
    "/assessments",
    "/assessments/import",
    "/instruments",
    "/instruments/permenpanrb-8-2026",
    "/instruments/own/upload",
    "/ownership",
    "/agencies",
    "/agencies/new",
    "/people",
    "/people/new",
    "/acting",
    "/outbox",
    "/outbox/gallery",
    "/reports",
    "/reports/follow-up",
    "/reminders",
    "/reminders/rules",
    "/reminders/proof",
    "/reminders/addresses",
    "/reminders/agencies/1/list",
    "/settings",
    "/settings/deletion",
    "/settings/evaluation",
    "/settings/holidays",
    "/settings/holidays/import",
    "/settings/targets",
    "/profile",
    "/profile/mail",
)
VISITS = {
    "koordinator@ketapang.example": COORDINATOR,
    "pic.diskominfo@ketapang.example": (
        "/tasks/mine",
        "/tasks",
        "/tasks/board",
        "/dashboard",
        "/profile/calendar",
    ),
    "admin@ketapang.example": ("/governments", "/governments/deleted", "/governments/new", "/system"),
}


@pytest.fixture(scope="module")
def demo(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("demo")
    with installed(postgres, migrated, chromium, folder) as running:
        running.product.run("demo")
        yield running


@pytest.mark.parametrize(("size", "language"), [(PHONE, "id"), (DESK, "en")], ids=["phone-id", "desk-en"])
@pytest.mark.parametrize("email", VISITS)
def test_pages_are_accessible_and_fit(
    demo: Installation, email: str, size: dict[str, int], language: str
) -> None:
    with demo.visitor(viewport=size) as page:
        steps.sign_in(page, email, PASSWORD)
        steps.speak(page, language)
        for address in VISITS[email]:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            assert page.locator("html").get_attribute("lang") == language
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, (address, size)
            found = Axe().run(page)
            assert found.violations_count == 0, (address, found.generate_report())


def test_every_mail_fits_the_narrowest_phone_and_needs_no_image(demo: Installation) -> None:
    with demo.visitor(viewport={"width": 320, "height": 640}) as page:
        steps.sign_in(page, "koordinator@ketapang.example", PASSWORD)
        for name, language in product(SAMPLES, LOCALES):
            answer = page.goto(f"/outbox/gallery/body?name={name}&language={language}")
            assert answer is not None
            assert answer.status == 200, name
            assert page.locator("html").get_attribute("lang") == language
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, (name, language)
            assert page.locator("img, picture, svg").count() == 0
