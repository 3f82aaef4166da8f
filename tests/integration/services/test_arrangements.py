"""Milestones and budget lines of a task: who may, what the trail keeps, limits, and several people at once."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Agency, BudgetLine, Event, Government, Milestone, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, InvalidTransitionError, NotFoundError
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import budget_lines, milestones
from spbe_tasks.services.budget_lines import LineWords
from spbe_tasks.services.milestones import MilestoneWords
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import DUE_ON, NOW
from tests.races import race

LINE = LineWords("2.16.03.2.01", "SPBE", Decimal(1_000), 2025)
STEP = MilestoneWords("Draf", DUE_ON - timedelta(days=14))


@pytest.fixture
def focal(session: Session) -> Scope:
    home = factories.government(session)
    agency = factories.agency(session, home)
    return factories.scope(factories.account(session, home, Role.FOCAL_POINT, agency))


@pytest.fixture
def task(session: Session, focal: Scope) -> Task:
    home = session.get_one(Government, focal.government_id)
    return factories.task(session, factories.plan(session, home), session.get_one(Agency, focal.agency_id))


def events(session: Session, task: Task) -> list[Event]:
    session.flush()
    return list(session.scalars(select(Event).where(Event.subject_id == task.id).order_by(Event.id)))


def test_the_trail_keeps_why_a_milestone_was_moved_and_the_row_its_first_day(
    work: Work, session: Session, task: Task, focal: Scope
) -> None:
    row = milestones.add(work, focal, task.id, STEP, now=NOW)
    later = MilestoneWords("Draf", DUE_ON, "Bagian hukum cuti.")
    milestones.change(work, focal, row.id, later, version=row.version, now=NOW)
    assert (row.due_on, row.first_due_on) == (DUE_ON, STEP.due_on)
    moved = events(session, task)[-1]
    assert (moved.data["reason"], moved.data["previous_milestone_on"]) == (
        "Bagian hukum cuti.",
        STEP.due_on.isoformat(),
    )


def test_a_new_title_needs_no_reason_and_nothing_changed_writes_nothing(
    work: Work, session: Session, task: Task, focal: Scope
) -> None:
    row = milestones.add(work, focal, task.id, STEP, now=NOW)
    milestones.change(work, focal, row.id, MilestoneWords("Naskah", STEP.due_on), version=None, now=NOW)
    milestones.change(work, focal, row.id, MilestoneWords("Naskah", STEP.due_on), version=None, now=NOW)
    assert [each.action for each in events(session, task)] == ["add_milestone", "change_milestone"]


def test_reaching_a_milestone_twice_is_reaching_it_once(
    work: Work, session: Session, task: Task, focal: Scope
) -> None:
    row = milestones.add(work, focal, task.id, STEP, now=NOW)
    for is_done in (True, True, False, False):
        milestones.tick(work, focal, row.id, is_done=is_done, version=None, now=NOW)
    assert (row.done_at, row.done_by_id) == (None, None)
    assert [each.action for each in events(session, task)[1:]] == ["reach_milestone", "reopen_milestone"]


def test_a_day_outside_the_task_is_kept_when_only_the_words_change(
    work: Work, session: Session, task: Task, focal: Scope
) -> None:
    row = milestones.add(work, focal, task.id, STEP, now=NOW)
    task.due_on = STEP.due_on - timedelta(days=1)  # the task's date was moved nearer meanwhile
    milestones.change(work, focal, row.id, MilestoneWords("Naskah", STEP.due_on), version=None, now=NOW)
    assert row.title == "Naskah"


Change = Callable[[Work, Scope, Task], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda work, scope, task: milestones.add(work, scope, task.id, STEP, now=NOW),
        lambda work, scope, task: budget_lines.add(work, scope, task.id, LINE, now=NOW),
    ],
)
def test_nothing_is_arranged_around_a_closed_task_or_one_out_of_sight(
    work: Work, session: Session, task: Task, focal: Scope, change: Change
) -> None:
    stranger = Scope(task.government_id, focal.account_id, Role.FOCAL_POINT, task.agency_id + 1)
    with pytest.raises(NotFoundError):
        change(work, stranger, task)
    task.state, task.reached_level = State.ACCEPTED, Decimal(3)
    session.flush()
    with pytest.raises(InvalidTransitionError):
        change(work, focal, task)


def test_a_stale_version_is_told_so(work: Work, task: Task, focal: Scope) -> None:
    row = milestones.add(work, focal, task.id, STEP, now=NOW)
    line = budget_lines.add(work, focal, task.id, LINE, now=NOW)
    with pytest.raises(ConflictError, match=r"milestone\.stale_version"):
        milestones.remove(work, focal, row.id, version=99, now=NOW)
    with pytest.raises(ConflictError, match=r"budget\.stale_version"):
        budget_lines.change(work, focal, line.id, LINE, version=99, now=NOW)


def test_one_code_stands_once_in_a_year(work: Work, session: Session, task: Task, focal: Scope) -> None:
    budget_lines.add(work, focal, task.id, LINE, now=NOW)
    with pytest.raises(InvalidInputError) as refused:
        budget_lines.add(work, focal, task.id, LineWords("2.16.03.2.01.", "Lain", Decimal(5), 2025), now=NOW)
    assert [each.code for each in refused.value.problems] == ["budget.twice"]
    budget_lines.add(work, focal, task.id, LineWords(LINE.code, "Lain", Decimal(5), 2026), now=NOW)
    assert session.scalar(select(func.count()).select_from(BudgetLine)) == 2


def test_a_page_full_of_lines_takes_no_more(work: Work, task: Task, focal: Scope) -> None:
    for number in range(budget_lines.MOST_LINES):
        budget_lines.add(work, focal, task.id, LineWords(f"2.{number}", "SPBE", Decimal(1), 2025), now=NOW)
        milestones.add(work, focal, task.id, MilestoneWords(f"Langkah {number}", date(2025, 5, 5)), now=NOW)
    for add, said in ((budget_lines.add, LINE), (milestones.add, STEP)):
        with pytest.raises(InvalidInputError):
            add(work, focal, task.id, said, now=NOW)  # type: ignore[operator]


@pytest.mark.own_database
def test_of_several_who_note_the_same_line_at_once_one_does(
    app: Flask, session: Session, task: Task, focal: Scope
) -> None:
    task_id = task.id
    session.commit()

    def note() -> None:
        with transaction() as work:
            budget_lines.add(work, focal, task_id, LINE, now=NOW)

    assert sorted(race(app, [note] * 4)) == ["done", *["invalid_input"] * 3]
    assert session.scalar(select(func.count()).select_from(Milestone)) == 0
