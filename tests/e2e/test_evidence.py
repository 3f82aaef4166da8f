"""Evidence from a phone on a thin line that breaks: it goes on by itself; and the same without a script."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.models import Account, EvidenceUse, EvidenceVersion, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction
from tests import factories
from tests.e2e.conftest import PHONE, Installation
from tests.settings import settings_of

CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 8_000 + b"\n%%EOF\n"  # 2 MB
# What a 3G line carries, in bytes per second, so that the file takes a while.
THIN_LINE = 250_000


@pytest.fixture
def app(installation: Installation) -> Iterator[Flask]:
    made = create_app(settings_of({"PUBLIC_URL": installation.product.url, **installation.product.settings}))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def person(app: Flask) -> str:
    """The e-mail address of a focal point with one task of two criteria, who reads English."""
    with transaction() as work:
        session = work.session
        government = factories.government(session)
        agency = factories.agency(session, government)
        account: Account = factories.account(session, government, Role.FOCAL_POINT, agency, locale="en")
        plan = factories.plan(session, government)
        factories.task(session, plan, agency, 33, state=State.IN_PROGRESS, target_level=Decimal(4))
        return account.email


def _sign_in(page: Page, email: str) -> None:
    page.goto("/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", factories.PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url("**/tasks/mine")


def _file(folder: Path, name: str = "SK Tim.pdf", content: bytes = CONTENT) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_file_from_a_phone_goes_on_by_itself_after_the_line_broke(
    installation: Installation, person: str, tmp_path: Path
) -> None:
    with installation.visitor(viewport=PHONE) as page:
        _sign_in(page, person)
        page.goto("/evidence/new")
        line = page.context.new_cdp_session(page)
        speed = {"offline": False, "latency": 100, "downloadThroughput": -1, "uploadThroughput": THIN_LINE}
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", speed)
        page.set_input_files("input[type=file][multiple]", [_file(tmp_path), _file(tmp_path, "tim.exe")])
        note = page.locator(".upload-row").first.locator(".upload-note")
        expect(note).to_have_text(re.compile(r"Sending: [1-5]\d %"), timeout=30_000)
        line.send("Network.emulateNetworkConditions", speed | {"offline": True})
        expect(note).to_have_text("The connection broke. It goes on by itself …", timeout=30_000)
        line.send("Network.emulateNetworkConditions", speed)
        expect(note).to_have_text("Stored: SK Tim", timeout=60_000)
        expect(page.locator(".upload-row").nth(1)).to_contain_text("tim.exe is of a kind that is not taken")
        page.click(".upload-row a")
        expect(page.locator("h1")).to_have_text("SK Tim")
        with page.expect_download() as download:
            page.click(".page-actions a:has-text('Download')")
        assert Path(download.value.path()).read_bytes() == CONTENT


def test_what_the_person_stops_or_tries_again_is_what_happens(
    installation: Installation, person: str, tmp_path: Path
) -> None:
    with installation.visitor(viewport=PHONE) as page:
        _sign_in(page, person)
        page.goto("/evidence/new")
        page.route(
            "**/finish", lambda route: route.fulfill(status=503, json={"error": "x", "messages": ["Away."]})
        )
        page.set_input_files("input[type=file][multiple]", _file(tmp_path))
        row = page.locator(".upload-row")
        expect(row.locator(".upload-note")).to_have_text("Away.", timeout=30_000)
        page.unroute("**/finish")
        row.get_by_role("button", name="Try again").click()
        expect(row.locator(".upload-note")).to_have_text("Stored: SK Tim", timeout=30_000)
        page.route("**/pieces*", lambda route: None)  # hangs
        page.set_input_files("input[type=file][multiple]", _file(tmp_path, "Lain.pdf", CONTENT + b"\n"))
        other = page.locator(".upload-row").nth(1)
        other.get_by_role("button", name="Stop").click()
        expect(other.locator(".upload-note")).to_have_text("Stopped. Nothing was stored.")
        page.unroute_all(behavior="ignoreErrors")


def _drop(page: Page, name: str) -> None:
    """Let go of a file over the box, as a mouse does."""
    given = page.evaluate_handle(
        """name => {
            const held = new DataTransfer();
            held.items.add(new File(["Notulen rapat"], name));
            return held;
        }""",
        name,
    )
    page.dispatch_event("[data-upload-drop]", "drop", {"dataTransfer": given})


def test_dropped_files_are_sent_once_it_is_said_what_they_show(
    installation: Installation, person: str
) -> None:
    task_id = db.session.scalars(select(Task.id)).one()
    with installation.visitor() as page:
        _sign_in(page, person)
        page.goto(f"/tasks/{task_id}")
        _drop(page, "Terlalu dini.txt")
        expect(page.locator("[data-evidence-first]")).to_be_visible()
        expect(page.locator(".upload-row")).to_have_count(0)
        page.check("#evidence [name=criterion][value='3.a']")
        _drop(page, "Notulen.txt")
        expect(page.locator(".upload-note")).to_have_text("Stored: Notulen", timeout=30_000)
        expect(page.locator("#evidence-of-3a")).to_contain_text("Notulen")
    shown = db.session.execute(select(EvidenceUse.level, EvidenceUse.letter)).all()
    assert [tuple(each) for each in shown] == [(3, "a")]


def test_without_a_script_the_files_come_in_one_go(
    installation: Installation, chromium: Browser, person: str, tmp_path: Path
) -> None:
    context = chromium.new_context(
        base_url=installation.product.url, java_script_enabled=False, viewport=PHONE
    )  # type: ignore[arg-type]
    page = context.new_page()
    _sign_in(page, person)
    page.goto("/evidence/new")
    files = [_file(tmp_path), _file(tmp_path, "notulen.txt", b"Notulen")]
    page.set_input_files("input[type=file][multiple]", files)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".evidence-list tbody tr")).to_have_count(2)
    context.close()
    rows = db.session.execute(select(EvidenceVersion.file_name, EvidenceVersion.file_key)).all()
    assert {name: storage().read(key or "") for name, key in rows} == {
        "SK Tim.pdf": CONTENT,
        "notulen.txt": b"Notulen",
    }
