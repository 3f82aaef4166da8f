"""Files that workers build: who takes them, what becomes of lost and dead ones, how long they are kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.building import run
from spbe_tasks.building.builder import Progress, Written
from spbe_tasks.building.run import BUILDERS
from spbe_tasks.jobs import Job
from spbe_tasks.labels import built_file
from spbe_tasks.models import Account, BuildKind, BuildState, BuiltFile, Government, News, NewsKind
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.services import built_files
from spbe_tasks.services.build_terms import TERMS
from spbe_tasks.services.built_files import Order
from spbe_tasks.services.queries import built_files as queries
from spbe_tasks.stored_files import storage
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, scope

KIND = BuildKind.EVIDENCE_PACKAGE


@pytest.fixture
def person(session: Session) -> Account:
    return factories.account(session, factories.government(session), Role.COORDINATOR)


@pytest.fixture
def builder() -> Iterator[None]:
    """A builder that writes what the order's subject says, or fails as it says."""

    def write(_session: Session, order: Order, path: Path, progress: Progress) -> Written:
        if "fault" in order.subject:
            raise ZeroDivisionError
        if "gone" in order.subject:
            raise NotFoundError("plan.not_found")
        path.write_text(str(order.subject["words"]))
        progress(1, 2)
        return Written("paket.txt", "text/plain")

    usual = BUILDERS.get(KIND)
    BUILDERS[KIND] = write
    yield
    BUILDERS.pop(KIND) if usual is None else BUILDERS.update({KIND: usual})


def test_a_file_is_asked_for_built_told_and_kept_for_a_week(
    app: Flask, work: Work, person: Account, builder: None
) -> None:
    subject = {"words": "isi", "year": 2024, "number": 20}
    built = built_files.ask(work, scope(person), KIND, subject, now=NOW)
    assert (Job.BUILD_FILE, (built.id,)) in work.jobs
    run.build(built.id)
    work.session.refresh(built)
    assert (built.state, built.file_name, built.size_bytes) == (BuildState.READY, "paket.txt", 3)
    assert (built.done, built.total) == (2, 2)  # of two steps, as the builder told while it was at it
    assert built.file_key
    assert storage().read(built.file_key) == b"isi"
    told = work.session.scalars(select(News).where(News.account_id == person.id)).one()
    named = built_file(KIND, subject, person.locale)
    assert (told.kind, told.words) == (NewsKind.FILE_READY, named)
    assert "2024" in named
    assert "20" in named
    assert built.expires_at is not None
    built_files.sweep(work, now=built.expires_at - timedelta(seconds=1))
    assert work.session.get(BuiltFile, built.id)
    built_files.sweep(work, now=built.expires_at)
    assert _count(work.session) == 0


def test_asking_again_for_what_is_not_finished_is_asking_once(work: Work, person: Account) -> None:
    first = built_files.ask(work, scope(person), KIND, {"plan_id": 1}, now=NOW)
    assert built_files.ask(work, scope(person), KIND, {"plan_id": 1}, now=NOW) is first
    assert built_files.ask(work, scope(person), KIND, {"plan_id": 2}, now=NOW) is not first


def test_every_kind_with_terms_has_a_builder_and_no_other_one() -> None:
    assert set(BUILDERS) == set(TERMS)


def test_a_kind_that_is_not_for_ones_role_is_refused_and_not_built_for_who_has_left_it(
    work: Work, person: Account
) -> None:
    administrator = factories.account(work.session, None, Role.ADMINISTRATOR)
    asker = replace(scope(person), account_id=administrator.id, role=Role.ADMINISTRATOR)
    with pytest.raises(ForbiddenError):
        built_files.ask(work, asker, KIND, {}, now=NOW)
    built = built_files.ask(work, scope(person), KIND, {}, now=NOW)
    person.role, person.government_id = Role.ADMINISTRATOR, None
    assert built_files.take(work, built.id, now=NOW) is None
    assert _count(work.session) == 0


def test_nobody_fills_the_queue_alone(work: Work, person: Account) -> None:
    for number in range(built_files.MOST_UNFINISHED):
        built_files.ask(work, scope(person), KIND, {"plan_id": number}, now=NOW)
    with pytest.raises(InvalidInputError):
        built_files.ask(work, scope(person), KIND, {"plan_id": 99}, now=NOW)


def test_an_order_is_taken_once(work: Work, person: Account) -> None:
    built = built_files.ask(work, scope(person), KIND, {}, now=NOW)
    order = built_files.take(work, built.id, now=NOW)
    assert order is not None
    assert (order.kind, order.scope) == (KIND, scope(person))
    assert built_files.take(work, built.id, now=NOW) is None


def test_a_file_asked_for_in_a_position_is_built_through_it_while_it_is_taken(
    work: Work, person: Account
) -> None:
    government = work.session.get_one(Government, person.government_id)
    agency = factories.agency(work.session, government)
    acting = factories.account(work.session, government, Role.FOCAL_POINT, agency)
    row = factories.acting_officer(work.session, person, acting)
    taken = replace(scope(person), account_id=acting.id, acting_for_id=person.id)
    built = built_files.ask(work, taken, KIND, {}, now=NOW)
    assert built_files.ask(work, scope(acting), KIND, {}, now=NOW) is not built
    order = built_files.take(work, built.id, now=NOW)
    assert order is not None
    assert order.scope == taken
    late = built_files.ask(work, taken, KIND, {"plan_id": 1}, now=NOW)
    row.ended_at = NOW
    work.session.flush()
    assert built_files.take(work, late.id, now=NOW) is None


def test_nothing_is_built_for_somebody_whose_account_was_closed(work: Work, person: Account) -> None:
    built = built_files.ask(work, scope(person), KIND, {}, now=NOW)
    person.is_active = False
    assert built_files.take(work, built.id, now=NOW) is None
    assert _count(work.session) == 0


@pytest.mark.parametrize(
    ("subject", "problem"), [({"fault": 1}, built_files.FAULT), ({"gone": 1}, "plan.not_found")]
)
def test_what_cannot_be_built_says_why_and_can_be_asked_for_again(
    app: Flask, work: Work, person: Account, builder: None, subject: dict[str, object], problem: str
) -> None:
    built = built_files.ask(work, scope(person), KIND, subject, now=NOW)
    run.build(built.id)
    work.session.refresh(built)
    assert (built.state, built.problem) == (BuildState.FAILED, problem)
    fresh = built_files.again(work, scope(person), built.id, now=NOW)
    work.session.flush()
    assert fresh.state is BuildState.WAITING
    assert _count(work.session) == 1


def test_a_lost_job_is_asked_for_again_and_a_dead_worker_given_up(work: Work, person: Account) -> None:
    lost, dead = (built_files.ask(work, scope(person), KIND, {"plan_id": each}, now=NOW) for each in (1, 2))
    built_files.take(work, dead.id, now=NOW)
    work.jobs.clear()
    built_files.sweep(work, now=NOW + built_files.SILENT_FOR)
    assert list(work.jobs) == [(Job.BUILD_FILE, (lost.id,))]
    assert (dead.state, dead.problem) == (BuildState.FAILED, built_files.WORKER_DIED)


def test_a_worker_that_comes_too_late_keeps_nothing(work: Work, person: Account) -> None:
    built = built_files.ask(work, scope(person), KIND, {}, now=NOW)
    built_files.take(work, built.id, now=NOW)
    built_files.remove(work, scope(person), built.id)
    work.session.flush()
    built_files.finish(work, built.id, built_files.Result("0" * 64, "a", "a.txt", "text/plain", 1), now=NOW)
    assert _count(work.session) == 0


def test_a_file_is_its_persons_alone(work: Work, person: Account) -> None:
    built = built_files.ask(work, scope(person), KIND, {}, now=NOW)
    colleague = factories.account(
        work.session, work.session.get_one(Government, person.government_id), Role.COORDINATOR
    )
    with pytest.raises(NotFoundError):
        built_files.remove(work, scope(colleague), built.id)


def test_a_file_built_in_a_position_is_out_of_sight_once_that_is_left(work: Work, person: Account) -> None:
    government = work.session.get_one(Government, person.government_id)
    acting = factories.account(work.session, government, Role.REVIEWER)
    taken = replace(scope(person), account_id=acting.id, acting_for_id=person.id)
    built = built_files.ask(work, taken, KIND, {}, now=NOW)
    assert queries.list_own(work.session, taken) == [built]
    assert queries.list_own(work.session, scope(acting)) == []
    with pytest.raises(NotFoundError):
        queries.get(work.session, scope(acting), built.id)


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(BuiltFile)) or 0
