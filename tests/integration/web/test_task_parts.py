from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import TaskPart
from spbe_tasks.rules.workflow import State
from spbe_tasks.web.task_pieces import Piece
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted


@pytest.fixture(autouse=True)
def in_english(session: Session, world: World) -> None:
    for each in (world.coordinator, world.focal, world.head):
        each.locale = "en"
    session.flush()


def page(browser: FlaskClient, address: str) -> str:
    return unescape(browser.get(address).get_data(as_text=True))


def test_a_part_is_added_ticked_changed_and_taken_away_without_a_script(
    session: Session, world: World, sign_in: SignIn
) -> None:
    browser, address = sign_in(world.focal), f"/tasks/{world.task.id}"
    assert f"{address}/parts/new" in page(browser, address)
    typed = {"title": "Menyusun draf", "assignee_id": world.focal.id, "due_on": "2025-05-30"}
    assert browser.post(f"{address}/parts/new", data=typed).location == f"{address}#parts"
    part = session.scalars(select(TaskPart)).one()
    shown = page(browser, address)
    assert "Menyusun draf" in shown
    assert "0 of 1 done" in shown

    assert (
        browser.post(f"/tasks/parts/{part.id}/tick", data={"version": 1, "is_done": "y"}).status_code == 302
    )
    assert "1 of 1 done" in page(browser, address)
    changed = {"title": "Draf kedua", "assignee_id": "", "due_on": "", "version": part.version}
    assert browser.post(f"/tasks/parts/{part.id}", data=changed).status_code == 302
    session.refresh(part)
    assert (part.title, part.assignee_id, part.due_on) == ("Draf kedua", None, None)
    assert "finished the part “Menyusun draf”" in page(browser, address)
    assert browser.post(f"/tasks/parts/{part.id}/remove", data={"version": part.version}).status_code == 302
    assert session.scalars(select(TaskPart)).all() == []
    assert "took the part “Draf kedua” away" in page(browser, address)


def test_a_refused_part_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    typed = {"title": "Menyusun draf", "assignee_id": world.other_focal.id, "due_on": "2031-01-01"}
    answer = sign_in(world.focal).post(f"/tasks/{world.task.id}/parts/new", data=typed)
    shown = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert 'value="Menyusun draf"' in shown
    assert "Choose an active focal point of the agency" in shown


def test_a_stale_part_is_shown_again_with_the_words_typed(
    session: Session, world: World, sign_in: SignIn
) -> None:
    part = factories.part(session, world.task)
    session.commit()
    browser = sign_in(world.focal)
    assert browser.post(f"/tasks/parts/{part.id}", data={"title": "Satu", "version": 1}).status_code == 302
    answer = browser.post(f"/tasks/parts/{part.id}", data={"title": "Dua", "version": 1})
    shown = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert 'value="Dua"' in shown
    assert "Someone else changed this part meanwhile" in shown


def test_submitting_with_open_parts_warns_and_is_allowed(
    session: Session, world: World, sign_in: SignIn
) -> None:
    factories.part(session, world.task)
    world.task.state = State.IN_PROGRESS
    session.commit()
    browser, address = sign_in(world.focal), f"/tasks/{world.task.id}"
    assert "1 part is not done yet." in page(browser, address)
    data = {"note": "SK terlampir", "version": world.task.version}
    assert browser.post(f"{address}/act/submit", data=data).status_code == 302
    session.refresh(world.task)
    assert world.task.state is State.SUBMITTED


def test_who_only_reads_sees_the_parts_and_no_button(session: Session, world: World, sign_in: SignIn) -> None:
    factories.part(session, world.task, "Menyusun draf")
    session.commit()
    shown = page(sign_in(world.head), f"/tasks/{world.task.id}")
    assert "Menyusun draf" in shown
    assert "/parts/" not in shown


def test_the_page_with_parts_still_takes_at_most_six_statements(
    session: Session, world: World, sign_in: SignIn
) -> None:
    for position in range(5):
        factories.part(session, world.task, position=position, assignee_id=world.focal.id)
    session.flush()
    browser, address = sign_in(world.focal), f"/tasks/{world.task.id}"
    with counted(db.engine) as statements:
        assert browser.get(address).status_code == 200
    assert len(statements) <= 6, "\n\n".join(statements)


def test_my_tasks_says_that_a_part_is_mine(session: Session, world: World, sign_in: SignIn) -> None:
    factories.part(session, world.task, assignee_id=world.focal.id)
    session.commit()
    assert "1 part of it is yours" in page(sign_in(world.focal), "/tasks/mine")


@pytest.mark.parametrize(
    ("kind", "heading", "button"),
    [
        ("parts", "a part", "Take this part away"),
        ("milestones", "a milestone", "Take this milestone away"),
        ("budget", "a budget line", "Take this line away"),
    ],
)
def test_a_new_piece_of_a_task_is_added_and_one_that_stands_can_be_taken_away(
    session: Session, world: World, sign_in: SignIn, kind: str, heading: str, button: str
) -> None:
    browser, task = sign_in(world.focal), world.task
    rows: dict[str, Piece] = {
        "parts": factories.part(session, task),
        "milestones": factories.milestone(session, task),
        "budget": factories.budget_line(session, task),
    }
    made = rows[kind]
    session.flush()
    new, standing = page(browser, f"/tasks/{task.id}/{kind}/new"), page(browser, f"/tasks/{kind}/{made.id}")
    assert f"Add {heading}" in new
    assert button not in new
    assert f"Change {heading}" in standing
    assert button in standing
    assert f'action="/tasks/{kind}/{made.id}/remove"' in standing
    assert f'name="version" value="{made.version}"' in standing
    for shown in (new, standing):
        assert f'href="/tasks/{task.id}#{kind}"' in shown
