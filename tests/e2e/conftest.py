"""A whole installation per journey: web, worker, beat, database, broker and mail server, driven by a real browser."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import services, smtp
from tests.product import Product, settings_for
from tests.services import PostgresServer
from tests.smtp import Mailbox
from tools import browser as browsers

CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1366, "height": 768}


@dataclass
class Installation:
    """A running product with its mailbox, and a browser to visit it."""

    product: Product
    mailbox: Mailbox
    browser: Browser

    @contextmanager
    def visitor(self, *, locale: str = "id-ID", viewport: dict[str, int] | None = None) -> Iterator[Page]:
        """A page in a browser session of its own; a script error or a request to another host fails the test."""
        context = self.browser.new_context(
            base_url=self.product.url,
            locale=locale,
            viewport=viewport or DESK,  # type: ignore[arg-type]
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.on(
            "request",
            lambda asked: (
                None
                if asked.url.startswith((self.product.url, "data:", "blob:", "about:"))
                else troubles.append(asked.url)
            ),
        )
        yield page
        context.close()
        assert troubles == []


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers.find(), args=[*CHROMIUM_OPTIONS])
        yield browser
        browser.close()


@contextmanager
def installed(
    postgres: PostgresServer, migrated: str, browser: Browser, folder: Path, **settings: str
) -> Iterator[Installation]:
    """Start everything on an empty, migrated database; stop and remove it afterwards."""
    database = f"e2e_{uuid4().hex[:8]}"
    postgres.create_database(database, template=migrated)
    place = services.new_folder()
    with ExitStack() as stack:
        stack.callback(postgres.drop_database, database)
        stack.callback(shutil.rmtree, place)
        valkey = services.start_valkey(place)
        stack.callback(valkey.stop)
        mailbox = stack.enter_context(smtp.serving())
        environment = settings_for(
            postgres, database, valkey, smtp_port=mailbox.port, folder=folder, **settings
        )
        product = Product(environment, folder)
        stack.callback(product.stop)
        product.start("web", "worker", "beat")
        product.wait_healthy()
        yield Installation(product, mailbox, browser)


@pytest.fixture
def installation(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path: Path
) -> Iterator[Installation]:
    with installed(postgres, migrated, chromium, tmp_path) as running:
        yield running
