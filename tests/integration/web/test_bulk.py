import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import BulkRun, TaskLabel
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.bulk import MOST_ROWS
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World


def chosen(page: str) -> list[int]:
    """The tasks that a form would change."""
    return [int(each) for each in re.findall(r'name="task" value="(\d+)"', page)]


def offered(client: FlaskClient, address: str = "/tasks") -> list[str]:
    page = client.get(address).text.partition('id="bulk-action"')[2].partition("</select>")[0]
    return re.findall(r'value="(\w+)"', page)


@pytest.mark.parametrize(
    ("who", "actions"),
    [
        ("coordinator", ["assign", "reschedule", "start", "comment", "add_label", "remove_label"]),
        ("focal", ["assign", "start", "comment"]),
        ("head", ["comment"]),
        ("executive", ["comment"]),
    ],
)
def test_the_bar_of_a_list_offers_what_the_role_may_do(
    world: World, sign_in: SignIn, who: str, actions: list[str]
) -> None:
    assert offered(sign_in(getattr(world, who))) == actions


def test_the_desk_has_the_same_bar(world: World, sign_in: SignIn) -> None:
    assert offered(sign_in(world.focal), "/tasks/mine") == ["assign", "start", "comment"]


def test_all_that_the_filters_show_is_taken_and_told_to_the_number(
    session: Session, world: World, sign_in: SignIn
) -> None:
    blocked = [
        factories.task(session, world.plan, world.kominfo, number, state=State.BLOCKED).id
        for number in (1, 2, 3)
    ]
    client = sign_in(world.coordinator)
    page = client.get("/tasks/bulk?action=add_label&all=1&state=blocked").text
    assert sorted(chosen(page)) == blocked
    answer = client.post("/tasks/bulk/add_label", data={"task": chosen(page), "label": "Perlu dorongan"})
    assert answer.status_code == 302
    assert set(session.scalars(select(TaskLabel.task_id))) == set(blocked)
    assert client.get("/tasks?label=Perlu dorongan").text.count('class="row-title"') == 3


def test_more_than_the_limit_is_said_and_the_first_are_taken(
    session: Session, world: World, sign_in: SignIn
) -> None:
    agencies = [factories.agency(session, world.government) for _ in range(5)]
    for agency in agencies:
        for number in range(1, 48):
            factories.task(session, world.plan, agency, number)
    page = sign_in(world.coordinator).get("/tasks/bulk?action=comment&all=1").text
    assert len(chosen(page)) == MOST_ROWS
    assert str(5 * 47 + 3) in page.partition('class="message message-warning"')[2].partition("</div>")[0]


def test_tasks_of_others_are_neither_named_nor_changed(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.focal)
    page = client.get(f"/tasks/bulk?action=comment&task={world.other.id}&task={world.task.id}").text
    assert chosen(page) == [world.task.id]
    answer = client.post("/tasks/bulk/start", data={"task": [world.other.id, world.task.id]})
    shown = client.get(answer.location).text
    assert world.bappeda.short_name not in shown
    assert shown.count("outcome-refused") == 1
    assert (world.other.state, world.task.state) == (State.ASSIGNED, State.IN_PROGRESS)


def test_what_is_missing_is_asked_for_and_the_choice_stays(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.coordinator)
    ids = [world.task.id, world.shared.id]
    answer = client.post("/tasks/bulk/reschedule", data={"task": ids, "due_on": "2027-01-04", "reason": " "})
    assert answer.status_code == 422
    assert sorted(chosen(answer.text)) == ids
    none = client.post("/tasks/bulk/comment", data={"note": "x"})
    assert none.status_code == 422
    assert client.post("/tasks/bulk/nonsense", data={"task": ids}).status_code == 404
    assert sign_in(world.head).post("/tasks/bulk/reschedule", data={"task": ids}).status_code == 404


def test_a_run_says_what_became_of_each_and_is_taken_back_once(
    session: Session, world: World, sign_in: SignIn
) -> None:
    client = sign_in(world.coordinator)
    before = world.task.due_on
    given = {"task": [world.task.id, world.other.id], "due_on": "2027-01-04", "reason": "Rapat."}
    shown = client.post("/tasks/bulk/reschedule", data=given, follow_redirects=True).text
    assert shown.count("outcome-done") == 2
    run = session.scalars(select(BulkRun)).one()
    assert f'href="/tasks/bulk/runs/{run.id}"' in client.get("/tasks/bulk").text
    undone = client.post(f"/tasks/bulk/runs/{run.id}/undo", follow_redirects=True).text
    assert undone.count("outcome-undone") == 2
    assert "/undo" not in undone
    session.refresh(world.task)
    assert world.task.due_on == before
    assert client.post(f"/tasks/bulk/runs/{run.id}/undo").status_code == 409


def test_the_form_offers_only_people_who_may_be_put_in_charge(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.coordinator).get(f"/tasks/bulk?action=assign&task={world.task.id}").text
    names = re.findall(r"<option[^>]*>([^<]+)</option>", page.partition('name="assignee_id"')[2])
    assert [html.unescape(each) for each in names] == [f"{world.focal.name} (Diskominfo)"]


def test_labels_of_another_agencys_tasks_are_not_offered(
    session: Session, world: World, sign_in: SignIn
) -> None:
    for task, label in ((world.task, "Prioritas"), (world.other, "Rahasia Bappeda")):
        session.add(TaskLabel(task_id=task.id, label=label, government_id=world.government.id))
    session.flush()
    for address in ("/tasks", "/tasks/board", f"/tasks/bulk?action=comment&task={world.task.id}"):
        assert "Rahasia Bappeda" not in sign_in(world.focal).get(address).text
    page = sign_in(world.coordinator).get("/tasks").text
    assert 'value="Rahasia Bappeda"' in page
    assert 'value="Prioritas"' in sign_in(world.focal).get("/tasks").text
