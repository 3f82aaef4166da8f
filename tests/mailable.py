"""A government that may be mailed at any hour of any day: tests with real clocks pass at night and on Sundays."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.models import Account, Government, LocalHoliday, Plan, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calendar import HolidayKind
from tests import factories


def _zone_far_from_midnight() -> str:
    # A digest is good for its day only: a test must not run into the next one.
    zones = ("Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
    return next(zone for zone in zones if clock.now().astimezone(ZoneInfo(zone)).hour < 22)


ZONE = _zone_far_from_midnight()


def government(session: Session, **values: Any) -> Government:
    """Open round the clock; yesterday, today and tomorrow are working days whatever the calendar says."""
    made = factories.government(
        session, **{"timezone": ZONE, "send_opens_at": time.min, "send_closes_at": time.max} | values
    )
    for days in (-1, 0, 1):
        session.add(
            LocalHoliday(
                government_id=made.id,
                on=today() + timedelta(days=days),
                name="Hari kerja",
                kind=HolidayKind.WORKING_DAY_OVERRIDE,
            )
        )
    session.flush()
    return made


def today() -> date:
    """The date it is there."""
    return clock.today(ZONE)


def people_with_a_task_each(
    session: Session, government: Government, count: int
) -> Sequence[tuple[Account, Task]]:
    """So many agencies, each with a focal point and one task that is due today."""
    plan: Plan = factories.plan(session, government)
    made = []
    for number in range(count):
        agency = factories.agency(session, government)
        person = factories.account(session, government, Role.FOCAL_POINT, agency)
        made.append((person, factories.task(session, plan, agency, 1 + number % 47, due_on=today())))
    return made
