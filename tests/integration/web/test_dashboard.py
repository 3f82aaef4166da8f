"""The leaders' page shows the stored figures, to everybody the same, and to agencies only their own row."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Agency, Plan
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import projections
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
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
