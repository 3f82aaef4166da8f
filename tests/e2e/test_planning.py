"""A journey: from the ownership matrix over the policy and the path to a scenario that becomes the plan."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Role
from spbe_tasks.transaction import transaction
from tests import factories
from tests.e2e import steps
from tests.e2e.conftest import Installation, installed
from tests.services import PostgresServer
from tests.settings import settings_of

YEAR = 2024
LOW = (33, 34)
# All indicators stand at 3 but those two at 2: the index is 3 - 2 x 2.75 / 100 = 2.945.
LEVELS = dict.fromkeys(LOW, 2)
LANGUAGES = {"id": ",", "en": "."}


@pytest.fixture(scope="module")
def office(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation with a government per language; neither has owners, rules or tasks yet."""
    with installed(postgres, migrated, chromium, tmp_path_factory.mktemp("planning")) as running:
        with create_app(settings_of(running.product.settings)).app_context():
            with transaction() as work:
                for language in LANGUAGES:
                    _enter(work.session, language)
            db.session.remove()
            db.engine.dispose()
        yield running


def _enter(session: Session, language: str) -> None:
    government = factories.government(session, slug=f"ketapang-{language}", timezone=steps.ZONE)
    for name in ("Diskominfo", "BPKAD"):
        factories.agency(session, government, short_name=name, name=f"Perangkat {name}")
    factories.account(session, government, Role.COORDINATOR, email=_coordinator(language), locale=language)
    factories.revision(session, government, LEVELS, level=3, year=YEAR)


def _coordinator(language: str) -> str:
    return f"koordinator.{language}@ketapang.example"


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_matrix_to_a_scenario_that_becomes_the_plan(office: Installation, language: str) -> None:
    with office.visitor(locale=language) as page:
        steps.sign_in(page, _coordinator(language), factories.PASSWORD)
        steps.speak(page, language)
        _share_out(page)
        _make_the_plan(page)
        _keep_the_path(page)
        _change_by_hand(page, language)
        _adopt(page)


def _share_out(page: Page) -> None:
    """One agency leads a whole aspect, and one click makes the other contribute to an indicator of it."""
    steps.through_door(page, "/ownership")
    page.locator("form[action$='/aspect']").evaluate("form => form.closest('details').open = true")
    page.locator("[name=aspect]").select_option("7")
    page.locator("[name=agency_id]").select_option(label="Diskominfo")
    page.locator("form[action$='/aspect'] button").click()
    page.wait_for_url("**#a7")
    cell = page.locator("#" + _cell_of(page, "BPKAD", 33))
    expect(cell).not_to_have_class(re.compile("is-"))
    cell.locator("button").click()
    expect(cell).to_have_class("is-contributor")


def _cell_of(page: Page, agency: str, number: int) -> str:
    names = page.locator("table.matrix thead th > span:first-child").all_inner_texts()
    cell = page.locator(f"table.matrix td[id^='c{number}-']").nth(names.index(agency))
    return cell.get_attribute("id") or ""


def _make_the_plan(page: Page) -> None:
    """The rules with an effort of their own, looked at before they are stored; then the tasks are published."""
    steps.through_door(page, "/plans")
    page.locator(f"main a[href*='/{YEAR}/generate']").first.click()
    page.locator("[name=effort]").evaluate("field => field.closest('details').open = true")
    for name, days in (("effort", "8"), ("effort_step_4", "15"), ("effort_step_5", "20")):
        page.fill(f"[name={name}]", days)
    page.locator("[name=preview]").click()
    # 33 has two agencies, 34 one.
    expect(page.locator(".stat-value").first).to_have_text("3")
    page.locator("[name=store]").click()
    page.wait_for_url(re.compile(r"/plans(\?.*)?$"))
    page.locator("a[href*='/publish']").first.click()
    steps.submit(page)
    page.wait_for_url(re.compile(r"/plans(\?.*)?$"))


def _keep_the_path(page: Page) -> None:
    """The cheapest way to an index, by what the rules say of effort, kept as a scenario."""
    page.locator("main a[href*='/paths/']").first.click()
    page.select_option("[name=goal]", "index")
    page.fill("[name=target]", "3")
    steps.submit(page)
    expect(page.locator(".path-verdict")).to_contain_text("16")  # two levels of 8 person-days
    page.fill(".path-keep [name=name]", "Jalur termurah")
    page.locator(".path-keep button").click()
    page.wait_for_url(re.compile(r"/scenarios/\d+$"))
    expect(page.locator("h1")).to_have_text("Jalur termurah")


def _change_by_hand(page: Page, language: str) -> None:
    """Another level is chosen: the figures follow before anything is stored."""
    page.locator("main a[href$='/edit']").click()
    expect(page.locator(".whatif-value")).to_have_text(_figure("3.00", language))
    page.select_option("[name=level_38]", "4")
    page.select_option("[name=level_38]", "5")
    expect(page.locator(".whatif-value")).to_have_text(_figure("3.06", language))  # 3 + 2 x 2.75 / 100
    page.fill("[name=name]", "Keuangan dulu")
    page.locator("[name=store]").click()
    page.wait_for_url(re.compile(r"/scenarios/\d+$"))
    expect(page.locator(".whatif-table tbody tr")).to_have_count(3)


def _adopt(page: Page) -> None:
    """The scenario as the plan's rules: what it does is seen first, then its tasks are made."""
    page.locator("main a[href*='scenario=']").click()
    expect(page.locator("[name=note]")).to_have_value(re.compile("Keuangan dulu"))
    expect(page.locator(".stat-value").first).to_have_text("1")  # 38; the other two are under way
    page.locator("[name=store]").click()
    page.wait_for_url(re.compile(r"/plans(\?.*)?$"))
    page.locator("a[href*='/publish']").first.click()
    steps.submit(page)
    page.wait_for_url(re.compile(r"/plans(\?.*)?$"))
    steps.through_door(page, "/tasks")
    expect(page.locator("tbody tr")).to_have_count(4)


def _figure(value: str, language: str) -> str:
    return value.replace(".", LANGUAGES[language])
