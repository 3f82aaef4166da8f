from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.models import Assessment, EvaluationCalendar, Government
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import PredicateBasis
from spbe_tasks.rules.path import Outcome, external_indicators
from spbe_tasks.rules.policy import DueRule, Effort, LevelRule, Policy
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import paths, scenarios
from spbe_tasks.services.paths import Answer, Wish
from spbe_tasks.services.scenarios import Ground
from tests import factories
from tests.factories import DUE_ON, NOW, SPBE

PEMDI = "permenpanrb-8-2026"


@pytest.fixture
def home(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def mine(session: Session, home: Government) -> Scope:
    return factories.scope(factories.account(session, home, Role.COORDINATOR))


def stand(session: Session, scope: Scope, year: int = 2024) -> Ground:
    return scenarios.ground(session, scope, SPBE, year, now=NOW)


def find(session: Session, scope: Scope, target: str, **wish: object) -> Answer:
    return paths.find(stand(session, scope), Wish(target, **wish), seconds=10)  # type: ignore[arg-type]


def codes(session: Session, scope: Scope, target: str, **wish: object) -> set[tuple[str, str | None]]:
    with pytest.raises(InvalidInputError) as refused:
        find(session, scope, target, **wish)
    return {(each.code, each.field) for each in refused.value.problems}


def test_a_path_starts_from_what_was_accepted_and_shares_effort_and_points(
    session: Session, mine: Scope, home: Government
) -> None:
    plan = factories.plan(session, home)
    kominfo, arsip = (factories.agency(session, home, slug=slug) for slug in ("kominfo", "arsip"))
    factories.task(session, plan, kominfo, 33, state=State.ACCEPTED, reached_level=Decimal(3))
    third, rest = (
        {"share_numerator": 1, "share_denominator": 3},
        {"share_numerator": 2, "share_denominator": 3},
    )
    factories.ownership(session, kominfo, 33, **third)
    factories.ownership(session, arsip, 33, is_lead=False, **rest)
    answer = find(session, mine, "2,05")
    (only,) = answer.path.raises
    assert (only.number, only.days) == (33, Fraction(10))
    assert (only.before, only.after) == (Decimal(3), Decimal(4))
    assert answer.path.loads == {"arsip": Fraction(20, 3), "kominfo": Fraction(10, 3)}
    assert answer.points == {"arsip": Fraction(11, 600), "kominfo": Fraction(11, 1200)}
    assert answer.path.index == Fraction(2) + Fraction("0.055")


def test_effort_and_capacities_are_those_of_the_policy_unless_said_otherwise(
    session: Session, mine: Scope, home: Government
) -> None:
    level = LevelRule(Decimal(3))
    policy = Policy(
        level,
        level,
        DueRule.on(DUE_ON),
        effort=Effort(Decimal(8), by_indicator={33: Decimal(6)}),
        capacities={"kominfo": Decimal(5)},
    )
    factories.plan(session, home, policy_id=factories.policy(session, home, policy).id)
    agency = factories.agency(session, home, slug="kominfo")
    for number in (33, 34):
        factories.ownership(session, agency, number)
    bound = find(session, mine, "2.02").path
    assert bound.outcome is Outcome.OUT_OF_REACH
    assert bound.limit is not None
    assert bound.limit.agencies == ("kominfo",)
    assert bound.limit.lacking == {"kominfo": Fraction(1)}
    freed = find(session, mine, "2.02", capacities={"kominfo": None})
    assert (freed.path.outcome, freed.path.days) == (Outcome.FOUND, Fraction(6))
    assert freed.capacities == {}
    assert find(session, mine, "2.02", capacities={"kominfo": Decimal(6)}).path.days == 6
    assert find(session, mine, "2.02", capacities={"kominfo": None}, fixed={34: Decimal(3)}).path.days == 8


@pytest.mark.parametrize("words", ["Baik", "baik", " Good ", "next", "berikutnya"])
def test_a_predicate_is_named_in_either_language_or_as_the_next_one(
    session: Session, mine: Scope, home: Government, words: str
) -> None:
    factories.plan(session, home)
    goal = find(session, mine, words).goal
    assert goal.bound is not None
    assert goal.index == Fraction(goal.bound.lower_bound)


def test_where_the_printed_index_counts_half_a_step_less_is_enough(
    session: Session, mine: Scope, home: Government
) -> None:
    revision = factories.revision(session, home)
    session.get_one(Assessment, revision.assessment_id).predicate_basis = PredicateBasis.ROUNDED
    session.flush()
    factories.plan(session, home, baseline=revision)
    assert find(session, mine, "Baik").goal.index == Fraction("2.595")
    assert find(session, mine, "2.6").goal.index == Fraction("2.6")


def test_what_is_asked_for_by_itself(session: Session, mine: Scope, home: Government) -> None:
    plan = factories.plan(session, home)
    assert paths.default_target(session, mine, stand(session, mine)) == "next"
    plan.target_index = Decimal("3.50")
    assert paths.default_target(session, mine, stand(session, mine)) == "3.5"
    factories.revision(session, home, level=5, year=2023)
    assert paths.default_target(session, mine, stand(session, mine, 2023)) == "5"


def test_every_mistake_is_told_at_once(session: Session, mine: Scope, home: Government) -> None:
    factories.plan(session, home)
    agency = factories.agency(session, home, slug="kominfo")
    factories.ownership(session, agency, 33)
    wrong = {"capacities": {"kominfo": Decimal("0.001"), "bkd": Decimal(1)}}
    assert codes(session, mine, "hebat", **wrong) == {
        ("path.unknown_target", "target"),
        ("policy.bad_capacity", "capacity_kominfo"),
        ("policy.unknown_agency", "capacity_bkd"),
    }
    assert codes(
        session,
        mine,
        "5.01",
        capacities={"kominfo": Decimal(-1)},
        excluded=frozenset({33, 99}),
        fixed={33: Decimal(4), 34: Decimal(3), 1: Decimal(1), 2: Decimal(9)},
    ) == {
        ("path.target_above_scale", "target"),
        ("path.capacity_negative", "capacity_kominfo"),
        ("path.unknown_indicator", "excluded"),
        ("path.fixed_and_excluded", "fixed_33"),
        ("path.fixed_unowned", "fixed_34"),
        ("path.fixed_below_present", "fixed_1"),
        ("path.fixed_off_scale", "fixed_2"),
    }
    assert codes(session, mine, "  ") == {("field.required", "target")}
    assert codes(session, mine, "2.1", fixed={33: Decimal(4)}, capacities={"kominfo": Decimal(0)}) == {
        ("path.fixed_out_of_reach", "fixed")
    }


def test_there_is_no_next_predicate_above_the_highest(
    session: Session, mine: Scope, home: Government
) -> None:
    factories.revision(session, home, level=5)
    assert codes(session, mine, "next") == {("path.no_next_predicate", "target")}


def test_no_proof_in_time_is_told(session: Session, mine: Scope, home: Government) -> None:
    factories.plan(session, home)
    agencies = [factories.agency(session, home) for _ in range(5)]
    for number in range(1, 48):
        factories.ownership(session, agencies[number % 5], number)
        factories.ownership(session, agencies[(number + 1) % 5], number, is_lead=False)
    capacities = {each.slug: Decimal("97.31") for each in agencies}
    with pytest.raises(InvalidInputError) as refused:
        paths.find(stand(session, mine), Wish("2.61", capacities), seconds=0)
    assert [each.code for each in refused.value.problems] == ["path.not_proved"]


def test_what_other_indices_decide_is_left_out_unless_asked_for(
    session: Session, mine: Scope, home: Government
) -> None:
    factories.revision(session, home, level=2, year=2026, instrument_id=PEMDI)
    found = scenarios.ground(session, mine, PEMDI, 2026, now=NOW)
    external = external_indicators(found.instrument)
    agency = factories.agency(session, home)
    for each in found.instrument.indicators:
        factories.ownership(session, agency, each.number, instrument_id=PEMDI)
    found = scenarios.ground(session, mine, PEMDI, 2026, now=NOW)
    top = Wish(str(found.instrument.scale.maximum))
    usual = paths.find(found, top, seconds=10)
    assert usual.problem.excluded == external
    assert not external & {each.number for each in usual.path.raises}
    everything = paths.find(found, Wish(top.target, excluded=frozenset()), seconds=10)
    assert everything.path.outcome is Outcome.FOUND


def test_agencies_of_another_government_are_unknown_and_own_nothing(
    session: Session, mine: Scope, home: Government
) -> None:
    factories.plan(session, home)
    foreign = factories.agency(session, factories.government(session), slug="asing")
    factories.ownership(session, foreign, 33)
    assert find(session, mine, "2.02").path.raises == ()
    assert codes(session, mine, "2.02", capacities={"asing": Decimal(1)}) == {
        ("policy.unknown_agency", "capacity_asing")
    }


def test_a_deadline_leaves_the_part_of_a_capacity_that_it_leaves_of_the_working_days(
    session: Session, mine: Scope, home: Government
) -> None:
    factories.plan(session, home)
    factories.agency(session, home, slug="kominfo")
    factories.agency(session, home, slug="arsip")
    opens_on = date(2025, 3, 17)  # ten working days after NOW, a Monday
    session.add(EvaluationCalendar(government_id=home.id, year=2024, self_assessment_opens_on=opens_on))
    session.flush()
    found, wish = stand(session, mine), Wish("3", {"kominfo": Decimal(30), "arsip": None})

    def left(day: date) -> Decimal | None:
        shrunk = paths.until(session, mine, found, wish, day, now=NOW)
        assert shrunk.capacities["arsip"] is None
        return shrunk.capacities["kominfo"]

    assert left(date(2025, 3, 10)) == Decimal(15)
    assert left(date(2025, 3, 8)) == Decimal(12)  # a Saturday: four of the ten days
    assert left(opens_on) == left(date(2025, 12, 31)) == Decimal(30)
    with pytest.raises(InvalidInputError) as refused:
        left(date(2025, 3, 3))
    assert [(each.code, each.field) for each in refused.value.problems] == [("path.until_past", "until")]


def test_what_is_no_capacity_is_left_for_the_check_to_name(
    session: Session, mine: Scope, home: Government
) -> None:
    factories.plan(session, home)
    factories.agency(session, home, slug="kominfo")
    wish = Wish("3", {"kominfo": Decimal(-1)})
    shrunk = paths.until(session, mine, stand(session, mine), wish, date(2025, 6, 1), now=NOW)
    assert shrunk.capacities == {"kominfo": Decimal(-1)}
