import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Event, Government
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import agencies
from spbe_tasks.services.queries import people
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW


@pytest.fixture
def government(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def scope(session: Session, government: Government) -> Scope:
    return factories.scope(factories.account(session, government))


def test_an_agency_gets_its_slug_from_the_short_name(work: Work, scope: Scope) -> None:
    agency = agencies.create(work, scope, "Dinas Komunikasi", "Diskominfo SP", now=NOW)
    assert (agency.government_id, agency.slug, agency.is_active) == (
        scope.government_id,
        "diskominfo-sp",
        True,
    )
    assert work.session.scalars(select(Event.action)).all() == ["create_agency"]


def test_two_governments_may_have_an_agency_of_the_same_name(work: Work, scope: Scope) -> None:
    other = factories.scope(factories.account(work.session, factories.government(work.session)))
    agencies.create(work, scope, "Inspektorat", "Inspektorat", now=NOW)
    agencies.create(work, other, "Inspektorat", "Inspektorat", now=NOW)
    with pytest.raises(InvalidInputError) as caught:
        agencies.create(work, scope, "Inspektorat II", "inspektorat", now=NOW)
    assert [(each.code, each.field) for each in caught.value.problems] == [("agency.taken", "short_name")]


def test_a_rename_keeps_the_slug_and_asks_for_new_figures(
    work: Work, scope: Scope, government: Government
) -> None:
    agency = factories.agency(work.session, government, slug="bkd")
    plan = factories.plan(work.session, government)
    agencies.edit(work, scope, agency.id, name="Badan", short_name="BKPSDM", version=agency.version, now=NOW)
    assert (agency.slug, agency.short_name) == ("bkd", "BKPSDM")
    assert list(work.jobs) == [(Job.REBUILD_PROJECTION, (plan.id,))]


def test_a_stale_rename_is_a_conflict(work: Work, scope: Scope, government: Government) -> None:
    agency = factories.agency(work.session, government)
    opened = agency.version
    agencies.edit(work, scope, agency.id, name="A", short_name="A", version=opened, now=NOW)
    work.session.flush()
    with pytest.raises(ConflictError):
        agencies.edit(work, scope, agency.id, name="B", short_name="B", version=opened, now=NOW)


def test_an_agency_with_open_tasks_is_not_closed_and_the_tasks_are_named(
    work: Work, scope: Scope, government: Government
) -> None:
    agency = factories.agency(work.session, government)
    plan = factories.plan(work.session, government)
    for number in (33, 34, 35, 36):
        factories.task(work.session, plan, agency, number, title=f"Tugas {number}")
    with pytest.raises(ConflictError) as caught:
        agencies.close(work, scope, agency.id, now=NOW)
    assert caught.value.params == {"count": 4, "tasks": "33 Tugas 33, 34 Tugas 34, 35 Tugas 35, …"}
    assert agency.is_active


def test_an_agency_with_finished_tasks_is_closed_and_opened_again(
    work: Work, scope: Scope, government: Government
) -> None:
    agency = factories.agency(work.session, government)
    plan = factories.plan(work.session, government)
    factories.task(work.session, plan, agency, state=State.ACCEPTED, reached_level=3)
    agencies.close(work, scope, agency.id, now=NOW)
    agencies.close(work, scope, agency.id, now=NOW)
    assert not agency.is_active
    agencies.reopen(work, scope, agency.id, now=NOW)
    assert agency.is_active
    rows = select(Event.action).order_by(Event.id)
    assert work.session.scalars(rows).all() == ["close_agency", "reopen_agency"]


def test_agencies_of_another_government_do_not_exist_here(work: Work, scope: Scope) -> None:
    foreign = factories.agency(work.session, factories.government(work.session))
    for service in (agencies.close, agencies.reopen):
        with pytest.raises(NotFoundError):
            service(work, scope, foreign.id, now=NOW)
    with pytest.raises(NotFoundError):
        agencies.edit(work, scope, foreign.id, name="A", short_name="A", version=None, now=NOW)


def test_the_list_counts_active_people_and_open_tasks_of_one_government(
    session: Session, scope: Scope, government: Government
) -> None:
    busy = factories.agency(session, government, short_name="B")
    idle = factories.agency(session, government, short_name="A")
    closed = factories.agency(session, government, short_name="0", is_active=False)
    plan = factories.plan(session, government)
    factories.task(session, plan, busy, 33)
    factories.task(session, plan, busy, 34, state=State.ACCEPTED, reached_level=3)
    factories.account(session, government, Role.FOCAL_POINT, busy)
    factories.account(session, government, Role.FOCAL_POINT, busy, is_active=False)
    foreign = factories.agency(session, factories.government(session))
    rows = people.list_agency_rows(session, scope)
    assert [tuple(row) for row in rows] == [(idle, 0, 0), (busy, 1, 1), (closed, 0, 0)]
    assert foreign not in [row.Agency for row in rows]
