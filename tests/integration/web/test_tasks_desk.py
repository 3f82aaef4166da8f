import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.models import Evidence, EvidenceUse, Government
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import criteria, desk, tasks
from spbe_tasks.services.desk import DeskGroup
from spbe_tasks.services.queries import people
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

MONDAY = date(2025, 3, 3)


def groups(session: Session, world: World, person: object, today: date = MONDAY) -> dict[str, list[int]]:
    found = desk.read(session, factories.scope(person), world.government, today=today)  # type: ignore[arg-type]
    return {group.value: [each.row.indicator_number for each in tasks] for group, tasks in found.items()}


def test_a_desk_groups_by_what_to_look_at_first(session: Session, world: World) -> None:
    plan, kominfo = world.plan, world.kominfo
    factories.task(session, plan, kominfo, 1, due_on=date(2025, 3, 2), state=State.BLOCKED)
    factories.task(session, plan, kominfo, 2, due_on=date(2025, 3, 9))
    factories.task(session, plan, kominfo, 3, due_on=date(2025, 3, 10))
    factories.task(session, plan, kominfo, 4, due_on=date(2025, 3, 2), state=State.RETURNED)
    factories.task(session, plan, kominfo, 5, due_on=date(2025, 3, 2), state=State.SUBMITTED)
    factories.task(session, plan, kominfo, 6, state=State.PLANNED)
    factories.task(session, plan, kominfo, 7, state=State.ACCEPTED, reached_level=Decimal(3))
    assert groups(session, world, world.focal) == {
        "returned": [4],
        "late": [1],
        "this_week": [2],
        "later": [3, 33, 12],
        "submitted": [5],
    }


def test_a_desk_leaves_out_what_a_colleague_is_in_charge_of(session: Session, world: World) -> None:
    colleague = factories.account(session, world.government, Role.FOCAL_POINT, world.kominfo)
    world.task.assignee_id = colleague.id
    session.flush()
    assert groups(session, world, world.focal) == {"later": [12]}
    assert groups(session, world, colleague) == {"later": [33, 12]}
    assert groups(session, world, world.coordinator) == {}


def test_the_door_to_ones_own_tasks_is_open_to_a_coordinator_of_an_agency_only(
    session: Session, world: World, sign_in: SignIn
) -> None:
    door = 'href="/tasks/mine"'
    assert door in sign_in(world.focal).get("/tasks").text
    assert door not in sign_in(world.coordinator).get("/tasks").text
    assert door not in sign_in(world.head).get("/tasks").text
    member = factories.account(session, world.government, Role.COORDINATOR, world.kominfo)
    theirs = sign_in(member)
    assert door in theirs.get("/tasks").text
    assert world.task.title in theirs.get("/tasks/mine").text
    assert theirs.get("/").location == "/dashboard"


def test_a_desk_says_what_the_next_level_lacks(session: Session, work: Work, world: World) -> None:
    scope = factories.scope(world.focal)

    def missing() -> tuple[int | None, int, int]:
        found = desk.read(session, scope, world.government, today=MONDAY)
        progress = next(e.progress for e in found[DeskGroup.LATER] if e.row.indicator_number == 33)
        return progress.level, progress.missing, progress.asked

    assert missing() == (3, 1, 1)
    criteria.claim(work, scope, world.task.id, {(3, "a"): (True, "ada")}, now=factories.NOW)
    session.flush()
    assert missing() == (4, 1, 1)
    criteria.claim(work, scope, world.task.id, {(4, "a"): (True, "ada")}, now=factories.NOW)
    session.flush()
    assert missing() == (None, 0, 0)


def test_a_desk_says_how_many_ticked_criteria_have_no_evidence(
    session: Session, work: Work, world: World, sign_in: SignIn
) -> None:
    for level in (3, 4):
        criteria.claim(
            work,
            factories.scope(world.focal),
            world.task.id,
            {(level, "a"): (True, "ada")},
            now=factories.NOW,
        )
    row = next(
        each for each in queries.list_own(session, factories.scope(world.focal)) if each.id == world.task.id
    )
    assert row.bare_criteria == 2
    use = {"level": 3, "letter": "a", "added_by_id": world.focal.id, "added_at": factories.NOW}
    held = Evidence(
        government_id=world.government.id,
        agency_id=world.kominfo.id,
        title="SK tim",
        created_by_id=world.focal.id,
        created_at=factories.NOW,
    )
    session.add(held)
    session.flush()
    session.add(
        EvidenceUse(government_id=held.government_id, task_id=world.task.id, evidence_id=held.id, **use)
    )
    session.flush()
    row = next(
        each for each in queries.list_own(session, factories.scope(world.focal)) if each.id == world.task.id
    )
    assert row.bare_criteria == 1


def test_an_empty_desk_says_what_will_come_and_whom_to_ask(
    session: Session, world: World, sign_in: SignIn
) -> None:
    newcomer = factories.account(
        session, world.government, Role.FOCAL_POINT, factories.agency(session, world.government)
    )
    page = sign_in(newcomer).get("/tasks/mine").get_data(as_text=True)
    assert 'class="empty"' in page
    assert world.coordinator.name in page
    assert f"mailto:{world.coordinator.email}" in page


def test_the_desk_shows_the_reason_of_a_return(
    session: Session, work: Work, world: World, sign_in: SignIn
) -> None:
    _submit(work, world.focal, world.task.id)
    reason = {"reason": "Belum ditandatangani."}
    _act(work, world.reviewer, world.task.id, Action.RETURN, reason)
    page = sign_in(world.focal).get("/tasks/mine").get_data(as_text=True)
    assert "Belum ditandatangani." in page
    assert f'href="/tasks/{world.task.id}"' in page


@pytest.fixture
def queue(session: Session, work: Work, world: World) -> Government:
    """Three submissions of three agencies' people, on different days; the coordinator's own is the oldest."""
    both = factories.account(session, world.government, Role.COORDINATOR, world.kominfo, name="Siti Dua")
    now = clock.now()
    _submit(work, both, world.shared.id, now=now - timedelta(days=9))
    _submit(work, world.focal, world.task.id, now=now - timedelta(days=4))
    _submit(work, world.other_focal, world.other.id, now=now)
    return world.government


def test_the_queue_is_oldest_first_and_marks_ones_own(
    session: Session, world: World, queue: Government, sign_in: SignIn
) -> None:
    page = sign_in(world.reviewer).get("/tasks/review").get_data(as_text=True)
    order = [int(each) for each in re.findall(r'class="task-row-title"><a href="/tasks/review/(\d+)"', page)]
    assert order == [world.shared.id, world.task.id, world.other.id]
    assert "own-submission" not in page
    both = max(
        people.list_coordinators(session, factories.scope(world.coordinator)), key=lambda each: each.id
    )
    own = sign_in(both).get("/tasks/review").get_data(as_text=True)
    assert own.count("own-submission") == 1
    assert own.index("own-submission") < own.index(f'href="/tasks/review/{world.task.id}"')


def test_the_queue_leaves_out_what_was_decided_and_other_governments(
    session: Session, work: Work, world: World, queue: Government, sign_in: SignIn
) -> None:
    _act(work, world.reviewer, world.task.id, Action.ACCEPT, {"reached_level": Decimal(4)})
    page = sign_in(world.reviewer).get("/tasks/review").get_data(as_text=True)
    assert f'href="/tasks/review/{world.task.id}"' not in page
    stranger = factories.account(session, factories.government(session), Role.REVIEWER)
    assert 'class="empty"' in sign_in(stranger).get("/tasks/review").get_data(as_text=True)


@pytest.mark.parametrize(
    ("who", "mine", "review"),
    [("focal", 200, 403), ("coordinator", 200, 200), ("reviewer", 403, 200), ("executive", 403, 403)],
)
def test_desk_and_queue_are_for_those_who_work_and_review(
    world: World, sign_in: SignIn, who: str, mine: int, review: int
) -> None:
    client = sign_in(getattr(world, who))
    assert client.get("/tasks/mine").status_code == mine
    assert client.get("/tasks/review").status_code == review


def _submit(work: Work, person: object, task_id: int, now: object = factories.NOW) -> None:
    _act(work, person, task_id, Action.START, {}, now)
    _act(work, person, task_id, Action.SUBMIT, {"note": "bukti"}, now)


def _act(
    work: Work,
    person: object,
    task_id: int,
    action: Action,
    given: dict[str, object],
    now: object = factories.NOW,
) -> None:
    tasks.act(work, factories.scope(person), task_id, action, given, version=None, now=now)  # type: ignore[arg-type]
    work.session.flush()
