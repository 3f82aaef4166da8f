from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Task
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.services import projections
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.conftest import SignIn

GENERATE = "/plans/permenpanrb-59-2020/2024/generate"
ASKED = {"threshold": "3", "due_on": "2027-06-30", "low_rule": "below_level", "due_rule": "fixed"}


@pytest.fixture
def browser(session: Session, sign_in: SignIn) -> FlaskClient:
    """A coordinator whose only agency owns indicator 33 at level 2 and indicator 1 at level 4."""
    home = factories.government(session)
    agency = factories.agency(session, home)
    for number in (1, 33):
        factories.ownership(session, agency, number)
    factories.revision(session, home, {33: 2, 1: 4}, level=3)
    coordinator = factories.account(session, home, locale="en")
    session.commit()
    return sign_in(coordinator)


def words(answer: object) -> str:
    return " ".join(unescape(answer.get_data(as_text=True)).split())  # type: ignore[attr-defined]


def generated(session: Session, browser: FlaskClient) -> Task:
    typed = ASKED | {"has_upkeep": "y", "store": "1", "seen_number": "0"}
    assert browser.post(GENERATE, data=typed).status_code == 302
    return session.scalars(select(Task).where(Task.kind == TaskKind.UPKEEP)).one()


def test_the_switch_is_previewed_stored_and_told_among_the_versions(
    session: Session, browser: FlaskClient
) -> None:
    typed = ASKED | {"has_upkeep": "y", "preview": "1", "seen_number": "0"}
    shown = words(browser.post(GENERATE, data=typed))
    assert "1 upkeep task keeps a level that falls unless its evidence is renewed." in shown
    assert "(Upkeep)" in shown
    task = generated(session, browser)
    form = words(browser.get(GENERATE))
    assert 'checked class="form-check-input" id="has_upkeep"' in form
    assert browser.post(GENERATE, data=ASKED | {"store_only": "1", "seen_number": "1"}).status_code == 302
    assert "Upkeep tasks" in words(browser.get("/plans/permenpanrb-59-2020/policies"))
    assert task.indicator_number == 1


def test_an_upkeep_task_is_called_so_and_its_points_a_risk(session: Session, browser: FlaskClient) -> None:
    task = generated(session, browser)
    shown = words(browser.get(f"/tasks/{task.id}"))
    assert "The level is to be kept: renew its evidence" in shown
    assert "Evidence of this level counts for 24 months." in shown
    assert "0.0130 points at risk" in shown or "0.013 points at risk" in shown
    assert "Criteria" in shown
    rows = words(browser.get("/tasks?year=2024&kind=upkeep"))
    assert "at risk" in rows
    assert rows.count('class="row-title"') == 1
    assert browser.get("/tasks/export.csv?year=2024&kind=upkeep").text.count("Upkeep") == 1
    assert "1 upkeep task keeps a level" in words(browser.get("/plans?year=2024"))


def test_the_dashboard_tells_in_one_line_what_is_at_risk(
    session: Session, browser: FlaskClient, work: Work
) -> None:
    task = generated(session, browser)
    projections.rebuild(work, task.plan_id, now=NOW)
    session.commit()
    shown = words(browser.get("/dashboard?year=2024"))
    assert "if 1 indicator is not kept up by the evaluation." in shown
    assert "/tasks?year=2024&kind=upkeep&state=open" in shown
