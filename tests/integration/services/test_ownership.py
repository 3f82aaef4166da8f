from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Agency, Event, Government, Ownership, Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.rules.ownership import Part
from spbe_tasks.services import ownership, plans
from spbe_tasks.services.orders import Order
from spbe_tasks.services.ownership import Cell, Row
from spbe_tasks.services.queries.plans import list_owners
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE


@pytest.fixture
def scope(session: Session) -> Scope:
    return factories.scope(factories.account(session, factories.government(session)))


@pytest.fixture
def agencies(session: Session, scope: Scope) -> list[Agency]:
    government = session.get_one(Government, scope.government_id)
    return [factories.agency(session, government, short_name=f"OPD {letter}") for letter in "ABC"]


def put(work: Work, scope: Scope, agency: Agency, cell: Cell, number: int = 5) -> Row:
    ownership.set_cell(
        work,
        scope,
        instrument_id=SPBE,
        indicator_number=number,
        agency_id=agency.id,
        cell=cell,
        now=NOW,
    )
    return ownership.matrix(work.session, scope, SPBE).rows[number]


def test_a_new_lead_turns_the_old_one_into_a_contributor(
    work: Work, scope: Scope, agencies: list[Agency]
) -> None:
    first, second, _ = agencies
    put(work, scope, first, Cell.LEAD)
    row = put(work, scope, second, Cell.LEAD)
    assert (row.lead_id, row.contributor_ids) == (second.id, (first.id,))


def test_a_cell_can_be_emptied_and_the_gap_is_seen(work: Work, scope: Scope, agencies: list[Agency]) -> None:
    put(work, scope, agencies[0], Cell.LEAD)
    assert 5 not in ownership.matrix(work.session, scope, SPBE).gaps
    row = put(work, scope, agencies[0], Cell.NONE)
    assert row.cells == {}
    assert 5 in ownership.matrix(work.session, scope, SPBE).gaps


def test_a_click_goes_round_lead_contributor_none() -> None:
    lone = Row(1)
    assert lone.following(7) is Cell.LEAD
    led = Row(1, {8: Part(is_lead=True), 9: Part(is_lead=False)})
    assert [led.following(agency) for agency in (7, 8, 9)] == [Cell.CONTRIBUTOR, Cell.NONE, Cell.LEAD]


def test_a_row_is_replaced_as_a_whole(work: Work, scope: Scope, agencies: list[Agency]) -> None:
    first, second, third = agencies
    put(work, scope, first, Cell.LEAD)
    ownership.set_row(
        work,
        scope,
        instrument_id=SPBE,
        indicator_number=5,
        lead_id=second.id,
        contributor_ids=[second.id, third.id],
        now=NOW,
    )
    row = ownership.matrix(work.session, scope, SPBE).rows[5]
    assert row.cells == {second.id: Cell.LEAD, third.id: Cell.CONTRIBUTOR}


def test_one_agency_can_lead_a_whole_aspect(work: Work, scope: Scope, agencies: list[Agency]) -> None:
    first, second, _ = agencies
    aspect = get_instrument(SPBE).aspects[0]
    put(work, scope, first, Cell.LEAD, number=aspect.indicators[0].number)
    count = ownership.set_aspect_lead(
        work, scope, instrument_id=SPBE, aspect_number=aspect.number, agency_id=second.id, now=NOW
    )
    rows = ownership.matrix(work.session, scope, SPBE).rows
    assert count == len(aspect.indicators)
    assert {rows[each.number].lead_id for each in aspect.indicators} == {second.id}
    assert rows[aspect.indicators[0].number].contributor_ids == (first.id,)


def test_the_matrix_counts_the_indicators_of_each_agency(
    work: Work, scope: Scope, agencies: list[Agency]
) -> None:
    first, second, third = agencies
    put(work, scope, first, Cell.LEAD, number=1)
    put(work, scope, first, Cell.CONTRIBUTOR, number=2)
    put(work, scope, second, Cell.LEAD, number=2)
    seen = ownership.matrix(work.session, scope, SPBE)
    assert (seen.owned[first.id], seen.owned[second.id], seen.owned[third.id]) == (2, 1, 0)


def test_a_change_leaves_an_event_and_no_change_leaves_none(
    work: Work, scope: Scope, agencies: list[Agency]
) -> None:
    put(work, scope, agencies[0], Cell.LEAD)
    put(work, scope, agencies[0], Cell.LEAD)
    work.session.flush()
    event = work.session.scalars(select(Event).where(Event.subject_type == "indicator")).one()
    assert (event.subject_id, event.data["lead"]) == (5, agencies[0].slug)


def test_an_agency_of_another_government_does_not_exist(
    work: Work, scope: Scope, agencies: list[Agency]
) -> None:
    stranger = factories.agency(work.session, factories.government(work.session))
    with pytest.raises(NotFoundError):
        put(work, scope, stranger, Cell.LEAD)
    assert work.session.scalar(select(func.count()).select_from(Ownership)) == 0


def test_another_governments_matrix_stays_empty(work: Work, scope: Scope, agencies: list[Agency]) -> None:
    put(work, scope, agencies[0], Cell.LEAD)
    other = factories.scope(factories.account(work.session, factories.government(work.session)))
    seen = ownership.matrix(work.session, other, SPBE)
    assert (len(seen.gaps), list(seen.agencies)) == (47, [])


def test_a_closed_agency_keeps_what_it_has_and_gets_nothing_new(
    work: Work, scope: Scope, agencies: list[Agency]
) -> None:
    put(work, scope, agencies[0], Cell.LEAD, number=1)
    agencies[0].is_active = False
    work.session.flush()
    with pytest.raises(InvalidInputError):
        put(work, scope, agencies[0], Cell.LEAD, number=2)
    assert put(work, scope, agencies[0], Cell.CONTRIBUTOR, number=1).cells == {
        agencies[0].id: Cell.CONTRIBUTOR
    }


def test_an_unknown_indicator_is_refused(work: Work, scope: Scope, agencies: list[Agency]) -> None:
    with pytest.raises(NotFoundError):
        put(work, scope, agencies[0], Cell.LEAD, number=48)


def share_out(work: Work, scope: Scope, lead: Agency, shares: dict[int, Fraction | None]) -> None:
    ownership.set_row(
        work,
        scope,
        instrument_id=SPBE,
        indicator_number=5,
        lead_id=lead.id,
        contributor_ids=[each for each in shares if each != lead.id],
        shares=shares,
        now=NOW,
    )


def test_shares_are_kept_exactly_and_reach_the_plan(work: Work, scope: Scope, agencies: list[Agency]) -> None:
    first, second, third = agencies
    wanted = {first.id: Fraction(1, 7), second.id: Fraction(2, 7), third.id: Fraction(4, 7)}
    share_out(work, scope, first, wanted)  # type: ignore[arg-type]
    row = ownership.matrix(work.session, scope, SPBE).rows[5]
    assert {each: row.share(each) for each in wanted} == wanted
    owners = list_owners(work.session, scope.government_id, SPBE)
    assert {each.agency_id: each.share for each in owners} == wanted


def test_equal_shares_are_kept_as_none_so_that_a_further_owner_needs_no_arithmetic(
    work: Work, scope: Scope, agencies: list[Agency]
) -> None:
    first, second, third = agencies
    share_out(work, scope, first, {first.id: Fraction(1, 2), second.id: Fraction(1, 2)})
    assert put(work, scope, third, Cell.CONTRIBUTOR).share(third.id) == Fraction(1, 3)


@pytest.mark.parametrize(
    ("lead_share", "other_share", "code"),
    [
        (Fraction(1, 2), Fraction(1, 3), "ownership.shares_not_one"),
        (Fraction(1, 2), None, "ownership.share_missing"),
        (Fraction(1), Fraction(1, 1000), "ownership.shares_not_one"),
    ],
)
def test_shares_that_do_not_add_up_are_refused_and_nothing_is_stored(
    work: Work,
    scope: Scope,
    agencies: list[Agency],
    lead_share: Fraction,
    other_share: Fraction | None,
    code: str,
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        share_out(work, scope, agencies[0], {agencies[0].id: lead_share, agencies[1].id: other_share})
    assert [problem.code for problem in caught.value.problems] == [code]
    assert ownership.matrix(work.session, scope, SPBE).rows[5].parts == {}


def test_shares_stay_with_a_new_lead_and_end_with_a_new_owner(
    work: Work, scope: Scope, agencies: list[Agency]
) -> None:
    first, second, third = agencies
    share_out(work, scope, first, {first.id: Fraction(1, 4), second.id: Fraction(3, 4)})
    led_by_second = put(work, scope, second, Cell.LEAD)
    assert (led_by_second.share(first.id), led_by_second.share(second.id)) == (Fraction(1, 4), Fraction(3, 4))
    assert not put(work, scope, third, Cell.CONTRIBUTOR).has_shares


def test_what_a_closed_agency_had_is_divided_among_the_others(
    work: Work, scope: Scope, agencies: list[Agency]
) -> None:
    first, second, third = agencies
    wanted = {first.id: Fraction(1, 2), second.id: Fraction(1, 6), third.id: Fraction(1, 3)}
    share_out(work, scope, first, wanted)  # type: ignore[arg-type]
    first.is_active = False
    work.session.flush()
    owners = list_owners(work.session, scope.government_id, SPBE)
    assert {each.agency_id: each.share for each in owners} == {
        second.id: Fraction(1, 3),
        third.id: Fraction(2, 3),
    }


def test_the_event_says_what_was_and_what_is(work: Work, scope: Scope, agencies: list[Agency]) -> None:
    first, second, _ = agencies
    put(work, scope, first, Cell.LEAD)
    share_out(work, scope, second, {first.id: Fraction(1, 4), second.id: Fraction(3, 4)})
    work.session.flush()
    event = work.session.scalars(
        select(Event).where(Event.subject_type == "indicator").order_by(Event.id)
    ).all()[-1]
    assert event.data == {
        "instrument": SPBE,
        "lead": second.slug,
        "contributors": [first.slug],
        "shares": {first.slug: "1/4", second.slug: "3/4"},
        "was": {"lead": first.slug, "contributors": []},
    }


def test_a_plan_follows_the_matrix_there_and_back_to_the_old_row(
    work: Work, scope: Scope, agencies: list[Agency]
) -> None:
    session = work.session
    factories.revision(session, session.get_one(Government, scope.government_id))
    first, second, _ = agencies

    def own(shares: dict[int, Fraction | None]) -> list[tuple[int, str, Fraction]]:
        lead = first if first.id in shares else second
        share_out(work, scope, lead, shares)
        plans.generate(work, scope, Order(SPBE, 2024, Decimal(3)), now=NOW)
        session.flush()
        rows = session.execute(
            select(
                Task.id, Task.state, Task.share_numerator, Task.share_denominator, Task.agency_id
            ).order_by(Task.id)
        )
        return [
            (row.agency_id, row.state.value, Fraction(row.share_numerator, row.share_denominator))
            for row in rows
        ]

    whole = {first.id: None}
    assert own(whole) == [(first.id, "planned", Fraction(1))]
    assert own({second.id: None}) == [
        (first.id, "withdrawn", Fraction(1)),
        (second.id, "planned", Fraction(1)),
    ]
    assert own({first.id: Fraction(1, 4), second.id: Fraction(3, 4)}) == [
        (first.id, "planned", Fraction(1, 4)),
        (second.id, "planned", Fraction(3, 4)),
    ]
    assert own(whole) == [(first.id, "planned", Fraction(1)), (second.id, "withdrawn", Fraction(3, 4))]
    plan = session.scalars(select(Plan)).one()
    plans.publish(work, scope, plan.id, now=NOW)
    session.expire_all()
    # Somebody has seen it now: the matrix may only ask.
    assert own({second.id: None}) == [
        (first.id, "assigned", Fraction(1)),
        (second.id, "planned", Fraction(1)),
    ]
    assert len(plans.preview_plan(session, scope, plan, now=NOW).conflicts) == 1
