"""The leaders' page shows the stored figures, to everybody the same, and to agencies only their own row."""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Account, Agency, Plan
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import forecasts, projections
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE
from tests.integration.conftest import SignIn


@dataclass
class World:
    plan: Plan
    mine: Agency
    other: Agency
    people: dict[Role, Account]


@pytest.fixture
def world(work: Work) -> World:
    session = work.session
    government = factories.government(session)
    mine = factories.agency(session, government, short_name="Milikku")
    other = factories.agency(session, government, short_name="Tetangga")
    plan = factories.plan(session, government, target_index=Decimal("3.50"))
    factories.task(session, plan, mine, 33, state=State.ACCEPTED, reached_level=Decimal(3))
    factories.task(session, plan, other, 34, state=State.BLOCKED, state_note="anggaran belum cair")
    roles = [role for role in Role if role is not Role.ADMINISTRATOR]
    people = {
        role: factories.account(
            session,
            government,
            role,
            mine if role in (Role.FOCAL_POINT, Role.AGENCY_HEAD) else None,
            locale="en",
        )
        for role in roles
    }
    session.flush()
    projections.rebuild(work, plan.id, now=NOW)
    return World(plan, mine, other, people)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_every_role_sees_the_same_figures(world: World, sign_in: SignIn, role: Role) -> None:
    page = sign_in(world.people[role]).get("/dashboard").text
    assert "2.00" in page  # the result
    assert '<strong class="number" id="secured-index">2.03</strong>' in page  # 2 + 2.75 / 100
    assert "3.50" in page


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.EXECUTIVE, True), (Role.AGENCY_HEAD, False), (Role.FOCAL_POINT, False)]
)
def test_agencies_see_only_their_own_row_and_tasks(
    world: World, sign_in: SignIn, role: Role, sees: bool
) -> None:
    browser = sign_in(world.people[role])
    for address in ("/dashboard", "/dashboard/figures"):
        page = browser.get(address).text
        assert "Milikku" in page
        assert ("Tetangga" in page) is sees
    assert ("anggaran belum cair" in browser.get("/dashboard").text) is sees


def test_before_the_first_plan_the_coordinator_is_told_the_steps(session: Session, sign_in: SignIn) -> None:
    coordinator = factories.account(session, factories.government(session), locale="en")
    assert "Upload the levels of the assessment" in sign_in(coordinator).get("/dashboard").text


def test_before_the_first_computation_the_page_says_so(session: Session, sign_in: SignIn) -> None:
    government = factories.government(session)
    factories.plan(session, government)
    page = sign_in(factories.account(session, government, locale="en")).get("/dashboard").text
    assert "The figures are being computed" in page


def test_the_page_needs_four_statements(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.people[Role.EXECUTIVE])
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert browser.get("/dashboard").status_code == 200
    selects = [each for each in statements if not each.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]
    assert len(selects) <= 4, selects


def test_the_trend_shows_the_secured_index_month_by_month(world: World, work: Work, sign_in: SignIn) -> None:
    later = NOW.replace(month=4)
    work.session.commit()
    projections.rebuild(work, world.plan.id, now=later)
    work.session.commit()
    page = sign_in(world.people[Role.EXECUTIVE]).get("/dashboard").text
    assert ">Mar 2025<" in page  # the month that has ended; the running one is the figure of now
    assert ">Apr 2025<" not in page


def test_a_void_raise_is_explained_in_the_figure_it_is_void_in(work: Work, sign_in: SignIn) -> None:
    session = work.session
    government = factories.government(session)
    baseline = factories.revision(session, government, {12: 1, 21: 1})
    plan = factories.plan(session, government, baseline=baseline)
    agency = factories.agency(session, government)
    factories.task(session, plan, agency, 12, baseline_level=Decimal(1))
    factories.task(session, plan, agency, 21, baseline_level=Decimal(1), state=State.SUBMITTED)
    person = factories.account(session, government, locale="en")
    session.flush()
    projections.rebuild(work, plan.id, now=NOW)
    session.commit()
    page = sign_in(person).get("/dashboard/figures").text
    assert "In “Expected” the raise of indicator 21 does not count" in page
    assert "In “Potential”" not in page


@pytest.mark.parametrize("page", ["/dashboard", "/dashboard/figures"])
def test_the_page_of_a_large_government_stays_under_a_hundred_kilobytes(
    work: Work, sign_in: SignIn, page: str
) -> None:
    """Thirty-five agencies, all forty-seven indicators, every list full."""
    session = work.session
    government = factories.government(session)
    agencies = [
        factories.agency(session, government, short_name=f"Dinas Contoh Panjang Nomor {number}")
        for number in range(35)
    ]
    plan = factories.plan(session, government, target_index=Decimal("3.50"))
    states = (State.BLOCKED, State.SUBMITTED, State.IN_PROGRESS)
    for number in range(1, 48):
        state = states[number % 3]
        factories.task(
            session,
            plan,
            agencies[number % 35],
            number,
            state=state,
            state_note="Menunggu anggaran perubahan." if state is State.BLOCKED else None,
            due_on=clock.today(government.timezone) + timedelta(days=number % 14),
        )
    person = factories.account(session, government, Role.EXECUTIVE, locale="id")
    projections.rebuild(work, plan.id, now=clock.now())
    session.commit()
    answer = sign_in(person).get(page)
    assert answer.text.count("Dinas Contoh Panjang") > 40
    assert len(answer.data) < 100_000


def test_every_number_of_the_headline_leads_to_what_it_is_made_of(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.people[Role.COORDINATOR]).get("/dashboard").text
    year = world.plan.year
    for figure in ("baseline", "secured", "expected"):
        assert f'<li><a href="/dashboard/figures?year={year}#{figure}">' in page
    assert f'<li><a href="/plans?year={year}">' in page
    assert f'<a href="/agency-points/{world.other.id}?year={year}">Tetangga</a>' in page
    assert f'<a class="count" href="/tasks?year={year}&amp;state=blocked">1' in page
    assert 'title="The cheapest path to the target">' in page
    assert f'href="/dashboard/figures?year={year}#aspects-1">' in page


def test_the_forecast_stands_below_the_figures(world: World, work: Work, sign_in: SignIn) -> None:
    browser = sign_in(world.people[Role.EXECUTIVE])
    said = "Too little history for a forecast"
    assert said not in browser.get("/dashboard").text
    forecasts.make(work, world.plan.id, now=NOW)
    work.session.commit()
    assert said in browser.get("/dashboard").text


def test_what_waits_is_told_with_the_oldest_age_in_working_days(
    world: World, work: Work, sign_in: SignIn
) -> None:
    two_weeks_ago = clock.now() - timedelta(days=14)
    task = factories.task(work.session, world.plan, world.mine, 35, state=State.SUBMITTED)
    task.state_changed_at = two_weeks_ago
    work.session.commit()
    page = sign_in(world.people[Role.REVIEWER]).get("/dashboard").text
    said = re.search(r'<a href="/tasks/(\d+)">the oldest for (\d+) working days</a>', page)
    assert said is not None
    assert int(said[1]) == task.id
    assert 5 <= int(said[2]) <= 10  # two weeks, less weekends and holidays


def test_tasks_beside_the_figures_are_called_in_the_readers_language(world: World, sign_in: SignIn) -> None:
    blocked = get_instrument(SPBE).indicator(34)
    page = sign_in(world.people[Role.COORDINATOR]).get("/dashboard").text
    assert f"34 {blocked.short_name('en')}</a>" in page
    assert f"34 {blocked.short_name('id')}</a>" not in page
