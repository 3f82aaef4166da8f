import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import PolicyVersion, Scenario, Task
from spbe_tasks.rules.policy import LowRule
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import policies
from tests import factories
from tests.factories import SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

NEW, ANSWER = f"/scenarios/{SPBE}/2024/new", f"/scenarios/{SPBE}/2024/answer"


@pytest.fixture
def browser(sign_in: SignIn, world: World) -> FlaskClient:
    return sign_in(world.coordinator)


def post(browser: FlaskClient, address: str, **typed: object) -> tuple[int, str]:
    answer = browser.post(address, data={name: str(value) for name, value in typed.items()})
    return answer.status_code, re.sub(r"\s+", " ", answer.get_data(as_text=True))


def page(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def stored(session: Session) -> Scenario:
    session.expire_all()
    return session.scalars(select(Scenario)).one()


def test_every_indicator_stands_there_with_its_present_level(browser: FlaskClient) -> None:
    seen = page(browser, NEW)
    for number in range(1, 48):
        assert f'name="level_{number}"' in seen
    assert seen.count('<option value="2" selected>') == 47
    assert '<span class="whatif-value">2,00</span>' in seen


def test_the_answer_holds_only_the_parts_that_follow_a_choice(browser: FlaskClient) -> None:
    status, seen = post(browser, ANSWER, level_33=4)
    assert status == 200
    assert "<html" not in seen
    assert seen.count("data-answer-part") == 2
    assert '<span class="whatif-value">2,06</span>' in seen  # 2 + 2 x 2.75 / 100 = 2.055
    assert "+0,055" in seen
    assert "<strong>20</strong>" in seen  # two levels of ten person-days


def test_it_may_begin_with_what_the_plan_would_reach(browser: FlaskClient, session: Session) -> None:
    address = f"{NEW}?from=plan"
    assert address in page(browser, NEW)
    seen = page(browser, address)
    assert seen.count('class="is-raised"') == 2  # 12 and 33
    assert '<span class="whatif-value">2,08</span>' in seen  # 2 + (2 x 2.75 + 2.5) / 100
    assert post(browser, address, level_33=4, name="Sebagian", store=1)[0] == 302
    assert stored(session).levels == {"33": "4"}, "what is not sent stays as it is now"


def test_without_javascript_a_button_does_the_same(browser: FlaskClient, session: Session) -> None:
    status, seen = post(browser, NEW, level_33=4, name="Belum", compute=1)
    assert status == 200
    assert '<span class="whatif-value">2,06</span>' in seen
    assert 'class="is-raised"' in seen
    assert 'value="Belum"' in seen
    assert session.scalars(select(Scenario)).all() == []


def test_a_void_raise_is_shown_with_its_reason_and_does_not_count(
    browser: FlaskClient, session: Session, world: World
) -> None:
    revision = factories.revision(session, world.government, {12: 1, 21: 1}, level=2, year=2023)
    session.commit()
    assert revision.number == 1
    address = f"/scenarios/{SPBE}/2023/new"
    _, seen = post(browser, address, level_21=3, compute=1)
    assert 'class="is-void"' in seen
    assert "+0" not in seen
    _, seen = post(browser, address, level_21=3, level_12=2, compute=1)
    assert 'class="is-void"' not in seen
    assert seen.count('class="is-raised"') == 2


@pytest.mark.parametrize("address", [NEW, ANSWER])
@pytest.mark.parametrize("level", ["6", "x", "2.5"])
def test_a_level_that_cannot_be_taken_is_told_at_its_place(
    browser: FlaskClient, address: str, level: str
) -> None:
    status, seen = post(browser, address, level_33=level, compute=1)
    assert status == 422
    assert 'href="#level_33"' in seen
    assert "whatif-value" not in seen


def test_a_decimal_scale_takes_figures_and_counts_parts_of_a_step(
    sign_in: SignIn, world: World, session: Session
) -> None:
    pemdi = "permenpanrb-8-2026"
    instrument_levels = factories.revision(session, world.government, year=2026, instrument_id=pemdi)
    session.commit()
    assert instrument_levels.index_value is not None
    browser = sign_in(world.coordinator)
    address = f"/scenarios/{pemdi}/2026"
    assert 'inputmode="decimal"' in page(browser, f"{address}/new")
    status, seen = post(browser, f"{address}/answer", level_1="2,25")
    assert status == 200
    assert "<strong>2,50</strong>" in seen
    assert post(browser, f"{address}/answer", level_1="NaN")[0] == 422


def test_a_scenario_is_stored_shown_and_listed(browser: FlaskClient, session: Session) -> None:
    status, _ = post(browser, NEW, level_33=4, name=" Layanan  dulu ", store=1)
    assert status == 302
    made = stored(session)
    assert (made.name, made.levels, made.year, made.is_shared) == ("Layanan dulu", {"33": "4"}, 2024, False)
    seen = page(browser, f"/scenarios/{made.id}")
    assert '<span class="whatif-value">2,06</span>' in seen
    assert "Layanan dulu" in page(browser, "/scenarios")


def test_only_raised_levels_need_to_be_sent_as_a_path_does(browser: FlaskClient, session: Session) -> None:
    assert post(browser, NEW, level_12=3, level_33=3, name="Jalur ke 3,50", store=1)[0] == 302
    assert stored(session).levels == {"12": "3", "33": "3"}


def test_a_name_is_needed_to_store_and_what_was_chosen_stays(browser: FlaskClient) -> None:
    status, seen = post(browser, NEW, level_33=4, store=1)
    assert status == 422
    assert '<span class="whatif-value">2,06</span>' in seen
    assert "data-error-summary" in seen


def test_an_executive_reads_what_is_shared_and_changes_nothing(
    sign_in: SignIn, world: World, session: Session
) -> None:
    shared = factories.scenario(session, world.government)
    factories.scenario(session, world.government, is_shared=False, name="Rahasia")
    session.commit()
    browser = sign_in(world.executive)
    seen = page(browser, "/scenarios")
    assert "Coba" in seen
    assert "Rahasia" not in seen
    seen = page(browser, f"/scenarios/{shared.id}")
    assert "/edit" not in seen
    assert "/generate" not in seen
    assert browser.get(f"/scenarios/{shared.id}/edit").status_code == 403


def test_a_clash_keeps_what_was_chosen_and_the_next_try_replaces(
    browser: FlaskClient, session: Session, world: World
) -> None:
    made = factories.scenario(session, world.government)
    session.commit()
    address = f"/scenarios/{made.id}/edit"
    assert post(browser, address, name="Satu", level_5=3, version=1, store=1)[0] == 302
    status, seen = post(browser, address, name="Dua", level_5=4, version=1, store=1)
    assert status == 409
    assert 'value="Dua"' in seen
    assert 'name="version" type="hidden" value="2"' in seen
    assert post(browser, address, name="Dua", level_5=4, version=2, store=1)[0] == 302
    assert (stored(session).name, stored(session).version) == ("Dua", 3)


def test_a_copy_is_changed_without_touching_the_first(
    browser: FlaskClient, session: Session, world: World
) -> None:
    made = factories.scenario(session, world.government, name="x" * 200)
    session.commit()
    answer = browser.post(f"/scenarios/{made.id}/duplicate")
    assert answer.status_code == 302
    assert len(session.scalars(select(Scenario)).all()) == 2
    assert "x" * 100 in page(browser, answer.location)


def test_two_scenarios_stand_side_by_side(browser: FlaskClient, session: Session, world: World) -> None:
    first = factories.scenario(session, world.government, levels={"33": "4", "34": "3"}, name="Satu")
    second = factories.scenario(session, world.government, levels={"33": "3", "34": "3"}, name="Dua")
    session.commit()
    assert f"/compare/{second.id}" in page(browser, f"/scenarios/{first.id}")
    seen = page(browser, f"/scenarios/{first.id}/compare/{second.id}")
    for words in ("Satu", "Dua", "2,08", "2,06", ">30<", ">20<", "+0,083", "+0,055"):
        assert words in seen
    # Of the two indicators that change, only 33 differs between the scenarios.
    assert len(re.findall(r'<span class="whatif-number">', seen)) == 2
    assert re.search(r'<tr class="is-domain"><th scope="row"><span class="whatif-number">33</span>', seen)


def test_a_scenario_becomes_the_plan_by_the_usual_preview(
    browser: FlaskClient, session: Session, world: World
) -> None:
    factories.ownership(session, world.kominfo, 5)
    made = factories.scenario(session, world.government, levels={"5": "4"}, name="Layanan dulu")
    session.commit()
    before = session.scalars(select(PolicyVersion)).all()
    address = f"/plans/{SPBE}/2024/generate?scenario={made.id}"
    assert address.replace("&", "&amp;") in page(browser, f"/scenarios/{made.id}")
    seen = page(browser, address)
    assert "Layanan dulu" in seen
    assert 'id="outcome"' in seen, "what it does is shown before anything is stored"
    assert session.scalars(select(PolicyVersion)).all() == before
    form = dict(re.findall(r'name="([\w-]+)"[^>]*? value="([^"]*)"', seen)) | {"low_rule": "listed_only"}
    form |= {"due_rule": "fixed", "store": "1"}
    for button in ("preview", "store_only"):
        form.pop(button, None)
    answer = browser.post(address, data=form)
    assert answer.status_code == 302
    session.expire_all()
    version = policies.standing(session, factories.scope(world.coordinator), SPBE, 2024)
    assert version is not None
    assert version.policy.low_rule is LowRule.LISTED_ONLY
    assert version.policy.target.by_indicator == {5: 4}
    assert "Layanan dulu" in version.row.note
    task = session.scalars(select(Task).where(Task.indicator_number == 5)).one()
    assert (task.state, task.target_level, task.policy_id) == (State.PLANNED, 4, version.row.id)


def test_a_scenario_of_another_year_makes_no_plan_here(
    browser: FlaskClient, session: Session, world: World
) -> None:
    factories.revision(session, world.government, year=2023)
    made = factories.scenario(session, world.government, year=2023)
    session.commit()
    assert browser.get(f"/plans/{SPBE}/2024/generate?scenario={made.id}").status_code == 404
    assert browser.get(f"/plans/{SPBE}/2024/generate?scenario=x").status_code == 404
    assert browser.get(f"/plans/{SPBE}/2023/generate?scenario={made.id}").status_code == 200


def test_a_scenario_that_raises_nothing_offers_no_plan(
    browser: FlaskClient, session: Session, world: World
) -> None:
    made = factories.scenario(session, world.government, levels={"5": "1"})
    session.commit()
    assert "/generate" not in page(browser, f"/scenarios/{made.id}")
    assert browser.get(f"/plans/{SPBE}/2024/generate?scenario={made.id}").status_code == 422


def test_without_an_assessment_the_list_leads_to_the_import(sign_in: SignIn, session: Session) -> None:
    empty = factories.government(session)
    browser = sign_in(factories.account(session, empty))
    assert "/assessments/import" in page(browser, "/scenarios")
