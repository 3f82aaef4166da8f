"""A coordinator's week: more time granted, a return with reasons, an acting officer, a task given up, one reopened."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Event, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.requirements import CancelKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.transaction import transaction
from tests import factories
from tests.e2e import steps
from tests.e2e.conftest import PHONE, Installation, installed
from tests.services import PostgresServer
from tests.settings import settings_of

FOCAL, DEPUTY = "pic.bpkad@ketapang.example", "wakil@ketapang.example"
COORDINATOR = "koordinator@ketapang.example"
GIVEN_UP = get_instrument(factories.SPBE).indicator(34).short_name("id")
TODAY = date.today()  # noqa: DTZ011 - far from any midnight that matters here
DUE_ON, WANTED = TODAY + timedelta(days=60), TODAY + timedelta(days=91)


@pytest.fixture
def office(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path: Path
) -> Iterator[Installation]:
    with installed(postgres, migrated, chromium, tmp_path) as running:
        with create_app(settings_of(running.product.settings)).app_context():
            _enter()
            db.session.remove()
            db.engine.dispose()
        yield running


def _enter() -> None:
    with transaction() as work:
        session = work.session
        home = factories.government(session, slug="ketapang", timezone=steps.ZONE)
        bpkad, bappeda = (
            factories.agency(session, home, name=name, short_name=name) for name in ("BPKAD", "Bappeda")
        )
        factories.account(session, home, Role.FOCAL_POINT, bpkad, email=FOCAL, name="Sari Dewi")
        factories.account(session, home, Role.FOCAL_POINT, bappeda, email=DEPUTY, name="Joko Wakil")
        factories.account(session, home, Role.COORDINATOR, email=COORDINATOR, name="Budi Santoso")
        then = factories.revision(session, home, year=TODAY.year - 1)
        plan = factories.plan(session, home, year=TODAY.year - 1, baseline=then)
        for number in (33, 34):
            factories.task(session, plan, bpkad, number, due_on=DUE_ON)


def _unfold(page: Page, action: str) -> Page:
    """Open the folded form of an action."""
    form = page.locator(f"#act-{action}")
    if not form.is_visible():
        page.locator(f"details:has(#act-{action}) > summary").click()
    expect(form).to_be_visible()
    return page


def _send(page: Page, action: str) -> None:
    with page.expect_navigation():
        page.locator(f"#act-{action} button.btn").last.click()


def _act(page: Page, action: str, **fields: str) -> None:
    form = _unfold(page, action).locator(f"#act-{action}")
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    _send(page, action)


def test_a_coordinator_grants_returns_appoints_gives_up_and_reopens(office: Installation) -> None:
    with (
        office.visitor(viewport=PHONE) as focal,
        office.visitor() as coordinator,
        office.visitor(viewport=PHONE) as deputy,
    ):
        steps.sign_in(focal, FOCAL, factories.PASSWORD)
        focal.locator(".task-rows a").first.click()
        task = focal.url.split("#")[0]
        _act(focal, "ask_extension", due_on=WANTED.isoformat(), reason="Menunggu peraturan bupati.")
        expect(focal.locator("#extensions")).to_contain_text("Menunggu peraturan bupati.")

        _grant_from_the_list(coordinator)
        coordinator.goto(task)
        expect(coordinator.locator(".task-status time").first).to_have_attribute(
            "datetime", WANTED.isoformat()
        )

        focal.goto("/tasks/mine")
        focal.locator(f".task-rows a[href='{urlsplit(task).path}']").click()
        _hand_in(focal)
        coordinator.goto(task)
        form = _unfold(coordinator, "return").locator("#act-return")
        form.locator("[name=verdict_3_a]").select_option("unsigned")
        form.locator("[name=note_3_a]").fill("Halaman terakhir tanpa tanda tangan.")
        _send(coordinator, "return")
        focal.goto(task)
        expect(focal.locator("#criteria")).to_contain_text("Halaman terakhir tanpa tanda tangan.")

        _appoint(coordinator, "Sari Dewi", "Joko Wakil")
        steps.sign_in(deputy, DEPUTY, factories.PASSWORD)
        _finish_in_her_position(deputy, task)

        steps.accept_at(coordinator, urlsplit(task).path, "3")
        coordinator.goto(task)
        _act(coordinator, "reopen", reason="Bukti ternyata draf.")

        coordinator.goto("/tasks")
        coordinator.locator("main a[href*='/tasks/']", has_text=GIVEN_UP).first.click()
        form = _unfold(coordinator, "cancel").locator("#act-cancel")
        form.locator("[name=cancel_kind][value=given_up]").check()
        form.locator("[name=reason]").fill("Anggaran dialihkan.")
        _send(coordinator, "cancel")
    _look_at_what_was_stored(office)


def _grant_from_the_list(coordinator: Page) -> None:
    steps.sign_in(coordinator, COORDINATOR, factories.PASSWORD)
    steps.through_door(coordinator, "/extensions")
    row = coordinator.locator(".request")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Menunggu peraturan bupati.")
    expect(row.locator("[name=due_on]")).to_have_value(WANTED.isoformat())
    _is_accessible(coordinator)
    row.locator("form[action$='/grant'] button").click()
    expect(coordinator.locator(".request")).to_have_count(0)


def _is_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def _hand_in(page: Page) -> None:
    with page.expect_navigation():
        page.locator("#act-start button").click()
    page.fill("#act-submit [name=note]", "SK terlampir.")
    _send(page, "submit")
    expect(page.locator("#act-submit")).to_have_count(0)


def _appoint(coordinator: Page, absent: str, acting: str) -> None:
    steps.through_door(coordinator, "/people")
    coordinator.locator("main a[href='/acting']").click()
    for name, who in (("absent_id", absent), ("acting_id", acting)):
        choice = coordinator.locator(f"[name={name}] option", has_text=who).get_attribute("value")
        coordinator.select_option(f"[name={name}]", choice)
    coordinator.fill("[name=decree]", "SPT 800/12")
    steps.submit(coordinator)
    expect(coordinator.locator("main table")).to_contain_text("SPT 800/12")
    _is_accessible(coordinator)


def _finish_in_her_position(deputy: Page, task: str) -> None:
    refused = deputy.goto(task)
    assert refused is not None
    assert refused.status == 404
    deputy.goto("/tasks/mine")
    deputy.locator(".bottombar a[href='#menu']").click()
    deputy.locator("#menu form[action^='/acting/take/'] button").click()
    expect(deputy.locator(".notice-acting")).to_contain_text("Sari Dewi")
    deputy.locator(f".task-rows a[href='{urlsplit(task).path}']").click()
    expect(deputy.locator(".notice-acting")).to_be_visible()
    _is_accessible(deputy)
    _hand_in(deputy)
    deputy.locator(".notice-acting button").click()
    expect(deputy.locator(".notice-acting")).to_have_count(0)


def _look_at_what_was_stored(office: Installation) -> None:
    with create_app(settings_of(office.product.settings)).app_context():
        session = db.session()
        reopened, given_up = session.scalars(select(Task).order_by(Task.indicator_number)).all()
        assert (reopened.state, reopened.reached_level) == (State.IN_PROGRESS, None)
        assert (reopened.due_on, reopened.due_version) == (WANTED, 2)
        assert (given_up.state, given_up.cancel_kind) == (State.CANCELLED, CancelKind.GIVEN_UP)
        history = select(Event).where(Event.subject_type == "task", Event.subject_id == reopened.id)
        events = session.scalars(history.order_by(Event.id)).all()
        assert [each.action for each in events] == [
            "ask_extension",
            "grant_extension",
            "start",
            "submit",
            "return",
            "start",
            "submit",
            "accept",
            "reopen",
        ]
        assert ["acting_for_id" in each.data for each in events].count(True) == 2
        db.session.remove()
        db.engine.dispose()
