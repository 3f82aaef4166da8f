"""Two runs at the same instant, in two sessions: who is second waits or passes on, and adds nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import Message, ReminderIntent
from spbe_tasks.rules.access import Role
from spbe_tasks.services import reminders
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.services.reminders import Outcome
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.product import wait_for

pytestmark = pytest.mark.own_database


@pytest.fixture
def government_id(session: Session) -> int:
    """A government with one task that is due today."""
    government = factories.government(session)
    agency = factories.agency(session, government)
    factories.account(session, government, Role.FOCAL_POINT, agency)
    factories.task(session, factories.plan(session, government), agency, due_on=NOW.date())
    session.commit()
    return government.id


def test_a_second_planner_waits_for_the_first_and_writes_nothing(
    app: Flask, session: Session, government_id: int
) -> None:
    def plan_elsewhere() -> Outcome:
        with app.app_context(), transaction() as work:
            return reminders.plan_government(work, government_id, now=NOW)

    with ThreadPoolExecutor(1) as pool:
        first = reminders.plan_government(Work(session), government_id, now=NOW)
        second = pool.submit(plan_elsewhere)
        wait_for(_somebody_waits, seconds=10, what="the second planner to meet the unique key of the first")
        session.commit()
        assert second.result(timeout=10).message_ids == ()
    assert len(first.message_ids) == 1
    assert session.scalar(select(func.count()).select_from(ReminderIntent)) == 1
    assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_a_mail_somebody_is_at_is_passed_over(app: Flask, session: Session, government_id: int) -> None:
    people = [factories.account(session, None, Role.ADMINISTRATOR) for _ in range(2)]
    messages = [factories.message(session, person, kind="invite").id for person in people]
    session.commit()
    mine = _lock_next(session)
    with db.engine.connect() as connection, Session(connection) as other:
        theirs = _lock_next(other)
        assert mine
        assert theirs
        assert [mine.message.id, theirs.message.id] == messages
    session.rollback()


def test_the_planner_never_waits_for_a_mail_that_is_being_claimed(
    app: Flask, session: Session, government_id: int
) -> None:
    with transaction() as work:
        reminders.plan_government(work, government_id, now=NOW)
    assert _lock_next(session)
    with db.engine.connect() as connection, Session(connection) as other:
        other.execute(text("SET lock_timeout = '1s'"))
        assert reminders.plan_government(Work(other), government_id, now=NOW).message_ids == ()
    session.rollback()


def _lock_next(session: Session) -> queries.Waiting | None:
    found = (queries.lock_due(session, message_id, NOW) for message_id in queries.list_due(session, NOW, 9))
    return next((each for each in found if each), None)


def _somebody_waits() -> bool:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with db.engine.connect() as connection:
        return bool(connection.scalar(waiting))
