"""The forecast's page: an answer first, figures as a table too, other agencies only for who may compare them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, EvaluationCalendar
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import forecasts, projections
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

OPENS_ON = NOW.date() + timedelta(days=20)


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def make(work: Work, world: World) -> None:
    work.session.flush()
    projections.rebuild(work, world.plan.id, now=NOW, is_forced=True)
    forecasts.make(work, world.plan.id, now=NOW)


def read(sign_in: SignIn, person: Account) -> str:
    person.locale = "en"
    return sign_in(person).get("/forecast").get_data(as_text=True)


@pytest.fixture
def history(session: Session, world: World) -> None:
    """Diskominfo finished six indicators in 10 to 60 days; the self-assessment opens in 20 days."""
    world.plan.target_index = Decimal("2.07")
    for number, days in enumerate((10, 20, 30, 40, 50, 60), start=1):
        since = NOW - timedelta(days=90)
        done = {"state_changed_at": since + timedelta(days=days), "reached_level": Decimal(3)}
        factories.task(
            session, world.plan, world.kominfo, number, state=State.ACCEPTED, published_at=since, **done
        )
    session.add(
        EvaluationCalendar(
            government_id=world.government.id, year=world.plan.year, self_assessment_opens_on=OPENS_ON
        )
    )


@pytest.mark.usefixtures("history")
def test_the_answer_stands_first_and_its_figures_are_a_table_too(
    sign_in: SignIn, work: Work, world: World
) -> None:
    world.plan.target_index = Decimal("2.1")
    make(work, world)
    page = words_of(read(sign_in, world.executive))
    assert "At the present pace the target 2.10 is reached about" in page
    assert "Early (1 of 10)" in page
    assert re.search(
        r"At the present pace [123] of 3 open tasks? (is|are) finished after the self-assessment", page
    )
    assert "There is no discount" in page
    assert "Bappeda" in page
    assert "days of all agencies" in page


@pytest.mark.usefixtures("history")
def test_a_target_that_stands_and_one_out_of_reach_are_said_plainly(
    sign_in: SignIn, work: Work, world: World
) -> None:
    make(work, world)
    assert "The target 2.07 is reached" in words_of(read(sign_in, world.executive))
    world.plan.target_index = Decimal("4.5")
    make(work, world)
    page = words_of(read(sign_in, world.executive))
    assert "do not reach the target 4.50" in page
    assert "The cheapest path to the target" in page


def test_too_little_history_and_no_dates_are_said_plainly(sign_in: SignIn, work: Work, world: World) -> None:
    world.plan.target_index = Decimal(3)
    make(work, world)
    page = read(sign_in, world.coordinator)
    assert "Too little history for a forecast: 0 tasks are finished so far" in words_of(page)
    assert f"/settings/evaluation/{world.plan.year}" in page


@pytest.mark.usefixtures("history")
def test_a_focal_point_reads_the_totals_and_no_other_agency(
    sign_in: SignIn, work: Work, world: World
) -> None:
    make(work, world)
    page = words_of(read(sign_in, world.focal))
    assert "Diskominfo" in page
    assert "Bappeda" not in page
    assert "Most often waited for last" not in page


def test_before_the_first_figures_the_page_leads_home_and_before_the_first_forecast_it_says_so(
    sign_in: SignIn, work: Work, world: World
) -> None:
    client: FlaskClient = sign_in(world.executive)
    assert client.get("/forecast").location == "/dashboard"
    projections.rebuild(work, world.plan.id, now=NOW, is_forced=True)
    assert client.get("/forecast").status_code == 200
