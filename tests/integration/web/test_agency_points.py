"""Who holds the index back: rows that add up to the gap, numbers that lead to what they count."""

import csv
import io
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Projection
from spbe_tasks.rules.workflow import CancelKind, State
from spbe_tasks.services import projection_record, projections, standings
from spbe_tasks.services.standings import Standings
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World


def read(work: Work, world: World) -> Standings:
    projections.rebuild(work, world.plan.id, now=NOW, is_forced=True)
    stored = work.session.get_one(Projection, world.plan.id)
    record = projection_record.read(stored)
    return standings.read(work.session, factories.scope(world.executive), world.plan, record, now=NOW)


@pytest.fixture
def browser(sign_in: SignIn, world: World, work: Work) -> FlaskClient:
    """An executive; 33 goes to level 4 and is late, 12 is shared and accepted by one, 5 is owned but not planned."""
    world.task.due_on = NOW.date().replace(month=2)
    world.shared.state, world.shared.reached_level = State.ACCEPTED, Decimal(3)
    factories.ownership(work.session, world.kominfo, 5)
    factories.ownership(work.session, world.kominfo, 12)
    work.session.flush()
    projections.rebuild(work, world.plan.id, now=NOW)
    return sign_in(world.executive)


def whole_gap() -> Fraction:
    """Every indicator stands at 2 and is to reach 3; the task on 33 was made for level 4."""
    instrument = get_instrument(SPBE)
    weights = sum(Fraction(each.weight) for each in instrument.indicators)
    return (weights + Fraction(instrument.indicator(33).weight)) / 100


def test_all_rows_together_are_exactly_the_gap(browser: FlaskClient, work: Work, world: World) -> None:
    seen = read(work, world)
    assert seen.gap == whole_gap()
    weight = Fraction(get_instrument(SPBE).indicator(5).weight)
    assert seen.unplanned == {5: weight / 100}
    assert len(seen.unowned) == 47 - 3
    assert seen.total("points_at_stake") + seen.unowned_points + seen.unplanned_points == seen.gap


def test_an_agencys_row_is_the_sum_of_its_parts(browser: FlaskClient, work: Work, world: World) -> None:
    seen = read(work, world)
    for row in seen.agencies:
        parts = seen.parts_of(row.agency_id)
        for figure in ("at_stake", "secured", "waiting", "late"):
            whole = sum((getattr(part, figure) for part in parts), Fraction(0))
            assert whole == getattr(row.figures, f"points_{figure}")
    assert {part.indicator_number for part in seen.parts_of(world.kominfo.id) if part.waiting} == {12}
    assert {part.indicator_number for part in seen.parts_of(world.kominfo.id) if part.late} == {33}


def test_what_is_not_needed_leaves_the_gap_and_what_was_given_up_does_not(
    browser: FlaskClient, work: Work, world: World
) -> None:
    world.task.state, world.task.cancel_kind = State.CANCELLED, CancelKind.NOT_NEEDED
    work.session.flush()
    weight = Fraction(get_instrument(SPBE).indicator(33).weight)
    seen = read(work, world)
    assert seen.gap == whole_gap() - 2 * weight / 100
    assert 33 not in {*seen.unowned, *seen.unplanned}
    world.task.cancel_kind = CancelKind.GIVEN_UP
    work.session.flush()
    assert read(work, world).gap == whole_gap()


def test_the_page_leads_from_every_number_to_what_it_counts(browser: FlaskClient, world: World) -> None:
    page = browser.get("/agency-points").text
    links = set(re.findall(r"/agency-points/\d+\?figure=[a-z_]+", page))
    mine = f"/agency-points/{world.kominfo.id}?figure="
    assert {each for each in links if each.startswith(mine)} == {
        f"{mine}{figure}" for figure in ("undelivered", "at_stake", "waiting", "late")
    }
    late = browser.get(f"{mine}late").text
    assert f"/tasks/{world.task.id}" in late
    assert f"/tasks/{world.shared.id}" not in late
    waiting = browser.get(f"{mine}waiting").text
    assert f"/tasks/{world.shared.id}" in waiting
    assert f"/tasks/{world.task.id}" not in waiting


def test_the_file_holds_the_same_rows_with_exact_fractions(
    browser: FlaskClient, work: Work, world: World
) -> None:
    answer = browser.get("/agency-points/export.csv")
    name = f"poin-perangkat-daerah-{world.government.slug}-{world.plan.year}.csv"
    assert name in answer.headers["Content-Disposition"]
    text = answer.get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    exact = [Fraction(row[-1]) for row in rows[1:]]
    assert sum(exact) == read(work, world).gap
    assert [row[0] for row in rows[1:3]] == ["Diskominfo", "Bappeda"]


def test_figures_stored_by_an_earlier_version_are_shown_without_their_parts(
    browser: FlaskClient, session: Session, world: World
) -> None:
    stored = session.get_one(Projection, world.plan.id)
    stored.details = {name: value for name, value in stored.details.items() if name != "parts"}
    session.flush()
    assert "Diskominfo" in browser.get("/agency-points").text
    assert browser.get(f"/agency-points/{world.kominfo.id}").status_code == 200


def test_before_the_first_figures_the_page_leads_home(sign_in: SignIn, world: World) -> None:
    assert sign_in(world.executive).get("/agency-points").location == "/dashboard"


@pytest.mark.parametrize("person", ["focal", "head"])
def test_who_may_not_compare_agencies_sees_no_other_agencys_points(
    sign_in: SignIn, world: World, person: str
) -> None:
    browser = sign_in(getattr(world, person))
    for address in ("/agency-points", f"/agency-points/{world.kominfo.id}", "/agency-points/export.csv"):
        assert browser.get(address).status_code == 403
