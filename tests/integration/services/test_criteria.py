from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Agency, CriterionVerdict, Event, Government, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, InvalidTransitionError
from spbe_tasks.rules.workflow import Action, ReturnReason, State, Verdict
from spbe_tasks.services import criteria, instruments, tasks
from spbe_tasks.services.criteria import ChecklistStep
from spbe_tasks.services.queries import checklists
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE


@pytest.fixture
def task(session: Session) -> Task:
    """A task of indicator 16 from level 1 to 3: two criteria at level 3."""
    government = factories.government(session)
    agency = factories.agency(session, government)
    plan = factories.plan(session, government)
    return factories.task(session, plan, agency, 16, baseline_level=Decimal(1))


@pytest.fixture
def focal(session: Session, task: Task) -> Scope:
    return _person(session, task, Role.FOCAL_POINT)


def _person(session: Session, task: Task, role: Role) -> Scope:
    agency = session.get_one(Agency, task.agency_id) if role is Role.FOCAL_POINT else None
    government = session.get_one(Government, task.government_id)
    return factories.scope(factories.account(session, government, role, agency))


def _steps(session: Session, task: Task) -> tuple[ChecklistStep, ...]:
    instrument = instruments.get(session, task.government_id, SPBE)
    return criteria.steps_of(task, instrument, checklists.read(session, task.id))


def _met(session: Session, task: Task) -> dict[tuple[int, str], tuple[bool, str]]:
    return {
        (item.level, item.criterion.letter): (item.is_met, item.explanation)
        for step in _steps(session, task)
        for item in step.items
    }


def test_the_checklist_asks_for_every_level_above_the_start_up_to_the_target(
    session: Session, task: Task
) -> None:
    steps = _steps(session, task)
    assert [step.step.level for step in steps] == [2, 3]
    assert {level for level, _ in _met(session, task)} == {2, 3}
    assert not any(is_met for is_met, _ in _met(session, task).values())


def test_what_is_not_named_stays_and_only_changes_count(work: Work, task: Task, focal: Scope) -> None:
    first = {(2, "a"): (True, "SK 1"), (3, "a"): (False, "belum")}
    assert criteria.claim(work, focal, task.id, first, now=NOW) == 2
    work.session.flush()
    assert (
        criteria.claim(work, focal, task.id, {(3, "a"): (True, "SK 2"), (2, "a"): (True, "SK 1")}, now=NOW)
        == 1
    )
    work.session.flush()
    met = _met(work.session, task)
    assert (met[2, "a"], met[3, "a"]) == ((True, "SK 1"), (True, "SK 2"))
    events = work.session.scalars(select(Event).where(Event.subject_id == task.id).order_by(Event.id)).all()
    asked = len(met)
    assert [event.data for event in events] == [
        {"changed": 2, "met": 1, "asked": asked},
        {"changed": 1, "met": 2, "asked": asked},
    ]


def test_saying_the_same_again_writes_nothing(work: Work, task: Task, focal: Scope) -> None:
    said = {(2, "a"): (True, "SK 1")}
    criteria.claim(work, focal, task.id, said, now=NOW)
    work.session.flush()
    version = task.version
    assert criteria.claim(work, focal, task.id, said, now=NOW, version=version) == 0
    work.session.flush()
    assert task.version == version
    assert (
        len(work.session.scalars(select(Event).where(Event.subject_id == task.id).order_by(Event.id)).all())
        == 1
    )


def test_a_claim_raises_the_version_so_that_a_colleague_is_told(work: Work, task: Task, focal: Scope) -> None:
    seen = task.version
    criteria.claim(work, focal, task.id, {(2, "a"): (True, "SK 1")}, now=NOW, version=seen)
    work.session.flush()
    assert task.version == seen + 1
    with pytest.raises(ConflictError) as refused:
        criteria.claim(work, focal, task.id, {(2, "a"): (False, "")}, now=NOW, version=seen)
    assert refused.value.code == "task.stale_version"


def test_a_criterion_of_another_level_or_letter_is_refused_and_nothing_stored(
    work: Work, task: Task, focal: Scope
) -> None:
    said = {(2, "a"): (True, ""), (4, "a"): (True, ""), (3, "z"): (True, "")}
    with pytest.raises(InvalidInputError) as refused:
        criteria.claim(work, focal, task.id, said, now=NOW)
    assert [problem.params for problem in refused.value.problems] == [
        {"level": 3, "letter": "z"},
        {"level": 4, "letter": "a"},
    ]
    assert not any(is_met for is_met, _ in _met(work.session, task).values())


def test_a_return_gives_reasons_only_for_criteria_that_were_asked_for(
    work: Work, task: Task, focal: Scope
) -> None:
    tasks.act(work, focal, task.id, Action.START, {}, version=None, now=NOW)
    tasks.act(work, focal, task.id, Action.SUBMIT, {"note": "bukti"}, version=None, now=NOW)
    outdated = Verdict(ReturnReason.OUTDATED)
    given = {"criteria": {(2, "a"): outdated, (4, "a"): outdated, (3, "z"): outdated}}
    reviewer = _person(work.session, task, Role.REVIEWER)
    with pytest.raises(InvalidInputError) as refused:
        tasks.act(work, reviewer, task.id, Action.RETURN, given, version=None, now=NOW)
    assert [(problem.field, problem.params) for problem in refused.value.problems] == [
        ("criteria", {"level": 3, "letter": "z"}),
        ("criteria", {"level": 4, "letter": "a"}),
    ]
    assert task.state is State.SUBMITTED
    assert work.session.scalars(select(CriterionVerdict)).all() == []


def test_only_the_agency_claims_and_not_while_it_waits_for_review(
    work: Work, task: Task, focal: Scope
) -> None:
    said = {(2, "a"): (True, "")}
    for role in (Role.COORDINATOR, Role.REVIEWER):
        with pytest.raises(ForbiddenError):
            criteria.claim(work, _person(work.session, task, role), task.id, said, now=NOW)
    tasks.act(work, focal, task.id, Action.START, {}, version=None, now=NOW)
    tasks.act(work, focal, task.id, Action.SUBMIT, {"note": "bukti"}, version=None, now=NOW)
    with pytest.raises(InvalidTransitionError):
        criteria.claim(work, focal, task.id, said, now=NOW)
