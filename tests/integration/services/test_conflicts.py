from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from spbe_tasks.models import Event, KeptConflict, PolicyVersion, ProjectionRequest, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.policy import DueRule, LevelRule, Policy
from spbe_tasks.rules.workflow import Action, CancelKind, State
from spbe_tasks.services import conflicts, plans, tasks
from spbe_tasks.services.conflicts import ConflictedTask, Decision
from spbe_tasks.services.orders import Order
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE

THREE, FOUR = Decimal(3), Decimal(4)
POLICY = Policy.simple(THREE, THREE, date(2025, 6, 30))
HIGHER = replace(POLICY, target=LevelRule(FOUR))
LATER = replace(POLICY, due=DueRule.on(date(2025, 9, 1)))
LOWER = replace(POLICY, threshold=LevelRule(Decimal(2)))


class Case:
    """A published task of indicator 1, from 2 to 3."""

    def __init__(self, work: Work) -> None:
        self.work, self.session = work, work.session
        self.government = factories.government(work.session)
        self.agency = factories.agency(work.session, self.government)
        self.coordinator = factories.scope(factories.account(work.session, self.government))
        self.focal = factories.scope(
            factories.account(work.session, self.government, Role.FOCAL_POINT, self.agency)
        )
        factories.revision(work.session, self.government, {1: 2}, level=3)
        factories.ownership(work.session, self.agency, 1)
        self.generate(POLICY, publish=True)
        self.task: Task = self.session.scalars(select(Task)).one()

    def generate(self, policy: Policy, *, publish: bool = False) -> None:
        order = Order(SPBE, 2024, policy=policy)
        done = plans.generate(self.work, self.coordinator, order, publish=publish, now=NOW)
        self.session.flush()
        assert done.plan is not None
        self.plan = done.plan

    def found(self) -> list[ConflictedTask]:
        seen = plans.preview_plan(self.session, self.coordinator, self.plan, now=NOW)
        return list(conflicts.listed(self.session, self.coordinator, seen))

    def decide(self, decision: Decision, *task_ids: int, **given: object) -> int:
        chosen = task_ids or (self.task.id,)
        scope = given.pop("scope", self.coordinator)
        count = conflicts.decide(
            self.work,
            scope,
            self.plan.id,
            chosen,
            decision,
            now=NOW,
            **given,  # type: ignore[arg-type]
        )
        self.session.flush()
        self.session.refresh(self.task)
        return count

    def act(self, *actions: Action) -> None:
        for action in actions:
            tasks.act(self.work, self.focal, self.task.id, action, {"note": "bukti"}, version=None, now=NOW)
        self.session.flush()

    def told(self) -> list[tuple[str, dict[str, object]]]:
        rows = self.session.execute(
            select(Event.action, Event.data).where(Event.subject_type == "task").order_by(Event.id)
        )
        return [(row.action, row.data) for row in rows]


@pytest.fixture
def case(work: Work) -> Case:
    return Case(work)


def test_a_task_left_as_it_is_stays_decided_until_something_else_is_wanted(case: Case) -> None:
    case.generate(HIGHER)
    assert [each.is_kept for each in case.found()] == [False]
    assert case.decide(Decision.KEEP) == 1
    assert [each.is_kept for each in case.found()] == [True]
    case.generate(POLICY)
    assert case.found() == []
    case.generate(HIGHER)
    assert [each.is_kept for each in case.found()] == [True]
    case.generate(replace(POLICY, target=LevelRule(Decimal(5))))
    assert [each.is_kept for each in case.found()] == [False]
    assert case.task.target_level == 3
    assert case.told()[-1] == ("keep", {"target_changed": "4"})


def test_keeping_twice_is_one_decision(case: Case) -> None:
    case.generate(HIGHER)
    case.decide(Decision.KEEP)
    case.decide(Decision.KEEP)
    kept = case.session.scalars(select(KeptConflict)).one()
    assert (kept.wanted, kept.decided_by_id) == ("4", case.coordinator.account_id)


def test_adopting_takes_over_levels_due_date_and_version_with_an_event(case: Case) -> None:
    both = replace(HIGHER, due=LATER.due)
    case.generate(both)
    assert {each.reason.value for each in case.found()[0].conflicts} == {"target_changed", "due_changed"}
    before = len(case.session.scalars(select(ProjectionRequest)).all())
    version, due_version = case.task.version, case.task.due_version
    case.decide(Decision.ADOPT)
    task = case.task
    assert (task.target_level, task.due_on, task.due_version) == (4, date(2025, 9, 1), due_version + 1)
    assert (task.state, task.is_due_by_hand, task.version) == (State.ASSIGNED, False, version + 1)
    assert task.points == Decimal("0.026")
    assert task.policy_id == case.plan.policy_id
    assert case.told()[-1] == ("adopt", {"target_changed": "4", "due_changed": "2025-09-01"})
    assert len(case.session.scalars(select(ProjectionRequest)).all()) == before + 1
    assert case.found() == []


def test_a_due_date_that_a_person_set_is_no_conflict(case: Case) -> None:
    given = {"due_on": date(2025, 8, 1)}
    tasks.act(case.work, case.coordinator, case.task.id, Action.RESCHEDULE, given, version=None, now=NOW)
    case.session.flush()
    case.generate(LATER)
    assert case.found() == []


@pytest.mark.parametrize(
    ("decision", "kind"),
    [(Decision.NOT_NEEDED, CancelKind.NOT_NEEDED), (Decision.GIVEN_UP, CancelKind.GIVEN_UP)],
)
def test_a_task_can_be_cancelled_with_a_reason(case: Case, decision: Decision, kind: CancelKind) -> None:
    case.generate(LOWER)
    with pytest.raises(InvalidInputError) as refused:
        case.decide(decision)
    assert [problem.field for problem in refused.value.problems] == ["reason"]
    case.decide(decision, reason="Sudah tercapai.")
    assert (case.task.state, case.task.cancel_kind, case.task.state_note) == (
        State.CANCELLED,
        kind,
        "Sudah tercapai.",
    )
    assert case.found() == []


def _submitted(case: Case) -> None:
    case.act(Action.START, Action.SUBMIT)


def _accepted(case: Case) -> None:
    _submitted(case)
    accepted = {"reached_level": THREE}
    tasks.act(case.work, case.coordinator, case.task.id, Action.ACCEPT, accepted, version=None, now=NOW)
    case.session.flush()


@pytest.mark.parametrize(
    ("reach", "policy", "expected"),
    [
        (lambda case: None, HIGHER, {"keep", "adopt", "not_needed", "given_up"}),
        (lambda case: None, LOWER, {"keep", "not_needed", "given_up"}),
        (_submitted, HIGHER, {"keep", "not_needed", "given_up"}),
        (_accepted, LOWER, {"keep"}),
    ],
)
def test_what_can_be_decided_depends_on_the_state(
    case: Case, reach: Callable[[Case], None], policy: Policy, expected: set[str]
) -> None:
    reach(case)
    case.generate(policy)
    (found,) = case.found()
    assert {each.value for each in found.decisions} == expected
    for decision in set(Decision) - set(found.decisions):
        with pytest.raises(InvalidInputError) as refused:
            case.decide(decision, reason="alasan")
        assert refused.value.problems[0].params == {"number": 1}


def test_deciding_about_several_is_all_or_nothing(case: Case) -> None:
    second = factories.task(
        case.session, case.plan, case.agency, 2, state=State.SUBMITTED, target_level=THREE
    )
    case.generate(HIGHER)
    with pytest.raises(InvalidInputError):
        case.decide(Decision.ADOPT, case.task.id, second.id)
    assert case.task.target_level == 3
    assert case.decide(Decision.KEEP, case.task.id, second.id) == 2


def test_a_task_that_fits_again_or_of_nobody_cannot_be_decided(case: Case) -> None:
    with pytest.raises(ConflictError):
        case.decide(Decision.KEEP)
    case.generate(HIGHER)
    with pytest.raises(InvalidInputError) as refused:
        conflicts.decide(case.work, case.coordinator, case.plan.id, [], Decision.KEEP, now=NOW)
    assert refused.value.problems[0].code == "plan.no_conflict_chosen"
    stranger = factories.scope(factories.account(case.session, factories.government(case.session)))
    with pytest.raises(NotFoundError):
        case.decide(Decision.KEEP, scope=stranger)


def test_only_a_coordinator_may_adopt(case: Case) -> None:
    case.generate(HIGHER)
    reviewer = factories.scope(factories.account(case.session, case.government, Role.REVIEWER))
    with pytest.raises(ForbiddenError):
        case.decide(Decision.ADOPT, scope=reviewer)


def test_the_version_a_conflict_is_judged_by_is_the_plans(case: Case) -> None:
    plans.store_policy(case.work, case.coordinator, Order(SPBE, 2024, policy=HIGHER), now=NOW)
    assert len(case.session.scalars(select(PolicyVersion)).all()) == 2
    assert case.found() == []
