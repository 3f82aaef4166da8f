"""What lists, counts, exports and searches hold for each role: only what it may see, to the number."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.models import Agency, Government, Plan
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.dashboard import ROWS_SHOWN
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.access.conftest import NEIGHBOUR, OUTSIDE, THEIR_YEAR, Visit, World
from tests.integration.web.access.table import (
    AGENCY_ROLES,
    COORDINATOR,
    FOCAL,
    INSIDE,
    MANAGERS,
    REVIEWER,
    Place,
)

# How many rows a search finds in the own agency and in the whole government.
SEARCHES = {
    "q=33": (1, 1),
    "q=34": (0, 1),
    "q=42": (1, 2),
    "q=diajukan": (1, 2),
    "q=tetangga": (0, 1),
    "state=submitted": (1, 2),
    "state=assigned": (1, 2),
    "due=overdue": (1, 2),
    "year=2024": (2, 4),
}


@pytest.mark.parametrize("query", SEARCHES)
@pytest.mark.parametrize("role", sorted(INSIDE))
def test_lists_counts_exports_and_searches_hold_only_what_the_role_sees(
    world: World, visit: Visit, role: Role, query: str
) -> None:
    page = visit(role, "GET", f"/tasks?{query}").text
    export = visit(role, "GET", f"/tasks/export.csv?{query}").text
    for answer in (page, export):
        assert OUTSIDE not in answer
        if role in AGENCY_ROLES:
            assert NEIGHBOUR not in answer
    expected = SEARCHES[query][role not in AGENCY_ROLES]
    assert len(export.strip().splitlines()) - 1 == expected
    assert page.count('class="row-title"') == expected
    assert f"{expected} task{'' if expected == 1 else 's'} after the 2024 assessment" in page


@pytest.mark.parametrize("address", ["/dashboard", "/assessments", "/plans", "/settings/evaluation"])
def test_no_figure_or_year_of_another_government_is_shown(world: World, visit: Visit, address: str) -> None:
    page = visit(COORDINATOR, "GET", address)
    assert page.status_code == 200
    assert "2024" in page.text
    assert str(THEIR_YEAR) not in page.text


def test_an_agency_may_be_filtered_for_but_not_looked_into(world: World, visit: Visit) -> None:
    neighbour = world.things[Place.NEIGHBOUR]["agency"]
    export = visit(FOCAL, "GET", f"/tasks/export.csv?agency={neighbour}").text
    assert len(export.strip().splitlines()) == 1


@pytest.mark.parametrize("role", sorted(INSIDE))
def test_the_leaders_page_counts_only_what_the_role_sees(
    world: World, session: Session, visit: Visit, role: Role
) -> None:
    """More than fit on the page are said by number, and the number is the role's own."""
    _crowd(world, session)
    page = visit(role, "GET", "/dashboard").text
    seen = ROWS_SHOWN + (1 if role in AGENCY_ROLES else 2)
    assert f'due=fortnight">All {seen}</a>' in page
    assert f'state=blocked">All {seen}</a>' in page
    assert f'state=submitted">{"1 task" if role in AGENCY_ROLES else "2 tasks"}</a>' in page


def _crowd(world: World, session: Session) -> None:
    """One more than the page shows soon due and blocked in the own agency, one each elsewhere."""
    soon = clock.now().date() + timedelta(days=5)
    for place, number in ((Place.OWN, ROWS_SHOWN + 1), (Place.NEIGHBOUR, 1), (Place.OUTSIDE, 1)):
        plan = session.get_one(Plan, world.things[place]["plan"])
        agency = session.get_one(Agency, world.things[place]["agency"])
        for indicator in range(1, number + 1):
            factories.task(session, plan, agency, indicator, due_on=soon)
            factories.task(session, plan, agency, indicator + 20, state=State.BLOCKED)
    session.commit()


@pytest.mark.parametrize("role", [COORDINATOR, REVIEWER])
def test_the_review_queue_counts_the_governments_submissions(world: World, visit: Visit, role: Role) -> None:
    page = visit(role, "GET", "/tasks/review").text
    assert "2 submissions wait" in page
    assert page.count("review-row") == 2


# How many rows of the library are the own agency's, and of the whole government.
LIBRARY = {"": (2, 4), "q=bukti": (1, 2), "show=unused": (2, 4), "show=quarantined": (1, 2)}


@pytest.mark.parametrize("query", LIBRARY)
@pytest.mark.parametrize("role", sorted(INSIDE))
def test_the_library_holds_and_counts_only_what_the_role_sees(
    world: World, visit: Visit, role: Role, query: str
) -> None:
    page = visit(role, "GET", f"/evidence?{query}").text
    expected = LIBRARY[query][role not in AGENCY_ROLES]
    assert page.count('class="row-title"') == expected
    assert f"1 to {expected} of {expected}" in page


@pytest.mark.parametrize("role", sorted(MANAGERS))
def test_the_outbox_counts_the_governments_mails(world: World, visit: Visit, role: Role) -> None:
    page = visit(role, "GET", "/outbox").text
    assert "All (2)" in page
    assert "Sent (2)" in page
    assert page.count('class="row-title"') == 2


@pytest.mark.parametrize("role", sorted(MANAGERS))
def test_agencies_and_people_are_the_governments_with_their_numbers(
    world: World, visit: Visit, role: Role
) -> None:
    agencies = visit(role, "GET", "/agencies").text
    assert "4 agencies" in agencies
    # Coordinator, focal point, head and the invited one; next door only a focal point and an invited one.
    assert _numbers(agencies) == [("0", "0"), ("0", "0"), ("4", "3"), ("2", "3")]
    assert "8 people" in visit(role, "GET", "/people").text


def _numbers(page: str) -> list[tuple[str, str]]:
    cells = re.findall(r'data-label="(People|Open tasks)">(?:<span.*?</svg>)?\s*(\d+)', page, re.DOTALL)
    return [(people, tasks) for (_, people), (_, tasks) in zip(cells[::2], cells[1::2], strict=True)]


@pytest.mark.parametrize("role", [COORDINATOR, FOCAL])
def test_the_desk_holds_the_own_agencys_tasks_only(world: World, visit: Visit, role: Role) -> None:
    assert visit(role, "GET", "/tasks/mine").text.count('class="task-row"') == 2


def test_the_plans_page_counts_the_governments_tasks_by_state(world: World, visit: Visit) -> None:
    page = visit(COORDINATOR, "GET", "/plans").text
    assert re.findall(r'state=(\w+)">.*?stat-value">(\d+)<', page, re.DOTALL) == [
        ("assigned", "2"),
        ("submitted", "2"),
    ]


def test_an_empty_desk_names_only_the_governments_own_coordinators(
    world: World, session: Session, sign_in: SignIn
) -> None:
    home = session.get_one(Government, world.government_id)
    abroad = session.get_one(Government, world.things[Place.OUTSIDE]["government"])
    factories.account(session, abroad, COORDINATOR, name=f"Koordinator {OUTSIDE}")
    idle = session.get_one(Agency, world.things[Place.OWN]["idle"])
    newcomer = factories.account(session, home, FOCAL, idle)
    page = sign_in(newcomer).get("/tasks/mine").text
    assert f"Orang {COORDINATOR.value}" in page
    assert OUTSIDE not in page
