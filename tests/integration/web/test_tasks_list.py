import csv
import html
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.rules.workflow import State
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World


def numbers(client: FlaskClient, query: str = "") -> list[int]:
    """The indicator numbers of the rows a list shows, in its order."""
    page = client.get(f"/tasks{query}").get_data(as_text=True)
    return [int(each) for each in re.findall(r'class="row-title"><a href="/tasks/\d+">(\d+)\.', page)]


def link(client: FlaskClient, address: str, rel: str) -> str:
    """Where the pager of a list leads."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"', client.get(address).text)
    assert found
    return html.unescape(found[1])


def exported(client: FlaskClient, query: str = "") -> list[list[str]]:
    answer = client.get(f"/tasks/export.csv{query}")
    assert answer.status_code == 200
    text = answer.get_data().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:]


@pytest.fixture
def today(world: World) -> date:
    return clock.today(world.government.timezone)


def test_a_coordinator_sees_every_agencys_tasks_and_a_focal_point_only_their_own(
    world: World, sign_in: SignIn
) -> None:
    assert sorted(numbers(sign_in(world.coordinator))) == [12, 12, 33]
    assert sorted(numbers(sign_in(world.focal))) == [12, 33]
    assert numbers(sign_in(world.other_focal)) == [12]
    assert sorted(numbers(sign_in(world.head))) == [12, 33]


def test_an_unpublished_task_is_hidden_from_the_agency_in_list_count_export_and_page(
    session: Session, world: World, sign_in: SignIn
) -> None:
    planned = factories.task(session, world.plan, world.kominfo, 5, state=State.PLANNED)
    focal, coordinator = sign_in(world.focal), sign_in(world.coordinator)
    assert 5 not in numbers(focal)
    assert "5" not in [row[1] for row in exported(focal)]
    assert focal.get(f"/tasks/{planned.id}").status_code == 404
    assert 5 in numbers(coordinator)


def test_another_governments_agency_in_the_address_shows_nothing(
    session: Session, world: World, sign_in: SignIn
) -> None:
    elsewhere = factories.government(session)
    agency = factories.agency(session, elsewhere)
    factories.task(session, factories.plan(session, elsewhere), agency, 40)
    client = sign_in(world.coordinator)
    assert numbers(client, f"?agency={agency.id}") == []
    assert exported(client, f"?agency={agency.id}") == []
    assert agency.short_name not in client.get("/tasks").get_data(as_text=True)


def test_filters_narrow_list_and_export_alike(
    session: Session, world: World, sign_in: SignIn, today: date
) -> None:
    plan, kominfo = world.plan, world.kominfo
    factories.task(session, plan, kominfo, 1, state=State.BLOCKED, due_on=today - timedelta(days=3))
    factories.task(session, plan, kominfo, 2, due_on=today + timedelta(days=14), assignee_id=world.focal.id)
    factories.task(session, plan, kominfo, 3, state=State.SUBMITTED, due_on=today - timedelta(days=3))
    factories.task(session, plan, kominfo, 4, state=State.ACCEPTED, reached_level=Decimal(3))
    world.task.due_on = world.shared.due_on = world.other.due_on = today + timedelta(days=90)
    session.flush()
    client = sign_in(world.focal)
    expected = {
        "": [1, 2, 3, 4, 12, 33],
        "?due=overdue": [1],
        "?due=fortnight": [2],
        "?due=month": [2],
        f"?on={(today + timedelta(days=14)).isoformat()}": [2],
        "?state=blocked&state=submitted": [1, 3],
        "?state=open&state=accepted": [1, 2, 3, 4, 12, 33],
        "?state=blocked": [1],
        "?state=open": [1, 2, 3, 12, 33],
        "?state=nonsense": [1, 2, 3, 4, 12, 33],
        "?assignee=me": [2],
        "?assignee=nobody": [1, 3, 4, 12, 33],
        "?domain=1": [1, 2, 3, 4],
        "?domain=2": [12],
        "?aspect=1&domain=2": [1, 2, 3, 4],
        "?indicator=33": [33],
        "?q=penganggaran": [33],
        "?q=anggar": [33],
        "?q=budget": [33],
        "?q=33": [33],
        "?q=100%25": [],
        "?q=3&state=submitted": [3],
    }
    for query, wanted in expected.items():
        assert sorted(numbers(client, query)) == wanted, query
        assert sorted(int(row[1]) for row in exported(client, query)) == wanted, query


def test_filters_in_force_are_shown_and_each_can_be_taken_away(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.coordinator).get(f"/tasks?state=open&agency={world.kominfo.id}&q=12")
    chips = re.findall(r'class="chip" href="([^"]+)"', page.get_data(as_text=True))
    year = world.plan.year
    assert [chip.replace("&amp;", "&") for chip in chips] == [
        f"/tasks?year={year}&state=open&agency={world.kominfo.id}",
        f"/tasks?year={year}&q=12&state=open",
        f"/tasks?year={year}&q=12&agency={world.kominfo.id}",
    ]


def test_pages_hold_25_rows_count_exactly_and_keep_their_filters(
    session: Session, world: World, sign_in: SignIn
) -> None:
    for number in [n for n in range(1, 48) if n not in (12, 33)]:
        factories.task(session, world.plan, world.kominfo, number)
    client = sign_in(world.coordinator)
    assert len(numbers(client, "?state=open")) == 25
    onward = link(client, "/tasks?state=open", "next")
    assert "state=open" in onward
    second = client.get(onward).text
    assert second.count('class="row-title"') == 23
    assert "26 sampai 48 dari 48" in second
    assert 'rel="next"' not in second
    back = client.get(link(client, onward, "prev")).text
    assert "1 sampai 25 dari 48" in back
    assert 'rel="prev"' not in back
    for nonsense in ("after=x", "before=~", "after=2025-06-30~99999999999999999999", "after=%00~1"):
        assert numbers(client, f"?state=open&{nonsense}") == numbers(client, "?state=open")
    assert len(exported(client, "?state=open")) == 48


def test_the_export_holds_text_that_looks_like_a_formula_harmless(
    session: Session, world: World, sign_in: SignIn
) -> None:
    world.task.title = '=HYPERLINK("http://x","y")'
    world.task.state_note = "+62 812, ditunggu"
    world.kominfo.short_name = "@dinas"
    session.flush()
    row = next(each for each in exported(sign_in(world.coordinator)) if each[1] == "33")
    assert row[2] == '\'=HYPERLINK("http://x","y")'
    assert row[3] == "'@dinas"
    assert row[12] == "'+62 812, ditunggu"
    assert row[11] == "0.055"
    assert row[9] == world.task.due_on.isoformat()


def test_an_empty_search_says_so_and_a_government_without_a_plan_says_what_comes(
    session: Session, world: World, sign_in: SignIn
) -> None:
    assert 'class="empty"' in sign_in(world.coordinator).get("/tasks?q=zzz").get_data(as_text=True)
    fresh = factories.government(session)
    client = sign_in(factories.account(session, fresh))
    assert 'class="empty"' in client.get("/tasks").get_data(as_text=True)
    assert client.get("/tasks/export.csv").status_code == 404


def test_the_year_in_the_address_chooses_the_plan(session: Session, world: World, sign_in: SignIn) -> None:
    older = factories.plan(
        session,
        world.government,
        baseline=factories.revision(session, world.government, year=2023),
        year=2023,
    )
    factories.task(session, older, world.kominfo, 7)
    client = sign_in(world.coordinator)
    assert sorted(numbers(client, "?year=2024")) == [12, 12, 33]
    assert numbers(client, "?year=2023") == [7]


def test_the_list_is_ordered_by_what_is_asked_for_and_shows_the_columns_chosen(
    session: Session, world: World, sign_in: SignIn
) -> None:
    world.task.due_on = date(2025, 5, 1)
    world.other.assignee_id = world.other_focal.id
    session.flush()
    client = sign_in(world.coordinator)
    assert numbers(client) == [33, 12, 12]
    assert numbers(client, "?sort=-due") == [12, 12, 33]
    assert numbers(client, "?sort=indicator") == [12, 12, 33]
    assert numbers(client, "?sort=points")[0] == 33
    assert numbers(client, "?sort=-points")[-1] == 33
    page = client.get("/tasks?sort=agency&col=agency&col=person").text
    assert page.index("Bappeda</td>") < page.index("Diskominfo</td>")
    assert world.other_focal.name in page
    assert "state-assigned" not in page
