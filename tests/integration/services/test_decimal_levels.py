"""Pemdi by PermenPANRB 8/2026: levels with decimals from the import to the projection."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import AssessmentKind, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.workflow import Action, Field
from spbe_tasks.services import assessment_sheets, assessments, ownership, plans, projections, tasks
from spbe_tasks.services.orders import Order
from spbe_tasks.work import Work
from tests import factories

PEMDI = get_instrument("permenpanrb-8-2026")
NOW = datetime(2026, 7, 6, 3, 0, tzinfo=UTC)


def table(**levels: str) -> bytes:
    rows = [f"{each.number};{levels.get(f'i{each.number}', '3,50')}" for each in PEMDI.indicators]
    return ("nomor;tingkat\n" + "\n".join(rows) + "\n").encode()


def imported(work: Work, scope: Scope, data: bytes) -> int:
    revision = assessments.import_scores(
        work,
        scope,
        instrument_id=PEMDI.id,
        year=2026,
        kind=AssessmentKind.OFFICIAL,
        file_name="pemdi.csv",
        data=data,
        now=NOW,
    )
    return revision.assessment_id


def test_levels_with_decimals_go_from_the_import_to_the_projection(session: Session) -> None:
    work, government = Work(session), factories.government(session)
    agency = factories.agency(session, government)
    scope = factories.scope(factories.account(session, government, Role.COORDINATOR))
    focal = factories.scope(factories.account(session, government, Role.FOCAL_POINT, agency))
    assessment_id = imported(work, scope, table(i1="3,25"))
    sheet = assessment_sheets.open_sheet(session, scope, assessment_id)
    weight = Fraction(PEMDI.indicator(1).weight)
    assert sheet.levels[1] == Decimal("3.25")
    assert sheet.result.index == Fraction(7, 2) - Fraction(1, 4) * weight / 100
    ownership.set_row(
        work,
        scope,
        instrument_id=PEMDI.id,
        indicator_number=1,
        lead_id=agency.id,
        contributor_ids=(),
        shares=None,
        now=NOW,
    )
    order = Order(
        PEMDI.id, 2026, threshold=Decimal("3.5"), target_level=Decimal("3.75"), due_on=date(2026, 12, 1)
    )
    plan = plans.generate(work, scope, order, now=NOW).plan
    assert plan is not None
    plans.publish(work, scope, plan.id, now=NOW)
    task = session.scalars(select(Task).where(Task.plan_id == plan.id)).one()
    assert (task.baseline_level, task.target_level) == (Decimal("3.25"), Decimal("3.75"))
    tasks.act(work, focal, task.id, Action.START, {}, version=None, now=NOW)
    tasks.act(work, focal, task.id, Action.SUBMIT, {Field.NOTE: "Selesai."}, version=None, now=NOW)
    reached: dict[str, object] = {Field.REACHED_LEVEL: Decimal("3.55"), Field.REASON: "Sebagian."}
    tasks.act(work, scope, task.id, Action.ACCEPT, reached, version=None, now=NOW)
    computed = projections.compute(session, plan, today=NOW.date())
    gained = computed.secured.index - computed.baseline.index
    assert gained == Fraction(3, 10) * weight / 100


@pytest.mark.parametrize("level", ["3,255", "5,01", "-"])
def test_a_level_the_scale_does_not_have_and_not_assessed_are_refused(session: Session, level: str) -> None:
    government = factories.government(session)
    scope = factories.scope(factories.account(session, government, Role.COORDINATOR))
    with pytest.raises(InvalidInputError):
        imported(Work(session), scope, table(i1=level))
