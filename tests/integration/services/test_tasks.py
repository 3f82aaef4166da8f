from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.messages import describe
from spbe_tasks.models import Account, Agency, Event, Government, Plan, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidTransitionError,
    NotFoundError,
)
from spbe_tasks.rules.workflow import Action, CancelKind, State, is_overdue
from spbe_tasks.services import tasks
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW


@pytest.fixture
def chain(session: Session) -> tuple[Task, dict[str, object]]:
    government = factories.government(session)
    agency = factories.agency(session, government)
    people = {
        "focal": factories.account(session, government, Role.FOCAL_POINT, agency),
        "coordinator": factories.account(session, government, Role.COORDINATOR, agency),
        "reviewer": factories.account(session, government, Role.REVIEWER),
    }
    task = factories.task(session, factories.plan(session, government), agency)
    return task, {name: factories.scope(person) for name, person in people.items()}


def _act(work: Work, scope: object, task: Task, action: Action, **given: object) -> Task:
    return tasks.act(work, scope, task.id, action, given, version=None, now=NOW)  # type: ignore[arg-type]


def test_start_submit_and_accept_write_events_and_ask_for_a_rebuild(work: Work, chain: tuple) -> None:
    task, scopes = chain
    _act(work, scopes["focal"], task, Action.START)
    _act(work, scopes["focal"], task, Action.SUBMIT, note="Perbup 12/2025 pasal 4")
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    work.session.flush()
    assert task.state is State.ACCEPTED
    assert task.reached_level == 3
    events = work.session.scalars(select(Event).where(Event.subject_id == task.id).order_by(Event.id)).all()
    assert [event.action for event in events] == ["start", "submit", "accept"]
    assert events[2].data == {"from": "submitted", "to": "accepted", "reached_level": "3"}
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (task.plan_id,))]


def test_accepting_below_the_target_opens_the_next_round_from_the_level_reached(
    work: Work, chain: tuple
) -> None:
    task, scopes = chain
    task.target_level = Decimal(4)
    _act(work, scopes["focal"], task, Action.START)
    _act(work, scopes["focal"], task, Action.SUBMIT, note="bukti")
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    following = work.session.scalars(select(Task).where(Task.plan_id == task.plan_id, Task.round == 2)).one()
    assert (following.state, following.baseline_level, following.target_level) == (State.ASSIGNED, 3, 4)
    assert following.points == Decimal("0.0275")


def test_reopening_withdraws_the_untouched_next_round(work: Work, chain: tuple) -> None:
    task, scopes = chain
    task.target_level = Decimal(4)
    _act(work, scopes["focal"], task, Action.START)
    _act(work, scopes["focal"], task, Action.SUBMIT, note="bukti")
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    _act(work, scopes["coordinator"], task, Action.REOPEN, reason="bukti ternyata draf")
    work.session.flush()
    following = work.session.scalars(select(Task).where(Task.plan_id == task.plan_id, Task.round == 2)).one()
    assert following.state is State.WITHDRAWN
    assert (task.state, task.reached_level) == (State.IN_PROGRESS, None)


def test_whoever_submitted_cannot_accept(work: Work, chain: tuple) -> None:
    task, scopes = chain
    _act(work, scopes["coordinator"], task, Action.START)
    _act(work, scopes["coordinator"], task, Action.SUBMIT, note="bukti")
    with pytest.raises(ForbiddenError) as refused:
        _act(work, scopes["coordinator"], task, Action.ACCEPT, reached_level=Decimal(3))
    assert refused.value.code == "task.four_eyes"


def test_a_stale_version_is_told_so(work: Work, chain: tuple) -> None:
    task, scopes = chain
    with pytest.raises(ConflictError):
        tasks.act(work, scopes["focal"], task.id, Action.START, {}, version=task.version - 1, now=NOW)


def test_another_agencys_task_does_not_exist_for_a_focal_point(work: Work, chain: tuple) -> None:
    task, _ = chain
    government = work.session.get_one(Government, task.government_id)
    other = factories.agency(work.session, government)
    stranger = factories.account(work.session, government, Role.FOCAL_POINT, other)
    with pytest.raises(NotFoundError):
        _act(work, factories.scope(stranger), task, Action.START)


def test_a_reopened_task_accepted_again_takes_up_the_round_that_was_withdrawn(
    work: Work, chain: tuple
) -> None:
    task, scopes = chain
    task.target_level = Decimal(5)
    _submit(work, scopes["focal"], task)
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    _act(work, scopes["coordinator"], task, Action.REOPEN, reason="bukti ternyata draf")
    _act(work, scopes["focal"], task, Action.SUBMIT, note="bukti baru")
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(4))
    work.session.flush()
    rounds = work.session.scalars(select(Task).where(Task.plan_id == task.plan_id).order_by(Task.round)).all()
    assert [(each.round, each.state, each.baseline_level) for each in rounds] == [
        (1, State.ACCEPTED, 2),
        (2, State.ASSIGNED, 4),
    ]
    assert rounds[1].points == Decimal("0.0275")
    assert rounds[1].due_version == 2


def test_whoever_submitted_an_earlier_time_in_this_round_cannot_accept_it(work: Work, chain: tuple) -> None:
    task, scopes = chain
    _submit(work, scopes["coordinator"], task)
    _act(work, scopes["reviewer"], task, Action.RETURN, reason="kurang")
    _act(work, scopes["focal"], task, Action.SUBMIT, note="dilengkapi")
    with pytest.raises(ForbiddenError):
        _act(work, scopes["coordinator"], task, Action.ACCEPT, reached_level=Decimal(3))
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    assert task.state is State.ACCEPTED


def test_the_coordinator_may_accept_what_somebody_else_submitted(work: Work, chain: tuple) -> None:
    task, scopes = chain
    _submit(work, scopes["focal"], task)
    _act(work, scopes["coordinator"], task, Action.ACCEPT, reached_level=Decimal(3))
    assert task.state is State.ACCEPTED


@pytest.mark.parametrize("kind", list(CancelKind))
def test_cancelling_keeps_its_kind_and_reopening_forgets_it(
    work: Work, chain: tuple, kind: CancelKind
) -> None:
    task, scopes = chain
    _act(work, scopes["coordinator"], task, Action.CANCEL, cancel_kind=kind, reason="ganti rencana")
    assert (task.state, task.cancel_kind, task.state_note) == (State.CANCELLED, kind, "ganti rencana")
    _act(work, scopes["coordinator"], task, Action.REOPEN, reason="tetap perlu")
    assert (task.state, task.cancel_kind) == (State.ASSIGNED, None)


@pytest.mark.parametrize("between", [(), (State.WITHDRAWN,), (State.CANCELLED,)])
def test_a_cancelled_task_that_was_taken_up_again_is_not_reopened_beside_its_later_round(
    session: Session, work: Work, chain: tuple, between: tuple[State, ...]
) -> None:
    task, scopes = chain
    plan, agency = session.get_one(Plan, task.plan_id), session.get_one(Agency, task.agency_id)
    kind = CancelKind.NOT_NEEDED
    _act(work, scopes["coordinator"], task, Action.CANCEL, cancel_kind=kind, reason="ganti rencana")
    number = task.indicator_number
    for state in (*between, State.ASSIGNED):
        why = {"cancel_kind": kind} if state is State.CANCELLED else {}
        task_round = 2 if state is not State.ASSIGNED else 2 + len(between)
        factories.task(session, plan, agency, number, round=task_round, state=state, **why)
    with pytest.raises(InvalidTransitionError) as caught:
        _act(work, scopes["coordinator"], task, Action.REOPEN, reason="tetap perlu")
    assert caught.value.code == "task.taken_up_again"


def test_a_task_cancelled_before_publishing_is_shown_to_the_agency_once_reopened(
    session: Session, work: Work, chain: tuple
) -> None:
    task, scopes = chain
    task.state, task.published_at = State.PLANNED, None
    session.flush()
    _act(work, scopes["coordinator"], task, Action.CANCEL, cancel_kind=CancelKind.NOT_NEEDED, reason="x")
    assert task.published_at is None
    _act(work, scopes["coordinator"], task, Action.REOPEN, reason="y")
    assert task.published_at == NOW


def test_moving_the_due_date_counts_a_version_and_keeps_the_old_date_in_the_trail(
    work: Work, chain: tuple
) -> None:
    task, scopes = chain
    before = task.due_on
    _act(
        work, scopes["coordinator"], task, Action.RESCHEDULE, due_on=date(2025, 9, 1), reason="menunggu BPKP"
    )
    _act(work, scopes["coordinator"], task, Action.RESCHEDULE, due_on=date(2025, 9, 1))
    work.session.flush()
    assert (task.due_on, task.due_version, task.is_due_by_hand) == (date(2025, 9, 1), 2, True)
    event = work.session.scalars(select(Event).where(Event.subject_id == task.id).order_by(Event.id)).first()
    assert event is not None
    assert event.data["previous_due_on"] == before.isoformat()


@pytest.mark.parametrize("due_on", [date(1, 1, 1), date(2023, 12, 31), date(2030, 1, 1), date.max])
def test_a_due_date_outside_the_plans_years_is_refused_and_changes_nothing(
    work: Work, chain: tuple, due_on: date
) -> None:
    task, scopes = chain
    before = task.due_on
    with pytest.raises(InvalidInputError) as refused:
        _act(work, scopes["coordinator"], task, Action.RESCHEDULE, due_on=due_on)
    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == ("due_date.outside_years", "due_on")
    assert "1 January 2024" in describe(problem, "en")
    assert (task.due_on, task.due_version, task.is_due_by_hand) == (before, 1, False)


@pytest.mark.parametrize("due_on", [date(2024, 1, 1), date(2029, 12, 31)])
def test_the_first_and_last_day_of_the_plans_years_can_be_due_dates(
    work: Work, chain: tuple, due_on: date
) -> None:
    task, scopes = chain
    _act(work, scopes["coordinator"], task, Action.RESCHEDULE, due_on=due_on)
    assert task.due_on == due_on


def test_a_follow_up_round_has_at_least_a_fortnight_and_ends_on_a_working_day(
    work: Work, chain: tuple
) -> None:
    task, scopes = chain
    task.target_level, task.due_on = Decimal(4), date(2025, 3, 4)
    _submit(work, scopes["focal"], task)
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    following = work.session.scalars(select(Task).where(Task.plan_id == task.plan_id, Task.round == 2)).one()
    assert following.due_on == date(2025, 3, 17)  # two weeks after 3 March


def test_a_round_taken_up_again_follows_the_target_and_share_of_the_one_before(
    work: Work, chain: tuple
) -> None:
    task, scopes = chain
    task.target_level = Decimal(5)
    _submit(work, scopes["focal"], task)
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    _act(work, scopes["coordinator"], task, Action.REOPEN, reason="bukti ternyata draf")
    task.target_level, task.share_denominator = Decimal(4), 2
    _act(work, scopes["focal"], task, Action.SUBMIT, note="bukti baru")
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    following = _round_two(work, task)
    assert (following.target_level, following.share_numerator, following.share_denominator) == (4, 1, 2)
    assert following.points == Decimal("0.01375")


def _round_two(work: Work, task: Task) -> Task:
    wanted = select(Task).where(Task.plan_id == task.plan_id, Task.round == 2)
    return work.session.scalars(wanted.execution_options(populate_existing=True)).one()


def _given_to_somebody_who_may_leave(work: Work, task: Task) -> Account:
    government = work.session.get_one(Government, task.government_id)
    agency = work.session.get_one(Agency, task.agency_id)
    person = factories.account(work.session, government, Role.FOCAL_POINT, agency)
    task.assignee_id = person.id
    work.session.flush()
    return person


def _leave(work: Work, person: Account, how: str) -> None:
    if how == "closed":
        person.is_active = False
    elif how == "another role":
        person.role = Role.AGENCY_HEAD
    elif how == "another agency":
        government = work.session.get_one(Government, person.government_id)
        person.agency_id = factories.agency(work.session, government).id
    work.session.flush()


@pytest.mark.parametrize("how", ["closed", "another role", "another agency"])
@pytest.mark.parametrize("ending", [Action.ACCEPT, Action.CANCEL])
def test_reopening_leaves_the_task_to_the_agency_when_its_assignee_may_no_longer_work_there(
    work: Work, chain: tuple, how: str, ending: Action
) -> None:
    task, scopes = chain
    person = _given_to_somebody_who_may_leave(work, task)
    if ending is Action.ACCEPT:
        _submit(work, scopes["focal"], task)
        _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    else:
        _act(work, scopes["coordinator"], task, Action.CANCEL, cancel_kind=CancelKind.GIVEN_UP, reason="x")
    _leave(work, person, how)
    _act(work, scopes["coordinator"], task, Action.REOPEN, reason="ternyata perlu")
    work.session.flush()
    work.session.refresh(task)
    assert task.assignee_id is None
    event = work.session.scalars(
        select(Event).where(Event.subject_id == task.id, Event.action == "unassign")
    ).one()
    assert event.data == {"assignee_id": person.id}


def test_reopening_keeps_an_assignee_who_still_works_there(work: Work, chain: tuple) -> None:
    task, scopes = chain
    person = _given_to_somebody_who_may_leave(work, task)
    _act(work, scopes["coordinator"], task, Action.CANCEL, cancel_kind=CancelKind.GIVEN_UP, reason="x")
    _act(work, scopes["coordinator"], task, Action.REOPEN, reason="ternyata perlu")
    work.session.flush()
    work.session.refresh(task)
    assert task.assignee_id == person.id


@pytest.mark.parametrize("how", ["staying", "closed"])
def test_a_new_next_round_goes_to_the_same_person_only_while_they_work_there(
    work: Work, chain: tuple, how: str
) -> None:
    task, scopes = chain
    task.target_level = Decimal(4)
    person = _given_to_somebody_who_may_leave(work, task)
    _submit(work, scopes["focal"], task)
    _leave(work, person, how)
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    assert _round_two(work, task).assignee_id == (person.id if how == "staying" else None)


def test_a_round_taken_up_again_is_left_to_the_agency_when_its_assignee_has_gone(
    work: Work, chain: tuple
) -> None:
    task, scopes = chain
    task.target_level = Decimal(4)
    person = _given_to_somebody_who_may_leave(work, task)
    _submit(work, scopes["focal"], task)
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    assert _round_two(work, task).assignee_id == person.id
    _act(work, scopes["coordinator"], task, Action.REOPEN, reason="bukti ternyata draf")
    _leave(work, person, "another agency")
    _act(work, scopes["focal"], task, Action.SUBMIT, note="bukti baru")
    _act(work, scopes["reviewer"], task, Action.ACCEPT, reached_level=Decimal(3))
    assert _round_two(work, task).assignee_id is None


def test_late_in_a_query_is_late_in_the_rules(session: Session, chain: tuple) -> None:
    task, _ = chain
    today = date(2025, 6, 30)
    plan = session.get_one(Plan, task.plan_id)
    agency = session.get_one(Agency, task.agency_id)
    session.delete(task)
    session.flush()
    number = 0
    for state in State:
        for days in (-1, 0, 1):
            number += 1
            extra = {"reached_level": Decimal(3)} if state is State.ACCEPTED else {}
            extra |= {"cancel_kind": CancelKind.GIVEN_UP} if state is State.CANCELLED else {}
            due_on = today + timedelta(days=days)
            factories.task(session, plan, agency, number, state=state, due_on=due_on, **extra)
    rows = session.scalars(select(Task).where(Task.plan_id == plan.id)).all()
    late = set(session.scalars(select(Task.id).where(Task.plan_id == plan.id, queries.overdue(today))))
    assert late == {row.id for row in rows if is_overdue(row.state, row.due_on, today)}
    assert len(late) == 4


def _submit(work: Work, scope: object, task: Task) -> None:
    _act(work, scope, task, Action.START)
    _act(work, scope, task, Action.SUBMIT, note="bukti")
    work.session.flush()
