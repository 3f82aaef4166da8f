"""A small government with two agencies that share an indicator, and people in every role, for tests of pages."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Government, Plan, Task
from spbe_tasks.rules.access import Role
from tests import factories


@dataclass(frozen=True)
class World:
    """Indicator 12 is shared by both agencies; 33 belongs to ``kominfo`` alone."""

    government: Government
    kominfo: Agency
    bappeda: Agency
    coordinator: Account
    reviewer: Account
    focal: Account
    other_focal: Account
    head: Account
    executive: Account
    plan: Plan
    task: Task
    shared: Task
    other: Task


@pytest.fixture
def world(session: Session) -> World:
    government = factories.government(session)
    kominfo = factories.agency(session, government, short_name="Diskominfo", name="Dinas Komunikasi")
    bappeda = factories.agency(session, government, short_name="Bappeda", name="Badan Perencanaan")
    plan = factories.plan(session, government)
    half = {"share_numerator": 1, "share_denominator": 2}
    return World(
        government=government,
        kominfo=kominfo,
        bappeda=bappeda,
        coordinator=factories.account(session, government, Role.COORDINATOR, name="Siti Koordinator"),
        reviewer=factories.account(session, government, Role.REVIEWER, name="Rudi Penelaah"),
        focal=factories.account(session, government, Role.FOCAL_POINT, kominfo, name="Dewi Kominfo"),
        other_focal=factories.account(session, government, Role.FOCAL_POINT, bappeda, name="Budi Bappeda"),
        head=factories.account(session, government, Role.AGENCY_HEAD, kominfo),
        executive=factories.account(session, government, Role.EXECUTIVE),
        plan=plan,
        task=factories.task(session, plan, kominfo, 33, target_level=Decimal(4)),
        shared=factories.task(session, plan, kominfo, 12, **half),
        other=factories.task(session, plan, bappeda, 12, **half),
    )
