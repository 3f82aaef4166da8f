"""More time, milestones, money and remarks on criteria in the browser, without a script."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    BudgetLine,
    CriterionVerdict,
    Event,
    Extension,
    ExtensionState,
    Milestone,
    News,
    NewsKind,
)
from spbe_tasks.rules.requirements import Obstacle, ReturnReason
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import tasks
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

WANTED = date(2028, 9, 29)  # a Friday


@pytest.fixture
def english(session: Session, world: World) -> World:
    for person in (world.coordinator, world.reviewer, world.focal):
        person.locale = "en"
    session.flush()
    return world


def act(browser: FlaskClient, world: World, action: str, **fields: Any) -> int:
    data = {"version": world.task.version, **fields}
    return browser.post(f"/tasks/{world.task.id}/act/{action}", data=data).status_code


def page(browser: FlaskClient, world: World) -> str:
    return unescape(browser.get(f"/tasks/{world.task.id}").text)


def offered(browser: FlaskClient, world: World) -> set[str]:
    return set(re.findall(rf"/tasks/{world.task.id}/act/(\w+_extension)\"", page(browser, world)))


def test_more_time_is_asked_for_granted_and_shown_with_the_original_date(
    session: Session, english: World, sign_in: SignIn
) -> None:
    world = english
    focal, boss = sign_in(world.focal), sign_in(world.coordinator)
    first = world.task.due_on
    assert offered(focal, world) == {"ask_extension"}
    assert offered(boss, world) == set()
    assert act(focal, world, "ask_extension", due_on=WANTED.isoformat(), reason="Menunggu perbup.") == 302
    assert offered(focal, world) == {"take_back_extension"}
    assert offered(boss, world) == {"grant_extension", "refuse_extension"}
    told = session.scalars(select(News).where(News.kind == NewsKind.EXTENSION_ASKED)).one()
    assert (told.account_id, told.words) == (world.coordinator.id, "Menunggu perbup.")
    assert f'value="{WANTED}"' in page(boss, world)
    assert act(boss, world, "grant_extension", due_on=WANTED.isoformat()) == 302
    assert (world.task.due_on, world.task.due_version) == (WANTED, 2)
    shown = page(focal, world)
    assert "granted 1 time" in shown
    assert f"Originally due on {first:%A}" in shown
    assert "Siti Koordinator granted time until Friday, 29 September 2028" in shown
    answered = session.scalars(select(News).where(News.kind == NewsKind.EXTENSION_ANSWERED)).one()
    assert answered.account_id == world.focal.id


def test_a_day_too_early_is_refused_beside_its_field_and_a_day_off_is_warned_about(
    english: World, sign_in: SignIn
) -> None:
    focal = sign_in(english.focal)
    early = english.task.due_on.isoformat()
    address = f"/tasks/{english.task.id}/act/ask_extension"
    answer = focal.post(address, data={"version": 1, "due_on": early, "reason": "x"})
    assert answer.status_code == 422
    assert 'id="ask_extension-due_on-error"' in answer.text
    assert "later day than the due date" in answer.text
    assert act(focal, english, "ask_extension", due_on="2028-09-30", reason="x") == 302
    assert "not a working day (weekend)" in page(focal, english)


def test_the_coordinators_list_decides_with_one_button_each_and_keeps_ones_own_out(
    session: Session, english: World, sign_in: SignIn
) -> None:
    world = english
    boss = sign_in(world.coordinator)
    assert "Nobody waits for more time" in boss.get("/extensions").text
    factories.extension(session, world.task, world.focal, wanted_on=WANTED, reason="Menunggu perbup.")
    factories.extension(session, world.other, world.other_focal, wanted_on=WANTED, reason="Server rusak.")
    factories.extension(session, world.shared, world.coordinator, wanted_on=WANTED, reason="Milik sendiri.")
    session.flush()
    shown = unescape(boss.get("/extensions").text)
    for words in ("Menunggu perbup.", "Server rusak.", "Milik sendiri."):
        assert words in shown
    assert len(re.findall(r"/extensions/\d+/grant", shown)) == 2
    version = {"version": 1}
    granted = boss.post(f"/extensions/{world.task.id}/grant", data={**version, "due_on": WANTED.isoformat()})
    assert granted.location == "/extensions"
    unsaid = boss.post(f"/extensions/{world.other.id}/refuse", data=version)
    assert unsaid.status_code == 422
    assert "refuse_extension-reason-error" in unsaid.text
    boss.post(f"/extensions/{world.other.id}/refuse", data={**version, "reason": "Evaluasi sudah dekat."})
    own = boss.post(f"/extensions/{world.shared.id}/grant", data=version)
    assert own.status_code == 403
    assert boss.post(f"/extensions/{world.task.id}/steal", data=version).status_code == 404
    states = dict(session.execute(select(Extension.reason, Extension.state)).all())
    assert states == {
        "Menunggu perbup.": ExtensionState.GRANTED,
        "Server rusak.": ExtensionState.REFUSED,
        "Milik sendiri.": ExtensionState.ASKED,
    }


def test_a_return_says_what_is_wrong_with_each_criterion_and_the_page_shows_it_there(
    session: Session, work: Work, english: World, sign_in: SignIn
) -> None:
    world = english
    for action in (Action.START, Action.SUBMIT):
        given = {"note": "bukti"}
        tasks.act(
            work, factories.scope(world.focal), world.task.id, action, given, version=None, now=factories.NOW
        )
    reviewer = sign_in(world.reviewer)
    assert 'name="verdict_3_a"' in page(reviewer, world)
    unsaid = reviewer.post(
        f"/tasks/{world.task.id}/act/return", data={"version": world.task.version, "verdict_3_a": "other"}
    )
    assert unsaid.status_code == 422
    assert "Say in words what is wrong with criterion a of level 3" in unescape(unsaid.text)
    assert act(reviewer, world, "return") == 422
    fields = {"verdict_3_a": "unsigned", "note_4_a": "SK milik dinas lain", "reason": ""}
    assert act(reviewer, world, "return", **fields) == 302
    stored = session.scalars(select(CriterionVerdict).order_by(CriterionVerdict.level)).all()
    assert [(each.level, each.letter, each.reason, each.note) for each in stored] == [
        (3, "a", ReturnReason.UNSIGNED, ""),
        (4, "a", ReturnReason.OTHER, "SK milik dinas lain"),
    ]
    assert (world.task.state, world.task.state_note) == (State.RETURNED, None)
    shown = page(sign_in(world.focal), world)
    assert "Not signed" in shown
    assert "SK milik dinas lain" in shown


def test_a_lack_of_money_is_named_and_leads_to_the_budget(english: World, sign_in: SignIn) -> None:
    focal = sign_in(english.focal)
    act(focal, english, "start")
    assert act(focal, english, "block", obstacle="laziness", reason="x") == 422
    assert act(focal, english, "block", obstacle="no_budget", reason="Belum ada di DPA.") == 302
    assert english.task.obstacle is Obstacle.NO_BUDGET
    shown = page(focal, english)
    assert "No budget" in shown
    assert "The obstacle is money." in shown
    act(focal, english, "unblock")
    assert english.task.obstacle is None


def test_a_milestone_is_promised_moved_with_a_reason_reached_and_taken_away(
    session: Session, english: World, sign_in: SignIn
) -> None:
    focal, task = sign_in(english.focal), english.task
    new = f"/tasks/{task.id}/milestones/new"
    assert focal.get(new).status_code == 200
    late = focal.post(new, data={"title": "Draf", "due_on": "2028-01-03"})
    assert late.status_code == 422
    assert focal.post(new, data={"title": "Draf", "due_on": "2025-06-02"}).status_code == 302
    row = session.scalars(select(Milestone)).one()
    edit = f"/tasks/milestones/{row.id}"
    unsaid = focal.post(edit, data={"title": "Draf", "due_on": "2025-06-16", "version": row.version})
    assert unsaid.status_code == 422
    assert "Say why the day is moved" in unsaid.text
    moved = {"title": "Draf", "due_on": "2025-06-16", "reason": "Bagian hukum cuti.", "version": row.version}
    assert focal.post(edit, data=moved).status_code == 302
    shown = page(focal, english)
    assert "first promised for 2 Jun 2025" in shown
    assert "Bagian hukum cuti." in shown
    focal.post(f"{edit}/tick", data={"is_done": "y", "version": row.version})
    assert "1 of 1 reached" in page(focal, english)
    stale = focal.post(f"{edit}/remove", data={"version": 1})
    assert stale.status_code == 409
    focal.post(f"{edit}/remove", data={"version": row.version})
    assert session.scalars(select(Milestone)).all() == []


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("25.000.000", "25000000.00", "Rp25.000.000"),
        ("Rp 25.000.000,50", "25000000.50", "Rp25.000.000,50"),
        ("1500000", "1500000.00", "Rp1.500.000"),
    ],
)
def test_a_budget_line_takes_rupiah_as_they_are_written(
    session: Session, world: World, sign_in: SignIn, typed: str, stored: str, shown: str
) -> None:
    focal = sign_in(world.focal)
    data = {"code": " 2.16.03.2.01. ", "name": "Pengelolaan SPBE", "amount": typed, "year": "2026"}
    assert focal.post(f"/tasks/{world.task.id}/budget/new", data=data).status_code == 302
    line = session.scalars(select(BudgetLine)).one()
    assert (line.code, str(line.amount), line.year) == ("2.16.03.2.01", stored, 2026)
    assert shown in page(focal, world)
    edit = focal.get(f"/tasks/budget/{line.id}").text
    assert f'value="{shown.removeprefix("Rp")}"' in edit


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "dua.enam"),
        ("code", "2"),
        ("name", "  "),
        ("amount", "12.5"),
        ("amount", "banyak"),
        ("amount", "0"),
        ("amount", "-5"),
        ("amount", "100,001"),
        ("amount", "100.000.000.000.000"),
        ("year", "2023"),
        ("year", "2030"),
    ],
)
def test_a_budget_line_that_cannot_be_is_refused_beside_its_field(
    session: Session, world: World, sign_in: SignIn, field: str, value: str
) -> None:
    data = {"code": "2.16.03.2.01", "name": "SPBE", "amount": "1.000", "year": "2025", field: value}
    answer = sign_in(world.focal).post(f"/tasks/{world.task.id}/budget/new", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert session.scalars(select(BudgetLine)).all() == []


def test_a_reader_sees_what_was_agreed_and_cannot_change_it(
    session: Session, english: World, sign_in: SignIn
) -> None:
    factories.milestone(session, english.task, "Draf perbup")
    line = factories.budget_line(session, english.task)
    session.flush()
    reader = sign_in(english.reviewer)
    shown = page(reader, english)
    assert "Draf perbup" in shown
    assert line.code in shown
    assert "/milestones/" not in shown
    assert "/budget/" not in shown
    assert reader.post(f"/tasks/budget/{line.id}/remove", data={"version": 1}).status_code == 403


@pytest.mark.parametrize(("state", "is_late"), [(State.IN_PROGRESS, True), (State.SUBMITTED, False)])
def test_a_promised_day_that_is_over_is_late_only_while_it_is_the_agencys_turn(
    session: Session, english: World, sign_in: SignIn, state: State, is_late: bool
) -> None:
    english.task.state = state
    factories.milestone(session, english.task, due_on=date(2020, 1, 2))
    factories.milestone(session, english.task, "Masih jauh", due_on=date(2999, 1, 2))
    session.flush()
    shown = page(sign_in(english.focal), english).partition('id="milestones"')[2].partition("</section>")[0]
    assert shown.count("due-late") == is_late


def test_a_reason_of_several_lines_is_kept_with_plain_line_ends(
    session: Session, english: World, sign_in: SignIn
) -> None:
    row = factories.milestone(session, english.task, due_on=english.task.due_on)
    session.flush()
    data = {
        "title": row.title,
        "due_on": "2024-06-03",
        "reason": " Cuti.\r\nDua pekan. ",
        "version": row.version,
    }
    assert sign_in(english.focal).post(f"/tasks/milestones/{row.id}", data=data).status_code == 302
    moved = session.scalars(select(Event).where(Event.action == "change_milestone")).one()
    assert moved.data["reason"] == "Cuti.\nDua pekan."
