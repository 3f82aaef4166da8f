from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import EvaluationCalendar, Event, PolicyVersion, ProjectionRequest, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.rules.policy import DueRule, LevelRule, LowRule, Policy, Priority
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import plans, policies, policy_reviews, tasks
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE

THREE = Decimal(3)
DUE = date(2025, 6, 30)
POLICY = Policy.simple(THREE, THREE, DUE)
HIGH, MIDDLE, LOW = Priority


class Case:
    """Two agencies: 1 and 4 (weight 1.3 each) are low by one and by three levels; both are the first one's."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.session: Session = work.session
        self.government = factories.government(work.session)
        self.scope: Scope = factories.scope(factories.account(work.session, self.government))
        self.first = factories.agency(work.session, self.government, slug="kominfo")
        self.second = factories.agency(work.session, self.government, slug="bappeda")
        self.revision = factories.revision(work.session, self.government, {1: 2, 4: None}, level=3)
        factories.ownership(work.session, self.first, 1)
        factories.ownership(work.session, self.first, 4)

    def generate(
        self, policy: Policy = POLICY, *, publish: bool = False, days: int = 0, **order: object
    ) -> Generated:
        done = plans.generate(
            self.work,
            self.scope,
            Order(SPBE, 2024, policy=policy, **order),
            publish=publish,  # type: ignore[arg-type]
            now=NOW + timedelta(days=days),
        )
        self.session.flush()
        return done

    def store(self, policy: Policy, **order: object) -> policies.Version:
        return plans.store_policy(self.work, self.scope, Order(SPBE, 2024, policy=policy, **order), now=NOW)  # type: ignore[arg-type]

    def tasks(self) -> list[Task]:
        wanted = select(Task).order_by(Task.indicator_number, Task.round)
        return list(self.session.scalars(wanted.execution_options(populate_existing=True)))

    def versions(self) -> list[tuple[int, int]]:
        rows = self.session.execute(
            select(PolicyVersion.number, PolicyVersion.year).order_by(PolicyVersion.number)
        )
        return [(row.number, row.year) for row in rows]


@pytest.fixture
def case(work: Work) -> Case:
    return Case(work)


def codes(refused: pytest.ExceptionInfo[InvalidInputError]) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.field) for problem in refused.value.problems]


def test_a_changed_policy_becomes_the_next_version_and_an_equal_one_does_not(case: Case) -> None:
    first = case.generate()
    assert (first.version, case.versions()) == (1, [(1, 2024)])
    assert case.generate().version == 1
    assert case.generate(replace(POLICY, target=LevelRule(Decimal(4)))).version == 2
    assert case.generate().version == 3
    row = case.session.scalars(select(PolicyVersion).where(PolicyVersion.number == 2)).one()
    assert (row.made_by_id, row.made_at) == (case.scope.account_id, NOW)
    told = case.session.scalars(
        select(Event.data).where(Event.action == "store_policy").order_by(Event.id)
    ).all()
    assert [each["number"] for each in told] == [1, 2, 3]


def test_planned_tasks_follow_the_newest_version_and_published_ones_keep_theirs(case: Case) -> None:
    case.generate(publish=True)
    factories.ownership(case.session, case.second, 4, is_lead=False)
    case.generate(replace(POLICY, capacities={"kominfo": Decimal(5)}))
    numbers = dict(case.session.execute(select(PolicyVersion.id, PolicyVersion.number)).all())  # type: ignore[arg-type]
    found = [
        (task.indicator_number, task.agency_id, task.state, numbers[task.policy_id]) for task in case.tasks()
    ]
    assert found == [
        (1, case.first.id, State.ASSIGNED, 1),
        (4, case.first.id, State.ASSIGNED, 1),
        (4, case.second.id, State.PLANNED, 2),
    ]


def test_a_new_version_alone_changes_no_planned_task_but_its_version(case: Case) -> None:
    case.generate()
    before = [(task.version, task.due_version) for task in case.tasks()]
    done = case.generate(replace(POLICY, capacities={"kominfo": Decimal(5)}))
    assert (done.created, done.updated, done.unchanged) == (0, 0, 2)
    assert [(task.version, task.due_version) for task in case.tasks()] == before
    assert {task.policy_id for task in case.tasks()} == {
        policies.current(case.session, case.scope, done.plan).row.id
    }  # type: ignore[arg-type]


def test_a_stored_policy_waits_until_it_is_generated_by(case: Case) -> None:
    plan = case.generate().plan
    assert plan is not None
    requests = case.session.scalar(select(func.count()).select_from(ProjectionRequest))
    stored = case.store(replace(POLICY, target=LevelRule(Decimal(5))))
    assert (stored.number, policies.current(case.session, case.scope, plan).number) == (2, 1)
    assert policies.standing(case.session, case.scope, SPBE, 2024) == stored
    assert {task.target_level for task in case.tasks()} == {3}
    assert case.session.scalar(select(func.count()).select_from(ProjectionRequest)) == requests
    assert not plans.preview_plan(case.session, case.scope, plan, now=NOW).changes_anything
    done = plans.generate(case.work, case.scope, Order(SPBE, 2024), now=NOW)
    assert (done.version, done.updated) == (2, 2)


def test_a_rebase_keeps_to_the_plans_own_version(case: Case) -> None:
    plan = case.generate().plan
    assert plan is not None
    case.store(replace(POLICY, target=LevelRule(Decimal(5))))
    done = plans.rebase(case.work, case.scope, plan.id, case.revision.id, now=NOW)
    assert (done.version, done.changes_anything, case.versions()) == (1, False, [(1, 2024), (2, 2024)])


def test_a_plan_of_another_year_starts_from_the_newest_version_and_makes_its_own(case: Case) -> None:
    first = case.generate(replace(POLICY, low_rule=LowRule.BELOW_TARGET)).plan
    assert first is not None
    factories.revision(case.session, case.government, level=2, year=2025)
    later = NOW + timedelta(days=400)
    done = plans.generate(case.work, case.scope, Order(SPBE, 2025), now=later)
    assert done.policy.low_rule is LowRule.BELOW_TARGET
    assert done.dates.first > later.date(), "a day that has passed is proposed anew"
    assert case.versions() == [(1, 2024), (2, 2025)]
    assert policies.current(case.session, case.scope, first).number == 1
    assert not plans.preview_plan(case.session, case.scope, first, now=NOW).changes_anything


def test_whoever_looked_at_an_older_version_is_told(case: Case) -> None:
    case.generate()
    newer = replace(POLICY, target=LevelRule(Decimal(4)))
    assert case.store(newer, seen_number=1).number == 2
    with pytest.raises(ConflictError) as refused:
        case.generate(replace(POLICY, target=LevelRule(Decimal(5))), seen_number=1)
    assert refused.value.code == "policy.stale_version"
    assert case.generate(replace(POLICY, target=LevelRule(Decimal(5))), seen_number=2).version == 3


def test_an_agency_that_does_not_exist_and_a_wrong_figure_are_told_together(case: Case) -> None:
    wrong = replace(
        POLICY, target=LevelRule(Decimal(9)), capacities={"kominfoo": Decimal(1), "bappeda": Decimal(0)}
    )
    with pytest.raises(InvalidInputError) as refused:
        case.generate(wrong, target_index=Decimal(8))
    assert codes(refused) == [
        ("policy.target_off_scale", "target_level"),
        ("plan.target_index_off_scale", "target_index"),
        ("policy.unknown_agency", "capacity_kominfoo"),
    ]
    assert case.versions() == []


def test_a_typed_day_that_has_passed_is_refused_at_its_priority(case: Case) -> None:
    days = {HIGH: date(2025, 3, 2), MIDDLE: DUE, LOW: date(1925, 6, 30)}
    with pytest.raises(InvalidInputError) as refused:
        case.generate(replace(POLICY, due=DueRule(fixed_on=days)))
    assert codes(refused) == [("plan.due_in_past", "due_on_high"), ("due_date.outside_years", "due_on_low")]


def test_tasks_are_due_by_the_points_at_stake(case: Case) -> None:
    days = {HIGH: date(2025, 5, 2), MIDDLE: date(2025, 6, 2), LOW: date(2025, 7, 1)}
    case.generate(replace(POLICY, due=DueRule(fixed_on=days)))
    assert [(task.indicator_number, task.points, task.due_on) for task in case.tasks()] == [
        (1, Decimal("0.013"), days[LOW]),
        (4, Decimal("0.039"), days[MIDDLE]),
    ]


COUNTED = replace(POLICY, due=DueRule(working_days={HIGH: 5, MIDDLE: 10, LOW: 20}))


def test_working_days_count_from_publishing_but_not_for_a_day_set_by_hand(case: Case) -> None:
    case.generate(COUNTED)
    # From Monday 3 March 2025: 28 and 31 March to 7 April are days off.
    assert [task.due_on for task in case.tasks()] == [date(2025, 4, 9), date(2025, 3, 17)]
    by_hand = case.tasks()[0]
    given = {"due_on": date(2025, 12, 1)}
    tasks.act(case.work, case.scope, by_hand.id, Action.RESCHEDULE, given, version=None, now=NOW)
    plan_id = by_hand.plan_id
    assert plans.publish(case.work, case.scope, plan_id, now=NOW + timedelta(days=2)) == 2
    case.session.flush()
    found = [(task.state, task.due_on, task.due_version) for task in case.tasks()]
    assert found == [(State.ASSIGNED, date(2025, 12, 1), 2), (State.ASSIGNED, date(2025, 3, 19), 2)]


def test_planned_days_stay_until_one_has_passed_and_published_ones_for_good(case: Case) -> None:
    case.generate(COUNTED)
    assert not case.generate(COUNTED, days=3).changes_anything
    assert case.generate(COUNTED, days=10).updated == 2
    case.generate(COUNTED, days=10, publish=True)
    before = [task.due_on for task in case.tasks()]
    done = case.generate(COUNTED, days=60)
    assert (done.changes_anything, done.conflicts) == (False, ())
    assert [task.due_on for task in case.tasks()] == before


def test_a_review_tells_tasks_loads_outlook_and_warnings_by_name(case: Case) -> None:
    case.session.add(
        EvaluationCalendar(government_id=case.government.id, year=2024, self_assessment_opens_on=DUE)
    )
    case.generate()
    wanted = replace(POLICY, target=LevelRule(Decimal(4)), capacities={"kominfo": Decimal(0)})
    seen = plans.preview(case.session, case.scope, Order(SPBE, 2024, policy=wanted), now=NOW)
    found = policy_reviews.review(case.session, case.scope, seen, target_index=Decimal(5))
    assert [(each.kind, each.indicator_number, each.agency_name) for each in found.tasks] == [
        ("changed", 4, case.first.short_name),
        ("changed", 1, case.first.short_name),
    ]
    assert [(load.slug, load.effort_days, load.is_over) for load in found.loads] == [("kominfo", 60, True)]
    assert [(each.code, each.params.get("agency")) for each in found.warnings] == [
        ("policy.warn_due_after_opening", None),
        ("policy.warn_no_capacity", case.first.short_name),
        ("policy.warn_target_out_of_reach", None),
    ]
    assert {each.what for each in found.differences} == {"target", "capacity"}


def test_versions_are_listed_with_authors_and_the_plans_that_use_them(case: Case) -> None:
    case.generate()
    case.store(replace(POLICY, target=LevelRule(Decimal(5))), note="  Menuju 2026  ")
    newest, oldest = policies.list_versions(case.session, case.scope, SPBE)
    assert (newest.number, newest.row.note, newest.years) == (2, "Menuju 2026", ())
    assert (oldest.number, oldest.years) == (1, (2024,))
    assert oldest.author is not None
    assert policies.get_numbered(case.session, case.scope, SPBE, 2).policy == newest.policy


def test_another_governments_versions_do_not_exist(case: Case) -> None:
    plan = case.generate().plan
    assert plan is not None
    stranger = factories.scope(factories.account(case.session, factories.government(case.session)))
    assert policies.standing(case.session, stranger, SPBE, 2024) is None
    assert policies.list_versions(case.session, stranger, SPBE) == []
    for read in (
        lambda: policies.current(case.session, stranger, plan),
        lambda: policies.get_numbered(case.session, stranger, SPBE, 1),
    ):
        with pytest.raises(NotFoundError):
            read()
