"""Acting officers: who may be appointed, who stands in on which day, and both names in the trail and in four eyes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, ActingKind, Event, Submission, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import accounts, acting, agencies, ownership, tasks
from spbe_tasks.services.acting import Appointment
from spbe_tasks.services.ownership import Cell
from spbe_tasks.services.queries import acting as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.races import race

TODAY = NOW.date()
WEEK = timedelta(days=7)


class Office:
    """A coordinator, a focal point who will be away, a deputy, and a task of their agency."""

    def __init__(self, session: Session) -> None:
        self.government = factories.government(session)
        self.agency = factories.agency(session, self.government)
        self.other = factories.agency(session, self.government)
        self.chief = factories.account(session, self.government)
        self.absent = factories.account(session, self.government, Role.FOCAL_POINT, self.agency)
        self.deputy = factories.account(session, self.government, Role.FOCAL_POINT, self.other)
        self.reviewer = factories.account(session, self.government, Role.REVIEWER)
        self.coordinator = factories.scope(self.chief)
        self.plan = factories.plan(session, self.government)
        self.task: Task = factories.task(session, self.plan, self.agency)

    def appoint(self, work: Work, **changes: Any) -> Any:
        said = Appointment(self.absent.id, self.deputy.id, ActingKind.PLH, TODAY, TODAY + WEEK, "SPT 12/2025")
        return acting.add(work, self.coordinator, replace(said, **changes), now=NOW)

    def standing_in(self, who: Account, absent: Account) -> Scope:
        return Scope(self.government.id, who.id, absent.role, absent.agency_id, acting_for_id=absent.id)


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def codes(error: pytest.ExceptionInfo[InvalidInputError]) -> list[tuple[str, str | None]]:
    return [(each.code, each.field) for each in error.value.problems]


@pytest.mark.parametrize(
    ("day", "stands"),
    [
        (TODAY - timedelta(1), False),
        (TODAY, True),
        (TODAY + WEEK, True),
        (TODAY + WEEK + timedelta(1), False),
    ],
)
def test_an_acting_officer_stands_in_from_the_first_day_to_the_last(
    work: Work, office: Office, day: date, stands: bool
) -> None:
    office.appoint(work)
    expected = {office.absent.id: office.deputy.id} if stands else {}
    assert queries.standing(work.session, office.government.id, day) == expected
    assert queries.standing(work.session, office.government.id + 1, day) == {}


def test_without_a_last_day_it_lasts_until_it_is_ended_and_ending_twice_is_ending_once(
    work: Work, office: Office
) -> None:
    row = office.appoint(work, until_on=None)
    far = TODAY + timedelta(days=4000)
    assert queries.standing(work.session, office.government.id, far) == {office.absent.id: office.deputy.id}
    acting.end(work, office.coordinator, row.id, now=NOW)
    acting.end(work, office.coordinator, row.id, now=NOW + WEEK)
    work.session.flush()
    assert row.ended_at == NOW
    assert queries.standing(work.session, office.government.id, far) == {}
    ended = select(Event).where(Event.action == "end_acting")
    assert len(work.session.scalars(ended).all()) == 1


@pytest.mark.parametrize("who", ["absent", "deputy"])
def test_a_closed_account_neither_acts_nor_is_stood_in_for_also_once_it_is_open_again(
    work: Work, office: Office, who: str
) -> None:
    office.appoint(work)
    account = getattr(office, who)
    accounts.close(work, office.coordinator, account.id, now=NOW)
    assert queries.standing(work.session, office.government.id, TODAY) == {}
    accounts.reopen(work, office.coordinator, account.id, now=NOW)
    assert queries.standing(work.session, office.government.id, TODAY) == {}


def test_everything_that_is_wrong_with_an_appointment_is_told_at_once(work: Work, office: Office) -> None:
    stranger = factories.account(work.session, factories.government(work.session))
    closed = factories.account(work.session, office.government, is_active=False)
    with pytest.raises(InvalidInputError) as refused:
        office.appoint(work, absent_id=stranger.id, acting_id=closed.id, until_on=TODAY - WEEK, from_on=TODAY)
    assert codes(refused) == [
        ("acting.not_here", "absent_id"),
        ("acting.not_here", "acting_id"),
        ("acting.until_before_from", "until_on"),
    ]
    with pytest.raises(InvalidInputError) as refused:
        office.appoint(work, acting_id=office.absent.id)
    assert codes(refused) == [("acting.same_person", "acting_id")]
    with pytest.raises(InvalidInputError) as refused:
        office.appoint(work, from_on=TODAY - WEEK, until_on=TODAY - timedelta(1))
    assert codes(refused) == [("acting.over_already", "until_on")]


@pytest.mark.parametrize(
    ("from_on", "until_on", "is_free"),
    [
        (TODAY - WEEK, TODAY - timedelta(1), True),
        (TODAY - WEEK, TODAY, False),
        (TODAY + WEEK, None, False),
        (TODAY + WEEK + timedelta(1), None, True),
        (TODAY - WEEK, None, False),
    ],
)
def test_nobody_has_two_acting_officers_on_one_day(
    work: Work, office: Office, from_on: date, until_on: date | None, is_free: bool
) -> None:
    office.appoint(work)
    earlier = NOW - WEEK
    said = Appointment(office.absent.id, office.reviewer.id, ActingKind.PLT, from_on, until_on)
    if is_free:
        assert acting.add(work, office.coordinator, said, now=earlier).id
        return
    with pytest.raises(InvalidInputError) as refused:
        acting.add(work, office.coordinator, said, now=earlier)
    assert codes(refused) == [("acting.taken", "from_on")]


def test_an_appointment_of_another_government_cannot_be_ended(work: Work, office: Office) -> None:
    row = office.appoint(work)
    stranger = factories.scope(factories.account(work.session, factories.government(work.session)))
    with pytest.raises(NotFoundError):
        acting.end(work, stranger, row.id, now=NOW)


@pytest.mark.own_database
def test_of_several_who_appoint_at_once_one_does(app: Any, session: Session) -> None:
    office = Office(session)
    session.commit()
    said = Appointment(office.absent.id, office.deputy.id, ActingKind.PLH, TODAY)
    scope = office.coordinator

    def appoint() -> None:
        with transaction() as work:
            acting.add(work, scope, said, now=NOW)

    assert sorted(race(app, [appoint] * 4)) == ["done", *["invalid_input"] * 3]


def test_what_is_done_in_a_position_names_both_in_submission_and_trail(work: Work, office: Office) -> None:
    scope = office.standing_in(office.deputy, office.absent)
    for action in (Action.START, Action.SUBMIT):
        tasks.act(work, scope, office.task.id, action, {"note": "bukti"}, version=None, now=NOW)
    work.session.flush()
    submission = work.session.scalars(select(Submission)).one()
    assert (submission.submitted_by_id, submission.submitted_as_id) == (office.deputy.id, office.absent.id)
    events = work.session.scalars(select(Event).where(Event.subject_id == office.task.id)).all()
    assert {(each.actor_id, each.data["acting_for_id"]) for each in events} == {
        (office.deputy.id, office.absent.id)
    }


def test_four_eyes_count_the_person_and_the_position_both_ways(work: Work, office: Office) -> None:
    session, agency = work.session, office.agency
    boss = factories.account(session, office.government, Role.COORDINATOR, agency)
    helper = factories.account(session, office.government, Role.REVIEWER)
    in_place = office.standing_in(helper, boss)
    own_boss, own_helper = factories.scope(boss), factories.scope(helper)

    def accepting(submitter: Scope, reviewer: Scope, indicator: int) -> str:
        task = factories.task(session, office.plan, agency, indicator)
        for action in (Action.START, Action.SUBMIT):
            tasks.act(work, submitter, task.id, action, {"note": "bukti"}, version=None, now=NOW)
        try:
            tasks.act(
                work, reviewer, task.id, Action.ACCEPT, {"reached_level": Decimal(3)}, version=None, now=NOW
            )
        except ForbiddenError as error:
            return error.code
        return task.state

    assert accepting(in_place, own_boss, 1) == "task.four_eyes"
    assert accepting(in_place, own_helper, 2) == "task.four_eyes"
    assert accepting(own_boss, in_place, 3) == "task.four_eyes"
    assert accepting(own_boss, own_helper, 4) == State.ACCEPTED
    assert accepting(in_place, factories.scope(office.reviewer), 5) == State.ACCEPTED


def test_the_position_brings_role_and_agency_and_nothing_of_ones_own(work: Work, office: Office) -> None:
    own_task = factories.task(work.session, office.plan, office.other, 34)
    with pytest.raises(NotFoundError):
        tasks.act(
            work,
            office.standing_in(office.deputy, office.absent),
            own_task.id,
            Action.START,
            {},
            version=None,
            now=NOW,
        )


def test_the_days_are_those_of_the_governments_zone(work: Work, office: Office) -> None:
    office.government.timezone = "Asia/Jayapura"
    office.appoint(work, until_on=None)
    late = datetime(2025, 3, 9, 15, 30, tzinfo=UTC)  # past midnight in Jayapura, the tenth
    with pytest.raises(InvalidInputError) as refused:
        said = Appointment(office.chief.id, office.deputy.id, ActingKind.PLH, TODAY, date(2025, 3, 9))
        acting.add(work, office.coordinator, said, now=late)
    assert codes(refused) == [("acting.over_already", "until_on")]


def test_whatever_is_done_in_a_position_is_written_under_both_names(work: Work, office: Office) -> None:
    in_place = office.standing_in(office.deputy, office.chief)
    accounts.close(work, in_place, office.absent.id, now=NOW)
    agencies.close(work, in_place, factories.agency(work.session, office.government).id, now=NOW)
    ownership.set_cell(
        work,
        in_place,
        instrument_id=factories.SPBE,
        indicator_number=5,
        agency_id=office.agency.id,
        cell=Cell.LEAD,
        now=NOW,
    )
    work.session.flush()
    written = work.session.scalars(select(Event).where(Event.government_id == office.government.id)).all()
    assert len(written) == 3
    assert {(each.actor_id, each.data.get("acting_for_id")) for each in written} == {
        (office.deputy.id, office.chief.id)
    }
