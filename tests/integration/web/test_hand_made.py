from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Task
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World


@pytest.fixture
def browser(session: Session, world: World, sign_in: SignIn) -> FlaskClient:
    world.coordinator.locale = "en"
    session.commit()
    return sign_in(world.coordinator)


def page(browser: FlaskClient, address: str) -> str:
    return unescape(browser.get(address).get_data(as_text=True))


def typed(world: World, **values: object) -> dict[str, object]:
    said = {"indicator_number": 1, "agency_id": world.kominfo.id, "target_level": "4", "due_on": "2027-06-30"}
    return said | values


def test_plan_and_indicator_lead_to_the_form(world: World, browser: FlaskClient) -> None:
    address = f"/plans/{world.plan.id}/tasks/new"
    assert address in page(browser, "/plans?year=2024")
    indicator = page(browser, "/indicators/permenpanrb-59-2020/12?year=2024")
    assert f"{address}?indicator=12" in indicator
    assert '<option selected value="12">' in page(browser, f"{address}?indicator=12")


def test_a_task_is_made_and_published_from_its_page(
    session: Session, world: World, browser: FlaskClient
) -> None:
    form = typed(world, title="Peta jalan", note="Bersama Bappeda.")
    answer = browser.post(f"/plans/{world.plan.id}/tasks/new", data=form)
    task = session.scalars(select(Task).where(Task.kind == TaskKind.HAND_MADE)).one()
    assert answer.location == f"/tasks/{task.id}"
    shown = page(browser, answer.location)
    assert "Peta jalan" in shown
    assert "Bersama Bappeda." in shown
    assert "Made by hand" in shown
    assert "made the task by hand" in shown
    data = {"version": task.version}
    assert browser.post(f"/tasks/{task.id}/act/publish", data=data).status_code == 302
    session.refresh(task)
    assert task.state is State.ASSIGNED


def test_a_second_open_task_is_refused_beside_the_agency_and_keeps_what_was_typed(
    world: World, browser: FlaskClient
) -> None:
    form = typed(world, indicator_number=33, title="Peta jalan")
    answer = browser.post(f"/plans/{world.plan.id}/tasks/new", data=form)
    shown = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "This agency has an open task on this indicator already." in shown
    assert 'value="Peta jalan"' in shown


def test_the_list_can_be_narrowed_to_a_kind(world: World, browser: FlaskClient) -> None:
    browser.post(f"/plans/{world.plan.id}/tasks/new", data=typed(world, title="Peta jalan"))
    shown = page(browser, "/tasks?year=2024&kind=hand_made")
    assert "Peta jalan" in shown
    assert shown.count('class="row-title"') == 1
    assert "Peta jalan" not in page(browser, "/tasks?year=2024&kind=gap")
    assert "Made by hand" in page(browser, "/tasks/export.csv?year=2024")


def test_a_hand_made_task_is_worded_anew_and_the_history_tells(
    session: Session, world: World, browser: FlaskClient
) -> None:
    browser.post(f"/plans/{world.plan.id}/tasks/new", data=typed(world, title="Peta jalan", note="Lama."))
    task = session.scalars(select(Task).where(Task.kind == TaskKind.HAND_MADE)).one()
    address = f"/plans/tasks/{task.id}/words"
    assert address in page(browser, f"/tasks/{task.id}")
    form = {"title": "Peta rencana", "note": "Baru.", "version": task.version}
    assert browser.post(address, data=form).location == f"/tasks/{task.id}"
    shown = page(browser, f"/tasks/{task.id}")
    assert "Peta rencana" in shown
    assert "Baru." in shown
    assert "worded the task anew: “Peta rencana”" in shown


def test_a_second_wording_is_told_and_kept_until_it_is_stored_over_the_first(
    session: Session, world: World, browser: FlaskClient
) -> None:
    browser.post(f"/plans/{world.plan.id}/tasks/new", data=typed(world, title="Peta jalan"))
    task = session.scalars(select(Task).where(Task.kind == TaskKind.HAND_MADE)).one()
    address, seen = f"/plans/tasks/{task.id}/words", task.version
    browser.post(address, data={"title": "Pertama", "version": seen})
    answer = browser.post(address, data={"title": "Kedua", "version": seen})
    assert answer.status_code == 409
    assert 'value="Kedua"' in unescape(answer.get_data(as_text=True))
    session.refresh(task)
    assert task.title == "Pertama"
    browser.post(address, data={"title": "Kedua", "version": task.version})
    session.refresh(task)
    assert task.title == "Kedua"


def test_without_a_title_a_hand_made_task_is_called_as_its_indicator(
    session: Session, world: World, browser: FlaskClient
) -> None:
    browser.post(f"/plans/{world.plan.id}/tasks/new", data=typed(world, title="Peta jalan"))
    task = session.scalars(select(Task).where(Task.kind == TaskKind.HAND_MADE)).one()
    browser.post(f"/plans/tasks/{task.id}/words", data={"title": " ", "version": task.version})
    session.refresh(task)
    assert task.title == "Kebijakan Arsitektur SPBE"


def test_only_hand_made_tasks_are_worded_anew(world: World, browser: FlaskClient) -> None:
    answer = browser.post(f"/plans/tasks/{world.task.id}/words", data={"title": "Lain"})
    assert answer.status_code == 409
    assert "/words" not in page(browser, f"/tasks/{world.task.id}")
