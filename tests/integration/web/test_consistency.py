"""The page of the consistency check: counts, reasons, and links that lead to a page where each finding is mended."""

import re
from datetime import timedelta
from decimal import Decimal

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import EvaluationCalendar, Projection, ProjectionRequest
from spbe_tasks.rules.consistency import Kind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import projections
from spbe_tasks.web.consistency_words import WORDS
from spbe_tasks.work import Work
from tests import factories
from tests.factories import DUE_ON, NOW, SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted


def visit(sign_in: SignIn, world: World) -> FlaskClient:
    world.coordinator.locale = "en"
    return sign_in(world.coordinator)


def break_everything(work: Work, world: World) -> None:
    session = work.session
    world.task.due_on = DUE_ON + timedelta(days=30)
    world.other_focal.is_active = False
    factories.suppression(session, world.focal)
    today = clock.now().date()
    for days in (-30, 30):
        evidence = factories.evidence(
            session, world.focal, "a" * 64, title=f"SK {days}", expires_on=today + timedelta(days=days)
        )
        factories.evidence_use(session, world.task, evidence, 3, "a")
    factories.task(session, world.plan, world.kominfo, 34, state=State.ACCEPTED, reached_level=Decimal(3))
    factories.task(session, world.plan, factories.agency(session, world.government, is_active=False), 35)
    factories.ownership(session, world.kominfo, 33, share_numerator=1, share_denominator=2)
    factories.ownership(session, world.kominfo, 5)
    dates = {"self_assessment_opens_on": DUE_ON, "self_assessment_closes_on": today + timedelta(days=60)}
    session.add(EvaluationCalendar(government_id=world.government.id, year=2024, **dates))
    session.flush()
    projections.rebuild(work, world.plan.id, now=NOW, is_forced=True)


def test_every_finding_leads_to_a_page_that_opens(sign_in: SignIn, work: Work, world: World) -> None:
    break_everything(work, world)
    browser = visit(sign_in, world)
    page = browser.get("/checks").text
    kinds = set(re.findall(r'<section class="section" id="([a-z_]+)"', page))
    assert kinds == {
        "unowned",
        "unplanned",
        "shares_not_one",
        "agency_closed",
        "no_focal_point",
        "accepted_without_evidence",
        "evidence_expired",
        "address_blocked",
        "due_after_evaluation",
        "evidence_expires",
        "level_jump",
    }
    main = page.split("<main", 1)[1]
    links = set(re.findall(r'<li><span>[^<]*</span> <a href="([^"]+)">', main))
    assert f"/people/new?agency={world.bappeda.id}" in links
    assert f"/plans/{SPBE}/2024/generate" in links
    for link in links:
        assert browser.get(link.replace("&amp;", "&")).status_code == 200, link


def test_every_kind_has_words_and_a_link_or_the_button() -> None:
    assert set(WORDS) == set(Kind)
    figures = {Kind.FIGURES_DIFFER, Kind.PROOF_DIFFERS, Kind.PROOF_DIFFERED}
    assert {kind for kind, words in WORDS.items() if words.mend is None} == figures


def test_the_plan_leads_to_the_check_and_a_plan_in_order_says_so(
    sign_in: SignIn, work: Work, world: World, session: Session
) -> None:
    browser = visit(sign_in, world)
    assert "/checks?year=2024" in browser.get("/plans").text
    for task in (world.task, world.shared, world.other):
        task.state = State.WITHDRAWN
    everything_high = factories.revision(session, world.government, level=5, year=2022)
    world.plan.baseline_revision_id = everything_high.id
    session.add(
        EvaluationCalendar(government_id=world.government.id, year=2024, self_assessment_opens_on=DUE_ON)
    )
    session.flush()
    projections.rebuild(work, world.plan.id, now=NOW, is_forced=True)
    assert "Everything fits together" in browser.get("/checks").text


def test_wrong_figures_are_told_and_computed_anew_at_a_button(
    sign_in: SignIn, work: Work, world: World, session: Session
) -> None:
    projections.rebuild(work, world.plan.id, now=NOW, is_forced=True)
    browser = visit(sign_in, world)
    compute = f"/checks/{world.plan.id}/compute"
    assert compute not in browser.get("/checks").text
    session.get_one(Projection, world.plan.id).secured += 1
    session.flush()
    page = browser.get("/checks").text
    assert "Secured: stored 3, computed 2" in page
    assert compute in page
    assert browser.post(compute).headers["Location"] == "/checks"
    assert session.query(ProjectionRequest).filter_by(plan_id=world.plan.id).count() == 1
    assert "being computed right now" in browser.get("/checks").text


def test_long_lists_are_folded(sign_in: SignIn, work: Work, world: World) -> None:
    projections.rebuild(work, world.plan.id, now=NOW, is_forced=True)
    page = visit(sign_in, world).get("/checks").text
    section = page.split('id="unowned"', 1)[1].split("</section>", 1)[0]
    assert section.count("<li>") == 47
    assert "37 more" in section


def test_the_page_takes_few_statements(sign_in: SignIn, work: Work, world: World) -> None:
    break_everything(work, world)
    browser = visit(sign_in, world)
    browser.get("/checks")
    with counted(db.engine) as statements:
        browser.get("/checks")
    assert len(statements) <= 12, "\n\n".join(statements)
