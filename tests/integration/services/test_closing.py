import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from threading import Event as Signal
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from spbe_tasks import services
from spbe_tasks.extensions import db
from spbe_tasks.instruments.crosswalk_loader import list_crosswalks
from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    Account,
    Agency,
    Event,
    Government,
    Plan,
    Projection,
    ProjectionRequest,
    Task,
    TaskPart,
)
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.rules.reminders import CancelReason, IntentState
from spbe_tasks.rules.succession import SuccessionKind
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import (
    accounts,
    agencies,
    budget_lines,
    closing,
    comments,
    conflicts,
    consistency,
    criteria,
    digests,
    evidence_uses,
    hand_made,
    labels,
    milestones,
    packs,
    parts,
    plans,
    projections,
    reminders,
    succession,
    task_turns,
    tasks,
)
from spbe_tasks.services.budget_lines import LineWords
from spbe_tasks.services.comments import CommentWords
from spbe_tasks.services.conflicts import Decision
from spbe_tasks.services.hand_made import HandMade
from spbe_tasks.services.milestones import MilestoneWords
from spbe_tasks.services.orders import Order
from spbe_tasks.services.parts import PartWords
from spbe_tasks.services.queries import review as review_queries
from spbe_tasks.services.queries import tasks as task_queries
from spbe_tasks.services.succession_order import Order as SuccessionOrder
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import DUE_ON, NOW, SPBE
from tests.product import wait_for

REASON = "Tahun anggaran selesai."
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)
# The working morning of the due date.
DUE_MORNING = datetime(DUE_ON.year, DUE_ON.month, DUE_ON.day, 3, 0, tzinfo=UTC)


class Year:
    """A published plan with a task in progress, one submitted, one planned, and a part of the first."""

    def __init__(self, session: Session) -> None:
        self.government: Government = factories.government(session)
        self.agency: Agency = factories.agency(session, self.government)
        self.coordinator: Scope = factories.scope(factories.account(session, self.government))
        self.person: Account = factories.account(session, self.government, Role.FOCAL_POINT, self.agency)
        self.focal: Scope = factories.scope(self.person)
        self.reviewer = factories.scope(factories.account(session, self.government, Role.REVIEWER))
        self.revision = factories.revision(session, self.government)
        self.plan: Plan = factories.plan(session, self.government, baseline=self.revision)
        factories.ownership(session, self.agency, 33)
        self.task: Task = factories.task(
            session, self.plan, self.agency, 33, state=State.IN_PROGRESS, assignee_id=self.person.id
        )
        self.submitted: Task = factories.task(session, self.plan, self.agency, 34, state=State.SUBMITTED)
        self.planned: Task = factories.task(session, self.plan, self.agency, 35, state=State.PLANNED)
        self.part = TaskPart(
            government_id=self.government.id,
            task_id=self.task.id,
            position=1,
            title="Susun naskah",
            is_done=False,
        )
        self.comment = factories.comment(session, self.task, self.person)
        session.add(self.part)
        session.flush()
        self.milestone = factories.milestone(session, self.task)
        self.line = factories.budget_line(session, self.task)

    def close(self, work: Work) -> Plan:
        return closing.close(work, self.coordinator, self.plan.id, reason=REASON, now=NOW)


@pytest.fixture
def year(session: Session) -> Year:
    return Year(session)


ORDER = Order(SPBE, 2024, threshold=Decimal(3))
PART = PartWords("Bagian lain")
LINE = LineWords("2.16.03.2.01", "Pengelolaan e-government", Decimal(25_000_000), 2025)
STEP = MilestoneWords("Naskah selesai", DUE_ON)
# Everything that changes a plan, a task or a part, tried on a closed plan. The test below holds the table complete.
CHANGES: dict[str, Callable[[Work, Year], object]] = {
    "closing.close": lambda work, year: year.close(work),
    "comments.edit": lambda work, year: comments.edit(
        work, year.focal, year.comment.id, CommentWords("Lain"), version=None, now=NOW
    ),
    "comments.remove": lambda work, year: comments.remove(work, year.focal, year.comment.id, now=NOW),
    "comments.write": lambda work, year: comments.write(
        work, year.focal, year.task.id, CommentWords("Halo"), now=NOW
    ),
    "conflicts.decide": lambda work, year: conflicts.decide(
        work, year.coordinator, year.plan.id, [year.task.id], Decision.KEEP, now=NOW
    ),
    "consistency.compute_again": lambda work, year: consistency.compute_again(
        work, year.coordinator, year.plan.id, now=NOW
    ),
    "criteria.claim": lambda work, year: criteria.claim(
        work, year.focal, year.task.id, {(3, "a"): (True, "")}, now=NOW
    ),
    "evidence_uses.attach": lambda work, year: evidence_uses.attach(
        work, year.focal, year.task.id, [(3, "a")], 1, now=NOW
    ),
    "evidence_uses.detach": lambda work, year: evidence_uses.detach(
        work, year.focal, year.task.id, [(3, "a")], 1, now=NOW
    ),
    "hand_made.change": lambda work, year: hand_made.change(
        work, year.coordinator, year.task.id, title="Lain", note="", version=None, now=NOW
    ),
    "hand_made.make": lambda work, year: hand_made.make(
        work, year.coordinator, year.plan.id, HandMade(5, year.agency.id, Decimal(4), DUE_ON), now=NOW
    ),
    "task_turns.take": lambda work, year: task_turns.take(work, year.focal, year.task.id, Action.ARRANGE),
    "budget_lines.add": lambda work, year: budget_lines.add(work, year.focal, year.task.id, LINE, now=NOW),
    "budget_lines.change": lambda work, year: budget_lines.change(
        work, year.focal, year.line.id, LINE, version=None, now=NOW
    ),
    "budget_lines.remove": lambda work, year: budget_lines.remove(
        work, year.focal, year.line.id, version=None, now=NOW
    ),
    "milestones.add": lambda work, year: milestones.add(work, year.focal, year.task.id, STEP, now=NOW),
    "milestones.change": lambda work, year: milestones.change(
        work, year.focal, year.milestone.id, STEP, version=None, now=NOW
    ),
    "milestones.remove": lambda work, year: milestones.remove(
        work, year.focal, year.milestone.id, version=None, now=NOW
    ),
    "milestones.tick": lambda work, year: milestones.tick(
        work, year.focal, year.milestone.id, is_done=True, version=None, now=NOW
    ),
    "labels.add": lambda work, year: labels.add(work, year.coordinator, year.task.id, "Prioritas", now=NOW),
    "labels.remove": lambda work, year: labels.remove(
        work, year.coordinator, year.task.id, "Prioritas", now=NOW
    ),
    "packs.begin": lambda work, year: packs.begin(work, year.coordinator, year.plan.id, now=NOW),
    "parts.add": lambda work, year: parts.add(work, year.focal, year.task.id, PART, now=NOW),
    "parts.change": lambda work, year: parts.change(
        work, year.focal, year.part.id, PART, version=None, now=NOW
    ),
    "parts.remove": lambda work, year: parts.remove(work, year.focal, year.part.id, version=None, now=NOW),
    "parts.tick": lambda work, year: parts.tick(
        work, year.focal, year.part.id, is_done=True, version=None, now=NOW
    ),
    "plans.generate": lambda work, year: plans.generate(work, year.coordinator, ORDER, now=NOW),
    "plans.publish": lambda work, year: plans.publish(work, year.coordinator, year.plan.id, now=NOW),
    "plans.rebase": lambda work, year: plans.rebase(
        work, year.coordinator, year.plan.id, year.revision.id, now=NOW
    ),
    "plans.set_target": lambda work, year: plans.set_target(
        work, year.coordinator, year.plan.id, Decimal(3), now=NOW
    ),
    "plans.store_policy": lambda work, year: plans.store_policy(work, year.coordinator, ORDER, now=NOW),
    "tasks.act": lambda work, year: tasks.act(
        work, year.focal, year.task.id, Action.BLOCK, {"reason": "x"}, version=None, now=NOW
    ),
}
# What works on rows that its callers have locked, keeps what is typed for nobody else to see, asks for figures, or is
# tested on its own below.
ELSEWHERE = frozenset(
    {
        "assignments.release_stale",
        "bulk.run",  # tells it row by row
        "carry_over.link",
        "carry_over.pass_on",
        "level_texts.write",
        "submissions.hand_in",
        "typed_drafts.discard",
        "typed_drafts.forget",
        "typed_drafts.keep",
        "closing.reopen",
        "generation.begin",
        "open_requests.void",
        # What is told is told about something that was done.
        "news.mark_seen",
        "news.tell",
        "news.tell_all",
        "news.tell_of_action",
        "passing.carry_out",
        "passing.release",
        "forecasts.make",
        "projections.answer",
        "projections.rebuild",
        "projections.request",
        "reminders.announce",
        "reminders.cancel_for_plan",
        "succession.carry_out",
    }
)
_SUBJECTS = frozenset({"plan", "plan_id", "task", "task_id", "task_ids", "tasks", "part_id", "order"}) | {
    "milestone_id",
    "line_id",
    "comment_id",
}


def _changing() -> Iterator[str]:
    """The public functions of services that are given a unit of work and a plan, a task or a part."""
    for found in pkgutil.iter_modules(services.__path__):
        if found.ispkg:
            continue
        module = import_module(f"{services.__name__}.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            names = inspect.signature(function).parameters.keys()
            is_ours = function.__module__ == module.__name__ and not name.startswith("_")
            if is_ours and "work" in names and names & _SUBJECTS:
                yield f"{found.name}.{name}"


def test_the_table_of_changes_is_complete() -> None:
    assert set(_changing()) - ELSEWHERE == CHANGES.keys()


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_nothing_of_a_closed_plan_changes(work: Work, year: Year, change: str) -> None:
    year.close(work)
    with pytest.raises(ConflictError) as refusal:
        CHANGES[change](work, year)
    assert (refusal.value.code, refusal.value.params) == ("plan.closed", {"year": 2024})


@pytest.mark.parametrize("action", list(Action))
def test_no_action_is_done_on_a_task_of_a_closed_plan(work: Work, year: Year, action: Action) -> None:
    year.close(work)
    for who in (year.focal, year.coordinator, year.reviewer):
        with pytest.raises(ConflictError, match=r"plan\.closed"):
            tasks.act(work, who, year.task.id, action, {"reason": "x"}, version=None, now=NOW)


@pytest.mark.parametrize("look", [plans.preview, plans.store_policy])
def test_a_preview_refuses_what_carrying_it_out_would(
    work: Work, session: Session, year: Year, look: Callable[..., object]
) -> None:
    year.close(work)
    with pytest.raises(ConflictError, match=r"plan\.closed"):
        look(work if look is plans.store_policy else session, year.coordinator, ORDER, now=NOW)


def test_another_years_plan_goes_on(work: Work, session: Session, year: Year) -> None:
    year.close(work)
    factories.revision(session, year.government, year=2025)
    done = plans.generate(work, year.coordinator, Order(SPBE, 2025, threshold=Decimal(3)), now=NOW)
    assert done.created == 1


def test_closing_is_noted_with_what_was_secured_and_what_stayed_open(
    work: Work, session: Session, year: Year
) -> None:
    plan = year.close(work)
    assert (plan.closed_at, plan.closed_by_id, plan.closing_reason) == (
        NOW,
        year.coordinator.account_id,
        REASON,
    )
    (event,) = session.scalars(select(Event).where(Event.action == "close_plan")).all()
    assert event.data["open"] == {"in_progress": 1, "submitted": 1, "planned": 1}
    assert Decimal(event.data["secured"]) == session.get_one(Projection, plan.id).secured
    assert event.data["reason"] == REASON


def test_a_closing_without_a_reason_is_refused(work: Work, year: Year) -> None:
    with pytest.raises(InvalidInputError):
        closing.close(work, year.coordinator, year.plan.id, reason="  ", now=NOW)
    assert not year.plan.is_closed


def test_a_foreign_plan_is_not_closed_or_reopened(work: Work, session: Session, year: Year) -> None:
    stranger = factories.scope(factories.account(session, factories.government(session)))
    with pytest.raises(NotFoundError):
        closing.close(work, stranger, year.plan.id, reason=REASON, now=NOW)
    with pytest.raises(NotFoundError):
        closing.reopen(work, stranger, year.plan.id, reason=REASON, now=NOW)


def test_reopened_it_can_be_worked_on_again(work: Work, session: Session, year: Year) -> None:
    year.close(work)
    plan = closing.reopen(work, year.coordinator, year.plan.id, reason="Ada susulan.", now=NOW)
    assert not plan.is_closed
    tasks.act(work, year.focal, year.task.id, Action.BLOCK, {"reason": "x"}, version=None, now=NOW)
    assert year.task.state is State.BLOCKED
    (event,) = session.scalars(select(Event).where(Event.action == "reopen_plan")).all()
    assert event.data == {"reason": "Ada susulan."}
    assert (Job.REBUILD_PROJECTION, (plan.id,)) in work.jobs


def test_what_is_not_closed_is_not_reopened(work: Work, year: Year) -> None:
    with pytest.raises(ConflictError, match=r"plan\.not_closed"):
        closing.reopen(work, year.coordinator, year.plan.id, reason=REASON, now=NOW)


def test_reopening_takes_off_whoever_left_meanwhile(work: Work, session: Session, year: Year) -> None:
    year.close(work)
    accounts.close(work, year.coordinator, year.person.id, now=NOW)
    session.flush()
    assert year.task.assignee_id == year.person.id
    closing.reopen(work, year.coordinator, year.plan.id, reason=REASON, now=NOW)
    session.expire_all()
    assert year.task.assignee_id is None


def test_open_reminders_are_cancelled_and_no_digest_tells_of_the_tasks(
    work: Work, session: Session, year: Year
) -> None:
    waiting = factories.intent(session, year.task, year.person)
    told = factories.intent(session, year.submitted, year.person, state=IntentState.SENT)
    year.close(work)
    session.expire_all()
    assert (waiting.state, waiting.reason) == (IntentState.CANCELLED, CancelReason.PLAN_CLOSED)
    assert told.state is IntentState.SENT
    assert digests.build(session, year.person, today=DUE_ON) is None


def test_the_planner_makes_no_reminder_for_a_closed_plan_and_makes_it_once_reopened(
    work: Work, session: Session, year: Year
) -> None:
    year.close(work)
    assert reminders.plan_government(work, year.government.id, now=DUE_MORNING).planned.new == ()
    closing.reopen(work, year.coordinator, year.plan.id, reason=REASON, now=NOW)
    session.flush()
    (made,) = reminders.plan_government(work, year.government.id, now=DUE_MORNING).planned.new
    assert made.task_id == year.task.id


def test_a_reminder_cancelled_by_closing_is_taken_up_again_after_reopening(
    work: Work, session: Session, year: Year
) -> None:
    reminders.plan_government(work, year.government.id, now=DUE_MORNING)
    session.flush()
    year.close(work)
    closing.reopen(work, year.coordinator, year.plan.id, reason=REASON, now=NOW)
    session.flush()
    again = reminders.plan_government(work, year.government.id, now=DUE_MORNING)
    assert [each.task_id for each in again.planned.reopened] == [year.task.id]
    assert again.planned.new == ()


def test_an_intent_written_while_the_plan_was_closing_is_cancelled_by_the_next_run(
    work: Work, session: Session, year: Year
) -> None:
    year.close(work)
    late = factories.intent(session, year.task, year.person)
    reminders.plan_government(work, year.government.id, now=DUE_MORNING)
    session.expire_all()
    assert (late.state, late.reason) == (IntentState.CANCELLED, CancelReason.TASK_CLOSED)


def test_the_figures_of_a_closed_plan_stay_as_they_stood(work: Work, session: Session, year: Year) -> None:
    year.close(work)
    session.flush()
    stood = session.get_one(Projection, year.plan.id)
    before = (stood.generation, stood.rebuilt_at, stood.secured)
    work.jobs.clear()
    later = NOW + timedelta(days=40)
    projections.request_all(work, year.government.id)
    projections.sweep_days(work, now=later)
    assert not work.jobs
    projections.request(work, year.plan.id)
    session.flush()
    assert not projections.rebuild(work, year.plan.id, now=later, is_forced=True)
    session.expire_all()
    assert (stood.generation, stood.rebuilt_at, stood.secured) == before
    assert session.scalar(select(ProjectionRequest)) is None


def test_tasks_of_a_closed_plan_leave_desk_and_review_queue(session: Session, work: Work, year: Year) -> None:
    tasks.act(work, year.focal, year.task.id, Action.SUBMIT, {"note": "bukti"}, version=None, now=NOW)
    session.flush()
    assert len(task_queries.list_own(session, year.focal)) == 2
    assert len(review_queries.list_submitted(session, year.reviewer)) == 1
    year.close(work)
    assert task_queries.list_own(session, year.focal) == []
    assert review_queries.list_submitted(session, year.reviewer) == []
    assert review_queries.surroundings(session, year.reviewer).total == 0


def test_a_closed_plan_keeps_no_agency_open_and_its_tasks_stay_with_it(
    work: Work, session: Session, year: Year
) -> None:
    year.close(work)
    other = factories.agency(session, year.government)
    order = SuccessionOrder(SuccessionKind.MERGE, (year.agency.id,), other.id)
    seen = succession.preview(session, year.coordinator, order, now=NOW)
    assert seen.plans == []
    agencies.close(work, year.coordinator, year.agency.id, now=NOW)
    assert year.task.agency_id == year.agency.id


def test_the_preview_says_what_remains_where_it_goes_and_what_the_result_was(
    session: Session, year: Year
) -> None:
    factories.revision(session, year.government, level=3, year=2025)
    ended = factories.task(session, year.plan, year.agency, _dropped())
    seen = closing.preview(session, year.coordinator, year.plan, now=NOW)
    assert [row.id for row in seen.open_tasks] == [
        row.id
        for row in sorted(
            (year.task, year.submitted, year.planned, ended), key=lambda task: task.indicator_number
        )
    ]
    assert seen.result is not None
    assert seen.result.assessment.year == 2025
    (way,) = seen.ways
    assert not way.is_official
    assert [row.id for row in way.ended] == [ended.id]
    assert {row.id for row, _ in way.followed} == {year.task.id, year.submitted.id, year.planned.id}
    assert all(indicators for _, indicators in way.followed)


def _dropped() -> int:
    """An indicator that nothing follows."""
    return next(each for each in list_crosswalks() if each.from_id == SPBE).dropped[0]


@pytest.mark.own_database
def test_whoever_waits_for_a_task_while_its_plan_closes_is_told(app: Flask, session: Session) -> None:
    year = Year(session)
    task_id, plan_id, focal, coordinator = year.task.id, year.plan.id, year.focal, year.coordinator
    session.commit()
    locked, answers = Signal(), []

    def act() -> None:
        with app.app_context():
            try:
                locked.wait(timeout=30)
                with transaction() as work:
                    tasks.act(work, focal, task_id, Action.BLOCK, {"reason": "x"}, version=None, now=NOW)
                answers.append("done")
            except ConflictError as error:
                answers.append(error.code)
            finally:
                db.session.remove()

    waiting = Thread(target=act)
    waiting.start()
    with transaction() as work:
        closing.close(work, coordinator, plan_id, reason=REASON, now=NOW)
        locked.set()
        wait_for(_somebody_waits, seconds=60, what="the action to wait")
    waiting.join(timeout=30)
    assert answers == ["plan.closed"]


def _somebody_waits() -> bool:
    # A transaction of its own each time: inside one, who waits is read once only.
    with db.engine.connect() as connection:
        return bool(connection.scalar(WAITING))
