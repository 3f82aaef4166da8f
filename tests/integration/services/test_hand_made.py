from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Agency, Event, Government, Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import Action, CancelKind, State
from spbe_tasks.services import hand_made, plans, projections, tasks
from spbe_tasks.services.hand_made import HandMade
from spbe_tasks.services.orders import Order
from spbe_tasks.work import Work
from tests import factories
from tests.factories import DUE_ON, NOW, SPBE
from tests.oracle import projected

LOW, HIGH = 33, 1


@pytest.fixture
def home(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def coordinator(session: Session, home: Government) -> Scope:
    return factories.scope(factories.account(session, home))


@pytest.fixture
def agency(session: Session, home: Government) -> Agency:
    return factories.agency(session, home)


@pytest.fixture
def plan(session: Session, home: Government, agency: Agency) -> Plan:
    """Every indicator at level 3 but ``LOW``, which ``agency`` owns."""
    factories.ownership(session, agency, LOW)
    baseline = factories.revision(session, home, {LOW: 2}, level=3)
    return factories.plan(session, home, baseline=baseline)


def asked(agency: Agency, number: int = HIGH, **values: object) -> HandMade:
    said = HandMade(number, agency.id, Decimal(4), DUE_ON, "Menyusun peta jalan", "Bersama Bappeda.")
    return replace(said, **values)  # type: ignore[arg-type]


def generate(work: Work, scope: Scope) -> plans.Generated:
    done = plans.generate(work, scope, Order(SPBE, 2024), now=NOW)
    work.session.flush()
    work.session.expire_all()
    return done


def refusal(work: Work, scope: Scope, plan: Plan, said: HandMade) -> set[tuple[str, str | None]]:
    with pytest.raises(InvalidInputError) as refused:
        hand_made.make(work, scope, plan.id, said, now=NOW)
    return {(each.code, each.field) for each in refused.value.problems}


def test_a_task_is_made_on_any_indicator_for_any_agency(
    work: Work, coordinator: Scope, plan: Plan, agency: Agency
) -> None:
    task = hand_made.make(work, coordinator, plan.id, asked(agency), now=NOW)
    assert (task.kind, task.state, task.round) == (TaskKind.HAND_MADE, State.PLANNED, 1)
    assert (task.title, task.note) == ("Menyusun peta jalan", "Bersama Bappeda.")
    assert (task.baseline_level, task.target_level, task.due_on) == (Decimal(3), Decimal(4), DUE_ON)
    assert task.is_due_by_hand
    events = work.session.scalars(select(Event).where(Event.subject_id == task.id).order_by(Event.id)).all()
    assert [(each.action, each.data["kind"]) for each in events if each.subject_type == "task"] == [
        ("create", "hand_made")
    ]


def test_without_a_title_it_is_called_as_its_indicator(
    work: Work, coordinator: Scope, plan: Plan, agency: Agency
) -> None:
    task = hand_made.make(work, coordinator, plan.id, asked(agency, title="", note=""), now=NOW)
    assert task.title.startswith("Kebijakan ")
    assert task.note is None


def test_everything_wrong_is_told_at_once(work: Work, coordinator: Scope, plan: Plan, agency: Agency) -> None:
    stranger = factories.agency(work.session, factories.government(work.session))
    wrong = HandMade(99, stranger.id, Decimal(6), date(2025, 1, 2))
    assert refusal(work, coordinator, plan, wrong) == {
        ("policy.unknown_indicator", "indicator_number"),
        ("agency.not_found", "agency_id"),
        ("policy.target_off_scale", "target_level"),
        ("plan.due_in_past", "due_on"),
    }
    below = asked(agency, target_level=Decimal(2), due_on=date(2052, 1, 1))
    assert refusal(work, coordinator, plan, below) == {
        ("hand_made.target_below_level", "target_level"),
        ("due_date.outside_years", "due_on"),
    }
    assert work.session.scalars(select(Task)).all() == []


def test_it_starts_from_the_last_round_whatever_the_order_of_the_rows(
    work: Work, coordinator: Scope, plan: Plan, agency: Agency
) -> None:
    for number, reached in ((2, Decimal(4)), (1, Decimal(3))):
        factories.task(
            work.session, plan, agency, HIGH, round=number, state=State.ACCEPTED, reached_level=reached
        )
    task = hand_made.make(work, coordinator, plan.id, asked(agency, target_level=Decimal(5)), now=NOW)
    assert (task.round, task.baseline_level) == (3, Decimal(4))


def test_a_second_open_task_of_the_agency_on_the_indicator_is_refused(
    work: Work, coordinator: Scope, plan: Plan, agency: Agency
) -> None:
    first = hand_made.make(work, coordinator, plan.id, asked(agency), now=NOW)
    assert refusal(work, coordinator, plan, asked(agency)) == {("hand_made.open_already", "agency_id")}
    other = factories.agency(work.session, work.session.get_one(Government, plan.government_id))
    assert hand_made.make(work, coordinator, plan.id, asked(other), now=NOW).round == 1
    given = {"cancel_kind": CancelKind.NOT_NEEDED, "reason": "Digabung."}
    tasks.act(work, coordinator, first.id, Action.CANCEL, given, version=None, now=NOW)
    assert hand_made.make(work, coordinator, plan.id, asked(agency), now=NOW).round == 2


def test_a_foreign_plan_does_not_exist(work: Work, plan: Plan, agency: Agency) -> None:
    stranger = factories.scope(factories.account(work.session, factories.government(work.session)))
    with pytest.raises(NotFoundError):
        hand_made.make(work, stranger, plan.id, asked(agency), now=NOW)


def test_generation_neither_rewrites_nor_withdraws_nor_doubts_it(
    work: Work, coordinator: Scope, plan: Plan, agency: Agency
) -> None:
    task = hand_made.make(work, coordinator, plan.id, asked(agency), now=NOW)
    on_gap = hand_made.make(work, coordinator, plan.id, asked(agency, LOW, target_level=Decimal(2)), now=NOW)
    for state in (State.PLANNED, State.ASSIGNED):
        for each in (task, on_gap):
            each.state = state
        work.session.flush()
        before = [(each.id, each.version, each.policy_id, each.due_on) for each in (task, on_gap)]
        order = Order(SPBE, 2024, threshold=Decimal(2), target_level=Decimal(5), due_on=date(2025, 9, 1))
        done = plans.generate(work, coordinator, order, now=NOW)
        assert (done.created, done.updated, done.withdrawn, done.conflicts) == (0, 0, 0, ())
        work.session.expire_all()
        assert [(each.id, each.version, each.policy_id, each.due_on) for each in (task, on_gap)] == before


def test_once_it_is_accepted_below_what_is_wanted_the_gap_task_follows(
    work: Work, coordinator: Scope, plan: Plan, agency: Agency
) -> None:
    made = hand_made.make(work, coordinator, plan.id, asked(agency, LOW, target_level=Decimal(2)), now=NOW)
    assert generate(work, coordinator).created == 0
    made.state, made.reached_level = State.ACCEPTED, Decimal(2)
    work.session.flush()
    assert generate(work, coordinator).created == 1
    assert generate(work, coordinator).created == 0
    gap = work.session.scalars(select(Task).where(Task.kind == TaskKind.GAP)).one()
    assert (gap.round, gap.baseline_level, gap.target_level) == (2, Decimal(2), Decimal(3))


def test_one_that_is_not_needed_leaves_the_gap_to_generation(
    work: Work, coordinator: Scope, plan: Plan, agency: Agency
) -> None:
    made = hand_made.make(work, coordinator, plan.id, asked(agency, LOW), now=NOW)
    given = {"cancel_kind": CancelKind.NOT_NEEDED, "reason": "Cukup dari rencana."}
    tasks.act(work, coordinator, made.id, Action.CANCEL, given, version=None, now=NOW)
    assert generate(work, coordinator).created == 1
    assert generate(work, coordinator).unchanged == 1


def test_it_counts_in_the_projection_as_any_task_does(
    work: Work, coordinator: Scope, plan: Plan, agency: Agency
) -> None:
    hand_made.make(work, coordinator, plan.id, asked(agency), now=NOW)
    today = NOW.date()
    seen = projections.compute(work.session, plan, today=today)
    assert seen.potential.index - seen.baseline.index == seen.gap == Fraction(13, 1000)
    expected = projected(work.session, plan.id, today=today, evaluation_on=None)
    assert {name: Fraction(value) for name, value in expected.items()} == {
        name: getattr(seen, name).index for name in ("baseline", "secured", "expected", "potential")
    }
