from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.crosswalk_loader import find_crosswalk
from spbe_tasks.models import Account, Agency, CriterionClaim, Event, Plan, Task, TaskAncestor
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.carry_over import Lineage
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import carry_over, closing, criteria, plans, task_sheets, tasks
from spbe_tasks.services.orders import Order
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, PEMDI, SPBE

THREE = Decimal(3)


class Years:
    """2023: one agency had a task on indicator 33, from level 1 to 3. 2024: it is at level 2, still low."""

    def __init__(self, session: Session) -> None:
        self.government = factories.government(session)
        self.coordinator: Scope = factories.scope(factories.account(session, self.government))
        self.agency: Agency = factories.agency(session, self.government)
        self.focal: Account = factories.account(session, self.government, Role.FOCAL_POINT, self.agency)
        factories.ownership(session, self.agency, 33)
        earlier = factories.revision(session, self.government, {33: 1}, level=3, year=2023)
        self.before: Plan = factories.plan(session, self.government, year=2023, baseline=earlier)
        self.old: Task = factories.task(
            session, self.before, self.agency, 33, baseline_level=Decimal(1), assignee_id=self.focal.id
        )
        factories.revision(session, self.government, {33: 2}, level=3, year=2024)

    def claim(
        self, session: Session, level: int, letter: str, *, is_met: bool = True, said: str = ""
    ) -> None:
        session.add(
            CriterionClaim(
                task_id=self.old.id,
                level=level,
                letter=letter,
                government_id=self.government.id,
                is_met=is_met,
                explanation=said,
                claimed_by_id=self.focal.id,
                claimed_at=NOW,
            )
        )
        session.flush()

    def generate(self, work: Work, **changes: object) -> Plan:
        given: dict[str, Any] = {"instrument_id": SPBE, "year": 2024, "threshold": THREE} | changes
        now = given.pop("now", NOW)
        done = plans.generate(work, self.coordinator, Order(**given), now=now)
        work.session.flush()
        assert done.plan is not None
        return done.plan


@pytest.fixture
def years(session: Session) -> Years:
    return Years(session)


def task_of(session: Session, plan: Plan, number: int = 33) -> Task:
    found = session.scalars(
        select(Task).where(Task.plan_id == plan.id, Task.indicator_number == number)
    ).all()
    assert len(found) == 1
    return found[0]


def cited(session: Session, task: Task) -> dict[int, Lineage]:
    rows = session.scalars(select(TaskAncestor).where(TaskAncestor.task_id == task.id))
    return {row.ancestor_id: row.lineage for row in rows}


def claims(session: Session, task: Task) -> dict[tuple[int, str], CriterionClaim]:
    rows = session.scalars(
        select(CriterionClaim)
        .where(CriterionClaim.task_id == task.id)
        .execution_options(populate_existing=True)
    )
    return {(row.level, row.letter): row for row in rows}


def events(session: Session, task: Task, action: str) -> list[Event]:
    return list(
        session.scalars(
            select(Event).where(
                Event.subject_type == "task", Event.subject_id == task.id, Event.action == action
            )
        )
    )


def test_a_recurring_gap_opens_a_task_that_cites_its_ancestor(
    work: Work, session: Session, years: Years
) -> None:
    plan = years.generate(work)
    new = task_of(session, plan)
    assert cited(session, new) == {years.old.id: Lineage.RECURRING}
    assert carry_over.count(session, years.coordinator, plan) == {Lineage.RECURRING: 1}
    (event,) = events(session, new, "carry_over")
    assert event.data["ancestors"] == [years.old.id]
    assert event.data["year"] == 2023


@pytest.mark.parametrize("state", [State.ACCEPTED, State.CANCELLED, State.WITHDRAWN])
def test_what_was_closed_and_is_low_again_recurs_unless_it_was_withdrawn(
    work: Work, session: Session, years: Years, state: State
) -> None:
    years.old.state = state
    years.old.reached_level = THREE if state is State.ACCEPTED else None
    years.old.cancel_kind = "given_up" if state is State.CANCELLED else None  # type: ignore[assignment]
    session.flush()
    new = task_of(session, years.generate(work))
    assert (years.old.id in cited(session, new)) == (state is not State.WITHDRAWN)


def test_criteria_met_above_the_new_baseline_are_proposed_and_not_ticked(
    work: Work, session: Session, years: Years
) -> None:
    years.claim(session, 2, "a", said="sudah")
    years.claim(session, 3, "a", said="Peraturan Bupati 12/2023")
    years.claim(session, 3, "b", is_met=False, said="belum")
    found = claims(session, task_of(session, years.generate(work)))
    assert set(found) == {(3, "a")}
    proposal = found[3, "a"]
    assert (proposal.is_met, proposal.explanation) == (False, "Peraturan Bupati 12/2023")
    assert proposal.proposed_by_task_id == years.old.id


def test_generating_again_changes_nothing_of_what_was_carried_over(
    work: Work, session: Session, years: Years
) -> None:
    years.claim(session, 3, "a", said="Peraturan Bupati 12/2023")
    plan = years.generate(
        work,
    )
    new = task_of(session, plan)
    claims(session, new)[3, "a"].explanation = "disunting"
    new.assignee_id = None
    session.flush()
    years.claim(session, 3, "b", said="ditulis kemudian")
    years.generate(work)
    session.expire_all()
    assert {place: row.explanation for place, row in claims(session, new).items()} == {(3, "a"): "disunting"}
    assert new.assignee_id is None
    assert len(events(session, new, "carry_over")) == 1
    assert cited(session, new) == {years.old.id: Lineage.RECURRING}


def test_what_the_agency_says_itself_is_no_proposal_any_more(
    work: Work, session: Session, years: Years
) -> None:
    years.claim(session, 3, "a", said="Peraturan Bupati 12/2023")
    years.claim(session, 4, "a", said="SK 5/2023")
    plan = years.generate(work, target_level=Decimal(4))
    plans.publish(work, years.coordinator, plan.id, now=NOW)
    new = task_of(session, plan)
    focal = factories.scope(years.focal)
    tasks.act(work, focal, new.id, Action.START, {}, version=None, now=NOW)
    said = {(3, "a"): (True, "Peraturan Bupati 12/2023"), (4, "a"): (False, "SK 5/2023")}
    assert criteria.claim(work, focal, new.id, said, now=NOW) == 1
    session.flush()
    found = claims(session, new)
    assert found[3, "a"].proposed_by_task_id is None
    assert found[4, "a"].proposed_by_task_id == years.old.id


def test_who_was_in_charge_stays_in_charge_while_they_may(work: Work, session: Session, years: Years) -> None:
    assert task_of(session, years.generate(work)).assignee_id == years.focal.id


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.AGENCY_HEAD}])
def test_who_left_is_not_put_in_charge_again(
    work: Work, session: Session, years: Years, change: dict[str, object]
) -> None:
    for name, value in change.items():
        setattr(years.focal, name, value)
    session.flush()
    assert task_of(session, years.generate(work)).assignee_id is None


def test_the_next_round_cites_what_its_first_round_cites(work: Work, session: Session, years: Years) -> None:
    plan = years.generate(work, target_level=Decimal(4))
    plans.publish(work, years.coordinator, plan.id, now=NOW)
    first = task_of(session, plan)
    reviewer = factories.scope(factories.account(session, years.government, Role.REVIEWER))
    focal = factories.scope(years.focal)
    tasks.act(work, focal, first.id, Action.START, {}, version=None, now=NOW)
    tasks.act(work, focal, first.id, Action.SUBMIT, {"note": "bukti"}, version=None, now=NOW)
    given = {"reached_level": THREE}
    tasks.act(work, reviewer, first.id, Action.ACCEPT, given, version=None, now=NOW)
    session.flush()
    second = session.scalars(select(Task).where(Task.plan_id == plan.id, Task.round == 2)).one()
    assert cited(session, second) == {years.old.id: Lineage.RECURRING}


def test_both_pages_show_the_other_task(work: Work, session: Session, years: Years) -> None:
    new = task_of(session, years.generate(work))
    (ancestor,) = task_sheets.read(session, years.coordinator, new.id).ancestors
    (successor,) = task_sheets.read(session, years.coordinator, years.old.id).successors
    assert (ancestor.task_id, ancestor.year, ancestor.lineage) == (years.old.id, 2023, Lineage.RECURRING)
    assert (successor.task_id, successor.year) == (new.id, 2024)


def test_an_agency_sees_the_successor_only_once_it_is_published(
    work: Work, session: Session, years: Years
) -> None:
    plan = years.generate(work)
    focal = factories.scope(years.focal)
    assert task_sheets.read(session, focal, years.old.id).successors == ()
    plans.publish(work, years.coordinator, plan.id, now=NOW)
    assert len(task_sheets.read(session, focal, years.old.id).successors) == 1


def test_only_the_nearest_plan_before_is_looked_at(work: Work, session: Session, years: Years) -> None:
    factories.revision(session, years.government, {33: 2}, level=3, year=2025)
    middle = task_of(session, years.generate(work))
    last = task_of(session, years.generate(work, year=2025))
    assert cited(session, last) == {middle.id: Lineage.RECURRING}


def test_a_plan_of_the_new_instrument_cites_open_tasks_through_the_unofficial_crosswalk(
    work: Work, session: Session, years: Years
) -> None:
    walk = find_crosswalk(SPBE, PEMDI)
    assert walk is not None
    new_number, sources = next((new, old) for new, old in walk.followed.items() if len(old) > 1)
    old = [factories.task(session, years.before, years.agency, number) for number in sources if number != 33]
    done = factories.task(
        session, years.before, years.agency, walk.dropped[0], state=State.ACCEPTED, reached_level=THREE
    )
    years.claim(session, 3, "a", said="tidak ikut")
    factories.ownership(session, years.agency, new_number, instrument_id=PEMDI)
    factories.revision(session, years.government, {new_number: 1}, level=3, year=2026, instrument_id=PEMDI)
    plan = years.generate(work, instrument_id=PEMDI, year=2026, now=NOW.replace(year=2027))
    new = task_of(session, plan, new_number)
    wanted = {each.id for each in (*old, years.old) if each.indicator_number in sources}
    assert cited(session, new) == dict.fromkeys(wanted, Lineage.CROSSWALK)
    assert done.id not in wanted
    assert claims(session, new) == {}
    assert new.assignee_id is None
    assert carry_over.count(session, years.coordinator, plan) == {Lineage.CROSSWALK: 1}


def test_a_closed_plan_is_carried_over_like_an_open_one(work: Work, session: Session, years: Years) -> None:
    closing.close(work, years.coordinator, years.before.id, reason="Tahun selesai.", now=NOW)
    assert years.old.id in cited(session, task_of(session, years.generate(work)))
