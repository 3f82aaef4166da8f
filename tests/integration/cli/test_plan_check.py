import json
from decimal import Decimal

import pytest
from flask import Flask

from spbe_tasks.models import EvaluationCalendar, Government, Plan
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import projections
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import DUE_ON, NOW
from tests.integration.cli.conftest import Run

SLUG = "kab-uji"
OPTIONS = ("--government", SLUG, "--year", 2024)
pytestmark = pytest.mark.own_database


@pytest.fixture
def plan_id(own_app: Flask) -> int:
    """A plan with nothing low and no task, so that nothing is wrong with it."""
    with own_app.app_context(), transaction() as work:
        government = factories.government(work.session, slug=SLUG)
        baseline = factories.revision(work.session, government, level=4)
        plan = factories.plan(work.session, government, baseline=baseline)
        work.session.add(
            EvaluationCalendar(government_id=government.id, year=2024, self_assessment_opens_on=DUE_ON)
        )
        work.session.flush()
        projections.rebuild(work, plan.id, now=NOW, is_forced=True)
        return plan.id


def test_a_plan_in_order_is_told_and_ends_well(run: Run, plan_id: int) -> None:
    assert run("plan", "check", *OPTIONS) == (0, "0 errors, 0 warnings\n", [])
    code, output, _ = run("plan", "check", *OPTIONS, "--json")
    assert code == 0
    assert json.loads(output) == {
        "plan": plan_id,
        "errors": 0,
        "warnings": 0,
        "is_recomputing": False,
        "findings": [],
    }


def test_what_is_wrong_is_told_and_ends_with_code_one(run: Run, plan_id: int, own_app: Flask) -> None:
    with own_app.app_context(), transaction() as work:
        task_id = _accept_without_evidence(work, plan_id)
    code, output, _ = run("plan", "check", *OPTIONS)
    assert code == 1
    wanted = f"error: accepted_without_evidence: indicator 33, agency Diskominfo, task {task_id}"
    assert wanted in output.splitlines()
    code, output, _ = run("plan", "check", *OPTIONS, "--json")
    assert (code, json.loads(output)["errors"]) == (1, 1)


def test_a_year_without_a_plan_is_told(run: Run, plan_id: int) -> None:
    code, _output, errors = run("plan", "check", "--government", SLUG, "--year", 2023)
    assert code != 0
    assert errors


def _accept_without_evidence(work: Work, plan_id: int) -> int:
    plan = work.session.get_one(Plan, plan_id)
    government = work.session.get_one(Government, plan.government_id)
    agency = factories.agency(work.session, government, short_name="Diskominfo")
    accepted = {"state": State.ACCEPTED, "reached_level": Decimal(3)}
    task_id = factories.task(work.session, plan, agency, 33, **accepted).id
    projections.rebuild(work, plan_id, now=NOW, is_forced=True)
    return task_id
