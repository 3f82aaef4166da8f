"""Governments in bulk: the same for the same seed, and as consistent as if people had made them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from spbe_tasks.demo import bulk, volume
from spbe_tasks.demo.content import read_ketapang
from spbe_tasks.demo.volume import Amount
from spbe_tasks.extensions import db
from spbe_tasks.models import (
    Account,
    Assessment,
    Event,
    Government,
    Plan,
    Projection,
    ProjectionRequest,
    Submission,
    Task,
)
from spbe_tasks.rules import index
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import people, plans, projections, trail
from spbe_tasks.services.orders import Order
from spbe_tasks.work import Work
from tests.integration.conftest import make_app, make_settings
from tests.services import PostgresServer

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
SMALL = Amount(governments=3, tasks=600, seed=7)
PER_PLAN = 47 * 40
# Everything but what differs by itself: the salt of a password's hash, and when the database stored a row.
COMPARED = (
    "government",
    "agency",
    "account",
    "ownership",
    "evaluation_calendar",
    "assessment",
    "assessment_revision",
    "score",
    "plan",
    "task",
    "submission",
    "event",
    "projection",
    "projection_snapshot",
)


@contextmanager
def _filled(postgres: PostgresServer, template: str, folder: Path, amount: Amount) -> Iterator[Session]:
    """A database of its own, holding ``amount``."""
    name = f"volume_{uuid4().hex[:8]}"
    postgres.create_database(name, template=template)
    app = make_app(make_settings(postgres, name, folder))
    with app.app_context():
        volume.load(Work(db.session()), amount, now=NOW)
        db.session.commit()
        yield db.session()
        db.session.remove()
        db.engine.dispose()
    postgres.drop_database(name)


def _checksums(session: Session) -> dict[str, str | None]:
    statement = (
        "SELECT md5(string_agg((to_jsonb(t) - 'created_at' - 'password_hash')::text, '\n' ORDER BY to_jsonb(t)"
        " - 'created_at' - 'password_hash')) FROM {} t"
    )
    return {table: session.scalar(text(statement.format(table))) for table in COMPARED}


@pytest.fixture(scope="module")
def database(
    postgres: PostgresServer, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """Three governments of 600 tasks; these tests only read them."""
    with _filled(postgres, migrated, tmp_path_factory.mktemp("volume"), SMALL) as session:
        yield session


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data(
    postgres: PostgresServer, migrated: str, tmp_path: Path
) -> None:
    sums = []
    for seed in (7, 7, 8):
        with _filled(postgres, migrated, tmp_path, Amount(3, 200, seed)) as session:
            sums.append(_checksums(session))
    first, again, other = sums
    assert None not in first.values()
    assert again == first
    assert other["task"] != first["task"]


@pytest.mark.parametrize(
    ("amount", "sizes"),
    [
        (Amount(1, 1_000, 1), [1_000]),
        (Amount(3, 600, 1), [300, 150, 150]),
        (Amount(4, 10, 1), [5, 2, 2, 1]),
        (Amount(3, 2, 1), [1, 1, 0]),
        (Amount(5, 100, 1), [50, 13, 13, 12, 12]),
        (Amount(2, 18_800, 1), [9_400, 9_400]),
    ],
)
def test_tasks_are_shared_out_to_the_last_one(amount: Amount, sizes: list[int]) -> None:
    assert amount.sizes() == sizes


def test_of_a_million_tasks_the_largest_government_has_5000() -> None:
    sizes = Amount(600, 1_000_000, 1).sizes()
    assert (len(sizes), sum(sizes), max(sizes), min(sizes)) == (600, 1_000_000, 5_000, 1_661)


def test_every_government_gets_its_tasks_and_two_people_who_can_sign_in(database: Session) -> None:
    counts = database.execute(
        select(Government.slug, func.count(Task.id))
        .outerjoin(Task, Task.government_id == Government.id)
        .group_by(Government.slug)
        .order_by(Government.slug)
    )
    assert [tuple(row) for row in counts] == [
        (f"contoh-{number:04d}", size) for number, size in enumerate(SMALL.sizes(), 1)
    ]
    accounts = database.scalars(select(Account)).all()
    assert sorted(account.role for account in accounts) == [Role.COORDINATOR] * 3 + [Role.FOCAL_POINT] * 3
    password = read_ketapang().password
    for account in accounts:
        assert people.authenticate(Work(database), account.email, password, is_local=True, now=NOW)


def test_every_state_occurs(database: Session) -> None:
    assert set(database.scalars(select(Task.state))) == set(State)


def test_everything_is_marked_and_sends_no_mail(database: Session) -> None:
    for model in (Government, Account, Assessment):
        assert set(database.scalars(select(model.is_illustrative))) == {True}
    assert set(database.scalars(select(Government.is_mail_paused))) == {True}


def test_shares_and_points_are_those_that_generation_computes(database: Session) -> None:
    """Generating again finds nothing to make and no conflict; it only takes up what was withdrawn."""
    for plan in database.scalars(select(Plan)).all():
        scope = Scope(plan.government_id, account_id=None, role=Role.COORDINATOR)
        order = Order(plan.instrument_id, plan.year)
        found = plans.preview(database, scope, order, now=NOW)
        withdrawn = select(Task.id).where(Task.plan_id == plan.id, Task.state == State.WITHDRAWN)
        assert (found.created, found.withdrawn, found.conflicts, found.unowned) == (0, 0, (), ())
        assert {each.task_id for each in found.changes.update} == set(database.scalars(withdrawn))
    for numerator, denominator, owners in database.execute(
        select(func.sum(Task.share_numerator), Task.share_denominator, func.count()).group_by(
            Task.plan_id, Task.indicator_number, Task.share_denominator
        )
    ):
        assert Fraction(numerator, denominator) == 1
        assert owners == denominator


def test_what_was_handed_in_has_its_submission(database: Session) -> None:
    handed_in = select(Task.id).where(Task.state.in_([State.SUBMITTED, State.RETURNED, State.ACCEPTED]))
    assert set(database.scalars(select(Submission.task_id))) == set(database.scalars(handed_in))


def test_each_task_has_its_sealed_event(database: Session) -> None:
    assert set(database.scalars(select(Event.subject_id))) == set(database.scalars(select(Task.id)))
    for government in database.scalars(select(Government)):
        found = trail.verify(database, government.id)
        assert (found.is_intact, found.unsealed) == (True, 0)


def test_projections_are_those_of_the_facts_and_nothing_waits(database: Session) -> None:
    stored = database.scalars(select(Projection)).all()
    assert {each.plan_id for each in stored} == set(database.scalars(select(Plan.id)))
    for each in stored:
        computed = projections.compute(database, database.get_one(Plan, each.plan_id), today=each.as_of_on)
        assert each.expected == index.as_decimal(computed.expected.index, index.STORED_DECIMALS)
    assert database.scalars(select(ProjectionRequest)).all() == []


def test_what_one_plan_cannot_hold_was_the_plan_of_an_earlier_year(work: Work) -> None:
    volume.load(work, Amount(1, PER_PLAN + 60, 1), now=NOW)
    years = work.session.execute(
        select(Plan.year, func.count(Task.id)).join(Task).group_by(Plan.year).order_by(Plan.year.desc())
    )
    assert [tuple(row) for row in years] == [(2025, PER_PLAN), (2024, 60)]
    past = select(Task.state).join(Plan).where(Plan.year == 2024)
    assert set(work.session.scalars(past)) <= {State.ACCEPTED, State.CANCELLED, State.WITHDRAWN}


def test_ids_given_afterwards_collide_with_none(work: Work) -> None:
    volume.load(work, Amount(1, 10, 1), now=NOW)
    highest = work.session.scalar(select(func.max(Task.id)))
    assert bulk.reserve_ids(work.session, Task, 1)[0] == (highest or 0) + 1


def test_a_government_without_tasks_has_a_plan_all_the_same(work: Work) -> None:
    volume.load(work, Amount(3, 2, 1), now=NOW)
    assert work.session.scalar(select(func.count(Plan.id))) == 3
    assert work.session.scalar(select(func.count(Task.id))) == 2


def test_more_tasks_than_the_governments_can_hold_are_refused(work: Work) -> None:
    with pytest.raises(InvalidInputError) as refused:
        volume.load(work, Amount(2, 2 * 5 * PER_PLAN + 1, 1), now=NOW)
    problem = refused.value.problems[0]
    assert (problem.code, problem.params["limit"]) == ("demo.too_many_tasks", 2 * 5 * PER_PLAN)


def test_a_second_load_is_refused(work: Work) -> None:
    volume.load(work, Amount(1, 1, 1), now=NOW)
    with pytest.raises(ConflictError) as refused:
        volume.load(work, Amount(1, 1, 2), now=NOW)
    assert refused.value.code == "demo.volume_exists"
