"""How often a page asks the database: the quality bar, counted with sign-in and frame."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import tasks
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted


@pytest.fixture
def many(session: Session, world: World) -> World:
    for number in (1, 2, 3, 4, 5, 6):
        factories.task(session, world.plan, world.kominfo, number, state=State.IN_PROGRESS)
    session.flush()
    return world


@pytest.mark.parametrize("who", ["coordinator", "focal", "executive"])
def test_the_list_takes_at_most_four_statements(many: World, sign_in: SignIn, who: str) -> None:
    browser = sign_in(getattr(many, who))
    with counted(db.engine) as statements:
        answer = browser.get("/tasks?state=open&q=1&due=fortnight")
    assert answer.status_code == 200
    assert len(statements) <= 4, "\n\n".join(statements)


@pytest.mark.parametrize("who", ["coordinator", "reviewer", "focal"])
def test_a_tasks_page_takes_at_most_six_statements(
    many: World, sign_in: SignIn, work: Work, who: str
) -> None:
    focal = factories.scope(many.focal)
    given = {"note": "bukti"}
    for action in (Action.START, Action.SUBMIT):
        tasks.act(work, focal, many.task.id, action, given, version=None, now=factories.NOW)
    work.session.flush()
    address = f"/tasks/{many.task.id}"
    browser = sign_in(getattr(many, who))
    with counted(db.engine) as statements:
        answer = browser.get(address)
    assert answer.status_code == 200
    assert len(statements) <= 6, "\n\n".join(statements)


@pytest.mark.parametrize("page", ["/tasks/mine", "/tasks/review"])
def test_desk_and_queue_take_at_most_five_statements(many: World, sign_in: SignIn, page: str) -> None:
    browser = sign_in(many.focal if page == "/tasks/mine" else many.reviewer)
    with counted(db.engine) as statements:
        answer = browser.get(page)
    assert answer.status_code == 200
    assert len(statements) <= 5, "\n\n".join(statements)


def test_a_change_of_state_takes_at_most_six_statements(many: World, sign_in: SignIn) -> None:
    browser = sign_in(many.focal)
    address = f"/tasks/{many.task.id}/act"
    for action, extra in (("start", {}), ("block", {"reason": "Menunggu perda."})):
        version = many.task.version
        with counted(db.engine) as statements:
            answer = browser.post(f"{address}/{action}", data={"version": version, **extra})
        assert answer.status_code == 302
        assert len(statements) <= 6, "\n\n".join(statements)
    assert many.task.state is State.BLOCKED


def test_accepting_and_telling_of_it_takes_at_most_fourteen(many: World, sign_in: SignIn, work: Work) -> None:
    focal = factories.scope(many.focal)
    for action in (Action.START, Action.SUBMIT):
        tasks.act(work, focal, many.task.id, action, {"note": "bukti"}, version=None, now=factories.NOW)
    work.session.flush()
    address, given = f"/tasks/{many.task.id}/act/accept", {"version": many.task.version, "reached_level": "3"}
    browser = sign_in(many.reviewer)
    with counted(db.engine) as statements:
        answer = browser.post(address, data=given)
    assert answer.status_code == 302
    assert len(statements) <= 14, "\n\n".join(statements)
    assert many.task.reached_level == Decimal(3)
