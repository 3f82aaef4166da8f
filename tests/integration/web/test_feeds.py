import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Account, EvaluationCalendar, Event, Milestone
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted


def address_of(browser: FlaskClient) -> str:
    """The path of the address that a person is given."""
    page = browser.post("/profile/calendar/new").text
    found = re.search(r'id="calendar-address" value="https?://[^/]+(/[^"]+)"', page)
    assert found
    return found[1]


def events(client: FlaskClient, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.get_data())
    return {str(each["UID"]).partition("@")[0]: each for each in calendar.walk("VEVENT")}


@pytest.fixture
def dated(session: Session, world: World) -> World:
    """A milestone on each side, the dates of an evaluation, and a task that a colleague has."""
    for task in (world.task, world.other):
        session.add(
            Milestone(
                government_id=world.government.id,
                task_id=task.id,
                title=f"Langkah {task.id}",
                due_on=date(2025, 5, 2),
                first_due_on=date(2025, 5, 2),
            )
        )
    session.add(
        EvaluationCalendar(government_id=world.government.id, year=2024, interviews_on=date(2025, 9, 1))
    )
    session.flush()
    return world


def test_a_focal_points_calendar_holds_what_is_theirs_and_nothing_of_other_agencies(
    session: Session, dated: World, sign_in: SignIn, client: FlaskClient
) -> None:
    colleague = factories.account(session, dated.government, Role.FOCAL_POINT, dated.kominfo)
    factories.task(session, dated.plan, dated.kominfo, 5, assignee_id=colleague.id)
    factories.task(session, dated.plan, dated.kominfo, 6, state=State.SUBMITTED)
    address = address_of(sign_in(dated.focal))
    found = events(client, address)
    assert set(found) == {
        f"task-{dated.task.id}",
        f"task-{dated.shared.id}",
        f"milestone-{found_milestone(session, dated.task.id)}",
        f"evaluation-{dated.government.id}-2024-interviews_on",
    }
    event = found[f"task-{dated.task.id}"]
    assert event["DTSTART"].dt == dated.task.due_on
    assert str(event["SUMMARY"]).endswith(": 33. Layanan Penganggaran")
    assert str(event["URL"]).endswith(f"/tasks/{dated.task.id}")
    text = client.get(address).text
    assert dated.bappeda.short_name not in text
    assert dated.bappeda.name not in text
    assert dated.kominfo.name not in text


def found_milestone(session: Session, task_id: int) -> int:
    return session.execute(select(Milestone.id).where(Milestone.task_id == task_id)).scalar_one()


@pytest.mark.parametrize(
    ("who", "tasks"), [("head", 2), ("coordinator", 0), ("reviewer", 0), ("executive", 0), ("other_focal", 1)]
)
def test_others_see_what_is_put_to_them_and_the_evaluation(
    dated: World, sign_in: SignIn, client: FlaskClient, who: str, tasks: int
) -> None:
    found = events(client, address_of(sign_in(getattr(dated, who))))
    assert sum(name.startswith("task-") for name in found) == tasks
    assert f"evaluation-{dated.government.id}-2024-interviews_on" in found


def test_what_is_due_in_a_position_stands_in_ones_own_calendar_on_the_days_it_is_taken(
    session: Session, dated: World, sign_in: SignIn, client: FlaskClient
) -> None:
    address = address_of(sign_in(dated.other_focal))
    own = {f"task-{dated.other.id}", f"milestone-{found_milestone(session, dated.other.id)}"}
    absents = {f"task-{dated.task.id}", f"task-{dated.shared.id}"}
    absents.add(f"milestone-{found_milestone(session, dated.task.id)}")
    assert not events(client, address).keys() & absents
    dated.task.assignee_id = dated.focal.id
    today = clock.today(dated.government.timezone)
    row = factories.acting_officer(session, dated.focal, dated.other_focal, from_on=today, until_on=today)
    found = events(client, address).keys()
    assert found >= own | absents
    row.from_on = row.until_on = today - timedelta(days=1)
    session.flush()
    assert not events(client, address).keys() & absents


def test_an_event_keeps_its_name_when_its_date_moves(
    session: Session, dated: World, sign_in: SignIn, client: FlaskClient
) -> None:
    address = address_of(sign_in(dated.focal))
    name = f"task-{dated.task.id}"
    before = events(client, address)[name]
    dated.task.due_on, dated.task.due_version = date(2025, 8, 1), 2
    session.flush()
    after = events(client, address)[name]
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2)
    assert after["DTSTART"].dt == date(2025, 8, 1)


def test_an_address_is_shown_once_stored_as_a_digest_and_ends_with_a_new_one(
    session: Session, world: World, sign_in: SignIn, client: FlaskClient
) -> None:
    browser = sign_in(world.focal)
    first = address_of(browser)
    secret = first.removeprefix("/calendar/").removesuffix(".ics")
    assert secret not in browser.get("/profile/calendar").text
    stored = session.execute(select(Account.calendar_digest).where(Account.id == world.focal.id)).scalar_one()
    assert secret not in str(stored)
    assert all(secret not in str(each.data) for each in session.scalars(select(Event)))
    second = address_of(browser)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert browser.post("/profile/calendar/end").status_code == 302
    assert client.get(second).status_code == 404


@pytest.mark.parametrize("wrong", ["/calendar/x.ics", "/calendar/.ics", "/calendar/%00.ics"])
def test_an_unknown_address_shows_nothing(world: World, client: FlaskClient, wrong: str) -> None:
    assert client.get(wrong).status_code == 404


def test_the_address_of_a_closed_account_shows_nothing(
    session: Session, world: World, sign_in: SignIn, client: FlaskClient
) -> None:
    address = address_of(sign_in(world.focal))
    world.focal.is_active = False
    session.flush()
    assert client.get(address).status_code == 404


def test_secrets_cannot_be_tried_out_without_end(world: World, client: FlaskClient) -> None:
    answers = [client.get(f"/calendar/{number}.ics").status_code for number in range(61)]
    assert set(answers[:60]) == {404}
    assert answers[60] == 429


def test_a_calendar_takes_at_most_four_statements(dated: World, sign_in: SignIn, client: FlaskClient) -> None:
    address = address_of(sign_in(dated.focal))
    with counted(db.engine) as statements:
        assert client.get(address).status_code == 200
    assert len(statements) <= 4, "\n\n".join(statements)
