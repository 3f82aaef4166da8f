"""A journey on the lists: the board by keyboard and by finger, many tasks changed at once and taken back."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from spbe_tasks.transaction import transaction
from tests import factories
from tests.e2e import steps
from tests.e2e.conftest import PHONE, Installation, installed
from tests.services import PostgresServer
from tests.settings import settings_of

COORDINATOR, FOCAL = "koordinator@ketapang.example", "pic@ketapang.example"


@pytest.fixture(scope="module")
def office(
    postgres: PostgresServer, migrated: str, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A government with three tasks of one agency: two assigned, one in progress."""
    with installed(postgres, migrated, chromium, tmp_path_factory.mktemp("lists")) as running:
        with create_app(settings_of(running.product.settings)).app_context():
            with transaction() as work:
                _enter(work.session)
            db.session.remove()
            db.engine.dispose()
        yield running


def _enter(session: Session) -> None:
    government = factories.government(session, timezone=steps.ZONE)
    agency = factories.agency(session, government, short_name="Diskominfo")
    plan = factories.plan(session, government)
    factories.account(session, government, Role.COORDINATOR, email=COORDINATOR, locale="id")
    factories.account(session, government, Role.FOCAL_POINT, agency, email=FOCAL, locale="id")
    for number, state in ((1, State.ASSIGNED), (2, State.ASSIGNED), (3, State.IN_PROGRESS)):
        factories.task(session, plan, agency, number, state=state, due_on=date(2027, 6, number))


def _column(page: Page, state: State) -> str:
    """The cards of a column by the numbers of their indicators."""
    titles = page.locator(f"[data-state={state}] .board-title").all_inner_texts()
    return " ".join(sorted(title.partition(".")[0] for title in titles))


def test_a_card_is_moved_by_keys_and_one_that_asks_for_more_opens_its_form(office: Installation) -> None:
    with office.visitor() as page:
        steps.sign_in(page, FOCAL, factories.PASSWORD)
        page.goto("/tasks/board")
        page.locator("[data-state=assigned] [data-card]").first.focus()
        page.keyboard.press("ArrowDown")
        with page.expect_navigation():
            page.keyboard.press("Shift+ArrowRight")
        assert _column(page, State.IN_PROGRESS) == "2 3"
        # The focus is on the card where it now is; the next column asks for a reason.
        expect(page.locator("[data-state=in_progress] [data-card]:focus .board-title")).to_contain_text("2.")
        with page.expect_navigation():
            page.keyboard.press("Shift+ArrowRight")
        assert re.search(r"/tasks/\d+#act-block$", page.url)


def test_a_card_is_dragged_with_a_finger_only_to_where_it_may_go(office: Installation) -> None:
    with office.visitor(viewport=PHONE) as page:
        steps.sign_in(page, FOCAL, factories.PASSWORD)
        page.goto("/tasks/board")
        before = _column(page, State.ASSIGNED).split()
        _drag(page, "assigned", "returned")
        assert page.url.endswith("/tasks/board")
        with page.expect_navigation():
            _drag(page, "assigned", "in_progress")
        assert _column(page, State.ASSIGNED).split() == before[1:]
        assert before[0] in _column(page, State.IN_PROGRESS).split()


def _drag(page: Page, start: str, target: str) -> None:
    """With pointer events of a finger, as a touch screen sends them."""
    page.locator(f"[data-state={start}] [data-handle]").first.evaluate(
        """(handle, target) => {
          const column = document.querySelector(`[data-state=${target}]`);
          column.scrollIntoView({ inline: "center" });
          const from = handle.getBoundingClientRect();
          const to = column.getBoundingClientRect();
          const send = (type, x, y) => handle.dispatchEvent(new PointerEvent(type, {
            bubbles: true, pointerId: 1, pointerType: "touch", isPrimary: true, clientX: x, clientY: y }));
          handle.setPointerCapture = () => {};
          send("pointerdown", from.x + 4, from.y + 4);
          send("pointermove", to.x + 20, to.y + 20);
          send("pointerup", to.x + 20, to.y + 20);
        }""",
        target,
    )


def test_many_tasks_get_a_new_date_and_the_old_one_back_where_nobody_touched_it(office: Installation) -> None:
    with office.visitor() as page:
        steps.sign_in(page, COORDINATOR, factories.PASSWORD)
        page.goto("/tasks?sort=indicator")
        page.locator("[data-bulk-page]").check()
        expect(page.locator("[data-bulk-count]")).to_have_text("(3)")
        page.select_option("#bulk-action", "reschedule")
        page.locator("#bulk button").click()
        page.fill("[name=due_on]", "2027-09-01")
        page.fill("[name=reason]", "Menunggu perda.")
        steps.submit(page)
        page.wait_for_url(re.compile(r"/tasks/bulk/runs/\d+$"))
        expect(page.locator(".outcome-done")).to_have_count(3)
        run = page.url

        page.locator(".row-title a").first.click()
        task = page.url
        token = page.locator("#act-reschedule [name=csrf_token]").get_attribute("value") or ""
        version = page.locator("#act-reschedule [name=version]").get_attribute("value") or ""
        form: dict[str, str | float | bool] = {
            "csrf_token": token,
            "version": version,
            "due_on": "2027-10-01",
        }
        assert page.request.post(f"{task}/act/reschedule", form=form, headers={"Referer": task}).ok

        page.goto(run)
        page.locator("form[action$='/undo'] button").click()
        expect(page.locator(".outcome-undone")).to_have_count(2)
        expect(page.locator(".outcome-kept")).to_have_count(1)
        page.goto("/tasks?sort=indicator")
        days = [each.get_attribute("datetime") for each in page.locator(".task-list .due time").all()]
        assert sorted(filter(None, days)) == ["2027-06-02", "2027-06-03", "2027-10-01"]
