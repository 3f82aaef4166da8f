"""Eight processes that decide about one task at once, again and again, leave one history: the row is its end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Event, Extension, ExtensionState, ProjectionRequest, Submission, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import tasks
from spbe_tasks.transaction import transaction
from tests import factories
from tests.factories import DUE_ON, NOW
from tests.races import race_processes

pytestmark = pytest.mark.own_database
RACERS, STEPS = 8, 12
# What two people at once may be told; anything else is a fault.
REFUSALS = {
    "task.illegal_transition",
    "task.four_eyes",
    "extension.asked_already",
    "extension.none_asked",
    "extension.four_eyes",
    "invalid_input",  # time granted meanwhile, so that the day asked for is no longer later
}


def act(task_id: int, scope: Scope, action: Action, given: dict[str, object]) -> None:
    """One step of a process; which version it saw does not matter, so that the lock alone keeps order."""
    with transaction() as work:
        tasks.act(work, scope, task_id, action, given, version=None, now=NOW)


@dataclass
class Fold:
    """What the events say the task is."""

    state: str = State.ASSIGNED.value
    due_on: date = DUE_ON
    due_version: int = 1
    submissions: int = 0
    reached: str | None = None
    asked: int | None = None

    def take(self, event: Event) -> None:
        """One event: it must begin where the one before ended."""
        data = event.data
        if event.action == "void_extension":
            assert data["extension"] == self.asked
            self.asked = None
            return
        assert data["from"] == self.state, (event.id, event.action)
        self.state = data["to"]
        self.reached = data.get("reached_level") if self.state == "accepted" else None
        self.submissions += event.action == "submit"
        if event.action == "ask_extension":
            assert self.asked is None
            self.asked = data["extension"]
        elif event.action in {"grant_extension", "refuse_extension", "take_back_extension"}:
            assert data["extension"] == self.asked
            self.asked = None
        if "previous_due_on" in data:
            assert date.fromisoformat(data["previous_due_on"]) == self.due_on
            self.due_on, self.due_version = date.fromisoformat(data["due_on"]), self.due_version + 1


def _steps(random: Random, task_id: int, scope: Scope) -> list[tuple[object, tuple[object, ...]]]:
    """What this person tries, in an order of their own."""
    later = DUE_ON + timedelta(days=random.randrange(30, 400))
    choices: Sequence[tuple[Action, dict[str, object]]] = {
        Role.FOCAL_POINT: [
            (Action.SUBMIT, {"note": "bukti"}),
            (Action.RECALL, {}),
            (Action.ASK_EXTENSION, {"due_on": later, "reason": "Menunggu."}),
            (Action.START, {}),
        ],
        Role.REVIEWER: [
            (Action.RETURN, {"reason": "Kurang."}),
            (Action.RETURN, {"reason": "Masih kurang."}),
            (Action.ACCEPT, {"reached_level": Decimal(3)}),
        ],
        Role.COORDINATOR: [
            (Action.GRANT_EXTENSION, {}),
            (Action.REFUSE_EXTENSION, {"reason": "Tidak."}),
            (Action.RESCHEDULE, {"due_on": later}),
        ],
    }[scope.role]
    if scope.role is Role.REVIEWER:
        # Accepting ends the race: only towards the end.
        early = [(Action.RETURN, {"reason": "Kurang."})] * (STEPS - 3)
        picked = [*early, *(random.choice(choices) for _ in range(3))]
    else:
        picked = [random.choice(choices) for _ in range(STEPS)]
    return [(act, (task_id, scope, action, given)) for action, given in picked]


def test_eight_processes_leave_one_consistent_history(app: Flask, session: Session) -> None:
    random = Random(1)
    government = factories.government(session)
    agency = factories.agency(session, government)
    roles = [Role.FOCAL_POINT] * 3 + [Role.REVIEWER] * 2 + [Role.COORDINATOR] * 3
    people = [
        factories.scope(
            factories.account(session, government, role, agency if role is Role.FOCAL_POINT else None)
        )
        for role in roles
    ]
    task = factories.task(session, factories.plan(session, government), agency, target_level=Decimal(4))
    task_id = task.id
    session.commit()
    act(task_id, people[0], Action.START, {})
    act(task_id, people[0], Action.SUBMIT, {"note": "bukti"})
    racers = [_steps(random, task_id, scope) for scope in people]
    answers = race_processes(app.extensions["settings"], racers)  # type: ignore[arg-type]
    told = Counter(each for said in answers for each in said)
    assert told.keys() <= {"done", *REFUSALS}, told
    assert sum(told.values()) == RACERS * STEPS

    session.expire_all()
    task = session.get_one(Task, task_id)
    history = select(Event).where(Event.subject_type == "task", Event.subject_id == task_id)
    events = session.scalars(history.order_by(Event.id)).all()
    fold = Fold()
    for event in events:
        fold.take(event)
    assert (task.state, task.due_on, task.due_version) == (fold.state, fold.due_on, fold.due_version)
    assert task.reached_level == (Decimal(fold.reached) if fold.reached else None)
    written = [each for each in events if each.action != "void_extension"]
    assert len(written) == told["done"] + 2  # those before the race
    numbers = session.scalars(select(Submission.number).where(Submission.task_id == task_id))
    assert sorted(numbers) == list(range(1, fold.submissions + 1))
    waiting = select(Extension.id).where(
        Extension.task_id == task_id, Extension.state == ExtensionState.ASKED
    )
    assert list(session.scalars(waiting)) == ([fold.asked] if fold.asked else [])
    rounds = session.scalar(select(func.count()).select_from(Task).where(Task.plan_id == task.plan_id))
    assert rounds == (2 if task.state is State.ACCEPTED else 1)
    # One request for the one plan, raised by every change.
    assert session.scalars(select(ProjectionRequest)).all()
