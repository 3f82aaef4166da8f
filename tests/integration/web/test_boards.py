import html
import re
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import EvaluationCalendar, Milestone
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.boards import CARDS
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.integration.web.test_tasks_list import exported
from tests.statements import counted

MAY = date(2025, 5, 14)


@pytest.fixture
def many(session: Session, world: World) -> World:
    """Tasks of both agencies in several states; two of the first due on one day of May, with a milestone."""
    for number in range(1, 7):
        state = (State.IN_PROGRESS, State.BLOCKED, State.SUBMITTED)[number % 3]
        factories.task(
            session, world.plan, world.kominfo, number, state=state, due_on=MAY + timedelta(days=number)
        )
    for number in (20, 21):
        factories.task(session, world.plan, world.kominfo, number, due_on=MAY)
    session.add(
        Milestone(
            government_id=world.government.id,
            task_id=world.task.id,
            title="Draf pertama",
            due_on=MAY,
            first_due_on=MAY,
        )
    )
    session.add(
        EvaluationCalendar(government_id=world.government.id, year=2024, interviews_on=date(2025, 5, 20))
    )
    session.flush()
    return world


@pytest.mark.parametrize("page", ["board", "calendar?month=2025-05", "timeline"])
@pytest.mark.parametrize("who", ["coordinator", "focal", "executive"])
def test_each_way_to_look_at_the_list_takes_at_most_four_statements(
    many: World, sign_in: SignIn, page: str, who: str
) -> None:
    browser = sign_in(getattr(many, who))
    with counted(db.engine) as statements:
        answer = browser.get(f"/tasks/{page}")
    assert answer.status_code == 200
    assert len(statements) <= 4, "\n\n".join(statements)


@pytest.mark.parametrize("who", ["coordinator", "focal"])
def test_each_column_of_the_board_counts_the_list_it_leads_to(many: World, sign_in: SignIn, who: str) -> None:
    browser = sign_in(getattr(many, who))
    page = browser.get("/tasks/board?q=&due=&state=blocked").text
    found = re.findall(r'<a href="/tasks\?([^"]+)">\s*[^<]+<span class="board-count">(\d+)<', page)
    assert len(found) == (7 if who == "coordinator" else 6)
    for query, number in found:
        assert len(exported(browser, f"?{html.unescape(query)}")) == int(number), query


def test_a_long_column_shows_its_first_cards_and_leads_to_all(
    session: Session, world: World, sign_in: SignIn
) -> None:
    for number in range(1, CARDS + 3):
        if number != 12:
            factories.task(session, world.plan, world.kominfo, number, state=State.BLOCKED)
    page = sign_in(world.coordinator).get("/tasks/board").text
    column = page.partition('data-state="blocked"')[2].partition("</section>")[0]
    assert column.count("data-card") == CARDS
    assert f"Semua {CARDS + 1}" in column


def test_a_card_offers_the_moves_of_its_person_and_nothing_else(many: World, sign_in: SignIn) -> None:
    def moves(who: str) -> set[str]:
        page = sign_in(getattr(many, who)).get("/tasks/board").text
        card = page.partition(f'id="card-{many.task.id}"')[2].partition("</li>")[0]
        return set(re.findall(r'data-target="(\w+)"', card))

    assert moves("focal") == {"in_progress"}
    assert moves("coordinator") == set()
    assert moves("head") == moves("executive") == moves("reviewer") == set()


def test_a_move_that_asks_for_nothing_is_made_and_one_that_does_leads_to_its_form(
    session: Session, many: World, sign_in: SignIn
) -> None:
    browser = sign_in(many.focal)
    given = {"task": many.task.id, "action": "start", "version": many.task.version}
    answer = browser.post("/tasks/board/move?kind=gap", data=given)
    assert (answer.status_code, answer.location) == (302, f"/tasks/board?kind=gap#card-{many.task.id}")
    assert many.task.state is State.IN_PROGRESS
    card = browser.get("/tasks/board").text.partition(f'id="card-{many.task.id}"')[2].partition("</li>")[0]
    assert f'data-target="blocked" href="/tasks/{many.task.id}#act-block"' in card


def test_a_card_that_somebody_else_moved_stays_and_says_so(many: World, sign_in: SignIn) -> None:
    browser = sign_in(many.focal)
    stale = browser.post("/tasks/board/move", data={"task": many.task.id, "action": "start", "version": 99})
    assert stale.status_code == 409
    assert 'class="message message-danger"' in stale.text
    assert many.task.state is State.ASSIGNED
    for wrong in ({"task": many.task.id, "action": "submit"}, {"action": "start"}):
        assert browser.post("/tasks/board/move", data=wrong).status_code == 422


def test_a_month_shows_due_dates_milestones_evaluation_and_days_off(many: World, sign_in: SignIn) -> None:
    page = sign_in(many.coordinator).get("/tasks/calendar?month=2025-05").text
    day = page.partition('datetime="2025-05-14"')[2].partition("</td>")[0]
    assert "Draf pertama" in day
    assert day.count('href="/tasks/') == 3
    assert "Wawancara" in page.partition('datetime="2025-05-20"')[2].partition("</td>")[0]
    assert "Waisak" in page.partition('datetime="2025-05-12"')[2].partition("</td>")[0]
    assert page.count('class="month-day"') == 35


@pytest.mark.parametrize("month", ["2025-02-30", "x", "9999-12", "0001-01", "2025-13"])
def test_a_month_that_is_none_is_answered_by_one_that_is(many: World, sign_in: SignIn, month: str) -> None:
    assert sign_in(many.coordinator).get(f"/tasks/calendar?month={month}").status_code == 200


def test_a_full_day_leads_to_its_list(session: Session, world: World, sign_in: SignIn) -> None:
    for number in range(20, 28):
        factories.task(session, world.plan, world.kominfo, number, due_on=MAY)
    browser = sign_in(world.coordinator)
    page = browser.get("/tasks/calendar?month=2025-05").text
    day = page.partition('datetime="2025-05-14"')[2].partition("</td>")[0]
    (more,) = re.findall(r'class="month-more" href="/tasks\?([^"]+)">Semua (\d+)<', day)
    assert len(exported(browser, f"?{html.unescape(more[0])}")) == int(more[1]) == 8


def test_the_timeline_has_a_lane_for_each_agency_seen_and_marks_that_lead_to_their_tasks(
    many: World, sign_in: SignIn
) -> None:
    browser = sign_in(many.coordinator)
    page = browser.get("/tasks/timeline").text
    assert page.count('class="lane"') == 2
    assert "1 tahapan" in page or "1 milestone" in page
    marks = re.findall(r'<a href="/tasks\?([^"]+)"><title>[^:]+: (\d+) ', page)
    assert marks
    for query, number in marks:
        assert len(exported(browser, f"?{html.unescape(query)}")) == int(number), query
    assert sign_in(many.focal).get("/tasks/timeline").text.count('class="lane"') == 1
    assert clock.today(many.government.timezone) > MAY
    assert "mark-late" in page


def test_a_date_of_another_decade_does_not_press_the_timeline_together(
    session: Session, many: World, sign_in: SignIn
) -> None:
    many.other.due_on = date(2095, 1, 1)
    session.flush()
    page = sign_in(many.coordinator).get("/tasks/timeline").text
    places = [float(each) for each in re.findall(r'<svg x="([\d.]+)%" y="17"', page)]
    assert max(places) == 100
    assert sorted(places)[-2] > 1


def test_without_a_plan_each_page_says_what_will_come(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(factories.account(session, factories.government(session)))
    for page in ("board", "calendar", "timeline"):
        assert 'class="empty"' in browser.get(f"/tasks/{page}").text
