import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Scenario
from spbe_tasks.rules.policy import DueRule, LevelRule, Policy
from tests import factories
from tests.factories import DUE_ON, SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

ADDRESS = f"/paths/{SPBE}/2024"


@pytest.fixture
def owned(session: Session, world: World) -> World:
    """Everything at level 2. ``kominfo`` owns 33 and 34 (weight 2.75), and shares 12 (2.275) with ``bappeda``."""
    for number in (33, 34, 12):
        factories.ownership(session, world.kominfo, number)
    factories.ownership(session, world.bappeda, 12, is_lead=False)
    session.commit()
    return world


@pytest.fixture
def browser(sign_in: SignIn, owned: World) -> FlaskClient:
    return sign_in(owned.coordinator)


def ask(browser: FlaskClient, address: str = ADDRESS, **query: object) -> tuple[int, str]:
    answer = browser.get(address, query_string={name: str(value) for name, value in query.items()})
    return answer.status_code, re.sub(r"\s+", " ", answer.get_data(as_text=True))


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace(" :", ":")


def english(browser: FlaskClient) -> FlaskClient:
    browser.post("/locale", data={"locale": "en"})
    return browser


def test_the_answer_is_one_sentence_with_raises_and_agencies(browser: FlaskClient) -> None:
    status, seen = ask(english(browser), goal="index", target="2,05")
    assert status == 200
    said = words(seen)
    assert "1 indicator raised, 20 person-days, index 2.06: proved to be the cheapest." in said
    assert f'href="/indicators/{SPBE}/33?year=2024"' in seen
    assert "Diskominfo 0.055 20 no limit" in said
    assert 'value="2,05"' in seen


def test_with_nothing_said_the_plans_target_is_asked_for(
    browser: FlaskClient, owned: World, session: Session
) -> None:
    _, seen = ask(browser)
    assert '<option selected value="next">' in seen
    owned.plan.target_index = Decimal("2.02")
    session.commit()
    _, seen = ask(browser)
    assert '<option selected value="index">' in seen
    assert 'value="2,02"' in seen
    assert 'class="path-verdict is-done"' in seen
    _, seen = ask(browser, goal="index", target="1,9")
    assert "target-fill" in seen
    assert "By agency" not in seen
    assert 'name="store"' not in seen


def test_the_capacities_of_the_policy_stand_there_and_give_way_to_what_is_typed(
    browser: FlaskClient, owned: World, session: Session
) -> None:
    level = LevelRule(Decimal(3))
    policy = Policy(level, level, DueRule.on(DUE_ON), capacities={owned.kominfo.slug: Decimal("4.5")})
    factories.policy(session, owned.government, policy)
    session.commit()
    field = f"capacity_{owned.kominfo.slug}"
    status, seen = ask(english(browser), goal="index", target="2.02")
    assert status == 200
    assert f'name="{field}" type="text" value="4.5"' in seen
    said = words(seen)
    assert "Out of reach. The index can reach 2.00 and no more; the target is 2.02." in said
    assert "The capacity of Diskominfo. Without this limit the index could reach" in said
    assert "Diskominfo 4.50 0.50" in said
    _, seen = ask(browser, goal="index", target="2.02", **{field: "5"})
    assert "proved to be the cheapest" in words(seen)
    _, seen = ask(browser, goal="index", target="2.02", **{field: ""})
    assert "proved to be the cheapest" in words(seen)


def test_indicators_are_left_out_and_fixed(browser: FlaskClient) -> None:
    _, seen = ask(browser, goal="index", target="2.02", fixed_33="out")
    assert f'href="/indicators/{SPBE}/34?' in seen
    assert f'href="/indicators/{SPBE}/33?' not in seen
    _, seen = ask(browser, goal="index", target="2.02", fixed_12="5")
    assert 'name="level_12" value="5"' in seen
    assert seen.count('name="level_') == 1


def test_where_no_capacity_is_to_blame_that_is_said_with_what_nobody_owns(browser: FlaskClient) -> None:
    _, seen = ask(english(browser), goal="Memuaskan")
    said = words(seen)
    assert "No agency’s capacity: every indicator that may be raised is raised as far as it goes." in said
    assert "Not counted on, because nobody owns them" in said
    assert f'href="/ownership/{SPBE}/1' in seen


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"goal": "index", "target": "tinggi"}, "target"),
        ({"goal": "index", "target": ""}, "target"),
        ({"goal": "index", "target": "6"}, "target"),
        ({"goal": "hebat"}, "goal"),
        ({"goal": "next", "fixed_1": "4"}, "fixed_1"),
        ({"goal": "next", "fixed_33": "1"}, "fixed_33"),
    ],
)
def test_what_cannot_be_asked_is_kept_and_told_at_its_place(
    browser: FlaskClient, query: dict[str, str], place: str
) -> None:
    status, seen = ask(browser, **query)
    assert status == 422
    assert f'href="#{place}"' in seen
    assert "is-invalid" in seen
    assert f'value="{query.get("target", "")}"' in seen
    assert "path-verdict" not in seen


@pytest.mark.parametrize("days", ["-1", "banyak", "1e99999999", "NaN", "0.001"])
def test_a_capacity_that_cannot_be_is_told_at_its_place(
    browser: FlaskClient, owned: World, days: str
) -> None:
    field = f"capacity_{owned.kominfo.slug}"
    status, seen = ask(browser, goal="index", target="2.02", **{field: days})
    assert status == 422
    assert f'href="#{field}"' in seen
    assert f'value="{days}"' in seen


def test_a_day_to_end_by_is_told_with_the_answer_and_one_that_is_over_at_its_field(
    browser: FlaskClient, owned: World
) -> None:
    asked = {"goal": "index", "target": "2,05", f"capacity_{owned.kominfo.slug}": "500"}
    status, seen = ask(english(browser), **asked, until="2999-12-31")
    assert status == 200
    assert "Capacities are what is left of them until" in words(seen)
    assert "Diskominfo 0.055 20 500" in words(seen)
    status, seen = ask(browser, **asked, until="2020-01-02")
    assert status == 422
    assert "This day leaves no time for work." in seen
    assert 'value="2020-01-02"' in seen


def test_the_path_is_kept_as_a_scenario(browser: FlaskClient, session: Session) -> None:
    _, seen = ask(browser, goal="index", target="2.02")
    action = re.search(r'class="panel path-keep" action="([^"]+)"', seen)
    assert action is not None
    hidden = dict(re.findall(r'name="(level_\d+)" value="([^"]+)"', seen))
    browser.post(action.group(1), data={**hidden, "name": "Jalur", "store": "1"})
    assert session.scalars(select(Scenario)).one().levels == {"33": "3"}


def test_those_who_see_agencies_figures_may_ask_but_not_keep(sign_in: SignIn, owned: World) -> None:
    for person in (owned.executive, owned.reviewer):
        status, seen = ask(sign_in(person), goal="index", target="2.02")
        assert status == 200
        assert 'name="level_33"' not in seen
    assert ask(sign_in(owned.focal))[0] == 403


def test_a_year_without_an_assessment_and_an_unknown_instrument_are_refused(browser: FlaskClient) -> None:
    assert ask(browser, f"/paths/{SPBE}/2019")[0] == 422
    assert ask(browser, "/paths/tidak-ada/2024")[0] == 404


def test_another_government_never_counts(browser: FlaskClient, session: Session) -> None:
    stranger = factories.government(session)
    for number in range(1, 48):
        factories.ownership(session, factories.agency(session, stranger, short_name="Asing"), number)
    session.commit()
    _, seen = ask(browser, goal="Memuaskan")
    assert "Asing" not in seen
    assert seen.count('name="level_') == 3


def test_the_plan_and_the_home_page_lead_here(browser: FlaskClient) -> None:
    assert f'href="{ADDRESS}"' in browser.get("/plans").get_data(as_text=True)
