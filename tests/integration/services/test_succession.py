"""Agencies merge, divide and are renamed: cells, tasks, people, reminders and figures go over, all or nothing."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.jobs import Job
from spbe_tasks.models import (
    Account,
    Agency,
    AgencySuccession,
    Event,
    Government,
    Ownership,
    Plan,
    ReminderIntent,
    Submission,
    Task,
)
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.rules.succession import SuccessionKind
from spbe_tasks.rules.workflow import OPEN_STATES, CancelKind, State
from spbe_tasks.services import agencies, plans, projections, reminders, succession
from spbe_tasks.services.queries import succession as queries
from spbe_tasks.services.succession import Seen
from spbe_tasks.services.succession_order import NEW, Order, mover_field, taker_field
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE

TODAY = date(2025, 3, 3)
HALF = {"share_numerator": 1, "share_denominator": 2}


@dataclass(frozen=True)
class Town:
    """Agencies ``a`` and ``b`` share indicator 12, ``a`` alone has 33, ``c`` has nothing yet."""

    government: Government
    plan: Plan
    scope: Scope
    a: Agency
    b: Agency
    c: Agency


@pytest.fixture
def town(session: Session) -> Town:
    government = factories.government(session)
    plan = factories.plan(session, government)
    a, b, c = (
        factories.agency(session, government, slug=each, short_name=each.upper(), name=f"Dinas {each}")
        for each in "abc"
    )
    factories.ownership(session, a, 12)
    factories.ownership(session, b, 12, is_lead=False)
    factories.ownership(session, a, 33)
    return Town(
        government, plan, factories.scope(factories.account(session, government, Role.COORDINATOR)), a, b, c
    )


def merge(work: Work, town: Town, *sources: Agency, into: Agency) -> Seen:
    order = Order(SuccessionKind.MERGE, tuple(each.id for each in sources), into.id)
    done, _ = succession.carry_out(work, town.scope, order, now=NOW)
    work.session.flush()
    work.session.expire_all()
    return done


def owners(session: Session, number: int) -> dict[int, tuple[bool, Fraction | None]]:
    rows = session.scalars(select(Ownership).where(Ownership.indicator_number == number))
    return {
        row.agency_id: (
            row.is_lead,
            None
            if row.share_numerator is None or row.share_denominator is None
            else Fraction(row.share_numerator, row.share_denominator),
        )
        for row in rows
    }


def indices(session: Session, plan: Plan) -> tuple[Fraction, Fraction, Fraction]:
    computed = projections.compute(session, plan, today=TODAY)
    return computed.secured.index, computed.expected.index, computed.potential.index


def test_a_merger_moves_cells_and_tasks_closes_the_old_agencies_and_links_them(
    work: Work, town: Town
) -> None:
    lone = factories.task(work.session, town.plan, town.a, 33, state=State.IN_PROGRESS)
    merge(work, town, town.a, town.b, into=town.c)
    assert owners(work.session, 12) == {town.c.id: (True, None)}
    assert owners(work.session, 33) == {town.c.id: (True, None)}
    assert (lone.agency_id, lone.state, lone.round) == (town.c.id, State.IN_PROGRESS, 1)
    assert (town.a.is_active, town.b.is_active, town.c.is_active) == (False, False, True)
    links = work.session.scalars(select(AgencySuccession).order_by(AgencySuccession.agency_id)).all()
    assert [(each.agency_id, each.successor_id, each.kind) for each in links] == [
        (town.a.id, town.c.id, SuccessionKind.MERGE),
        (town.b.id, town.c.id, SuccessionKind.MERGE),
    ]
    assert (Job.REBUILD_PROJECTION, (town.plan.id,)) in work.jobs


def test_of_two_tasks_on_one_indicator_the_further_goes_on_and_the_other_links_to_it(
    work: Work, town: Town
) -> None:
    nearer = factories.task(work.session, town.plan, town.a, 12, **HALF)
    further = factories.task(work.session, town.plan, town.b, 12, state=State.SUBMITTED, **HALF)
    merge(work, town, town.a, town.b, into=town.c)
    assert (nearer.state, nearer.merged_into_id, nearer.agency_id) == (
        State.WITHDRAWN,
        further.id,
        town.a.id,
    )
    assert (further.state, further.agency_id) == (State.SUBMITTED, town.c.id)
    assert Fraction(further.share_numerator, further.share_denominator) == 1
    assert further.points == Decimal(str(get_instrument(SPBE).indicator(12).weight)) / 100
    wanted = select(Event.action, Event.data).where(Event.subject_type == "task").order_by(Event.id)
    events = work.session.execute(wanted).all()
    assert [(each.action, each.data) for each in events] == [
        ("merge", {"from": "assigned", "to": "withdrawn", "into": further.id}),
        ("transfer", {"from_agency": "b", "to_agency": "c", "share": ["1/2", "1"]}),
    ]


def test_an_agency_that_takes_another_in_keeps_its_own_rows_and_numbers_the_others_after_them(
    work: Work, town: Town
) -> None:
    done = factories.task(work.session, town.plan, town.a, 12, state=State.ACCEPTED, reached_level=2, **HALF)
    running = factories.task(work.session, town.plan, town.a, 12, round=2, state=State.IN_PROGRESS, **HALF)
    own = factories.task(work.session, town.plan, town.b, 12, **HALF)
    merge(work, town, town.a, into=town.b)
    assert (own.state, own.merged_into_id, own.round) == (State.WITHDRAWN, running.id, 1)
    assert [(each.agency_id, each.round) for each in (done, running)] == [(town.b.id, 2), (town.b.id, 3)]
    assert owners(work.session, 12) == {town.b.id: (True, None)}


def test_whoever_else_is_on_the_indicator_keeps_their_part(work: Work, town: Town) -> None:
    factories.ownership(work.session, town.c, 12, is_lead=False)
    merge(work, town, town.a, into=town.b)
    assert owners(work.session, 12) == {town.b.id: (True, Fraction(2, 3)), town.c.id: (False, Fraction(1, 3))}


# What the rules of the projection say: before the merger the lower of the two counts, afterwards the one that goes on.
@pytest.mark.parametrize(
    ("of_a", "of_b", "before", "after"),
    [
        ({"state": State.ACCEPTED, "reached_level": 4}, {"state": State.IN_PROGRESS}, (2, 4), (4, 4)),
        ({"state": State.SUBMITTED}, {"state": State.ASSIGNED}, (2, 4), (2, 4)),
        (
            {"state": State.CANCELLED, "cancel_kind": CancelKind.GIVEN_UP},
            {"state": State.IN_PROGRESS},
            (2, 2),
            (2, 4),
        ),
        (
            {"state": State.CANCELLED, "cancel_kind": CancelKind.GIVEN_UP},
            {"state": State.CANCELLED, "cancel_kind": CancelKind.NOT_NEEDED},
            (2, 2),
            (2, 2),
        ),
        (
            {"state": State.CANCELLED, "cancel_kind": CancelKind.NOT_NEEDED},
            {"state": State.ACCEPTED, "reached_level": 3},
            (3, 3),
            (3, 3),
        ),
    ],
)
def test_the_projected_index_before_and_after_a_merger(
    work: Work,
    town: Town,
    of_a: dict[str, object],
    of_b: dict[str, object],
    before: tuple[int, int],
    after: tuple[int, int],
) -> None:
    factories.task(work.session, town.plan, town.a, 12, target_level=Decimal(4), **HALF | of_a)
    factories.task(work.session, town.plan, town.b, 12, target_level=Decimal(4), **HALF | of_b)
    weight = Fraction(get_instrument(SPBE).indicator(12).weight)

    def expected(levels: tuple[int, int]) -> tuple[Fraction, Fraction]:
        return tuple(2 + weight * (level - 2) / 100 for level in levels)  # type: ignore[return-value]

    secured, _, potential = indices(work.session, town.plan)
    assert (secured, potential) == expected(before)
    seen = merge(work, town, town.a, town.b, into=town.c)
    secured, _, potential = indices(work.session, town.plan)
    assert (secured, potential) == expected(after)
    previewed = seen.plans[0].after
    assert (previewed.secured.index, previewed.potential.index) == expected(after)


def test_no_open_task_is_lost_and_points_add_up_to_the_gap_as_before(work: Work, town: Town) -> None:
    session = work.session
    for number, of_a, of_b in (
        (12, State.ASSIGNED, State.SUBMITTED),
        (13, State.PLANNED, State.RETURNED),
        (14, State.BLOCKED, State.IN_PROGRESS),
    ):
        factories.task(session, town.plan, town.a, number, state=of_a, **HALF)
        factories.task(session, town.plan, town.b, number, state=of_b, **HALF)
    factories.task(session, town.plan, town.a, 33)
    open_before = session.scalars(select(Task.id).where(Task.state.in_(OPEN_STATES))).all()
    gap = projections.compute(session, town.plan, today=TODAY).gap
    merge(work, town, town.a, town.b, into=town.c)
    assert projections.compute(session, town.plan, today=TODAY).gap == gap
    for task_id in open_before:
        task = session.get_one(Task, task_id)
        goes_on = session.get_one(Task, task.merged_into_id) if task.merged_into_id else task
        assert (goes_on.agency_id, goes_on.state in OPEN_STATES) == (town.c.id, True)
    stored = session.scalar(select(func.sum(Task.points)).where(Task.state.in_(OPEN_STATES)))
    assert Fraction(stored or 0) == gap


def test_generating_after_a_merger_finds_nothing_to_do_for_the_successor(work: Work, town: Town) -> None:
    factories.task(work.session, town.plan, town.a, 33, state=State.ACCEPTED, reached_level=3)
    factories.task(work.session, town.plan, town.a, 12, state=State.IN_PROGRESS, **HALF)
    factories.task(work.session, town.plan, town.b, 12, **HALF)
    merge(work, town, town.a, town.b, into=town.c)
    seen = plans.preview_plan(work.session, town.scope, town.plan, now=NOW)
    assert (seen.created, seen.updated, seen.withdrawn, seen.conflicts) == (0, 0, 0, ())
    assert seen.unchanged == 2


def test_a_new_agency_opens_with_the_merger(work: Work, town: Town) -> None:
    order = Order(
        SuccessionKind.MERGE, (town.a.id, town.b.id), NEW, new_name="Dinas Baru", new_short_name="Baru"
    )
    _, successor_id = succession.carry_out(work, town.scope, order, now=NOW)
    made = work.session.scalars(select(Agency).where(Agency.short_name == "Baru")).one()
    assert successor_id == made.id
    assert owners(work.session, 33) == {made.id: (True, None)}


def test_people_move_with_their_agency_and_stay_in_charge_of_what_moves_with_them(
    work: Work, town: Town
) -> None:
    person = factories.account(work.session, town.government, Role.FOCAL_POINT, town.a)
    left = factories.account(work.session, town.government, Role.FOCAL_POINT, town.a, is_active=False)
    hers = factories.task(work.session, town.plan, town.a, 33, assignee_id=person.id)
    stale = factories.task(work.session, town.plan, town.a, 34, assignee_id=left.id)
    merge(work, town, town.a, into=town.c)
    assert (person.agency_id, left.agency_id) == (town.c.id, town.a.id)
    assert (hers.assignee_id, stale.assignee_id) == (person.id, None)


def test_a_division_sends_indicators_and_people_where_they_were_said_to_go(work: Work, town: Town) -> None:
    session = work.session
    stays = factories.account(session, town.government, Role.FOCAL_POINT, town.a)
    shared = factories.task(session, town.plan, town.a, 12, assignee_id=stays.id, **HALF)
    lone = factories.task(session, town.plan, town.a, 33, assignee_id=stays.id)
    d = factories.agency(session, town.government, slug="d")
    order = Order(
        SuccessionKind.SPLIT,
        (town.a.id,),
        takers={(SPBE, 12): town.c.id, (SPBE, 33): d.id},
        movers={stays.id: d.id},
    )
    done, successor_id = succession.carry_out(work, town.scope, order, now=NOW)
    session.flush()
    session.expire_all()
    assert successor_id is None
    assert (shared.agency_id, lone.agency_id, stays.agency_id) == (town.c.id, d.id, d.id)
    assert (shared.assignee_id, lone.assignee_id) == (None, stays.id)
    assert owners(session, 12) == {town.c.id: (True, None), town.b.id: (False, None)}
    assert not town.a.is_active
    assert done.successor_ids == tuple(sorted((town.c.id, d.id)))


def test_an_agency_that_keeps_something_stays_open(work: Work, town: Town) -> None:
    order = Order(SuccessionKind.SPLIT, (town.a.id,), takers={(SPBE, 12): town.a.id, (SPBE, 33): town.c.id})
    done, _ = succession.carry_out(work, town.scope, order, now=NOW)
    work.session.flush()
    work.session.expire_all()
    assert (town.a.is_active, done.closing) == (True, ())
    assert owners(work.session, 33) == {town.c.id: (True, None)}


def test_what_a_division_forgot_is_said_all_at_once_and_nothing_happens(work: Work, town: Town) -> None:
    person = factories.account(work.session, town.government, Role.FOCAL_POINT, town.a)
    order = Order(SuccessionKind.SPLIT, (town.a.id,), takers={(SPBE, 12): town.c.id})
    with pytest.raises(InvalidInputError) as caught:
        succession.carry_out(work, town.scope, order, now=NOW)
    assert [(each.code, each.field) for each in caught.value.problems] == [
        ("succession.no_taker", taker_field(SPBE, 33)),
        ("succession.no_move", mover_field(person.id)),
    ]
    assert owners(work.session, 12).keys() == {town.a.id, town.b.id}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"source_ids": ()}, "succession.no_source"),
        ({"source_ids": ("a",), "successor_id": "a"}, "succession.into_itself"),
        ({"source_ids": ("a",), "successor_id": "closed"}, "succession.successor_closed"),
        ({"source_ids": ("closed",), "successor_id": "a"}, "succession.source_closed"),
        ({"source_ids": ("a",), "successor_id": "foreign"}, "agency.not_found"),
        ({"source_ids": ("foreign",), "successor_id": "a"}, "agency.not_found"),
    ],
)
def test_a_merger_that_cannot_be_is_refused(
    work: Work, town: Town, values: dict[str, object], code: str
) -> None:
    closed = factories.agency(work.session, town.government, is_active=False)
    foreign = factories.agency(work.session, factories.government(work.session))
    ids = {"a": town.a.id, "closed": closed.id, "foreign": foreign.id}
    sources = tuple(ids[str(each)] for each in values["source_ids"])  # type: ignore[attr-defined]
    successor = ids.get(str(values.get("successor_id")), town.c.id)
    with pytest.raises(InvalidInputError) as caught:
        succession.preview(work.session, town.scope, Order(SuccessionKind.MERGE, sources, successor), now=NOW)
    assert [each.code for each in caught.value.problems] == [code]


def test_one_agency_under_a_new_name_is_a_renaming(work: Work, town: Town) -> None:
    order = Order(SuccessionKind.MERGE, (town.a.id,), NEW)
    with pytest.raises(InvalidInputError) as caught:
        succession.preview(work.session, town.scope, order, now=NOW)
    assert [each.code for each in caught.value.problems] == [
        "field.required",
        "field.required",
        "succession.is_a_renaming",
    ]


def test_a_preview_writes_nothing_and_one_that_no_longer_holds_is_not_carried_out(
    work: Work, town: Town
) -> None:
    order = Order(SuccessionKind.MERGE, (town.a.id,), town.c.id)
    seen = succession.preview(work.session, town.scope, order, now=NOW)
    assert work.session.scalar(select(func.count()).select_from(Event)) == 0
    assert seen.fingerprint == succession.preview(work.session, town.scope, order, now=NOW).fingerprint
    factories.task(work.session, town.plan, town.a, 33)
    with pytest.raises(ConflictError) as caught:
        succession.carry_out(work, town.scope, order, seen=seen.fingerprint, now=NOW)
    assert caught.value.code == "succession.changed_meanwhile"
    assert owners(work.session, 33) == {town.a.id: (True, None)}


def test_another_governments_agencies_and_tasks_are_never_touched(work: Work, town: Town) -> None:
    session = work.session
    abroad = factories.government(session)
    theirs = factories.agency(session, abroad)
    factories.ownership(session, theirs, 12)
    task = factories.task(session, factories.plan(session, abroad), theirs, 12)
    before = (task.agency_id, task.version)
    merge(work, town, town.a, town.b, into=town.c)
    assert (task.agency_id, task.version, theirs.is_active) == (*before, True)


def test_the_old_persons_reminder_ends_and_the_new_focal_point_is_reminded_instead(
    work: Work, town: Town
) -> None:
    session = work.session
    old = factories.account(session, town.government, Role.FOCAL_POINT, town.a)
    new = factories.account(session, town.government, Role.FOCAL_POINT, town.c)
    kept = factories.account(session, town.government, Role.FOCAL_POINT, town.b)
    for agency in (town.a, town.b):
        factories.task(session, town.plan, agency, 12, due_on=TODAY + timedelta(days=1), **HALF)
    goes = factories.task(session, town.plan, town.a, 33, due_on=TODAY + timedelta(days=1))
    reminders.plan_government(work, town.government.id, now=NOW)
    order = Order(
        SuccessionKind.SPLIT,
        (town.a.id,),
        takers={(SPBE, 12): town.b.id, (SPBE, 33): town.c.id},
        movers={old.id: town.b.id},
    )
    succession.carry_out(work, town.scope, order, now=NOW)
    reminders.plan_government(work, town.government.id, now=NOW)
    rows = session.scalars(select(ReminderIntent).where(ReminderIntent.task_id == goes.id)).all()
    assert {each.account_id: each.state for each in rows} == {
        old.id: IntentState.CANCELLED,
        new.id: IntentState.OPEN,
    }
    assert goes.due_version == 1
    open_ones = select(ReminderIntent.account_id, Task.state).join(Task, Task.id == ReminderIntent.task_id)
    waiting = session.execute(open_ones.where(ReminderIntent.state == IntentState.OPEN)).all()
    assert all(state is not State.WITHDRAWN for _, state in waiting)
    assert {account for account, _ in waiting} == {old.id, kept.id, new.id}


def test_submissions_and_four_eyes_go_over_with_the_task(work: Work, town: Town) -> None:
    session = work.session
    person = factories.account(session, town.government, Role.FOCAL_POINT, town.a)
    task = factories.task(session, town.plan, town.a, 33, state=State.SUBMITTED)
    session.add(
        Submission(
            government_id=town.government.id,
            task_id=task.id,
            number=1,
            note="sudah",
            submitted_by_id=person.id,
            submitted_at=NOW,
        )
    )
    session.flush()
    merge(work, town, town.a, into=town.c)
    kept = session.scalars(select(Submission.submitted_by_id).where(Submission.task_id == task.id)).all()
    assert kept == [person.id]
    assert session.get_one(Account, person.id).agency_id == town.c.id


def test_the_names_an_agency_had_are_told_in_order(work: Work, town: Town) -> None:
    agency = agencies.create(work, town.scope, "Dinas Satu", "Satu", now=NOW)
    agencies.edit(work, town.scope, agency.id, name="Dinas Dua", short_name="Dua", version=None, now=NOW)
    work.session.flush()
    told = queries.list_renamings(work.session, town.scope, agency.id)
    assert [each.data for each in told] == [
        {"name": "Dinas Satu", "slug": "satu"},
        {"name": ["Dinas Satu", "Dinas Dua"], "short_name": ["Satu", "Dua"]},
    ]


def test_who_has_no_say_over_a_government_finds_none_of_its_agencies(work: Work, town: Town) -> None:
    stranger = replace(town.scope, government_id=factories.government(work.session).id)
    assert succession.holdings(work.session, stranger, [town.a.id]) == []
    with pytest.raises((InvalidInputError, NotFoundError)):
        succession.preview(
            work.session, stranger, Order(SuccessionKind.MERGE, (town.a.id,), town.b.id), now=NOW
        )
