from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Event, Government, Plan, Scenario
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.rules.policy import Effort
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import scenarios
from spbe_tasks.services.queries import scenarios as queries
from spbe_tasks.services.scenarios import Ground
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE


@pytest.fixture
def home(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def coordinator(session: Session, home: Government) -> Account:
    return factories.account(session, home, Role.COORDINATOR)


@pytest.fixture
def mine(coordinator: Account) -> Scope:
    return factories.scope(coordinator)


@pytest.fixture
def plan(session: Session, home: Government) -> Plan:
    return factories.plan(session, home)


def stand(session: Session, scope: Scope, year: int = 2024) -> Ground:
    return scenarios.ground(session, scope, SPBE, year, now=NOW)


def keep(work: Work, scope: Scope, *, name: str = "Coba", is_shared: bool = False, **levels: int) -> Scenario:
    wanted = {int(each[1:]): Decimal(level) for each, level in levels.items()}
    found = stand(work.session, scope)
    return scenarios.create(work, scope, found, name=name, levels=wanted, is_shared=is_shared, now=NOW)


def test_what_was_accepted_counts_as_the_present_level(session: Session, mine: Scope, plan: Plan) -> None:
    agency = factories.agency(session, session.get_one(Government, plan.government_id))
    factories.task(session, plan, agency, 33, state=State.ACCEPTED, reached_level=Decimal(3))
    found = stand(session, mine)
    assert (found.assessed[33], found.present.levels[33], found.present.levels[34]) == (2, 3, 2)
    assert found.answer({}).index == Fraction(2) + Fraction("0.0275")


def test_a_year_without_a_plan_starts_from_its_assessment(
    session: Session, mine: Scope, home: Government
) -> None:
    factories.revision(session, home, {5: 4}, level=3, year=2023)
    found = stand(session, mine, 2023)
    assert found.version is None
    assert (found.present.levels[5], found.present.effort) == (4, Effort())


def test_a_year_without_an_assessment_is_refused(session: Session, mine: Scope) -> None:
    with pytest.raises(InvalidInputError) as refused:
        stand(session, mine, 2022)
    assert refused.value.problems[0].code == "plan.no_assessment"


def test_only_levels_that_differ_are_kept_with_an_event(work: Work, mine: Scope, plan: Plan) -> None:
    made = keep(work, mine, i5=4, i6=2)
    assert (made.levels, made.made_by_id, made.is_shared) == ({"5": "4"}, mine.account_id, False)
    event = work.session.scalars(select(Event).where(Event.subject_type == "scenario")).one()
    assert (event.action, event.subject_id, event.data["levels"]) == ("create_scenario", made.id, {"5": "4"})


@pytest.mark.parametrize(
    ("name", "level", "code"),
    [("", 4, "field.required"), ("Coba", 2, "scenario.nothing_changed"), ("Coba", 6, "level.outside_scale")],
)
def test_what_says_nothing_is_not_kept(
    work: Work, mine: Scope, plan: Plan, name: str, level: int, code: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        keep(work, mine, name=name, i5=level)
    assert refused.value.problems[0].code == code
    assert work.session.scalars(select(Scenario)).all() == []


def test_a_scenario_is_its_makers_until_it_is_shared(
    work: Work, mine: Scope, home: Government, plan: Plan
) -> None:
    other = factories.scope(factories.account(work.session, home, Role.EXECUTIVE))
    made = keep(work, mine, i5=4)
    with pytest.raises(NotFoundError):
        queries.get_scenario(work.session, other, made.id)
    assert queries.list_scenarios(work.session, other, page=1)[1] == 0
    scenarios.change(
        work, mine, made.id, name="Coba", levels={5: Decimal(4)}, is_shared=True, version=1, now=NOW
    )
    assert queries.get_scenario(work.session, other, made.id).id == made.id
    assert queries.list_scenarios(work.session, other, page=1)[1] == 1


def test_a_shared_scenario_stays_inside_its_government(work: Work, mine: Scope, plan: Plan) -> None:
    made = keep(work, mine, is_shared=True, i5=4)
    abroad = factories.government(work.session)
    stranger = factories.scope(factories.account(work.session, abroad, Role.COORDINATOR))
    for attempt in (
        lambda: queries.get_scenario(work.session, stranger, made.id),
        lambda: scenarios.remove(work, stranger, made.id, now=NOW),
        lambda: scenarios.duplicate(work, stranger, made.id, name="Curi", now=NOW),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    assert queries.list_scenarios(work.session, stranger, page=1)[1] == 0


def test_another_coordinator_changes_levels_but_not_who_sees_it(
    work: Work, mine: Scope, home: Government, plan: Plan
) -> None:
    made = keep(work, mine, is_shared=True, i5=4)
    other = factories.scope(factories.account(work.session, home, Role.COORDINATOR))
    levels = {5: Decimal(2), 6: Decimal(3)}
    changed = scenarios.change(
        work, other, made.id, name="Lain", levels=levels, is_shared=False, version=1, now=NOW
    )
    assert (changed.name, changed.levels, changed.is_shared, changed.version) == ("Lain", {"6": "3"}, True, 2)


def test_who_looked_at_an_older_version_is_told(work: Work, mine: Scope, plan: Plan) -> None:
    made = keep(work, mine, i5=4)
    later = NOW + timedelta(hours=1)

    def change(name: str) -> Scenario:
        wanted = {5: Decimal(4)}
        return scenarios.change(
            work, mine, made.id, name=name, levels=wanted, is_shared=False, version=1, now=later
        )

    assert change("Coba").version == 1, "storing it as it is changes nothing"
    assert change("Dua").version == 2
    with pytest.raises(ConflictError) as refused:
        change("Tiga")
    assert refused.value.code == "scenario.stale_version"


def test_a_copy_is_ones_own_and_private(work: Work, mine: Scope, home: Government, plan: Plan) -> None:
    made = keep(work, mine, is_shared=True, i5=4)
    other = factories.scope(factories.account(work.session, home, Role.COORDINATOR))
    copy = scenarios.duplicate(work, other, made.id, name="Salinan", now=NOW)
    assert (copy.levels, copy.made_by_id, copy.is_shared) == (made.levels, other.account_id, False)


def test_a_deleted_scenario_leaves_its_event(work: Work, mine: Scope, plan: Plan) -> None:
    made_id = keep(work, mine, i5=4).id
    assert scenarios.remove(work, mine, made_id, now=NOW) == "Coba"
    work.session.flush()
    assert work.session.get(Scenario, made_id) is None
    actions = work.session.scalars(
        select(Event.action).where(Event.subject_id == made_id).order_by(Event.id)
    ).all()
    assert "remove_scenario" in actions


def test_scenarios_of_two_years_cannot_be_compared(work: Work, mine: Scope, plan: Plan) -> None:
    first, second = keep(work, mine, i5=4), keep(work, mine, i6=4)
    assert scenarios.pair(work.session, mine, first.id, second.id) == (first, second)
    assert queries.list_beside(work.session, mine, first) == [second]
    second.year = 2023
    work.session.flush()
    with pytest.raises(NotFoundError):
        scenarios.pair(work.session, mine, first.id, second.id)
    assert queries.list_beside(work.session, mine, first) == []


def test_the_plan_has_to_reach_what_counts_above_the_assessment(
    work: Work, mine: Scope, home: Government, plan: Plan
) -> None:
    agency = factories.agency(work.session, home)
    factories.task(work.session, plan, agency, 33, state=State.ACCEPTED, reached_level=Decimal(3))
    made = keep(work, mine, i5=4, i6=1)
    # What was accepted stays asked for, or the plan would no longer want a finished task.
    assert scenarios.targets(stand(work.session, mine), made) == {5: 4, 33: 3}


def test_a_scenario_that_raises_nothing_makes_no_plan(work: Work, mine: Scope, plan: Plan) -> None:
    made = keep(work, mine, i5=1)
    with pytest.raises(InvalidInputError) as refused:
        scenarios.targets(stand(work.session, mine), made)
    assert refused.value.problems[0].code == "scenario.nothing_raised"
