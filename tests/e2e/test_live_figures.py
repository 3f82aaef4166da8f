"""The index follows a decision by itself: on an open leaders' page, and before the reviewer who took it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e import steps
from tests.e2e.conftest import Installation, installed
from tests.product import wait_for
from tests.services import PostgresServer

PASSWORD = "demo-di-komputer-ini"
REVIEWER, EXECUTIVE = "penilai@ketapang.example", "sekda@ketapang.example"
# Indicators of the demo that wait for review, and for each of which one agency alone answers.
FIRST, SECOND, THIRD = 11, 24, 39
MINUTE = 60_000


@pytest.fixture(scope="module")
def demo(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("live")
    with installed(postgres, migrated, chromium, folder) as running:
        running.product.run("demo")
        yield running


def _accept(reviewer: Page, indicator: int) -> None:
    """Accept what waits for review on an indicator, at the highest level there is to choose."""
    steps.through_door(reviewer, "/tasks/review")
    row = reviewer.locator(".task-row", has=reviewer.locator(".task-row-number", has_text=f"{indicator}"))
    row.locator("a[href^='/tasks/review/']").first.click()
    form = reviewer.locator("#act-accept")
    levels = form.locator("[name=reached_level]")
    levels.select_option(levels.locator("option").last.get_attribute("value"))
    with reviewer.expect_navigation():
        form.locator("button").click()


def _shown(part: Locator) -> list[str]:
    return re.findall(r"\d,\d\d", part.inner_text())


def test_an_open_page_and_the_reviewer_see_what_an_acceptance_made_of_the_index(demo: Installation) -> None:
    with demo.visitor() as reviewer, demo.visitor() as executive:
        steps.sign_in(reviewer, REVIEWER, PASSWORD)
        steps.sign_in(executive, EXECUTIVE, PASSWORD)
        executive.goto("/dashboard")
        index = executive.locator("#secured-index")
        before = index.inner_text()
        table = executive.locator("details.fold", has=executive.locator(".data-table"))
        table.locator("summary").click()
        here = executive.locator("a[href*='/agency-points?']")
        here.focus()
        executive.evaluate("window.isTheSamePage = true")

        _accept(reviewer, FIRST)
        told = reviewer.locator("#index-change")
        expect(told.locator("strong")).to_be_visible()
        was, becomes, *_ = _shown(told)
        assert was == before
        assert becomes > before

        expect(index).to_have_text(becomes)
        assert executive.evaluate("window.isTheSamePage")
        expect(table).to_have_attribute("open", "")
        expect(here).to_be_focused()
        expect(executive.locator("[data-live-said]")).not_to_be_empty()


def test_readers_are_told_while_nobody_counts(demo: Installation) -> None:
    notice = "#stale-notice .notice"
    with demo.visitor() as reviewer, demo.visitor() as executive:
        steps.sign_in(reviewer, REVIEWER, PASSWORD)
        steps.sign_in(executive, EXECUTIVE, PASSWORD)
        executive.goto("/dashboard")
        expect(executive.locator(notice)).to_have_count(
            0, timeout=MINUTE
        )  # the first heartbeat takes a while
        before = executive.locator("#secured-index").inner_text()

        demo.product.stop("worker")
        _accept(reviewer, SECOND)
        expect(reviewer.locator("#index-change[data-unfinished]")).to_contain_text(before)
        expect(executive.locator(notice)).to_be_visible(timeout=MINUTE)
        expect(executive.locator("#secured-index")).to_have_text(before)

        demo.product.start("worker")
        expect(executive.locator(notice)).to_have_count(0, timeout=MINUTE)
        expect(executive.locator("#secured-index")).not_to_have_text(before)
        expect(reviewer.locator("#index-change strong")).to_be_visible(timeout=MINUTE)


def test_without_a_script_a_reload_shows_the_same(demo: Installation) -> None:
    context = demo.browser.new_context(base_url=demo.product.url, locale="id-ID", java_script_enabled=False)
    page = context.new_page()
    steps.sign_in(page, REVIEWER, PASSWORD)
    _accept(page, THIRD)
    expect(page.locator("#index-change")).to_contain_text("→")
    expect(page.locator("#index-change a")).to_have_attribute("href", re.compile("/dashboard/figures"))
    (was,) = _shown(page.locator("#index-change"))
    wait_for(lambda: steps.secured_index(page) != was, seconds=30, what="another index")
    context.close()


def test_the_leaders_page_is_one_sheet_of_paper(demo: Installation) -> None:
    with demo.visitor() as executive:
        steps.sign_in(executive, EXECUTIVE, PASSWORD)
        executive.goto("/dashboard")
        printed = pypdfium2.PdfDocument(executive.pdf(format="A4", prefer_css_page_size=True))
        index = executive.locator("#secured-index").inner_text()
        headings = [each.inner_text() for each in executive.locator("#figures h2").all()]
    assert len(printed) == 1
    words = printed[0].get_textpage().get_text_bounded()
    assert index in words
    assert "Ketapang" in words
    for heading in headings:
        assert heading.split(maxsplit=1)[0] in words
    assert "Data dukung" not in words  # the menu stays on the screen
