"""The page that holds a plan against its result: one sentence, three tables, the same as files, and why not."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import Account, AssessmentRevision, EvaluationCalendar
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import Action, Field, State
from spbe_tasks.services import tasks
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, PEMDI
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted

CLOSED_ON = date(2025, 8, 29)
IMPORTED_AT = datetime(2026, 1, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def second(session: Session, world: World) -> Account:
    return factories.account(session, world.government, Role.REVIEWER, name="Wati Penelaah")


@pytest.fixture
def result(session: Session, work: Work, world: World, second: Account) -> AssessmentRevision:
    """Rudi accepted 33 at 4, found at 3; Wati accepted both parts of 12 at 3, found at 3; the rest as it stood."""
    for task, reviewer, reached in (
        (world.task, world.reviewer, 4),
        (world.shared, second, 3),
        (world.other, second, 3),
    ):
        task.state = State.SUBMITTED
        session.flush()
        given: dict[str, object] = {Field.REACHED_LEVEL: Decimal(reached)}
        scope = factories.scope(reviewer)
        tasks.act(work, scope, task.id, Action.ACCEPT, given, version=None, now=NOW)
    dates = {"self_assessment_closes_on": CLOSED_ON}
    session.add(EvaluationCalendar(government_id=world.government.id, year=2024, **dates))
    factories.snapshot(session, world.plan, CLOSED_ON, {33: 4, 12: 3})
    return factories.revision(session, world.government, {33: 3, 12: 3}, year=2025, imported_at=IMPORTED_AT)


@pytest.fixture
def leader(sign_in: SignIn, world: World) -> FlaskClient:
    world.executive.locale = "en"
    return sign_in(world.executive)


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_begins_with_one_sentence(leader: FlaskClient, result: AssessmentRevision) -> None:
    """From 2.00: 33 weighs 2.75 and went up by two, found one; 12 weighs 2.50 and went up by one, which was found."""
    page = words_of(leader.get("/calibration").text)
    assert "Of 2 accepted raises the evaluator confirmed 1;" in page
    assert "the secured index was 2.08, the official result is 2.05." in page
    assert "Friday, 29 August 2025, when the self-assessment closed" in page


def test_every_row_leads_to_what_it_is_made_of(
    leader: FlaskClient, result: AssessmentRevision, world: World
) -> None:
    page = leader.get(f"/calibration/{world.plan.id}").text
    for task in (world.task, world.shared, world.other):
        assert f"/tasks/{task.id}" in page
    assert "/indicators/permenpanrb-59-2020/33" in page
    assert "45 other indicators were not raised" in page


def test_executives_see_every_reviewer_and_a_reviewer_only_the_own_row(
    leader: FlaskClient, sign_in: SignIn, result: AssessmentRevision, world: World, second: Account
) -> None:
    page = leader.get("/calibration").text
    assert "Rudi Penelaah" in page
    assert "Wati Penelaah" in page
    page = sign_in(second).get("/calibration").text
    assert "Rudi Penelaah" not in page
    assert "Wati Penelaah" in words_of(page.split("<main", 1)[1])


def test_the_files_hold_the_same_rows(
    leader: FlaskClient, result: AssessmentRevision, world: World, session: Session
) -> None:
    world.reviewer.name = "=1+1"
    session.flush()

    def rows(by: str) -> list[list[str]]:
        answer = leader.get(f"/calibration/{world.plan.id}/export.csv?by={by}")
        return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))

    indicators = {row[0]: row for row in rows("indicators")}
    assert len(indicators) == 48
    assert indicators["33"][2:] == ["2", "4", "3", "-1", "Diskominfo"]
    assert indicators["12"][2:6] == ["2", "3", "3", "0"]
    assert sorted(indicators["12"][6].split(", ")) == ["Bappeda", "Diskominfo"]
    assert rows("reviewers")[1:] == [
        ["'=1+1", "1", "0", "-1.00", "-1"],
        ["Wati Penelaah", "2", "2", "0.00", "0"],
    ]
    assert rows("agencies")[1:] == [
        ["Diskominfo", "2", "1", "-0.50", "'-1/2"],
        ["Bappeda", "1", "1", "0.00", "0"],
    ]


def test_a_reviewers_file_holds_no_other_reviewer(
    sign_in: SignIn, result: AssessmentRevision, world: World
) -> None:
    text = sign_in(world.reviewer).get(f"/calibration/{world.plan.id}/export.csv?by=reviewers").text
    assert "Rudi Penelaah" in text
    assert "Wati Penelaah" not in text


def test_without_a_result_the_page_says_what_there_will_be(leader: FlaskClient, world: World) -> None:
    assert "The official result 2025 is not there yet" in leader.get("/calibration").text
    answer = leader.get(f"/calibration/{world.plan.id}/export.csv")
    assert answer.headers["Location"] == f"/calibration/{world.plan.id}"


def test_a_result_by_another_instrument_is_not_comparable(
    sign_in: SignIn, session: Session, world: World
) -> None:
    world.coordinator.locale = "en"
    other = factories.revision(session, world.government, year=2025, instrument_id=PEMDI)
    page = sign_in(world.coordinator).get(f"/calibration/{world.plan.id}").text
    assert "Not comparable" in page
    compare = f"/assessments/{other.assessment_id}/compare?other={world.plan.baseline_revision_id}"
    assert compare in page
    assert sign_in(world.coordinator).get(compare).status_code == 200


def test_a_result_without_kept_levels_is_told_apart(
    leader: FlaskClient, session: Session, world: World
) -> None:
    factories.revision(session, world.government, year=2025, imported_at=IMPORTED_AT)
    page = leader.get(f"/calibration/{world.plan.id}").text
    assert "No prediction was kept" in page


def test_the_result_leads_to_the_plan_it_judges(
    sign_in: SignIn, result: AssessmentRevision, world: World
) -> None:
    page = sign_in(world.coordinator).get(f"/assessments/{result.assessment_id}").text
    assert f"/calibration/{world.plan.id}" in page
    baseline = world.plan.baseline_revision_id
    assert baseline != result.id


def test_the_page_takes_few_statements(leader: FlaskClient, result: AssessmentRevision) -> None:
    leader.get("/calibration")
    with counted(db.engine) as statements:
        assert leader.get("/calibration").status_code == 200
    assert len(statements) <= 9, "\n\n".join(statements)
