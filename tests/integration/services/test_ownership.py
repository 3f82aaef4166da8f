import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Agency, Event, Ownership
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.services import ownership
from spbe_tasks.services.ownership import Cell, Row
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE


@pytest.fixture
def scope(session: Session) -> Scope:
    return factories.scope(factories.account(session, factories.government(session)))


@pytest.fixture
def agencies(session: Session, scope: Scope) -> list[Agency]:
    from spbe_tasks.models import Government

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
    lone = Row(1, {})
    assert lone.following(7) is Cell.LEAD
    led = Row(1, {8: Cell.LEAD, 9: Cell.CONTRIBUTOR})
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
