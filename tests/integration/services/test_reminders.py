"""Planning on real rows: who gets an intent and a digest, what ends them, and that nothing happens twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    Account,
    Agency,
    Government,
    LocalHoliday,
    Message,
    MessageState,
    Plan,
    ReminderIntent,
    Task,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calendar import HolidayKind
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import digests, reminders
from spbe_tasks.services.queries import reminders as queries
from spbe_tasks.services.reminders import Hold
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

TODAY = date(2025, 3, 3)  # a Monday; NOW is 10.00 of it in Ketapang
TOMORROW = NOW + timedelta(days=1)


@dataclass
class Office:
    """One government with an agency, its focal point and a coordinator."""

    session: Session
    government: Government
    agency: Agency
    plan: Plan
    focal_point: Account
    coordinator: Account

    def task(self, due_on: date, indicator: int = 33, **values: Any) -> Task:
        return factories.task(
            self.session, values.pop("plan", self.plan), self.agency, indicator, due_on=due_on, **values
        )

    def ledger(self) -> list[tuple[int, str, int, str, str | None]]:
        """(task, rung, account, state, reason) of every intent."""
        self.session.expire_all()
        rows = self.session.scalars(
            select(ReminderIntent)
            .where(ReminderIntent.government_id == self.government.id)
            .order_by(ReminderIntent.id)
        )
        return [(row.task_id, row.rung, row.account_id, row.state.value, row.reason) for row in rows]

    def digests(self) -> list[tuple[int, date, str]]:
        """(account, local date, state) of every message."""
        rows = self.session.scalars(
            select(Message).where(Message.government_id == self.government.id).order_by(Message.id)
        )
        return [(row.account_id, row.local_date, row.state.value) for row in rows]


@pytest.fixture
def office(session: Session) -> Office:
    government = factories.government(session)
    agency = factories.agency(session, government)
    return Office(
        session,
        government,
        agency,
        factories.plan(session, government),
        factories.account(session, government, Role.FOCAL_POINT, agency),
        factories.account(session, government, Role.COORDINATOR),
    )


def _plan(work: Work, office: Office, now: datetime = NOW) -> reminders.Outcome:
    work.session.flush()
    return reminders.plan_government(work, office.government.id, now=now)


def test_a_task_three_days_from_its_date_gives_its_focal_point_one_intent_and_one_digest(
    work: Work, office: Office
) -> None:
    task = office.task(TODAY + timedelta(days=3))
    outcome = _plan(work, office)
    assert office.ledger() == [(task.id, "due-3", office.focal_point.id, "open", None)]
    assert office.digests() == [(office.focal_point.id, TODAY, "pending")]
    assert len(outcome.message_ids) == 1
    assert list(work.jobs) == [(Job.SWEEP_OUTBOX, ())]


def test_a_second_run_changes_nothing_and_asks_for_nothing(work: Work, office: Office) -> None:
    office.task(TODAY + timedelta(days=3))
    _plan(work, office)
    before = office.ledger(), office.digests()
    work.jobs.clear()
    outcome = _plan(work, office, NOW + timedelta(minutes=2))
    assert (office.ledger(), office.digests()) == before
    assert (outcome.message_ids, work.jobs) == ((), {})


def test_many_tasks_of_one_person_share_one_digest(work: Work, office: Office) -> None:
    for indicator in (1, 2, 3):
        office.task(TODAY + timedelta(days=indicator), indicator)
    _plan(work, office)
    assert len(office.ledger()) == 3
    assert len(office.digests()) == 1


def test_the_assignee_is_told_instead_of_the_focal_points(work: Work, office: Office) -> None:
    helper = factories.account(work.session, office.government, Role.FOCAL_POINT, office.agency)
    office.task(TODAY, assignee_id=helper.id)
    _plan(work, office)
    assert [row[2] for row in office.ledger()] == [helper.id]


@pytest.mark.parametrize("role", [Role.FOCAL_POINT, Role.AGENCY_HEAD])
def test_an_assignee_who_may_not_work_on_it_is_passed_over_for_the_focal_points(
    work: Work, office: Office, role: Role
) -> None:
    elsewhere = factories.agency(work.session, office.government)
    agency = elsewhere if role is Role.FOCAL_POINT else office.agency
    stranger = factories.account(work.session, office.government, role, agency)
    office.task(TODAY, assignee_id=stranger.id)
    _plan(work, office)
    assert [row[2] for row in office.ledger()] == [office.focal_point.id]
    digest = digests.build(work.session, office.focal_point, today=TODAY)
    assert digest
    assert sum(map(len, digest.groups.values())) == 1


def test_the_coordinator_is_told_where_the_only_focal_point_has_left(work: Work, office: Office) -> None:
    office.focal_point.is_active = False
    office.task(TODAY)
    _plan(work, office)
    assert [row[2] for row in office.ledger()] == [office.coordinator.id]


@pytest.mark.parametrize("state", [State.PLANNED, State.SUBMITTED])
def test_work_that_is_not_the_agencys_turn_is_not_reminded(work: Work, office: Office, state: State) -> None:
    office.task(TODAY, state=state)
    _plan(work, office)
    assert office.ledger() == []


def test_a_task_due_in_fifteen_days_stands_on_no_rung(work: Work, office: Office) -> None:
    office.task(TODAY + timedelta(days=15))
    assert _plan(work, office).message_ids == ()


@pytest.mark.parametrize(
    ("at", "hold"),
    [
        (NOW - timedelta(hours=2, minutes=31), Hold.OUTSIDE_WINDOW),  # 07.29
        (NOW + timedelta(hours=6), Hold.OUTSIDE_WINDOW),  # 16.00
        (NOW - timedelta(days=1), Hold.DAY_OFF),  # Sunday
        (datetime.fromisoformat("2025-03-31T03:00:00+00:00"), Hold.DAY_OFF),  # Idulfitri
    ],
)
def test_outside_office_hours_and_on_days_off_nothing_is_written(
    work: Work, office: Office, at: datetime, hold: Hold
) -> None:
    office.task(TODAY)
    assert _plan(work, office, at).hold is hold
    assert (office.ledger(), office.digests()) == ([], [])


def test_a_day_off_of_the_governments_own_table_holds_mail_too(work: Work, office: Office) -> None:
    work.session.add(
        LocalHoliday(
            government_id=office.government.id, on=TODAY, name="Hari jadi Ketapang", kind=HolidayKind.LOCAL
        )
    )
    office.task(TODAY)
    assert _plan(work, office).hold is Hold.DAY_OFF


def test_while_mail_is_paused_nothing_is_written_and_afterwards_the_highest_rung_is(
    work: Work, office: Office
) -> None:
    task = office.task(TODAY + timedelta(days=3))
    office.government.is_mail_paused = True
    assert _plan(work, office).hold is Hold.PAUSED
    office.government.is_mail_paused = False
    _plan(work, office, NOW + timedelta(days=3))
    assert [row[:2] for row in office.ledger()] == [(task.id, "due")]


def test_a_higher_rung_replaces_what_was_not_sent(work: Work, office: Office) -> None:
    office.task(TODAY + timedelta(days=1))
    _plan(work, office)
    _plan(work, office, TOMORROW)
    assert [(row[1], row[3]) for row in office.ledger()] == [("due-1", "superseded"), ("due", "open")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": State.WITHDRAWN}, "task_closed"),
        ({"state": State.SUBMITTED}, "not_with_agency"),
        ({"due_on": TODAY + timedelta(days=90), "due_version": 2}, "due_date_changed"),
    ],
)
def test_what_lost_its_point_is_cancelled_with_the_reason(
    work: Work, office: Office, change: dict[str, Any], reason: str
) -> None:
    task = office.task(TODAY)
    _plan(work, office)
    for name, value in change.items():
        setattr(task, name, value)
    _plan(work, office, NOW + timedelta(minutes=2))
    assert [row[3:] for row in office.ledger()] == [("cancelled", reason)]


def test_a_reassigned_task_reminds_the_new_person_and_lets_the_old_one_go(work: Work, office: Office) -> None:
    task = office.task(TODAY)
    _plan(work, office)
    helper = factories.account(work.session, office.government, Role.FOCAL_POINT, office.agency)
    task.assignee_id = helper.id
    _plan(work, office, NOW + timedelta(minutes=2))
    assert [(row[2], row[3]) for row in office.ledger()] == [
        (office.focal_point.id, "cancelled"),
        (helper.id, "open"),
    ]


def test_a_task_that_comes_back_is_told_by_its_old_intent(work: Work, office: Office) -> None:
    task = office.task(TODAY)
    _plan(work, office)
    task.state = State.SUBMITTED
    _plan(work, office, NOW + timedelta(minutes=2))
    task.state = State.RETURNED
    _plan(work, office, NOW + timedelta(minutes=4))
    assert [row[3:] for row in office.ledger()] == [("open", None)]


def test_whoever_had_todays_digest_waits_for_tomorrows(work: Work, office: Office) -> None:
    office.task(TODAY, 1)
    _plan(work, office)
    message = work.session.scalars(select(Message)).one()
    message.state = MessageState.SENT
    work.session.execute(text("UPDATE reminder_intent SET state = 'sent'"))
    office.task(TODAY, 2)
    assert _plan(work, office, NOW + timedelta(hours=1)).message_ids == ()
    assert len(_plan(work, office, TOMORROW).message_ids) == 1
    assert [row[1:] for row in office.digests()] == [
        (TODAY, "sent"),
        (TODAY + timedelta(days=1), "pending"),
    ]


def test_a_digest_that_found_nothing_to_say_is_taken_up_again_the_same_day(
    work: Work, office: Office
) -> None:
    office.task(TODAY, 1)
    first = _plan(work, office).message_ids
    work.session.scalars(select(Message)).one().state = MessageState.CANCELLED
    assert _plan(work, office, NOW + timedelta(hours=1)).message_ids == first
    assert office.digests() == [(office.focal_point.id, TODAY, "pending")]


def test_an_intent_in_a_message_that_is_being_handed_over_is_left_alone(work: Work, office: Office) -> None:
    task = office.task(TODAY)
    _plan(work, office)
    work.session.execute(text("UPDATE reminder_intent SET state = 'carried'"))
    task.state = State.SUBMITTED
    _plan(work, office, NOW + timedelta(minutes=2))
    assert [row[3] for row in office.ledger()] == [IntentState.CARRIED.value]


def test_publishing_is_told_in_one_digest_however_far_the_dates_are(work: Work, office: Office) -> None:
    far = TODAY + timedelta(days=200)
    found = [office.task(far, indicator).id for indicator in (33, 34, 35)]
    work.session.flush()
    assert reminders.announce(work, office.government.id, found, now=NOW) == 3
    assert list(work.jobs) == [(Job.PLAN_GOVERNMENT, (office.government.id,))]
    _plan(work, office)
    assert office.digests() == [(office.focal_point.id, TODAY, "pending")]
    digest = digests.build(work.session, office.focal_point, today=TODAY)
    assert digest is not None
    assert sum(map(len, digest.groups.values())) == len(digest.intent_ids) == 3


def test_a_task_that_is_published_again_is_not_announced_again(work: Work, office: Office) -> None:
    task = office.task(TODAY + timedelta(days=200))
    work.session.flush()
    for _ in range(2):
        reminders.announce(work, office.government.id, [task.id], now=NOW)
    assert office.ledger() == [(task.id, "published", office.focal_point.id, "open", None)]


def test_news_of_a_task_that_is_taken_back_is_cancelled_and_nobody_gets_a_mail(
    work: Work, office: Office
) -> None:
    task = office.task(TODAY + timedelta(days=200))
    work.session.flush()
    reminders.announce(work, office.government.id, [task.id], now=NOW)
    task.state = State.WITHDRAWN
    _plan(work, office)
    assert office.ledger() == [
        (task.id, "published", office.focal_point.id, "cancelled", "task_closed"),
    ]
    assert office.digests() == []


def test_news_that_waits_over_night_survives_a_new_due_date(work: Work, office: Office) -> None:
    task = office.task(TODAY + timedelta(days=200))
    work.session.flush()
    reminders.announce(work, office.government.id, [task.id], now=NOW)
    task.due_on, task.due_version = TODAY + timedelta(days=150), 2
    _plan(work, office)
    digest = digests.build(work.session, office.focal_point, today=TODAY)
    assert digest is not None
    assert sum(map(len, digest.groups.values())) == 1


def test_planning_one_government_touches_no_other(work: Work, office: Office) -> None:
    office.task(TODAY)
    elsewhere = factories.government(work.session)
    agency = factories.agency(work.session, elsewhere)
    factories.account(work.session, elsewhere, Role.FOCAL_POINT, agency)
    factories.task(work.session, factories.plan(work.session, elsewhere), agency, due_on=TODAY)
    _plan(work, office)
    governments = work.session.scalars(select(ReminderIntent.government_id).distinct()).all()
    assert governments == [office.government.id]


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_the_number_of_statements_does_not_grow_with_the_tasks(work: Work, office: Office) -> None:
    counts = []
    for indicators in (range(1, 3), range(3, 40)):
        for indicator in indicators:
            office.task(TODAY, indicator)
        work.session.flush()
        with counted_statements() as statements:
            _plan(work, office)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 18, counts


def test_the_planner_reads_the_tasks_of_one_government_through_the_index_of_open_due_dates(
    work: Work, office: Office
) -> None:
    """With 19,000 open tasks of others around it, half of them due as well."""
    office.task(TODAY)
    given = {"plan": office.plan.id, "policy": office.plan.policy_id, "agency": office.agency.id}
    work.session.execute(_MANY_TASKS, given)
    work.session.execute(text("ANALYZE task"))
    plans = _explained(
        lambda: queries.list_due(
            work.session, office.government.id, TODAY + timedelta(days=14), "Asia/Pontianak"
        )
    )
    assert "ix_task_open_due" in plans, plans
    assert "Seq Scan on task" not in plans


# Open tasks of nineteen governments, a thousand each: only what the index looks at differs between them.
_MANY_TASKS = text(
    """
    WITH g AS (
      INSERT INTO government (slug, name, kind, timezone, sender_name, send_opens_at, send_closes_at,
                              is_mail_paused, is_illustrative, version)
      SELECT 'lain-' || n, 'Lain ' || n, 'kabupaten', 'Asia/Jakarta', 'SPBE', '07:30', '16:00', false, false, 1
      FROM generate_series(1, 19) n RETURNING id)
    INSERT INTO task (government_id, plan_id, policy_id, indicator_number, agency_id, round, state, title,
                      baseline_level, target_level, share_numerator, share_denominator, points, due_on, due_version,
                      is_due_by_hand, state_changed_at, version)
    SELECT g.id, :plan, :policy, 100 + row_number() OVER (), :agency, 1, 'in_progress', 'x', 2, 3, 1, 1, 0.01,
           date '2025-03-01' + n % 60, 1, false, now(), 1
    FROM g, generate_series(1, 1000) n
    """
)


def _explained(run: Callable[[], object]) -> str:
    found: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            with connection.connection.cursor() as other:
                other.execute(f"EXPLAIN {statement}", parameters)
                found.extend(row[0] for row in other.fetchall())

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        run()
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
    return "\n".join(found)
