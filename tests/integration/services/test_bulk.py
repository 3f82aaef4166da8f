from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, BulkRun, Comment, Event, Plan, Task, TaskLabel
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import bulk, closing, labels, tasks
from spbe_tasks.services.bulk import MOST_ROWS, Outcome
from spbe_tasks.services.bulk_steps import STEPS, BulkAction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import DUE_ON, NOW

LATER = date(2025, 9, 1)
NEW_DATE: dict[str, object] = {"due_on": LATER, "reason": "Menunggu perda."}


class Office:
    """Two agencies with a focal point each; the first has three tasks in hand, the second one."""

    def __init__(self, session: Session) -> None:
        government = factories.government(session)
        self.agency: Agency = factories.agency(session, government)
        self.other: Agency = factories.agency(session, government)
        self.plan: Plan = factories.plan(session, government)
        self.coordinator: Scope = factories.scope(factories.account(session, government))
        self.person: Account = factories.account(session, government, Role.FOCAL_POINT, self.agency)
        self.colleague: Account = factories.account(session, government, Role.FOCAL_POINT, self.agency)
        self.focal: Scope = factories.scope(self.person)
        self.tasks: list[Task] = [factories.task(session, self.plan, self.agency, n) for n in (1, 2, 3)]
        self.theirs: Task = factories.task(session, self.plan, self.other, 4)

    @property
    def ids(self) -> list[int]:
        return [each.id for each in (*self.tasks, self.theirs)]


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def outcomes(done: BulkRun) -> dict[int, str]:
    return {row.task_id: row.outcome.value for row in bulk.told(done)}


def codes(done: BulkRun) -> set[str]:
    return {problem.code for row in bulk.told(done) for problem in row.problems}


def test_each_row_is_done_or_says_why_not_and_the_rest_is_stored(
    work: Work, session: Session, office: Office
) -> None:
    first, second, closed = office.tasks
    closed.state, closed.reached_level = State.ACCEPTED, closed.target_level
    second.assignee_id = office.person.id
    session.flush()
    given: dict[str, object] = {"assignee_id": office.person.id}
    done = bulk.run(work, office.coordinator, office.ids, BulkAction.ASSIGN, given, now=NOW)
    assert outcomes(done) == {
        first.id: "done",
        second.id: "unchanged",
        closed.id: "refused",
        office.theirs.id: "refused",
    }
    assert codes(done) == {"task.illegal_transition", "task.assignee_outside_agency"}
    session.expire_all()
    assert [each.assignee_id for each in (*office.tasks, office.theirs)] == [
        office.person.id,
        office.person.id,
        None,
        None,
    ]
    events = session.scalars(select(Event.action).where(Event.subject_type == "task")).all()
    assert events == ["assign"]


def test_an_agency_acts_on_its_own_rows_only_and_learns_nothing_of_others(work: Work, office: Office) -> None:
    foreign = [office.theirs.id, 999_999_999]
    done = bulk.run(work, office.focal, [*office.ids, *foreign], BulkAction.START, {}, now=NOW)
    assert [outcomes(done)[each.id] for each in office.tasks] == ["done"] * 3
    assert {outcomes(done)[each] for each in foreign} == {"refused"}
    assert codes(done) == {"task.not_found"}
    assert office.theirs.state is State.ASSIGNED


@pytest.mark.parametrize("action", list(BulkAction))
def test_whoever_is_not_offered_an_action_is_refused_on_every_row(
    work: Work, session: Session, office: Office, action: BulkAction
) -> None:
    given: dict[str, object] = {"assignee_id": office.person.id, "note": "x", "label": "x", **NEW_DATE}
    for role in Role:
        if role is Role.ADMINISTRATOR:
            continue
        scope = Scope(office.coordinator.government_id, office.person.id, role, office.agency.id)
        if action in bulk.offered(scope):
            continue
        done = bulk.run(work, scope, office.ids[:1], action, given, now=NOW)
        assert set(outcomes(done).values()) == {"refused"}, role
        assert codes(done) <= {"task.action_forbidden", "label.forbidden"}, role


def test_undoing_restores_what_is_still_as_the_run_left_it_and_tells_what_is_not(
    work: Work, session: Session, office: Office
) -> None:
    first, second, third = office.tasks
    done = bulk.run(work, office.coordinator, office.ids[:3], BulkAction.RESCHEDULE, NEW_DATE, now=NOW)
    assert {each.due_on for each in office.tasks} == {LATER}
    other: dict[str, object] = {"due_on": LATER + timedelta(days=1)}
    tasks.act(work, office.coordinator, second.id, Action.RESCHEDULE, other, version=None, now=NOW)
    third.state, third.reached_level = State.ACCEPTED, third.target_level
    session.flush()

    undone = bulk.undo(work, office.coordinator, done.id, now=NOW)
    assert outcomes(undone) == {first.id: "undone", second.id: "kept", third.id: "kept"}
    assert codes(undone) == {"bulk.changed_since", "task.illegal_transition"}
    assert (first.due_on, first.is_due_by_hand) == (DUE_ON, False)
    # A new version of the date either way: reminders of the date between are over, too.
    assert first.due_version == 3
    assert second.due_on == LATER + timedelta(days=1)
    with pytest.raises(ConflictError, match=r"bulk\.undone_already"):
        bulk.undo(work, office.coordinator, done.id, now=NOW)


def test_a_person_put_in_charge_is_taken_off_again_or_replaced_by_whom_it_was(
    work: Work, session: Session, office: Office
) -> None:
    first, second, _ = office.tasks
    second.assignee_id = office.colleague.id
    session.flush()
    given: dict[str, object] = {"assignee_id": office.person.id}
    done = bulk.run(work, office.coordinator, office.ids[:2], BulkAction.ASSIGN, given, now=NOW)
    bulk.undo(work, office.coordinator, done.id, now=NOW)
    session.expire_all()
    assert (first.assignee_id, second.assignee_id) == (None, office.colleague.id)


def test_labels_and_comments_are_added_to_what_is_there_and_taken_back(
    work: Work, session: Session, office: Office
) -> None:
    first, second, _ = office.tasks
    labels.add(work, office.coordinator, first.id, "Prioritas", now=NOW)
    labels.add(work, office.coordinator, second.id, "Lain", now=NOW)
    labelled = bulk.run(
        work, office.coordinator, office.ids[:2], BulkAction.ADD_LABEL, {"label": "prioritas"}, now=NOW
    )
    assert outcomes(labelled) == {first.id: "unchanged", second.id: "done"}
    assert found(session) == {(first.id, "Prioritas"), (second.id, "Lain"), (second.id, "Prioritas")}
    bulk.undo(work, office.coordinator, labelled.id, now=NOW)
    assert found(session) == {(first.id, "Prioritas"), (second.id, "Lain")}
    said = bulk.run(
        work, office.coordinator, office.ids, BulkAction.COMMENT, {"note": "Rapat Senin."}, now=NOW
    )
    session.flush()
    assert session.scalars(select(Comment.body)).all() == ["Rapat Senin."] * 4
    bulk.undo(work, office.coordinator, said.id, now=NOW)
    assert all(each.removed_at for each in session.scalars(select(Comment)))


def found(session: Session) -> set[tuple[int, str]]:
    session.flush()
    return {(row.task_id, row.label) for row in session.execute(select(TaskLabel.task_id, TaskLabel.label))}


def test_begun_work_stays_begun(work: Work, office: Office) -> None:
    done = bulk.run(work, office.focal, office.ids[:1], BulkAction.START, {}, now=NOW)
    undone = bulk.undo(work, office.focal, done.id, now=NOW)
    assert (set(outcomes(undone).values()), codes(undone)) == ({"kept"}, {"bulk.start_stays"})
    assert office.tasks[0].state is State.IN_PROGRESS


def test_rows_of_a_closed_plan_are_refused(work: Work, office: Office) -> None:
    closing.close(work, office.coordinator, office.plan.id, reason="Selesai.", now=NOW)
    done = bulk.run(work, office.coordinator, office.ids, BulkAction.RESCHEDULE, NEW_DATE, now=NOW)
    assert codes(done) == {"plan.closed"}
    assert {row.outcome for row in bulk.told(done)} == {Outcome.REFUSED}


def test_a_run_is_its_makers_own_and_has_its_limits(work: Work, office: Office) -> None:
    done = bulk.run(work, office.focal, office.ids[:1], BulkAction.START, {}, now=NOW)
    with pytest.raises(NotFoundError):
        bulk.undo(work, office.coordinator, done.id, now=NOW)
    for number in (0, MOST_ROWS + 1):
        with pytest.raises(InvalidInputError):
            bulk.run(work, office.focal, range(1, number + 1), BulkAction.START, {}, now=NOW)


def test_the_problems_of_a_row_keep_their_dates_and_words(work: Work, office: Office) -> None:
    given: dict[str, object] = {"due_on": date(2031, 1, 1), "reason": "x"}
    done = bulk.run(work, office.coordinator, office.ids[:1], BulkAction.RESCHEDULE, given, now=NOW)
    (problem,) = bulk.told(done)[0].problems
    assert problem.code == "due_date.outside_years"
    assert problem.params == {"earliest": date(2024, 1, 1), "latest": date(2029, 12, 31)}


def test_every_action_has_its_step() -> None:
    assert set(STEPS) == set(BulkAction)


def test_labels_are_words_of_coordinators_in_one_spelling(
    work: Work, session: Session, office: Office
) -> None:
    task_id = office.ids[0]
    with pytest.raises(ForbiddenError, match=r"label\.forbidden"):
        labels.add(work, office.focal, task_id, "Prioritas", now=NOW)
    for wrong in (" ", "x" * 41):
        with pytest.raises(InvalidInputError):
            labels.add(work, office.coordinator, task_id, wrong, now=NOW)
    assert labels.add(work, office.coordinator, task_id, "  Prioritas   Bupati ", now=NOW)
    assert not labels.add(work, office.coordinator, task_id, "PRIORITAS BUPATI", now=NOW)
    assert not labels.remove(work, office.coordinator, task_id, "lain", now=NOW)
    assert labels.remove(work, office.coordinator, task_id, "prioritas bupati", now=NOW)
    assert found(session) == set()
    for number in range(10):
        labels.add(work, office.coordinator, task_id, f"Label {number}", now=NOW)
    with pytest.raises(InvalidInputError) as refusal:
        labels.add(work, office.coordinator, task_id, "Satu lagi", now=NOW)
    assert refusal.value.problems[0].code == "label.too_many"
    events = session.scalars(select(Event.action).where(Event.subject_id == task_id).order_by(Event.id)).all()
    assert events == ["add_label", "remove_label", *["add_label"] * 10]
