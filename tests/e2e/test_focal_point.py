"""A focal point's day on a small phone and a slow line that breaks: evidence, texts, a lost page, submitting."""

import random
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from PIL import Image
from playwright.sync_api import CDPSession, Page, expect
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.models import EvidenceUse, Submission, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from spbe_tasks.transaction import transaction
from tests import factories
from tests.e2e import steps
from tests.e2e.conftest import PHONE, Installation
from tests.settings import settings_of

# "Slow 3G" as the browsers' own tools have it: 400 kilobits a second, and 400 ms until an answer begins.
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}
FACTS = "Perbup 12/2025 tentang SPBE, diundangkan 3 Maret 2025."


@pytest.fixture
def app(installation: Installation) -> Iterator[Flask]:
    made = create_app(settings_of({"PUBLIC_URL": installation.product.url, **installation.product.settings}))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def focal(app: Flask) -> str:
    """The address of a focal point with one task: indicator 16 from level 2 to 3, with two criteria."""
    with transaction() as work:
        session = work.session
        government = factories.government(session)
        agency = factories.agency(session, government)
        account = factories.account(session, government, Role.FOCAL_POINT, agency)
        plan = factories.plan(session, government)
        factories.task(session, plan, agency, 16, baseline_level=Decimal(2), target_level=Decimal(3))
        return account.email


@pytest.fixture
def files(tmp_path: Path) -> Sequence[Path]:
    """Two documents, the first of which takes this line some seconds, and a photo."""
    decree, minutes, photo = (tmp_path / name for name in ("SK Tim SPBE.pdf", "Notula.pdf", "foto.jpg"))
    canvas = Canvas(str(decree), pageCompression=0)
    noise = random.Random(1)
    for _ in range(60):
        for line in range(60):
            canvas.drawString(40, 800 - 12 * line, f"{noise.getrandbits(240):060x}")
        canvas.showPage()
    canvas.save()
    Canvas(str(minutes)).save()
    picture = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(picture, "JPEG")
    photo.write_bytes(picture.getvalue())
    return decree, minutes, photo


def thin_line(page: Page) -> CDPSession:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_3G)
    return line


def check_page(page: Page) -> None:
    page.wait_for_load_state()  # on such a line a page is there in parts before
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_focal_point_uploads_writes_loses_the_page_and_submits_from_a_phone(
    installation: Installation, focal: str, files: Sequence[Path]
) -> None:
    with installation.visitor(viewport=PHONE) as page:
        page.context.set_default_timeout(60_000)
        steps.sign_in(page, focal, factories.PASSWORD)
        line = thin_line(page)
        page.locator(".task-rows a").first.click()
        page.locator(".action-bar button").click()  # the one next step: start
        expect(page.locator(".task-status")).to_contain_text("Dikerjakan")
        check_page(page)
        _send_evidence(page, line, files)
        _write(page)
        address = page.url
        page.close()
        again = page.context.new_page()
        thin_line(again)
        again.goto(address)
        _take_up_and_store(again)
        check_page(again)
        _submit(again)
        check_page(again)
        steps.speak(again, "en")
        expect(again.locator(".task-status")).to_contain_text("Submitted")
        expect(again.locator("html")).to_have_attribute("lang", "en")
        check_page(again)
    _check_what_is_stored()


def _send_evidence(page: Page, line: CDPSession, files: Sequence[Path]) -> None:
    """Two files that show both criteria and a photo that shows one; the line breaks in the middle of the first."""
    decree, minutes, photo = files
    page.locator("[data-evidence-for='3.a']").click()
    expect(page.locator("#evidence input[value='3.a']")).to_be_checked()
    page.locator("#evidence input[value='3.b']").check()
    page.set_input_files("#upload-files", [decree, minutes])
    note = page.locator(".upload-row").first.locator(".upload-note")
    expect(note).to_have_text(re.compile(r"[2-7]\d %"), timeout=60_000)
    line.send("Network.emulateNetworkConditions", SLOW_3G | {"offline": True})
    expect(page.locator(".upload-row").first).not_to_have_class(re.compile("is-(done|failed)"))
    expect(note).not_to_have_text(re.compile("%"), timeout=30_000)  # it says that the line broke
    line.send("Network.emulateNetworkConditions", SLOW_3G)
    expect(page.locator(".upload-row.is-done")).to_have_count(2, timeout=120_000)
    page.locator("#evidence input[value='3.b']").uncheck()
    page.set_input_files("#upload-photo", photo)
    expect(page.locator(".upload-row.is-done")).to_have_count(3, timeout=60_000)
    expect(page.locator("#evidence-of-3a .evidence-chip")).to_have_count(3, timeout=60_000)
    expect(page.locator("#evidence-of-3b .evidence-chip")).to_have_count(2, timeout=60_000)


def _write(page: Page) -> None:
    """Type, and wait until the draft is kept; nothing is stored."""
    page.check("#met_3_a")
    page.fill("#explanation_3_a", "Pasal 4 sampai 9")
    page.fill("#facts_3", FACTS)
    expect(page.locator("#checklist .draft-status")).to_have_text(re.compile(r"\d\d\.\d\d"), timeout=60_000)


def _take_up_and_store(page: Page) -> None:
    notice = page.locator("[data-draft-notice=checklist]")
    expect(notice).to_be_visible()
    expect(page.locator("#facts_3")).to_have_value("")
    notice.locator("a").click()
    expect(page.locator("#facts_3")).to_have_value(FACTS)
    expect(page.locator("#explanation_3_a")).to_have_value("Pasal 4 sampai 9")
    expect(page.locator("#met_3_a")).to_be_checked()
    page.fill("#analysis_3", "Seluruh unit memakainya; penerapan di kecamatan belum merata.")
    page.locator("#checklist .form-actions button").click()
    expect(page.locator(".message-success")).to_be_visible()
    expect(notice).to_be_hidden()


def _submit(page: Page) -> None:
    """One criterion is still open: that is told, and does not keep from handing in."""
    expect(page.locator("#next .missing li")).to_have_count(1)
    page.locator(".action-bar a").click()
    page.fill("#act-submit [name=note]", "Kriteria a terpenuhi; b menyusul pada triwulan depan.")
    page.locator("#act-submit button").click()
    expect(page.locator(".task-status")).to_contain_text("Diajukan")


def _check_what_is_stored() -> None:
    db.session.rollback()  # what the product has written since
    assert db.session.scalars(select(Task.state)).one() is State.SUBMITTED
    uses = db.session.execute(select(EvidenceUse.level, EvidenceUse.letter)).all()
    assert sorted(tuple(each) for each in uses) == [(3, "a")] * 3 + [(3, "b")] * 2
    (contents,) = db.session.scalars(select(Submission.contents)).all()
    assert contents["texts"][0]["facts"] == FACTS
    titles = {each["title"] for claim in contents["claims"] for each in claim["evidence"]}
    assert titles == {"SK Tim SPBE", "Notula", "foto"}
