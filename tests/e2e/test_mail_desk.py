"""Journey: a digest is ended from the mail and taken back; another comes back, and its address is released."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from spbe_tasks.demo.content import read_ketapang
from tests.e2e import steps
from tests.e2e.conftest import PHONE, Installation, installed
from tests.product import wait_for
from tests.services import PostgresServer
from tests.smtp import Received

FEEDBACK_SECRET = "a-secret-of-the-mail-provider-0123456789"
COORDINATOR = "koordinator@ketapang.example"


@pytest.fixture
def office(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path: Path
) -> Iterator[Installation]:
    """The demo, in office hours."""
    offset = str(steps.seconds_to_office_hours())
    settings = {"CLOCK_OFFSET": offset, "FEEDBACK_SECRET": FEEDBACK_SECRET}
    with installed(postgres, migrated, chromium, tmp_path, **settings) as running:
        running.product.run("demo")
        yield running


def test_a_digest_is_ended_from_the_mail_and_one_that_came_back_blocks_its_address(
    office: Installation,
) -> None:
    digest = _digest(office)
    with office.visitor(viewport=PHONE) as stranger:
        _end_and_take_back(office, stranger, digest)
    with office.visitor(viewport=PHONE) as reader:
        steps.sign_in(reader, digest.to, read_ketapang().password)
        _choose_weekly(reader)
    with office.visitor() as coordinator:
        _come_back(office, coordinator, digest)
        steps.sign_in(coordinator, COORDINATOR, read_ketapang().password)
        _release(coordinator, digest.to)


def _digest(office: Installation) -> Received:
    """A digest of somebody but the coordinator, as the mail server received it."""

    def found() -> list[Received]:
        return [
            each
            for each in office.mailbox.received
            if each.message["List-Unsubscribe"]
            and each.to != COORDINATOR
            and "/tasks/" in steps.text_of(each.message)  # the brief of the month can be ended, too
        ]

    wait_for(found, seconds=120, what="a digest")
    return found()[0]


def _end_and_take_back(office: Installation, page: Page, digest: Received) -> None:
    assert digest.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.search(r"/unsubscribe/[^>]+", str(digest.message["List-Unsubscribe"]))
    assert path is not None
    page.goto(path.group())
    steps.submit(page)
    expect(page.locator("main")).to_contain_text(re.compile("dihentikan|has ended"))
    one_click = page.request.post(path.group(), form={"List-Unsubscribe": "One-Click"})
    assert one_click.status == 200
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text(re.compile("berlanjut|goes on"))


def _choose_weekly(page: Page) -> None:
    page.goto("/profile")
    page.locator("main a[href='/profile/mail']").click()
    expect(page.locator("[name=cadence][value=daily]")).to_be_checked()
    page.check("[name=cadence][value=weekly]")
    steps.submit(page)
    expect(page.locator("main .message-success")).to_be_visible()
    expect(page.locator("[name=cadence][value=weekly]")).to_be_checked()


def _come_back(office: Installation, page: Page, digest: Received) -> None:
    """The mail provider says that the address is dead, quoting the mail's name."""
    body = json.dumps({"address": digest.to, "status": "5.1.1", "message_id": digest.id}).encode()
    now = datetime.now(UTC) + timedelta(seconds=int(office.product.settings["CLOCK_OFFSET"]))
    stamp = str(int(now.timestamp()))
    content = f"{stamp}.".encode() + body
    headers = {
        "Content-Type": "application/json",
        "X-Feedback-Timestamp": stamp,
        "X-Feedback-Signature": f"sha256={hmac.new(FEEDBACK_SECRET.encode(), content, hashlib.sha256).hexdigest()}",
    }
    first = page.request.post("/hooks/mail-feedback", data=body, headers=headers)
    again = page.request.post("/hooks/mail-feedback", data=body, headers=headers)
    assert (first.status, again.status) == (202, 200)


def _release(page: Page, address: str) -> None:
    steps.through_door(page, "/reminders")
    page.locator(".nav-tabs a[href='/reminders/addresses']").click()
    row = page.locator("tbody tr", has_text=address)
    expect(row).to_have_count(1)
    row.locator("button").click()
    expect(page.locator("main .message-success")).to_contain_text(address)
    expect(page.locator("tbody tr", has_text=address)).to_have_count(0)
