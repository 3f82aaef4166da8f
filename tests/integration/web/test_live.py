"""What open pages ask about their figures, and what people are told after a decision or when figures are old."""

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan, Projection
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import projections, system, tasks
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted

SILENT = "background work is not running"
BY_ITSELF = {"X-Asked-By": "page"}


@pytest.fixture
def live(work: Work, world: World) -> World:
    """The world with its figures computed and a background that is alive, in English; one task waits for review."""
    for person in (world.coordinator, world.reviewer, world.focal, world.executive):
        person.locale = "en"
    focal = factories.scope(world.focal)
    for action in (Action.START, Action.SUBMIT):
        tasks.act(work, focal, world.task.id, action, {"note": "bukti"}, version=None, now=factories.NOW)
    work.session.flush()
    projections.rebuild(work, world.plan.id, now=clock.now())
    system.record_heartbeat(work, now=clock.now())
    work.session.commit()
    return world


def fall_silent(work: Work) -> None:
    system.record_heartbeat(work, now=clock.now() - system.SILENT_AFTER - timedelta(seconds=1))
    work.session.commit()


def figures_pages(plan: Plan) -> tuple[str, ...]:
    return (
        "/dashboard",
        "/dashboard/figures",
        "/agency-points",
        f"/indicators/{plan.instrument_id}",
        f"/indicators/{plan.instrument_id}/33",
    )


def accept(browser: FlaskClient, world: World, level: str = "3") -> str:
    answer = browser.post(
        f"/tasks/review/{world.task.id}/accept", data={"version": world.task.version, "reached_level": level}
    )
    assert answer.status_code == 302
    return browser.get(answer.location).text


def address_in(page: str) -> str:
    """Where the panel asks what became of the index."""
    found = re.search(r'id="index-change"[^>]* data-follow="([^"]+)"', page)
    assert found is not None
    return html.unescape(found.group(1))


def test_an_open_page_is_told_of_a_newer_generation(live: World, work: Work, sign_in: SignIn) -> None:
    browser = sign_in(live.executive)
    address = f"/dashboard/{live.plan.id}/generation"
    assert f'data-live="{address}" data-shown="1 false"' in browser.get("/dashboard").text
    first = browser.get(address).json
    projections.rebuild(work, live.plan.id, now=clock.now(), is_forced=True)
    work.session.commit()
    second = browser.get(address).json
    assert first is not None
    assert second is not None
    stored = work.session.get_one(Projection, live.plan.id)
    assert second == {
        "generation": first["generation"] + 1,
        "rebuilt_at": stored.rebuilt_at.isoformat(),
        "is_stale": False,
    }


def test_asking_costs_one_statement_beside_the_readers_and_keeps_no_session_alive(
    live: World, sign_in: SignIn
) -> None:
    browser, address = sign_in(live.executive), f"/dashboard/{live.plan.id}/generation"
    with counted(db.engine) as statements:
        answer = browser.get(address, headers=BY_ITSELF)
    assert len(statements) == 2, statements
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" in browser.get("/dashboard").headers  # a person's own visit does
    assert "Set-Cookie" not in browser.get("/dashboard", headers=BY_ITSELF).headers


def test_a_page_that_asks_by_itself_takes_no_message_from_another(live: World, sign_in: SignIn) -> None:
    browser = sign_in(live.reviewer)
    given = {"version": live.task.version, "reached_level": "3"}
    answer = browser.post(f"/tasks/review/{live.task.id}/accept", data=given)
    behind = browser.get("/dashboard", headers=BY_ITSELF).text
    assert "Done." not in behind
    assert 'id="index-change"' not in behind
    opened = browser.get(answer.location).text
    assert "Done." in opened
    assert 'id="index-change"' in opened


def test_a_closed_plans_page_does_not_ask(live: World, work: Work, sign_in: SignIn) -> None:
    live.plan.closed_at, live.plan.closing_reason = clock.now(), "Tahun selesai."
    fall_silent(work)
    page = sign_in(live.executive).get("/dashboard").text
    assert "data-live=" not in page
    assert SILENT not in page


def test_pages_with_figures_say_when_nobody_counts(live: World, work: Work, sign_in: SignIn) -> None:
    browser = sign_in(live.executive)
    for address in figures_pages(live.plan):
        assert SILENT not in browser.get(address).text, address
    fall_silent(work)
    for address in figures_pages(live.plan):
        assert SILENT in browser.get(address).text, address
    system.record_heartbeat(work, now=clock.now())
    work.session.commit()
    for address in figures_pages(live.plan):
        assert SILENT not in browser.get(address).text, address


def test_whoever_accepts_sees_what_becomes_of_the_index(live: World, work: Work, sign_in: SignIn) -> None:
    browser = sign_in(live.reviewer)
    page = accept(browser, live)
    asked = browser.get(address_in(page)).text
    assert "data-unfinished" in asked
    assert "being computed" in asked
    projections.rebuild(work, live.plan.id, now=clock.now())
    work.session.commit()
    told = browser.get(address_in(asked)).text
    assert "data-unfinished" not in told
    assert '<span class="number">2.00</span> → <strong class="number">2.03</strong>' in told
    assert 'id="index-change"' not in browser.get("/tasks/review").text  # it is told once


def test_an_index_that_stays_is_told_too(live: World, work: Work, sign_in: SignIn) -> None:
    browser = sign_in(live.reviewer)
    page = accept(browser, live, level="2")
    projections.rebuild(work, live.plan.id, now=clock.now())
    work.session.commit()
    assert "The secured index stays at 2.00" in browser.get(address_in(page)).text


def test_changes_that_others_make_later_are_not_waited_for(live: World, work: Work, sign_in: SignIn) -> None:
    browser = sign_in(live.reviewer)
    asked = browser.get(address_in(accept(browser, live))).text
    projections.rebuild(work, live.plan.id, now=clock.now())
    projections.request(work, live.plan.id)
    work.session.commit()
    assert "data-unfinished" not in browser.get(address_in(asked)).text


def test_the_tasks_page_follows_the_index_as_well(live: World, sign_in: SignIn) -> None:
    browser = sign_in(live.coordinator)
    given = {"version": live.task.version, "reached_level": "3"}
    answer = browser.post(f"/tasks/{live.task.id}/act/accept", data=given)
    page = browser.get(answer.location).text
    assert f"/dashboard/{live.plan.id}/change?before=2" in address_in(page)
    assert 'data-every="700" data-unfinished' in page


def test_a_step_that_does_not_move_the_secured_index_shows_no_panel(live: World, sign_in: SignIn) -> None:
    live.shared.state = State.ASSIGNED
    browser = sign_in(live.coordinator)
    given = {"version": live.task.version, "due_on": "2026-06-30", "reason": "Rapat ditunda."}
    answer = browser.post(f"/tasks/{live.task.id}/act/reschedule", data=given)
    assert 'id="index-change"' not in browser.get(answer.location or f"/tasks/{live.task.id}").text


@pytest.mark.parametrize("before", ["", "x", "1/0", "٣", "1" * 40, "-1"])
def test_an_address_that_is_not_ours_leads_to_the_leaders_page(
    live: World, sign_in: SignIn, before: str
) -> None:
    answer = sign_in(live.executive).get(f"/dashboard/{live.plan.id}/change", query_string={"before": before})
    assert answer.location == "/dashboard"


def test_figures_page_shows_tasks_with_state_values_and_evidence(
    live: World, work: Work, session: Session, sign_in: SignIn
) -> None:
    held = factories.evidence(session, live.focal, "a" * 64)
    for letter in ("a", "b"):  # one piece that shows two criteria
        factories.evidence_use(session, live.task, held, 3, letter)
    live.shared.state, live.shared.reached_level = State.ACCEPTED, Decimal(3)
    session.flush()
    projections.rebuild(work, live.plan.id, now=clock.now(), is_forced=True)
    session.commit()
    page = sign_in(live.executive).get("/dashboard/figures").text
    row = page.split('<tr id="indicator-33">')[1].split('<tr id="indicator-34">')[0]
    assert f'<a href="/tasks/{live.task.id}">' in row
    assert "state-submitted" in row
    assert f'<a href="/tasks/{live.task.id}#criteria">1 piece of evidence</a>' in row


def test_figures_page_marks_the_agency_that_decides(
    live: World, work: Work, session: Session, sign_in: SignIn
) -> None:
    live.shared.state, live.shared.reached_level = State.ACCEPTED, Decimal(3)
    session.flush()
    projections.rebuild(work, live.plan.id, now=clock.now(), is_forced=True)
    session.commit()
    page = sign_in(live.executive).get("/dashboard/figures").text
    rows = (
        page.split('<tr id="indicator-12">')[1]
        .split('<tr id="indicator-13">')[0]
        .split('<tr class="is-task">')
    )
    decides = "lowest of the agencies: it decides"
    assert f'href="/tasks/{live.shared.id}"' in rows[1]
    assert decides not in rows[1]
    assert f'href="/tasks/{live.other.id}"' in rows[2]
    assert rows[2].count("<strong") == 2  # secured and expected; potential is 3 for both
