"""Steps that journeys share, as a person takes them: every one starts from a page and ends on the next."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from spbe_tasks.rules.calendar import WorkCalendar
from tests.product import wait_for
from tests.smtp import Mailbox

ZONE = "Asia/Pontianak"
WIDE = 768  # from this width on the menu stands beside the page
PASSWORD = "kata sandi yang panjang"


def seconds_to_office_hours() -> int:
    """How far the product's clock must move so that it is half past ten on a working day, whenever the test runs."""
    now = datetime.now(UTC)
    local = now.astimezone(ZoneInfo(ZONE))
    day = WorkCalendar(zone=ZONE).next_working_day(local.date() + timedelta(days=1))
    wanted = datetime(day.year, day.month, day.day, 10, 30, tzinfo=ZoneInfo(ZONE))
    return int((wanted - now).total_seconds())


def sign_in(page: Page, email: str, password: str = PASSWORD, *, at: str = "/login") -> None:
    """Through the sign-in page, which is where ``at`` leads a stranger."""
    page.goto(at)
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.locator("main form button").first.click()
    expect(page.locator("[name=password]")).to_have_count(0)


def speak(page: Page, language: str) -> None:
    """Choose the language the way the switch does, and load the page again."""
    token = page.locator("input[name=csrf_token]").first.get_attribute("value")
    form = {"locale": language, "csrf_token": token or ""}
    page.request.post("/locale", form=form, headers={"Referer": page.url})
    page.reload()


def sign_out(page: Page) -> None:
    """From the person's menu."""
    page.locator("details.menu summary").last.click()
    page.locator("form[action='/logout'] button:visible").first.click()
    page.wait_for_url("**/login")


def through_door(page: Page, address: str) -> None:
    """Click the menu's entry: in the rail beside a wide page; on a phone in the bottom bar, else in its menu."""
    width = page.viewport_size["width"] if page.viewport_size else WIDE
    entry = page.locator(f".rail a[href='{address}']")
    if width < WIDE:
        entry = page.locator(f".bottombar a[href='{address}']")
        if entry.count() == 0:
            page.locator(".bottombar a[href='#menu']").click()
            entry = page.locator(f"#menu a[href='{address}']")
    with page.expect_navigation() as navigation:
        entry.click()
    assert navigation.value is not None
    assert navigation.value.status == 200, address
    assert page.url.endswith(address)


def submit(page: Page) -> None:
    """Press the page's one primary button."""
    page.locator("main .btn-primary:visible").first.click()


def upload_levels(page: Page, file: Path, year: int) -> None:
    """Import → check → compare → store; ends on the assessment's page."""
    open_import(page, file)
    page.select_option("[name=kind]", "official")
    page.fill("[name=year]", str(year))
    page.locator("button[name=compare]").click()
    store_import(page)


def open_import(page: Page, file: Path) -> None:
    """Upload a file; ends where its levels are checked."""
    through_door(page, "/assessments")
    page.locator("main a[href='/assessments/import']").first.click()
    page.set_input_files("[name=file]", file)
    submit(page)
    page.wait_for_url(re.compile(r"/assessments/import/\d+$"))


def submit_check(page: Page) -> None:
    """Have the levels as they stand in their fields checked again."""
    with page.expect_navigation():
        page.locator(".import-bar button").first.click()


def store_import(page: Page) -> None:
    """From the comparison to the assessment's page."""
    page.locator("form[action$='/store'] .btn-primary").click()
    page.wait_for_url(re.compile(r"/assessments/\d+$"))


def make_and_publish_plan(page: Page, year: int, *, due_on: str, target: str) -> None:
    """Generate with the usual threshold, look at the outcome, publish; ends on the plan's page."""
    through_door(page, "/plans")
    page.locator(f"a[href*='/{year}/generate']").first.click()
    page.fill("[name=due_on]", due_on)
    page.fill("[name=target_index]", target)
    page.locator("[name=store]").click()
    page.wait_for_url(re.compile(r"/plans(\?.*)?$"))
    page.locator("a[href*='/publish']").first.click()
    submit(page)
    page.wait_for_url(re.compile(r"/plans(\?.*)?$"))


def secured_index(page: Page) -> str:
    """The secured index as the leaders' page shows it now."""
    through_door(page, "/dashboard")
    figure = page.locator("#secured-index")
    return figure.inner_text() if figure.count() else "computing"


def wait_for_secured(page: Page, wanted: str) -> None:
    """Look at the leaders' page until the worker has brought the figure."""
    wait_for(lambda: secured_index(page) == wanted, seconds=30, what=f"the secured index {wanted}")


def mail_to(mailbox: Mailbox, address: str, *, containing: str, seconds: float) -> EmailMessage:
    """The first mail to ``address`` whose text holds ``containing``, as the server received it."""

    def fitting() -> list[EmailMessage]:
        return [
            each.message
            for each in mailbox.received
            if each.to == address and containing in text_of(each.message)
        ]

    wait_for(fitting, seconds=seconds, what=f"a mail to {address} with {containing}")
    return fitting()[0]


def text_of(message: EmailMessage) -> str:
    """The plain text part."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(message: EmailMessage, path: str) -> str:
    """The first link of a mail that leads to ``path`` of the product."""
    found = re.search(rf"https?://\S+{path}[\w/.\-=]*", text_of(message))
    assert found is not None, text_of(message)
    return found.group()


def work_and_submit(focal: Page) -> str:
    """The first task of "Tugas Saya": start it, tick its criteria, submit it; returns its path."""
    focal.locator(".task-rows a").first.click()
    task = focal.url.removesuffix("#").rsplit("/tasks/")[-1]
    focal.locator("#act-start button").click()
    for box in focal.locator("#criteria input[type=checkbox]").all():
        box.check()
    for text in focal.locator("#criteria textarea[name^=explanation]").all():
        text.fill("Perbup 12/2025, pasal 4")
    focal.locator("#checklist .form-actions button").click()
    focal.fill("#act-submit [name=note]", "Semua kriteria tingkat 3 terpenuhi; tautan ada pada kriteria a.")
    focal.locator("#act-submit button").click()
    expect(focal.locator("#act-submit")).to_have_count(0)
    return f"/tasks/{task}"


def accept_at(reviewer: Page, task: str, level: str) -> None:
    """Find the submitted task in the review queue and accept it."""
    through_door(reviewer, "/tasks/review")
    address = task.replace("/tasks/", "/tasks/review/")
    reviewer.locator(f"main a[href='{address}']").first.click()
    form = reviewer.locator("#act-accept")
    form.locator("[name=reached_level]").select_option(level)
    with reviewer.expect_navigation():
        form.locator("button").click()
    expect(reviewer.locator(f"#act-accept[action*='{address}/']")).to_have_count(0)
