"""A reviewer's morning by keyboard alone: look at the evidence, accept one lower, return one with reasons, go on."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from reportlab.pdfgen import canvas

from tests.e2e import steps
from tests.e2e.conftest import PHONE, Installation, installed
from tests.services import PostgresServer

PASSWORD = "demo-di-komputer-ini"
REVIEWER, FOCAL = "penilai@ketapang.example", "pic.diskominfo@ketapang.example"


@pytest.fixture(scope="module")
def demo(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("reviewer")
    with installed(postgres, migrated, chromium, folder) as running:
        running.product.run("demo")
        yield running


def _decree() -> bytes:
    """A PDF of two pages."""
    file = io.BytesIO()
    drawing = canvas.Canvas(file)
    for number in (1, 2):
        drawing.setFont("Helvetica", 24)
        drawing.drawString(80, 760, "PERATURAN BUPATI KETAPANG")
        drawing.drawString(80, 720, f"NOMOR 12 TAHUN 2025, halaman {number}")
        drawing.showPage()
    drawing.save()
    return file.getvalue()


def _hand_in_with_evidence(focal: Page) -> str:
    """The first task nobody has begun, with a PDF that shows its first criterion; returns its path."""
    focal.goto("/tasks/mine")
    addresses = [
        each.get_attribute("href") or "" for each in focal.locator(".task-rows a[href^='/tasks/']").all()
    ]
    for address in addresses:
        focal.goto(address)
        if focal.locator("#act-start").count() and focal.locator(".task-status .state-assigned").count():
            break
    task = focal.url.rpartition("/")[2]
    focal.locator("#act-start button").click()
    agency = focal.locator("#evidence [name=agency_id]").first.get_attribute("value") or ""
    place = focal.locator("#evidence [name=criterion]").first.get_attribute("value") or ""
    sent = focal.request.post(
        "/evidence/new",
        headers={"Referer": focal.url},
        multipart={
            "csrf_token": focal.locator("input[name=csrf_token]").first.get_attribute("value") or "",
            "agency_id": agency,
            "task": task,
            "criterion": place,
            "files": {"name": "Perbup 12 2025.pdf", "mimeType": "application/pdf", "buffer": _decree()},
        },
    )
    assert sent.ok, sent.text()
    focal.reload()
    for box in focal.locator("#checklist input[type=checkbox]").all():
        box.check()
    for words in focal.locator("#checklist textarea[name^=explanation]").all():
        words.fill("Perbup 12/2025, pasal 4")
    focal.locator("#checklist .form-actions button").click()
    focal.fill("#act-submit [name=note]", "Perbup sudah ditetapkan.")
    with focal.expect_navigation():
        focal.locator("#act-submit button").click()
    return f"/tasks/{task}"


def _tab_to(page: Page, selector: str, *, most: int = 250) -> None:
    """Press Tab until the focus is on something that fits."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def _check(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_reviewer_works_by_keyboard_alone(demo: Installation) -> None:
    with demo.visitor() as focal:
        steps.sign_in(focal, FOCAL, PASSWORD)
        task = _hand_in_with_evidence(focal)
    with demo.visitor() as page:
        steps.sign_in(page, REVIEWER, PASSWORD)
        page.goto("/tasks/review")
        waiting = page.locator(".review-row").count()
        assert waiting >= 3
        _check(page)
        _accept_lower(page)
        _return_with_reasons(page)
        _walk(page)
        page.goto("/tasks/review")
        assert page.locator(".review-row").count() == waiting - 2
        _look_at_evidence(page, task)
    with demo.visitor(viewport=PHONE, locale="en") as phone:
        steps.sign_in(phone, REVIEWER, PASSWORD)
        steps.speak(phone, "en")
        phone.goto(task.replace("/tasks/", "/tasks/review/"))
        _check(phone)
        assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        criteria, decision = phone.locator("#criteria-title"), phone.locator("#decision-title")
        above, below = criteria.bounding_box(), decision.bounding_box()
        assert above is not None
        assert below is not None
        assert above["y"] < below["y"]


def _accept_lower(page: Page) -> None:
    _tab_to(page, ".task-row-title a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    first = page.url
    _check(page)
    for decision in ("accept", "return"):  # without scrolling, on a small desk
        expect(page.locator(f"#act-{decision} button")).to_be_in_viewport(ratio=1)
    page.keyboard.press("a")
    level = page.locator("#act-accept [name=reached_level]")
    expect(level).to_be_focused()
    lower = str(int(level.input_value()) - 1)
    page.keyboard.type(lower)
    assert level.input_value() == lower
    _tab_to(page, "#act-accept button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url != first
    expect(page.locator(".message-success")).to_be_visible()


def _return_with_reasons(page: Page) -> None:
    before = page.url
    _tab_to(page, "[name^=verdict_]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Dokumen tahun 2019; jk")  # keys are letters here
    assert page.url == before
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#act-return [name=reason]")).to_be_focused()
    _tab_to(page, "#act-return button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url != before
    expect(page.locator(".message-success")).to_be_visible()


def _walk(page: Page) -> None:
    """Help, to the next and back, and switching the keys off."""
    page.goto("/tasks/review")
    _tab_to(page, ".task-row-title a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    first = page.url
    page.keyboard.press("?")
    expect(page.locator("#review-keys")).to_have_attribute("open", "")
    _check(page)
    page.keyboard.press("?")
    expect(page.locator("#review-keys")).not_to_have_attribute("open", "")
    with page.expect_navigation():
        page.keyboard.press("j")
    assert page.url != first
    with page.expect_navigation():
        page.keyboard.press("k")
    assert page.url == first
    page.keyboard.press("?")
    _tab_to(page, "#keys-on")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator("#act-return [name=reason]")).not_to_be_focused()
    assert page.url == first
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#review-keys")).not_to_have_attribute("open", "")


def _look_at_evidence(page: Page, task: str) -> None:
    """Both pages of the PDF, drawn as pictures beside the criterion."""
    page.goto(task.replace("/tasks/", "/tasks/review/"))
    _tab_to(page, ".evidence-view summary")
    page.keyboard.press("Enter")
    pictures = page.locator(".evidence-view[open] .evidence-pages img")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function(
            "image => image.complete && image.naturalWidth > 0", arg=picture.element_handle()
        )
    assert re.search(r"/evidence/\d+/versions/1/pages/2$", pictures.last.get_attribute("src") or "")
    _check(page)


def test_a_name_behind_an_at_sign_is_offered_and_its_person_finds_the_comment_at_the_bell(
    demo: Installation,
) -> None:
    with demo.visitor(viewport=PHONE) as focal:
        steps.sign_in(focal, FOCAL, PASSWORD)
        focal.goto("/tasks/mine")
        focal.locator(".task-rows a[href^='/tasks/']").first.click()
        field = focal.locator("#discussion textarea")
        field.press_sequentially("Mohon ditelaah, @yoh")
        expect(focal.locator("#mention-list [role=option]")).to_have_count(1)
        _check(focal)
        field.press("Enter")
        assert field.input_value() == "Mohon ditelaah, @Yohanes Anyam, M.T. "
        field.press_sequentially("**segera**")
        with focal.expect_navigation():
            focal.locator("#discussion .form-actions button").click()
        expect(focal.locator(".comment strong", has_text="segera")).to_be_visible()
        expect(focal.locator(".comment .sub")).to_contain_text("Yohanes Anyam")
    with demo.visitor() as page:
        steps.sign_in(page, REVIEWER, PASSWORD)
        page.locator(".bell").click()
        _check(page)
        news = page.locator(".news-row.is-new", has_text="Mohon ditelaah")
        expect(news).to_have_count(1)
        news.locator("a").click()
        expect(page.locator(".comment", has_text="Mohon ditelaah")).to_be_visible()
        page.goto("/news")
        expect(page.locator(".news-row.is-new", has_text="Mohon ditelaah")).to_have_count(0)
