"""The pages where one instrument follows another: two assessments side by side, and the trend of the leaders' page."""

import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks.models import AssessmentRevision, Government
from spbe_tasks.rules.access import Role
from spbe_tasks.services import projections
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, PEMDI
from tests.integration.conftest import SignIn


@pytest.fixture
def home(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def old(session: Session, home: Government) -> AssessmentRevision:
    return factories.revision(session, home, {25: 4, 24: None}, year=2025)


@pytest.fixture
def new(session: Session, home: Government) -> AssessmentRevision:
    return factories.revision(session, home, {3: Decimal("3.25")}, year=2026, instrument_id=PEMDI)


@pytest.fixture
def browser(session: Session, home: Government, sign_in: SignIn) -> FlaskClient:
    return sign_in(factories.account(session, home, locale="en"))


def test_the_crosswalk_stands_in_place_of_a_difference(
    browser: FlaskClient, old: AssessmentRevision, new: AssessmentRevision
) -> None:
    page = browser.get(f"/assessments/{new.assessment_id}/compare?other={old.id}").text
    assert "not comparable" in page
    assert "The table below is unofficial" in page
    assert "Effect on the index" not in page
    assert "Difference" not in page
    third = next(row for row in page.split("<tr>") if f"/indicators/{PEMDI}/3?" in row)
    assert re.search(r">3\.25<.*>4</strong>.*25\. ", third, re.DOTALL), third
    sixth = next(row for row in page.split("<tr>") if f"/indicators/{PEMDI}/6?" in row)
    assert "nothing: it is new" in sixth
    dropped = page[page.index("No longer asked") :]
    assert re.search(r"not assessed</strong>\s*<a[^>]*>24\. ", dropped)


def test_the_other_instruments_assessments_are_offered_apart(
    browser: FlaskClient, session: Session, home: Government, old: AssessmentRevision, new: AssessmentRevision
) -> None:
    earlier = factories.revision(session, home, year=2024)
    page = browser.get(f"/assessments/{old.assessment_id}/compare").text
    alike, across = page[page.index("<select") : page.index("</select>")].split("<optgroup")
    assert f'value="{earlier.id}" selected' in alike
    assert f'value="{new.id}"' in across
    assert "Effect on the index" in page, "by the same instrument there is a difference"


def test_the_only_assessment_by_its_instrument_is_shown_beside_the_one_before_it(
    browser: FlaskClient, old: AssessmentRevision, new: AssessmentRevision
) -> None:
    page = browser.get(f"/assessments/{new.assessment_id}/compare").text
    assert f'value="{old.id}" selected' in page
    assert "Which indicators follow which" in page


def test_another_governments_assessment_is_not_found_across_either(
    browser: FlaskClient, session: Session, new: AssessmentRevision
) -> None:
    theirs = factories.revision(session, factories.government(session), year=2025)
    page = browser.get(f"/assessments/{new.assessment_id}/compare?other={theirs.id}")
    assert page.status_code == 404


def planned(work: Work, home: Government, baseline: AssessmentRevision) -> None:
    policy = factories.policy(work.session, home, instrument_id=PEMDI, year=2026)
    values = {"instrument_id": PEMDI, "year": 2026, "policy_id": policy.id, "baseline": baseline}
    plan = factories.plan(work.session, home, target_index=Decimal("3.20"), **values)
    projections.rebuild(work, plan.id, now=NOW)
    work.session.commit()


def _start_of_target(page: str) -> str:
    return re.findall(r'class="line-target" x1="([\d.]+)%"', page)[0]


def test_the_trend_breaks_where_the_instrument_changes_and_leads_to_the_crosswalk(
    browser: FlaskClient, work: Work, home: Government, old: AssessmentRevision, new: AssessmentRevision
) -> None:
    factories.revision(work.session, home, year=2024)
    planned(work, home, new)
    page = browser.get("/dashboard").text
    trend = page[page.index('<figure class="trend">') :]
    assert trend.count('class="line-official"') == 1, "2024 to 2025; none from 2025 to 2026"
    assert (break_at := re.findall(r'class="line-break" x1="([\d.]+)%"', trend)) == [_start_of_target(trend)]
    assert float(break_at[0]) > 9, "after the first result"
    of_result = (
        r'<td data-label="When"><a href="/assessments/\d+">(\d{4})</a></td>\s*<td data-label="Kind">([^<]*)<'
    )
    years = re.findall(of_result, trend)
    former = "Result of the evaluation (PermenPANRB 59/2020)"
    assert years == [("2024", former), ("2025", former), ("2026", "Result of the evaluation")]
    link = f"/assessments/{new.assessment_id}/compare?other={old.id}"
    assert f'href="{link}"' in trend
    assert "Which indicators follow which" in browser.get(link).text


def test_leaders_read_of_the_break_without_a_door_that_is_closed_to_them(
    session: Session,
    work: Work,
    home: Government,
    old: AssessmentRevision,
    new: AssessmentRevision,
    sign_in: SignIn,
) -> None:
    planned(work, home, new)
    page = sign_in(factories.account(session, home, Role.EXECUTIVE, locale="en")).get("/dashboard").text
    assert "The line breaks where the instrument changed" in page
    assert "/compare" not in page


def test_without_an_earlier_instrument_the_trend_is_one_line(
    browser: FlaskClient, work: Work, home: Government, new: AssessmentRevision
) -> None:
    planned(work, home, new)
    page = browser.get("/dashboard").text
    assert _start_of_target(page) == "4", "the target stands across the whole chart"
    assert "line-break" not in page
    assert "The line breaks" not in page
