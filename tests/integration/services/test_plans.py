from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import event as database_event
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    Agency,
    Assessment,
    AssessmentKind,
    AssessmentRevision,
    EvaluationCalendar,
    Event,
    Government,
    Message,
    Plan,
    ProjectionRequest,
    ReminderIntent,
    Score,
    Task,
)
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.reconciliation import ConflictReason
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import plans, reminders, tasks
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE

THREE = Decimal(3)


class Case:
    """A government with two agencies; indicators 1 and 2 are low and owned, 3 is low and nobody's."""

    def __init__(self, session: Session) -> None:
        self.government: Government = factories.government(session)
        self.coordinator: Scope = factories.scope(factories.account(session, self.government))
        self.first: Agency = factories.agency(session, self.government)
        self.second: Agency = factories.agency(session, self.government)
        self.revision: AssessmentRevision = factories.revision(
            session, self.government, {1: 2, 2: None, 3: 1}, level=3
        )
        factories.ownership(session, self.first, 1)
        factories.ownership(session, self.first, 2)
        factories.ownership(session, self.second, 2, is_lead=False)


@pytest.fixture
def case(session: Session) -> Case:
    return Case(session)


def generate(work: Work, case: Case, **changes: object) -> Generated:
    given: dict[str, object] = {"instrument_id": SPBE, "year": 2024, "threshold": THREE} | changes
    how = {name: given.pop(name, usual) for name, usual in (("now", NOW), ("publish", False))}
    done = plans.generate(work, case.coordinator, Order(**given), **how)
    work.session.flush()
    return done


def counts(done: Generated) -> tuple[int, int, int, int, int]:
    return done.created, done.updated, done.unchanged, done.withdrawn, len(done.conflicts)


def rows(session: Session, **only: object) -> list[Task]:
    wanted = select(Task).filter_by(**only).order_by(Task.indicator_number, Task.agency_id, Task.round)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def test_low_indicators_become_planned_tasks_of_their_agencies(work: Work, case: Case) -> None:
    done = generate(work, case)
    assert counts(done) == (3, 0, 0, 0, 0)
    assert done.unowned == (3,)
    found = [
        (t.indicator_number, t.agency_id, t.state, t.baseline_level, t.target_level)
        for t in rows(work.session)
    ]
    assert found == [
        (1, case.first.id, State.PLANNED, 2, 3),
        (2, case.first.id, State.PLANNED, 0, 3),
        (2, case.second.id, State.PLANNED, 0, 3),
    ]
    assert {(t.share_numerator, t.share_denominator) for t in rows(work.session, indicator_number=2)} == {
        (1, 2)
    }
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (done.plan.id,))]  # type: ignore[union-attr]


def test_the_points_of_the_tasks_add_up_to_the_gap(work: Work, case: Case) -> None:
    done = generate(work, case)
    weights = {1: Fraction("2.75"), 2: Fraction("1")}
    from spbe_tasks.instruments.loader import get_instrument

    for number in weights:
        weights[number] = Fraction(get_instrument(SPBE).indicator(number).weight)
    assert sum(Fraction(task.points) for task in rows(work.session)) == (weights[1] + 3 * weights[2]) / 100
    assert done.wanted.tasks[0].points >= done.wanted.tasks[-1].points


def test_a_second_run_finds_everything_unchanged_and_writes_nothing(work: Work, case: Case) -> None:
    generate(work, case)
    before = work.session.scalar(select(func.count()).select_from(Event))
    versions = [task.version for task in rows(work.session)]
    work.jobs.clear()
    done = generate(work, case, now=NOW + timedelta(days=2))
    assert counts(done) == (0, 0, 3, 0, 0)
    assert not done.changes_anything
    assert work.session.scalar(select(func.count()).select_from(Event)) == before
    assert [task.version for task in rows(work.session)] == versions
    assert not work.jobs


def test_every_new_task_has_an_event(work: Work, case: Case) -> None:
    generate(work, case)
    found = work.session.scalars(select(Event).where(Event.subject_type == "task")).all()
    assert {event.subject_id for event in found} == {task.id for task in rows(work.session)}
    assert {event.action for event in found} == {"create"}
    plan_events = work.session.scalars(
        select(Event.action).where(Event.subject_type == "plan").order_by(Event.id)
    )
    assert list(plan_events) == ["create", "generate"]


def test_a_preview_writes_nothing_and_says_the_same(work: Work, case: Case) -> None:
    seen = plans.preview(work.session, case.coordinator, Order(SPBE, 2024, THREE), now=NOW)
    assert (counts(seen), seen.plan, seen.unowned) == ((3, 0, 0, 0, 0), None, (3,))
    assert work.session.scalar(select(func.count()).select_from(Plan)) == 0
    assert counts(generate(work, case)) == counts(seen)


def test_a_due_date_set_by_hand_survives(work: Work, case: Case) -> None:
    generate(work, case)
    by_hand = rows(work.session)[0]
    tasks.act(
        work,
        case.coordinator,
        by_hand.id,
        Action.RESCHEDULE,
        {"due_on": date(2025, 9, 1)},
        version=None,
        now=NOW,
    )
    done = generate(work, case, due_on=date(2025, 7, 1))
    assert counts(done) == (0, 2, 1, 0, 0)
    assert [task.due_on for task in rows(work.session)] == [
        date(2025, 9, 1),
        date(2025, 7, 1),
        date(2025, 7, 1),
    ]
    assert [task.due_version for task in rows(work.session)] == [2, 2, 2]


def test_what_is_no_longer_low_is_withdrawn_and_comes_back_as_the_same_row(work: Work, case: Case) -> None:
    generate(work, case)
    ids = [task.id for task in rows(work.session)]
    done = generate(work, case, threshold=Decimal(2), target_level=THREE)
    assert counts(done) == (0, 0, 2, 1, 0)
    assert [task.state for task in rows(work.session)] == [State.WITHDRAWN, State.PLANNED, State.PLANNED]
    done = generate(work, case)
    assert counts(done) == (0, 1, 2, 0, 0)
    assert [(task.id, task.state) for task in rows(work.session)] == [(each, State.PLANNED) for each in ids]
    trail = (
        select(Event.action)
        .where(Event.subject_id == ids[0], Event.subject_type == "task")
        .order_by(Event.id)
    )
    assert list(work.session.scalars(trail)) == ["create", "withdraw", "restore"]


def test_what_comes_back_is_left_to_the_agency_when_its_assignee_has_gone(work: Work, case: Case) -> None:
    factories.ownership(work.session, case.second, 1, is_lead=False)
    generate(work, case)
    leaver, stayer = (
        factories.account(work.session, case.government, Role.FOCAL_POINT, agency)
        for agency in (case.first, case.second)
    )
    first, second = rows(work.session, indicator_number=1)
    first.assignee_id, second.assignee_id = leaver.id, stayer.id
    work.session.flush()
    assert generate(work, case, threshold=Decimal(2), target_level=THREE).withdrawn == 2
    leaver.is_active = False
    work.session.flush()
    generate(work, case)
    restored = rows(work.session, indicator_number=1)
    assert [(task.state, task.assignee_id) for task in restored] == [
        (State.PLANNED, None),
        (State.PLANNED, stayer.id),
    ]
    unassigned = select(Event.subject_id).where(Event.action == "unassign")
    assert list(work.session.scalars(unassigned)) == [first.id]


def test_a_closed_agency_gets_no_tasks_and_what_it_alone_owned_is_unowned(work: Work, case: Case) -> None:
    case.first.is_active = False
    work.session.flush()
    done = generate(work, case)
    assert done.unowned == (1, 3)
    assert [(task.indicator_number, task.agency_id) for task in rows(work.session)] == [(2, case.second.id)]


def test_publishing_hands_planned_tasks_over_once(work: Work, case: Case) -> None:
    plan = generate(work, case).plan
    assert plan is not None
    assert plans.publish(work, case.coordinator, plan.id, now=NOW) == 3
    work.session.flush()
    assert {(task.state, task.published_at) for task in rows(work.session)} == {(State.ASSIGNED, NOW)}
    assert plan.published_at == NOW
    published = select(func.count()).where(Event.subject_type == "task", Event.action == "publish")
    assert work.session.scalar(published) == 3
    assert plans.publish(work, case.coordinator, plan.id, now=NOW) == 0


def test_publishing_asks_for_one_mail_per_person_once(work: Work, case: Case) -> None:
    people = [
        factories.account(work.session, case.government, Role.FOCAL_POINT, agency)
        for agency in (case.first, case.second)
    ]
    due_on = NOW.date() + timedelta(days=300)
    generate(work, case, due_on=due_on, publish=True)
    generate(work, case, publish=True)
    reminders.plan_government(work, case.government.id, now=NOW)
    told = select(Message.account_id).where(Message.government_id == case.government.id)
    assert sorted(work.session.scalars(told)) == sorted(person.id for person in people)
    news = select(func.count()).select_from(ReminderIntent).where(ReminderIntent.rung == "published")
    assert work.session.scalar(news) == 3


def test_generating_with_publish_does_both(work: Work, case: Case) -> None:
    generate(work, case, publish=True)
    assert {task.state for task in rows(work.session)} == {State.ASSIGNED}


def test_a_published_task_no_longer_wanted_is_a_conflict_and_stays(work: Work, case: Case) -> None:
    generate(work, case, publish=True)
    done = generate(work, case, threshold=Decimal(2), target_level=THREE)
    assert counts(done) == (0, 0, 2, 0, 1)
    assert done.conflicts[0].reason is ConflictReason.NO_LONGER_WANTED
    assert {task.state for task in rows(work.session)} == {State.ASSIGNED}
    again = generate(work, case, threshold=Decimal(2), target_level=THREE)
    assert [each.task_id for each in again.conflicts] == [done.conflicts[0].task_id]


def test_a_reviewer_may_not_publish(work: Work, case: Case) -> None:
    plan = generate(work, case).plan
    reviewer = factories.scope(factories.account(work.session, case.government, Role.REVIEWER))
    with pytest.raises(ForbiddenError):
        plans.publish(work, reviewer, plan.id, now=NOW)  # type: ignore[union-attr]


def test_the_default_due_date_is_two_weeks_before_the_self_assessment_on_a_working_day(
    work: Work, case: Case
) -> None:
    # Opens on Monday 30 June; 15 days before is Sunday 15 June, the working day before that Friday the 13th.
    work.session.add(
        EvaluationCalendar(
            government_id=case.government.id, year=2024, self_assessment_opens_on=date(2025, 6, 30)
        )
    )
    work.session.flush()
    assert generate(work, case).dates.last == date(2025, 6, 13)


def test_without_evaluation_dates_tasks_are_due_in_a_quarter_on_a_working_day(work: Work, case: Case) -> None:
    # 3 March + 90 days is Sunday 1 June (Pancasila day); Monday 2 June is a working day.
    assert generate(work, case).dates.last == date(2025, 6, 2)


def test_a_due_date_on_a_weekend_moves_to_the_next_working_day(work: Work, case: Case) -> None:
    assert generate(work, case, due_on=date(2025, 7, 5)).dates.last == date(2025, 7, 7)


def test_a_plan_whose_due_date_has_passed_gets_a_new_one(work: Work, case: Case) -> None:
    generate(work, case)
    done = generate(work, case, now=NOW + timedelta(days=200))
    assert done.dates.last > (NOW + timedelta(days=200)).date()
    assert {task.due_on for task in rows(work.session)} == {done.dates.last}


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"threshold": Decimal(9)}, ["policy.threshold_off_scale"]),
        ({"threshold": Decimal("2.555")}, ["policy.threshold_off_scale"]),
        (
            {"threshold": Decimal("NaN"), "target_index": Decimal(6)},
            ["policy.threshold_off_scale", "plan.target_index_off_scale"],
        ),
        ({"target_level": Decimal(6)}, ["policy.target_off_scale"]),
        ({"target_level": Decimal(2)}, ["policy.threshold_above_target"]),
        ({"due_on": date(2025, 3, 2)}, ["plan.due_in_past"]),
        ({"due_on": date(1925, 6, 30)}, ["due_date.outside_years"]),
        ({"due_on": date(2030, 1, 1)}, ["due_date.outside_years"]),
        ({"due_on": date.max}, ["due_date.outside_years"]),
        ({"year": 2022}, ["plan.no_assessment"]),
        ({"baseline_kind": AssessmentKind.SELF}, ["plan.no_assessment"]),
    ],
)
def test_what_cannot_be_taken_is_said_and_no_plan_is_made(
    work: Work, case: Case, given: dict[str, object], codes: list[str]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        generate(work, case, **given)
    assert [each.code for each in refused.value.problems] == codes
    assert work.session.scalar(select(func.count()).select_from(Plan)) == 0


def other_kind(session: Session, revision: AssessmentRevision, kind: AssessmentKind) -> None:
    session.execute(update(Assessment).where(Assessment.id == revision.assessment_id).values(kind=kind))
    session.expire_all()


def test_a_plan_starts_from_the_official_assessment_whatever_else_there_is(work: Work, case: Case) -> None:
    official = case.revision
    other_kind(work.session, official, AssessmentKind.SELF)
    newer = factories.revision(work.session, case.government, level=2)
    assert generate(work, case).baseline.revision.id == newer.id


def test_the_only_assessment_will_do_and_is_not_called_official(work: Work, case: Case) -> None:
    other_kind(work.session, case.revision, AssessmentKind.SELF)
    done = generate(work, case)
    assert (done.baseline.revision.id, done.baseline.is_official) == (case.revision.id, False)


def test_of_several_unofficial_assessments_one_must_be_named(work: Work, case: Case) -> None:
    other_kind(work.session, case.revision, AssessmentKind.SELF)
    second = factories.revision(work.session, case.government)
    other_kind(work.session, second, AssessmentKind.DOCUMENT)
    with pytest.raises(InvalidInputError) as refused:
        generate(work, case)
    assert refused.value.problems[0].code == "plan.baseline_unclear"
    done = generate(work, case, baseline_kind=AssessmentKind.DOCUMENT)
    assert done.baseline.revision.id == second.id


def next_revision(session: Session, case: Case, levels: dict[int, int]) -> AssessmentRevision:
    first = case.revision
    row = AssessmentRevision(
        government_id=first.government_id,
        assessment_id=first.assessment_id,
        number=2,
        file_name="baru.csv",
        file_sha256="1" * 64,
        imported_at=NOW,
        index_value=Decimal(3),
    )
    session.add(row)
    session.flush()
    session.add_all(
        Score(
            revision_id=row.id,
            government_id=row.government_id,
            indicator_number=number,
            level=Decimal(levels.get(number, 3)),
        )
        for number in range(1, 48)
    )
    session.flush()
    return row


def test_a_reimport_moves_the_plan_only_by_a_rebase(work: Work, case: Case) -> None:
    plan = generate(work, case).plan
    assert plan is not None
    newer = next_revision(work.session, case, {1: 1})
    assert generate(work, case).baseline.revision.id == case.revision.id
    seen = plans.preview_rebase(work.session, case.coordinator, plan.id, newer.id, now=NOW)
    assert counts(seen) == (0, 1, 0, 2, 0)
    done = plans.rebase(work, case.coordinator, plan.id, newer.id, now=NOW)
    work.session.flush()
    assert counts(done) == counts(seen)
    assert plan.baseline_revision_id == newer.id
    assert [(t.state, t.baseline_level) for t in rows(work.session)] == [
        (State.PLANNED, 1),
        (State.WITHDRAWN, 0),
        (State.WITHDRAWN, 0),
    ]


def test_a_rebase_to_the_previous_revision_undoes_an_import(work: Work, case: Case) -> None:
    plan = generate(work, case).plan
    assert plan is not None
    newer = next_revision(work.session, case, {1: 1})
    plans.rebase(work, case.coordinator, plan.id, newer.id, now=NOW)
    plans.rebase(work, case.coordinator, plan.id, case.revision.id, now=NOW)
    work.session.flush()
    assert {t.state for t in rows(work.session)} == {State.PLANNED}
    assert counts(generate(work, case)) == (0, 0, 3, 0, 0)


def test_a_rebase_lists_begun_work_as_conflicts(work: Work, case: Case) -> None:
    plan = generate(work, case, publish=True).plan
    assert plan is not None
    newer = next_revision(work.session, case, {1: 1})
    done = plans.rebase(work, case.coordinator, plan.id, newer.id, now=NOW)
    reasons = [each.reason for each in done.conflicts]
    assert reasons == [ConflictReason.BASELINE_CHANGED, *[ConflictReason.NO_LONGER_WANTED] * 2]
    assert {t.state for t in rows(work.session)} == {State.ASSIGNED}


def test_a_revision_of_another_year_or_government_cannot_be_a_baseline(work: Work, case: Case) -> None:
    plan = generate(work, case).plan
    assert plan is not None
    foreign = factories.revision(work.session, factories.government(work.session))
    with pytest.raises(NotFoundError):
        plans.rebase(work, case.coordinator, plan.id, foreign.id, now=NOW)
    older = factories.revision(work.session, case.government, year=2023)
    with pytest.raises(InvalidInputError):
        plans.rebase(work, case.coordinator, plan.id, older.id, now=NOW)


def test_another_governments_plan_does_not_exist(work: Work, case: Case) -> None:
    plan = generate(work, case).plan
    assert plan is not None
    stranger = factories.scope(factories.account(work.session, factories.government(work.session)))
    for call in (
        lambda: plans.publish(work, stranger, plan.id, now=NOW),
        lambda: plans.set_target(work, stranger, plan.id, THREE, now=NOW),
        lambda: plans.rebase(work, stranger, plan.id, case.revision.id, now=NOW),
    ):
        with pytest.raises(NotFoundError):
            call()


def test_the_target_is_kept_taken_away_and_refused_off_the_scale(work: Work, case: Case) -> None:
    plan = generate(work, case, target_index=Decimal("3.5")).plan
    assert plan is not None
    assert generate(work, case).plan.target_index == Decimal("3.5")  # type: ignore[union-attr]
    plans.set_target(work, case.coordinator, plan.id, None, now=NOW)
    assert plan.target_index is None
    with pytest.raises(InvalidInputError):
        plans.set_target(work, case.coordinator, plan.id, Decimal("5.01"), now=NOW)


def test_the_operator_generates_and_publishes_without_being_anybody(work: Work, case: Case) -> None:
    case.coordinator = Scope(case.government.id, None, Role.COORDINATOR)
    generate(work, case, publish=True)
    assert set(work.session.scalars(select(Event.actor_id))) == {None}
    assert {task.state for task in rows(work.session)} == {State.ASSIGNED}


def test_a_large_plan_takes_no_more_statements_than_a_small_one(work: Work, case: Case) -> None:
    agencies = [factories.agency(work.session, case.government) for _ in range(10)]
    for number in range(4, 44):
        for agency in agencies:
            factories.ownership(work.session, agency, number, is_lead=agency is agencies[0])
    with counting() as small:
        generate(work, case, publish=True)
    with counting() as large:
        assert generate(work, case, threshold=Decimal(5), publish=True).created == 400
    assert len(large) <= len(small) + 4


def counting():  # type: ignore[no-untyped-def]
    from contextlib import contextmanager

    @contextmanager
    def run():  # type: ignore[no-untyped-def]
        seen: list[str] = []

        def note(_connection, _cursor, statement, *_rest):  # type: ignore[no-untyped-def]
            seen.append(statement)

        target = db.engine
        database_event.listen(target, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            database_event.remove(target, "before_cursor_execute", note)

    return run()


@pytest.mark.own_database
def test_two_runs_at_once_make_one_plan_and_no_task_twice(app: Flask) -> None:
    session = db.session()
    case = Case(session)
    scope = case.coordinator
    session.commit()
    ready = Barrier(2)
    results: list[tuple[int, ...]] = []

    def run() -> None:
        with app.app_context():
            ready.wait(10)
            with transaction() as work:
                done = plans.generate(work, scope, Order(SPBE, 2024, THREE), publish=True, now=NOW)
                results.append(counts(done)[:3])

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == [(0, 0, 3), (3, 0, 0)]
    assert session.scalar(select(func.count()).select_from(Plan)) == 1
    assert session.scalar(select(func.count()).select_from(Task)) == 3
    assert (
        session.scalar(select(func.count()).where(Event.action == "publish", Event.subject_type == "task"))
        == 3
    )
    assert session.scalar(select(func.count()).select_from(ProjectionRequest)) >= 1
