"""Taking a position and leaving it in the browser: what it opens, what it shows, and when it ends."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.models import Account, ActingOfficer, Event, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import accounts, acting
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

BANNER = "Kembali ke jabatan sendiri"


@pytest.fixture
def deputy(session: Session, world: World) -> Account:
    """A focal point of another agency; nobody's deputy yet."""
    other = factories.agency(session, world.government)
    return factories.account(session, world.government, Role.FOCAL_POINT, other, name="Wakil", locale="en")


def today(world: World) -> object:
    return clock.today(world.government.timezone)


def stand_in(session: Session, world: World, deputy: Account, **values: object) -> ActingOfficer:
    return factories.acting_officer(session, world.focal, deputy, **values)


def test_who_stands_in_takes_the_position_sees_it_on_every_page_and_leaves_it(
    session: Session, world: World, sign_in: SignIn, deputy: Account
) -> None:
    stand_in(session, world, deputy)
    session.commit()
    browser = sign_in(deputy)
    task = f"/tasks/{world.task.id}"
    assert browser.get(task).status_code == 404
    menu = browser.get("/tasks/mine").text
    assert f"/acting/take/{world.focal.id}" in menu
    assert "/acting/leave" not in menu
    taken = browser.post(f"/acting/take/{world.focal.id}")
    assert taken.location == "/tasks/mine"
    for page in ("/tasks/mine", "/tasks", task, "/profile"):
        shown = browser.get(page)
        assert shown.status_code == 200
        assert "/acting/leave" in shown.text
        assert f"of {world.focal.name}" in shown.text
    version = session.get_one(Task, world.task.id).version
    browser.post(f"{task}/act/start", data={"version": version})
    event = session.scalars(select(Event).where(Event.action == "start")).one()
    assert (event.actor_id, event.data["acting_for_id"]) == (deputy.id, world.focal.id)
    history = browser.get(task).text
    assert f"{deputy.name} for {world.focal.name}" in history
    browser.post("/acting/leave")
    assert browser.get(task).status_code == 404


@pytest.mark.parametrize(
    ("begins", "lasts", "may"),
    [(0, 0, True), (-3, -1, False), (1, 5, False), (-3, None, True)],
)
def test_a_position_can_be_taken_on_its_days_only(
    session: Session,
    world: World,
    sign_in: SignIn,
    deputy: Account,
    begins: int,
    lasts: int | None,
    may: bool,
) -> None:
    now = clock.today(world.government.timezone)
    until = None if lasts is None else now + timedelta(lasts)
    stand_in(session, world, deputy, from_on=now + timedelta(begins), until_on=until)
    session.commit()
    answer = sign_in(deputy).post(f"/acting/take/{world.focal.id}")
    assert answer.status_code == (302 if may else 404)


def test_at_midnight_of_the_governments_zone_the_position_is_gone_and_nothing_is_done_in_ones_own(
    session: Session, world: World, sign_in: SignIn, deputy: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.government.timezone = "Asia/Jayapura"
    day = datetime(2025, 3, 10, tzinfo=UTC).date()
    stand_in(session, world, deputy, from_on=day, until_on=day)
    session.commit()
    moments = {
        "before": datetime(2025, 3, 10, 14, 59, 59, tzinfo=UTC),
        "after": datetime(2025, 3, 10, 15, 0, 0, tzinfo=UTC),
    }
    browser = sign_in(deputy)
    monkeypatch.setattr(clock, "now", lambda: moments["before"])
    assert browser.post(f"/acting/take/{world.focal.id}").status_code == 302
    task = f"/tasks/{world.task.id}"
    assert browser.get(task).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: moments["after"])
    version = session.get_one(Task, world.task.id).version
    turned_away = browser.post(f"{task}/act/start", data={"version": version})
    assert (turned_away.status_code, turned_away.location) == (302, "/")
    assert "nothing was done in that position" in browser.get("/profile").text
    assert session.get_one(Task, world.task.id).state is State.ASSIGNED
    assert browser.get(task).status_code == 404
    assert browser.post(f"/acting/take/{world.focal.id}").status_code == 404


@pytest.mark.parametrize("how", ["ended", "absent closed"])
def test_an_ended_appointment_ends_the_session_in_that_position(
    session: Session, work: Work, world: World, sign_in: SignIn, deputy: Account, how: str
) -> None:
    row = stand_in(session, world, deputy)
    session.commit()
    browser = sign_in(deputy)
    browser.post(f"/acting/take/{world.focal.id}")
    assert browser.get(f"/tasks/{world.task.id}").status_code == 200
    boss = factories.scope(world.coordinator)
    if how == "ended":
        acting.end(work, boss, row.id, now=factories.NOW)
    else:
        accounts.close(work, boss, world.focal.id, now=factories.NOW)
    session.commit()
    assert browser.get(f"/tasks/{world.task.id}").location == "/"
    assert browser.get(f"/tasks/{world.task.id}").status_code == 404


def test_the_next_person_at_the_same_browser_is_themselves(
    session: Session, world: World, sign_in: SignIn, deputy: Account
) -> None:
    stand_in(session, world, deputy)
    session.commit()
    browser = sign_in(deputy)
    browser.post(f"/acting/take/{world.focal.id}")
    browser.post("/login", data={"email": world.reviewer.email, "password": factories.PASSWORD})
    assert "/acting/leave" not in browser.get("/profile").text


def test_a_coordinator_appoints_and_ends_on_one_page(
    session: Session, world: World, sign_in: SignIn, deputy: Account
) -> None:
    session.commit()
    browser = sign_in(world.coordinator)
    assert "/acting" in browser.get("/people").text
    form = {
        "absent_id": world.focal.id,
        "acting_id": deputy.id,
        "kind": "plt",
        "from_on": clock.today(world.government.timezone).isoformat(),
        "decree": "SPT 4/2026",
    }
    assert browser.post("/acting", data=form).location == "/acting"
    refused = browser.post("/acting", data=form)
    assert refused.status_code == 422
    page = browser.get("/acting").text
    assert "SPT 4/2026" in page
    row = session.scalars(select(ActingOfficer)).one()
    browser.post(f"/acting/{row.id}/end")
    session.expire_all()
    assert row.ended_at is not None
