"""The page of reports, and the inspectorate's view of a plan in four statuses."""

import csv
import io
import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.building import run
from spbe_tasks.extensions import db
from spbe_tasks.labels import LABELS
from spbe_tasks.models import BuildKind, BuiltFile
from spbe_tasks.rules.requirements import CancelKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.build_terms import REPORTS
from spbe_tasks.web.reports import ABOUT
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted


@pytest.fixture
def cancelled(world: World, session: Session) -> None:
    """A further recommendation, to Bappeda, that cannot be followed up."""
    given_up = {"cancel_kind": CancelKind.GIVEN_UP, "state_note": "=Regulasi dicabut"}
    factories.task(session, world.plan, world.bappeda, 20, state=State.CANCELLED, **given_up)


def test_every_report_has_a_name_and_a_sentence() -> None:
    assert set(ABOUT) == set(REPORTS)
    assert set(LABELS) >= set(REPORTS)


def test_a_report_is_asked_for_once_waits_on_the_page_and_is_there_when_it_is_built(
    app: Flask, world: World, sign_in: SignIn, session: Session
) -> None:
    browser = sign_in(world.executive)
    for _ in range(2):
        assert browser.post("/reports/follow_up_sheet?year=2024").location.endswith("/reports")
    built = session.scalars(select(BuiltFile)).one()
    assert (built.kind, built.subject) == (
        BuildKind.FOLLOW_UP_SHEET,
        {"plan_id": world.plan.id, "year": 2024},
    )
    assert "data-unfinished" in browser.get("/reports").text
    run.build(built.id)
    page = browser.get("/reports").text
    assert f"/downloads/{built.id}" in page
    assert "data-unfinished" not in page
    assert browser.get(f"/downloads/{built.id}").data[:2] == b"PK"


def test_files_of_other_kinds_are_not_among_the_reports(
    world: World, sign_in: SignIn, session: Session
) -> None:
    factories.built_file(session, world.coordinator, file_name="paket-bukti.zip")
    browser = sign_in(world.coordinator)
    assert "paket-bukti.zip" not in browser.get("/reports").text
    assert "paket-bukti.zip" in browser.get("/downloads").text


@pytest.mark.parametrize("kind", ["evidence_package", "none"])
def test_what_is_no_report_cannot_be_asked_for_here(world: World, sign_in: SignIn, kind: str) -> None:
    assert sign_in(world.coordinator).post(f"/reports/{kind}").status_code == 404


def test_before_there_is_a_plan_its_reports_are_not_offered(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(factories.account(session, factories.government(session)))
    assert 'action="/reports/plan_workbook' not in browser.get("/reports").text
    assert browser.post("/reports/plan_workbook").status_code == 404


def test_the_counts_are_the_rows_they_lead_to(world: World, cancelled: None, sign_in: SignIn) -> None:
    browser = sign_in(world.coordinator)
    page = browser.get("/reports/follow-up?year=2024").text
    links = re.findall(r'href="(/reports/follow-up\?[^"]+)#rows">(\d+)</a>', page)
    assert len(links) == 8  # what is not none, of each of two agencies and of both
    for address, number in links:
        rows = browser.get(address.replace("&amp;", "&")).text
        assert len(re.findall(r'class="row-title"><a href="/tasks/', rows)) == int(number), address


def test_what_cannot_be_followed_up_says_why(world: World, cancelled: None, sign_in: SignIn) -> None:
    rows = sign_in(world.reviewer).get("/reports/follow-up?status=cannot").text
    assert "=Regulasi dicabut" in rows
    assert f"/tasks/{world.task.id}" not in rows


def test_people_of_an_agency_see_their_own_recommendations(
    world: World, cancelled: None, sign_in: SignIn
) -> None:
    browser = sign_in(world.focal)
    page = browser.get("/reports/follow-up").text
    assert f"/tasks/{world.task.id}" in page
    assert "Bappeda" not in page
    assert "Bappeda" not in browser.get(f"/reports/follow-up?agency={world.bappeda.id}").text
    assert "Bappeda" not in browser.get("/reports/follow-up/export.csv").text


def test_the_file_has_the_rows_of_the_page_and_no_formula(
    world: World, cancelled: None, sign_in: SignIn
) -> None:
    browser = sign_in(world.coordinator)
    everything = list(csv.reader(io.StringIO(browser.get("/reports/follow-up/export.csv").text)))
    assert len(everything) == 1 + 4
    one = list(csv.reader(io.StringIO(browser.get("/reports/follow-up/export.csv?status=cannot").text)))
    assert len(one) == 2
    assert one[1][-1] == "'=Regulasi dicabut"


def test_the_latest_round_counts_and_an_earlier_one_is_an_answer(
    world: World, session: Session, sign_in: SignIn
) -> None:
    world.task.state, world.task.reached_level = State.ACCEPTED, world.task.baseline_level
    session.flush()
    second = factories.task(session, world.plan, world.kominfo, 33, round=2)
    rows = sign_in(world.coordinator).get("/reports/follow-up?status=in_process").text
    assert f'href="/tasks/{second.id}"' in rows
    assert f'href="/tasks/{world.task.id}"' not in rows


def test_a_page_of_many_recommendations_takes_as_many_statements_as_one_of_few(
    world: World, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(world.coordinator)
    browser.get("/reports/follow-up")  # what a process remembers is read once
    with counted(db.engine) as few:
        browser.get("/reports/follow-up")
    for number in range(1, 31):
        if number != 12:
            factories.task(session, world.plan, world.kominfo, number)
    with counted(db.engine) as many:
        page = browser.get("/reports/follow-up?page=2").text
    assert len(many) == len(few) <= 5, "\n\n".join(many)
    assert len(re.findall(r'class="row-title"><a href="/tasks/', page)) == 3 + 29 - 25


def test_the_page_of_reports_takes_few_statements(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.coordinator)
    browser.get("/reports")
    with counted(db.engine) as statements:
        assert browser.get("/reports").status_code == 200
    assert len(statements) <= 4, "\n\n".join(statements)
