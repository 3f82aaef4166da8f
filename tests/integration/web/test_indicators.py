"""The page of one indicator and the table of all: what stands there, for whom, and at what price."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.instruments.crosswalk_loader import find_crosswalk
from spbe_tasks.models import (
    Assessment,
    AssessmentKind,
    AssessmentRevision,
    CriterionClaim,
    LevelPin,
    RevisionCause,
    Score,
    Task,
)
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import level_pins, projections
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted

PEMDI = "permenpanrb-8-2026"
PAGE = f"/indicators/{SPBE}"


def _claim(
    session: Session, world: World, task: Task, letter: str, explanation: str, *, level: int = 3
) -> None:
    session.add(
        CriterionClaim(
            task_id=task.id,
            level=level,
            letter=letter,
            government_id=task.government_id,
            is_met=True,
            explanation=explanation,
            claimed_by_id=world.focal.id,
            claimed_at=NOW,
        )
    )
    session.flush()


def _self_assessment(session: Session, world: World, level: int) -> Assessment:
    """A second kind in the year of the plan, with every indicator at ``level``."""
    official = factories.revision(session, world.government, level=level, year=1999)
    assessment = session.get_one(Assessment, official.assessment_id)
    assessment.kind, assessment.year = AssessmentKind.SELF, world.plan.year
    session.flush()
    return assessment


@pytest.mark.parametrize("who", ["coordinator", "focal", "executive"])
def test_the_page_takes_at_most_eight_statements(world: World, work: Work, sign_in: SignIn, who: str) -> None:
    projections.rebuild(work, world.plan.id, now=NOW)
    browser = sign_in(getattr(world, who))
    for address in (f"{PAGE}/12", PAGE):
        with counted(db.engine) as statements:
            assert browser.get(address).status_code == 200
        assert len(statements) <= 8, "\n\n".join(statements)


def test_result_and_self_assessment_stand_side_by_side(
    session: Session, world: World, sign_in: SignIn
) -> None:
    _self_assessment(session, world, 4)
    world.coordinator.locale = "en"
    page = sign_in(world.coordinator).get(f"{PAGE}/33").text
    assert "The result is 2 below the self-assessment" in page


def test_a_pinned_level_shows_its_reason_to_everybody_and_the_way_to_change_it_to_coordinators(
    session: Session, world: World, sign_in: SignIn
) -> None:
    revision = session.get_one(AssessmentRevision, world.plan.baseline_revision_id)
    pin = LevelPin(
        government_id=world.government.id,
        assessment_id=revision.assessment_id,
        indicator_number=33,
        level=Decimal(3),
        reason="Salah cetak menurut berita acara.",
        pinned_at=NOW,
    )
    session.add(pin)
    session.flush()
    pinned = AssessmentRevision(
        government_id=world.government.id,
        assessment_id=revision.assessment_id,
        number=2,
        cause=RevisionCause.PIN,
        file_name=revision.file_name,
        file_sha256=revision.file_sha256,
        imported_at=NOW,
        index_value=revision.index_value,
    )
    session.add(pinned)
    session.flush()
    session.add(
        Score(
            revision_id=pinned.id,
            indicator_number=33,
            government_id=world.government.id,
            level=Decimal(3),
            read_level=Decimal(2),
            pin_id=pin.id,
        )
    )
    session.flush()
    link = f"/assessments/{revision.assessment_id}/indicators/33/pin"
    for person, sees in ((world.coordinator, True), (world.focal, False), (world.executive, False)):
        page = sign_in(person).get(f"{PAGE}/33").text
        assert "Salah cetak menurut berita acara." in page
        assert (link in page) is sees


def test_a_plan_that_starts_from_other_levels_than_the_newest_says_so(
    work: Work, world: World, sign_in: SignIn
) -> None:
    projections.rebuild(work, world.plan.id, now=NOW)
    world.coordinator.locale = "en"
    browser = sign_in(world.coordinator)
    pages = (f"{PAGE}/33", PAGE)
    assert [each for each in pages if "the plan starts from" in browser.get(each).text] == []
    baseline = work.session.get_one(AssessmentRevision, world.plan.baseline_revision_id)
    level_pins.pin(
        work,
        factories.scope(world.coordinator),
        baseline.assessment_id,
        33,
        level=Decimal(4),
        reason="Berita acara.",
        seen_number=1,
        now=NOW,
    )
    assert [browser.get(each).text.count("the plan starts from") for each in pages] == [1, 1]


def test_claims_without_an_explanation_are_missing_evidence(
    session: Session, world: World, sign_in: SignIn
) -> None:
    world.coordinator.locale = "en"
    _claim(session, world, world.task, "a", "Perbup 12/2024")
    _claim(session, world, world.task, "a", " ", level=4)
    page = sign_in(world.coordinator).get(f"{PAGE}/33").text
    assert "Evidence: 1 held, 1 missing" in page
    assert "Perbup 12/2024" in page
    assert "met, evidence not named" in page


def test_a_criterion_is_met_only_when_every_agency_that_has_to_meet_it_says_so(
    session: Session, world: World, sign_in: SignIn
) -> None:
    world.coordinator.locale = "en"
    _claim(session, world, world.shared, "a", "SK Tim Koordinasi")
    browser = sign_in(world.coordinator)
    assert "Evidence: 0 held, 0 missing" in browser.get(f"{PAGE}/12").text
    _claim(session, world, world.other, "a", "SK Tim Koordinasi")
    assert "Evidence: 1 held, 0 missing" in browser.get(f"{PAGE}/12").text


def test_agencies_that_share_an_indicator_see_names_states_and_dates_but_not_each_others_words(
    session: Session, world: World, sign_in: SignIn
) -> None:
    _claim(session, world, world.other, "a", "rahasia Bappeda")
    factories.ownership(session, world.kominfo, 12)
    factories.ownership(session, world.bappeda, 12, is_lead=False)
    page = sign_in(world.focal).get(f"{PAGE}/12").text
    assert "Bappeda" in page
    assert f"/tasks/{world.shared.id}" in page
    assert f"/tasks/{world.other.id}" not in page
    assert "rahasia Bappeda" not in page
    assert "rahasia Bappeda" in sign_in(world.executive).get(f"{PAGE}/12").text


def test_agencies_see_nothing_of_the_others_on_an_indicator_they_do_not_share(
    session: Session, world: World, sign_in: SignIn
) -> None:
    factories.ownership(session, world.kominfo, 33)
    page = sign_in(world.other_focal).get(f"{PAGE}/33")
    assert page.status_code == 200
    assert "Diskominfo" not in page.text
    assert "Diskominfo" not in sign_in(world.other_focal).get(PAGE).text
    assert "Diskominfo" in sign_in(world.executive).get(PAGE).text


def test_tasks_that_are_not_published_are_the_coordinators_only(
    session: Session, world: World, sign_in: SignIn
) -> None:
    factories.task(session, world.plan, world.bappeda, 5, state=State.PLANNED)
    factories.ownership(session, world.kominfo, 5)
    factories.ownership(session, world.bappeda, 5, is_lead=False)
    for person, sees in ((world.focal, False), (world.other_focal, False), (world.coordinator, True)):
        page = sign_in(person).get(f"{PAGE}/5").text
        assert ("state-planned" in page) is sees


def test_another_governments_levels_and_tasks_are_not_there(
    session: Session, world: World, sign_in: SignIn
) -> None:
    elsewhere = factories.government(session)
    agency = factories.agency(session, elsewhere, short_name="LUARPAGAR")
    theirs = factories.plan(
        session, elsewhere, year=2021, baseline=factories.revision(session, elsewhere, level=5, year=2021)
    )
    factories.task(session, theirs, agency, 33)
    factories.ownership(session, agency, 33)
    page = sign_in(world.coordinator).get(f"{PAGE}/33").text
    assert "LUARPAGAR" not in page
    assert "year=2021" not in page


def test_what_does_not_exist_is_not_found(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.coordinator)
    assert browser.get(f"{PAGE}/48").status_code == 404
    assert browser.get("/indicators/tidak-ada/1").status_code == 404


def test_choosing_an_indicator_leads_to_its_page(world: World, sign_in: SignIn) -> None:
    answer = sign_in(world.focal).get(f"{PAGE}?number=34&year=2024")
    assert answer.status_code == 302
    assert answer.location == f"{PAGE}/34?year=2024"


def test_neighbours_by_number_are_one_step_away_and_the_ends_have_one(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.executive)
    first, last = browser.get(f"{PAGE}/1").text, browser.get(f"{PAGE}/47").text
    assert ('rel="prev"' in first, 'rel="next"' in first) == (False, True)
    assert ('rel="prev"' in last, 'rel="next"' in last) == (True, False)


def test_a_year_without_an_assessment_says_so(world: World, sign_in: SignIn) -> None:
    world.executive.locale = "en"
    page = sign_in(world.executive).get(f"{PAGE}/33?year=2019").text
    assert "No assessment of this year has been imported." in page


def test_over_a_change_of_instrument_the_relation_is_shown_both_ways_without_levels(
    world: World, sign_in: SignIn
) -> None:
    walk = find_crosswalk(SPBE, PEMDI)
    assert walk is not None
    new, olds = next((new, olds) for new, olds in walk.followed.items() if olds)
    world.coordinator.locale = "en"
    browser = sign_in(world.coordinator)
    assert f"/indicators/{PEMDI}/{new}" in browser.get(f"{PAGE}/{olds[0]}").text
    page = browser.get(f"/indicators/{PEMDI}/{new}").text
    assert all(f"{PAGE}/{old}" in page for old in olds)
    assert "Levels of two instruments are not compared." in page
    assert "All of Indonesia" not in page
    dropped = browser.get(f"{PAGE}/{walk.dropped[0]}").text
    assert "No indicator asks for this any more." in dropped
