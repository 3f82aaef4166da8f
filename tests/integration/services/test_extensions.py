"""Requests for more time beside a task: what each answer changes, who is told, and what makes a request void."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Event, Extension, ExtensionState, News, NewsKind, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError, InvalidTransitionError
from spbe_tasks.rules.requirements import CancelKind
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import tasks
from spbe_tasks.services.queries import extensions as queries
from spbe_tasks.work import Work
from tests import factories
from tests.factories import DUE_ON, NOW

MONTH = DUE_ON + timedelta(days=31)


class Desk:
    """A task in progress with its focal point in charge, and two coordinators."""

    def __init__(self, work: Work) -> None:
        self.work, session = work, work.session
        self.home = home = factories.government(session)
        self.agency = factories.agency(session, home)
        self.focal = factories.account(session, home, Role.FOCAL_POINT, self.agency)
        self.colleague = factories.account(session, home, Role.FOCAL_POINT, self.agency)
        self.chief, self.second = (factories.account(session, home) for _ in range(2))
        self.plan = factories.plan(session, home)
        self.task: Task = factories.task(
            session, self.plan, self.agency, state=State.IN_PROGRESS, assignee_id=self.colleague.id
        )

    def act(self, person: Any, action: Action, **given: object) -> Task:
        scope = person if isinstance(person, Scope) else factories.scope(person)
        return tasks.act(self.work, scope, self.task.id, action, given, version=None, now=NOW)

    def ask(self, until: date = MONTH) -> None:
        self.act(self.focal, Action.ASK_EXTENSION, due_on=until, reason="Menunggu pergub.")

    def requests(self) -> list[Extension]:
        self.work.session.flush()
        return list(self.work.session.scalars(select(Extension).order_by(Extension.id)))

    def told(self, kind: NewsKind) -> set[int]:
        return set(self.work.session.scalars(select(News.account_id).where(News.kind == kind)))

    def event(self, action: str) -> Event:
        found = select(Event).where(Event.action == action).order_by(Event.id.desc())
        event = self.work.session.scalars(found).first()
        assert event is not None
        return event


@pytest.fixture
def desk(work: Work) -> Desk:
    return Desk(work)


def test_asking_changes_no_date_and_tells_the_coordinators(desk: Desk) -> None:
    version = desk.task.version
    desk.ask()
    (request,) = desk.requests()
    assert (request.state, request.previous_on, request.wanted_on) == (ExtensionState.ASKED, DUE_ON, MONTH)
    assert (desk.task.due_on, desk.task.due_version, desk.task.version) == (DUE_ON, 1, version)
    assert desk.told(NewsKind.EXTENSION_ASKED) == {desk.chief.id, desk.second.id}
    data = desk.event("ask_extension").data
    assert (data["due_on"], data["reason"], data["extension"]) == (
        MONTH.isoformat(),
        "Menunggu pergub.",
        request.id,
    )


def test_granting_moves_the_date_under_a_new_version_and_tells_asker_and_whoever_is_in_charge(
    desk: Desk,
) -> None:
    desk.ask()
    desk.work.jobs.clear()
    desk.act(desk.chief, Action.GRANT_EXTENSION, note="Setuju.")
    (request,) = desk.requests()
    assert (request.state, request.granted_on, request.answer) == (ExtensionState.GRANTED, MONTH, "Setuju.")
    assert (request.answered_by_id, request.answered_at) == (desk.chief.id, NOW)
    assert (desk.task.due_on, desk.task.due_version, desk.task.is_due_by_hand) == (MONTH, 2, True)
    assert desk.told(NewsKind.EXTENSION_ANSWERED) == {desk.focal.id, desk.colleague.id}
    assert list(desk.work.jobs) == [(Job.REBUILD_PROJECTION, (desk.plan.id,))]
    assert desk.event("grant_extension").data | {"extension": 0} == {
        "from": "in_progress",
        "to": "in_progress",
        "due_on": MONTH.isoformat(),
        "previous_due_on": DUE_ON.isoformat(),
        "note": "Setuju.",
        "extension": 0,
    }


def test_another_day_may_be_granted_than_was_asked_for(desk: Desk) -> None:
    desk.ask()
    sooner = DUE_ON + timedelta(days=7)
    desk.act(desk.chief, Action.GRANT_EXTENSION, due_on=sooner)
    (request,) = desk.requests()
    assert (request.wanted_on, request.granted_on, desk.task.due_on) == (MONTH, sooner, sooner)


def test_refusing_needs_a_reason_and_leaves_the_date(desk: Desk) -> None:
    desk.ask()
    with pytest.raises(InvalidInputError):
        desk.act(desk.chief, Action.REFUSE_EXTENSION)
    desk.act(desk.chief, Action.REFUSE_EXTENSION, reason="Evaluasi sudah dekat.")
    (request,) = desk.requests()
    assert (request.state, request.answer) == (ExtensionState.REFUSED, "Evaluasi sudah dekat.")
    assert (desk.task.due_on, desk.task.due_version) == (DUE_ON, 1)
    assert desk.told(NewsKind.EXTENSION_ANSWERED) == {desk.focal.id, desk.colleague.id}


def test_only_the_asker_takes_it_back_and_may_ask_again(desk: Desk) -> None:
    desk.ask()
    with pytest.raises(ForbiddenError, match=r"extension\.not_yours"):
        desk.act(desk.colleague, Action.TAKE_BACK_EXTENSION)
    with pytest.raises(InvalidTransitionError, match=r"extension\.asked_already"):
        desk.ask()
    desk.act(desk.focal, Action.TAKE_BACK_EXTENSION)
    desk.ask()
    assert [each.state for each in desk.requests()] == [ExtensionState.TAKEN_BACK, ExtensionState.ASKED]


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (DUE_ON, "extension.not_later"),
        (DUE_ON - timedelta(1), "extension.not_later"),
        (date(2030, 1, 1), "due_date.outside_years"),
    ],
)
def test_a_day_that_is_not_later_or_of_another_decade_is_refused(desk: Desk, until: date, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        desk.ask(until)
    assert [(each.code, each.field) for each in refused.value.problems] == [(code, "due_on")]
    desk.ask()
    with pytest.raises(InvalidInputError) as refused:
        desk.act(desk.chief, Action.GRANT_EXTENSION, due_on=until)
    assert [each.code for each in refused.value.problems] == [code]


def test_a_late_task_is_given_no_day_that_is_over(desk: Desk) -> None:
    desk.task.due_on = date(2025, 2, 3)
    with pytest.raises(InvalidInputError) as refused:
        desk.ask(date(2025, 2, 28))  # after the due date, before today
    assert [each.code for each in refused.value.problems] == ["extension.in_the_past"]
    desk.ask(NOW.date())


@pytest.mark.parametrize("how", ["cancel", "reschedule", "accept"])
def test_a_request_is_void_when_the_task_closes_or_its_date_moves_another_way(desk: Desk, how: str) -> None:
    desk.ask()
    if how == "cancel":
        desk.act(desk.chief, Action.CANCEL, cancel_kind=CancelKind.NOT_NEEDED, reason="x")
    elif how == "reschedule":
        desk.act(desk.chief, Action.RESCHEDULE, due_on=DUE_ON + timedelta(days=3))
    else:
        desk.act(desk.focal, Action.SUBMIT, note="bukti")
        assert [each.state for each in desk.requests()] == [ExtensionState.ASKED]
        reviewer = factories.account(desk.work.session, desk.home, Role.REVIEWER)
        desk.act(reviewer, Action.ACCEPT, reached_level=3)
    (request,) = desk.requests()
    desk.work.session.refresh(request)
    assert (request.state, request.answered_by_id) == (ExtensionState.VOID, None)
    assert desk.event("void_extension").data["extension"] == request.id


def test_the_same_date_set_again_leaves_the_request(desk: Desk) -> None:
    desk.ask()
    desk.act(desk.chief, Action.RESCHEDULE, due_on=DUE_ON)
    assert [each.state for each in desk.requests()] == [ExtensionState.ASKED]


def test_four_eyes_count_the_person_and_the_position(desk: Desk) -> None:
    session = desk.work.session
    boss = factories.account(session, desk.home, Role.COORDINATOR, desk.agency)
    acting = Scope(boss.government_id or 0, desk.second.id, boss.role, boss.agency_id, acting_for_id=boss.id)
    desk.act(acting, Action.ASK_EXTENSION, due_on=MONTH, reason="x")
    (request,) = desk.requests()
    assert (request.asked_by_id, request.asked_as_id) == (desk.second.id, boss.id)
    for who in (boss, desk.second, acting):
        with pytest.raises(ForbiddenError, match=r"extension\.four_eyes"):
            desk.act(who, Action.GRANT_EXTENSION)
        with pytest.raises(ForbiddenError, match=r"extension\.four_eyes"):
            desk.act(who, Action.RESCHEDULE, due_on=MONTH)
    desk.act(desk.chief, Action.GRANT_EXTENSION)
    assert desk.told(NewsKind.EXTENSION_ANSWERED) == {boss.id, desk.second.id, desk.colleague.id}


def test_the_list_of_open_requests_is_of_one_government_and_of_open_plans(
    desk: Desk, session: Session
) -> None:
    desk.ask()
    other = Desk(desk.work)
    other.ask()
    (row,) = queries.list_asked(session, factories.scope(desk.chief))
    assert (row.Task.id, row.granted_before) == (desk.task.id, 0)
    desk.act(desk.chief, Action.GRANT_EXTENSION)
    desk.ask(MONTH + timedelta(days=31))
    session.flush()
    (row,) = queries.list_asked(session, factories.scope(desk.chief))
    assert row.granted_before == 1
    desk.plan.closed_at, desk.plan.closing_reason = NOW, "Selesai."
    session.flush()
    assert queries.list_asked(session, factories.scope(desk.chief)) == []
