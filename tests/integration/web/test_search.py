import html
import re

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.web.search import SHOWN
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.integration.web.test_tasks_list import exported
from tests.statements import counted


def test_the_search_finds_tasks_one_may_see_and_indicators_by_word_and_number(
    world: World, sign_in: SignIn
) -> None:
    focal, coordinator = sign_in(world.focal), sign_in(world.coordinator)
    page = focal.get("/search?q=12").text
    assert page.count('class="state state-assigned"') == 1
    assert coordinator.get("/search?q=12").text.count('class="state state-assigned"') == 2
    assert f'href="/indicators/{factories.SPBE}/12?year=2024"' in page
    assert world.task.title in focal.get("/search?q=anggar").text
    assert f'href="/indicators/{factories.SPBE}/33?year=2024"' in focal.get("/search?q=penganggaran").text


def test_more_than_fit_are_counted_and_a_link_away(session: Session, world: World, sign_in: SignIn) -> None:
    for number in range(13, 13 + SHOWN + 3):
        factories.task(session, world.plan, world.kominfo, number, title="Susun pedoman")
    browser = sign_in(world.coordinator)
    page = browser.get("/search?q=pedoman").text
    assert page.count('class="state state-assigned"') == SHOWN
    (query, number) = re.findall(r'<a href="/tasks\?([^"]+)">Semua (\d+)</a>', page)[0]
    assert len(exported(browser, f"?{html.unescape(query)}")) == int(number) == SHOWN + 3


@pytest.mark.parametrize("text", ["", "zzz", "%00", "'; drop", "a" * 300])
def test_whatever_is_typed_is_answered(world: World, sign_in: SignIn, text: str) -> None:
    assert sign_in(world.focal).get(f"/search?q={text}").status_code == 200


def test_the_search_takes_at_most_four_statements_and_stands_on_every_page(
    world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.focal)
    with counted(db.engine) as statements:
        browser.get("/search?q=layanan")
    assert len(statements) <= 4, "\n\n".join(statements)
    assert 'action="/search"' in browser.get("/tasks").text
