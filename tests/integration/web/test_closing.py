import csv
import io
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import CriterionClaim, Task, TaskAncestor
from spbe_tasks.rules.carry_over import Lineage
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import closing, plans
from spbe_tasks.services.orders import Order
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, PEMDI, SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

REASON = "Tahun anggaran selesai."


@pytest.fixture
def closed(world: World, work: Work) -> World:
    closing.close(work, factories.scope(world.coordinator), world.plan.id, reason=REASON, now=NOW)
    return world


@pytest.fixture
def carried(world: World, work: Work, session: Session) -> Task:
    """The task of 2025 on indicator 33, which Diskominfo had one on in 2024 already."""
    session.add(
        CriterionClaim(
            task_id=world.task.id,
            level=3,
            letter="a",
            government_id=world.government.id,
            is_met=True,
            explanation="Peraturan Bupati 12/2024",
            claimed_by_id=world.focal.id,
            claimed_at=NOW,
        )
    )
    factories.ownership(session, world.kominfo, 33)
    factories.revision(session, world.government, {33: 2}, level=3, year=2025)
    order = Order(SPBE, 2025, threshold=Decimal(3))
    done = plans.generate(work, factories.scope(world.coordinator), order, publish=True, now=NOW)
    assert done.plan is not None
    return session.scalars(select(Task).where(Task.plan_id == done.plan.id)).one()


def test_the_coordinator_sees_what_remains_and_closes_with_a_reason(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.coordinator)
    page = browser.get(f"/plans/{world.plan.id}/close").text
    assert "Diskominfo" in page
    assert "PermenPANRB 8/2026" in page or "8 Tahun 2026" in page
    answer = browser.post(f"/plans/{world.plan.id}/close", data={"reason": REASON}, follow_redirects=True)
    assert REASON in answer.text
    assert world.plan.is_closed


def test_the_tasks_that_stay_open_are_called_in_the_readers_language(
    world: World, sign_in: SignIn, session: Session
) -> None:
    indicator = get_instrument(SPBE).indicator(world.task.indicator_number)
    world.task.title = indicator.short_name("id")
    world.coordinator.locale = "en"
    session.flush()
    page = sign_in(world.coordinator).get(f"/plans/{world.plan.id}/close").text
    assert f"{indicator.number}. {indicator.short_name('en')}</a>" in page
    assert f"{indicator.number}. {indicator.short_name('id')}</a>" not in page


def test_without_a_reason_the_form_comes_back(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.coordinator)
    for reason in ("", "   ", "x" * 2_001):
        assert browser.post(f"/plans/{world.plan.id}/close", data={"reason": reason}).status_code == 422
    assert not world.plan.is_closed


def test_closing_twice_is_answered_with_what_to_do(closed: World, sign_in: SignIn) -> None:
    answer = sign_in(closed.coordinator).post(f"/plans/{closed.plan.id}/close", data={"reason": REASON})
    assert answer.status_code == 409
    assert f"/plans?year={closed.plan.year}" in answer.text


@pytest.mark.parametrize("path", ["/plans?year=2024", "/tasks?year=2024", "/dashboard", "/tasks/{task}"])
def test_every_page_of_a_closed_plan_says_so_and_offers_no_action(
    closed: World, sign_in: SignIn, path: str
) -> None:
    page = sign_in(closed.coordinator).get(path.format(task=closed.task.id), follow_redirects=True).text
    assert f"/plans/{closed.plan.id}/reopen" in page
    assert "/act/" not in page
    assert f"/plans/{closed.plan.id}/publish" not in page


def test_a_focal_point_reads_the_task_and_is_not_offered_reopening(closed: World, sign_in: SignIn) -> None:
    page = sign_in(closed.focal).get(f"/tasks/{closed.task.id}").text
    assert "/act/" not in page
    assert "/criteria" not in page
    assert "/reopen" not in page


@pytest.mark.parametrize(
    ("who", "path", "typed"),
    [
        ("focal", "/tasks/{task}/act/start", {"version": "1"}),
        ("focal", "/tasks/{task}/criteria", {"version": "1", "met_3_a": "y"}),
        ("coordinator", "/plans/{plan}/publish", {}),
        ("coordinator", "/plans/{plan}/target", {"target_index": "3"}),
    ],
)
def test_an_old_form_is_answered_with_words(
    closed: World, sign_in: SignIn, who: str, path: str, typed: dict[str, str]
) -> None:
    address = path.format(task=closed.task.id, plan=closed.plan.id)
    answer = sign_in(getattr(closed, who)).post(address, data=typed)
    assert answer.status_code == 409
    assert str(closed.plan.year) in answer.text
    assert closed.task.state is State.ASSIGNED


def test_the_rules_of_a_closed_plan_are_not_asked_for(closed: World, sign_in: SignIn) -> None:
    address = f"/plans/{SPBE}/{closed.plan.year}/generate"
    answer = sign_in(closed.coordinator).get(address)
    assert answer.status_code == 409
    assert "<h1>Rencana aksi sudah ditutup</h1>" in answer.text
    assert 'class="btn btn-outline-secondary" href="/plans"' in answer.text


def test_reopening_needs_a_reason_and_leads_back_to_the_plan(closed: World, sign_in: SignIn) -> None:
    browser, address = sign_in(closed.coordinator), f"/plans/{closed.plan.id}/reopen"
    assert browser.post(address, data={"reason": ""}).status_code == 422
    answer = browser.post(address, data={"reason": "Ada susulan."})
    assert answer.status_code == 302
    assert not closed.plan.is_closed
    assert browser.post(address, data={"reason": "Lagi."}).status_code == 409


def test_a_recurring_finding_is_marked_on_its_page_in_the_list_and_in_the_file(
    world: World, carried: Task, sign_in: SignIn
) -> None:
    browser = sign_in(world.coordinator)
    assert f"/tasks/{world.task.id}" in browser.get(f"/tasks/{carried.id}").text
    assert f"/tasks/{carried.id}" in browser.get(f"/tasks/{world.task.id}").text
    assert "lineage=recurring" in browser.get("/plans?year=2025").text
    assert f"/tasks/{carried.id}" in browser.get("/tasks?year=2025&lineage=recurring").text
    assert f"/tasks/{carried.id}" not in browser.get("/tasks?year=2025&lineage=crosswalk").text
    rows = list(csv.reader(io.StringIO(browser.get("/tasks/export.csv?year=2025").text)))
    column = rows[0].index("Tugas terdahulu" if "Tugas terdahulu" in rows[0] else "Earlier tasks")
    assert [row[column] for row in rows[1:]] == [rows[1][column]] != [""]


def test_the_agency_sees_what_is_proposed_and_that_it_is_not_ticked(
    world: World, carried: Task, sign_in: SignIn
) -> None:
    page = sign_in(world.focal).get(f"/tasks/{carried.id}").text
    assert "Peraturan Bupati 12/2024" in page
    assert f"/tasks/{world.task.id}" in page


def test_another_agency_sees_neither_task(world: World, carried: Task, sign_in: SignIn) -> None:
    browser = sign_in(world.other_focal)
    assert browser.get(f"/tasks/{carried.id}").status_code == 404
    assert browser.get(f"/tasks/{world.task.id}").status_code == 404


def test_through_the_crosswalk_the_old_tasks_are_shown_as_material_and_called_unofficial(
    world: World, session: Session, sign_in: SignIn
) -> None:
    baseline = factories.revision(session, world.government, year=2026, instrument_id=PEMDI)
    plan = factories.plan(session, world.government, year=2026, instrument_id=PEMDI, baseline=baseline)
    new = factories.task(session, plan, world.kominfo, 4)
    for old in (world.task, world.shared, world.other):
        session.add(
            TaskAncestor(
                task_id=new.id,
                ancestor_id=old.id,
                government_id=world.government.id,
                lineage=Lineage.CROSSWALK,
            )
        )
    session.flush()
    browser = sign_in(world.coordinator)
    page = browser.get(f"/tasks/{new.id}").text
    assert all(f"/tasks/{old.id}" in page for old in (world.task, world.shared, world.other))
    assert "lineage=crosswalk" in browser.get("/plans?year=2026").text
    assert browser.get("/tasks?year=2026&lineage=crosswalk").text.count(f"/tasks/{new.id}") == 1
    world.focal.locale, world.task.title = "en", "Layanan Penganggaran"  # its indicator's name
    session.flush()
    theirs = sign_in(world.focal).get(f"/tasks/{new.id}").text
    assert f"/tasks/{world.task.id}" in theirs
    assert "33. Budgeting service" in theirs
    assert f"/tasks/{world.other.id}" not in theirs
