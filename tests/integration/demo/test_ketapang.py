"""The demo: its figures are the published ones, its history is whole, and everything in it is marked as invented."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.demo import guard, ketapang, papers
from spbe_tasks.demo.content import read_history, read_ketapang
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.models import (
    Account,
    Agency,
    Assessment,
    CriterionVerdict,
    EvaluationCalendar,
    Event,
    Evidence,
    EvidenceUse,
    EvidenceVersion,
    Government,
    LevelText,
    Ownership,
    Plan,
    Projection,
    ProjectionRequest,
    ProjectionSnapshot,
    Task,
)
from spbe_tasks.readers.check import require
from spbe_tasks.readers.reading import read_document
from spbe_tasks.rules import index
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.requirements import CancelKind, ReturnReason
from spbe_tasks.rules.workflow import State, is_overdue
from spbe_tasks.services import people, projections, trail
from spbe_tasks.stored_files import storage
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import make_app, make_settings
from tests.services import PostgresServer
from tests.unit.rules import published

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # a Tuesday, 09.30 in Ketapang
TODAY = date(2026, 11, 24)
# What Denpasar's table of 2021 calls the agencies that Ketapang has under other names.
DENPASAR = {
    "DKIS": "diskominfo",
    "Bappeda": "bappeda",
    "BPKAD": "bpkad",
    "BKPSDM": "bkpsdm",
    "Inspektorat": "inspektorat",
    "Bag. Organisasi": "bagian-organisasi",
    "Bag. Hukum": "bagian-hukum",
    "Bag. Pengadaan Barang dan Jasa": "bagian-pbj",
    "Dinas Perpustakaan dan Kearsipan": "disperpusip",
    "Badan Pendapatan Daerah": "bapenda",
    "Dinas Tenaga Kerja": "disnakertrans",
    "Dinas PMPTSP": "dpmptsp",
}


@pytest.fixture(scope="module")
def loaded(
    postgres: PostgresServer, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An application whose database holds the demo; these tests only read it."""
    name = f"demo_{uuid4().hex[:8]}"  # another worker may need one of its own at the same time
    postgres.create_database(name, template=migrated)
    app = make_app(make_settings(postgres, name, tmp_path_factory.mktemp("demo")))
    with app.app_context():
        ketapang.load(Work(db.session()), papers.keep_all(storage(), read_history()), now=NOW)
        db.session.commit()
        db.session.remove()
        yield app
        db.session.remove()
        db.engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def demo(loaded: Flask) -> Iterator[Session]:
    with loaded.app_context():
        yield db.session()
        db.session.rollback()


def _figures(year: int) -> tuple[dict[int, str], str, str]:
    instrument = get_instrument("permenpanrb-59-2020")
    data = read_ketapang().score_files[year].read_bytes()
    document = read_document(data, "levels.csv", list_instruments())
    result = index.compute(instrument, require(document, instrument, list_instruments()).levels)
    basis = instrument.basis_for(year)
    domains = {number: str(index.display(value)) for number, value in result.domains.items()}
    predicate = index.predicate(instrument, result.index, basis).name_id
    return domains, str(index.display(result.index)), predicate


@pytest.mark.parametrize("year", [2023, 2024])
def test_the_shipped_levels_give_the_published_figures(year: int) -> None:
    facts = published.read(f"ketapang-{year}").facts["published"]
    assert _figures(year) == (facts["domains"], facts["index"], facts["predicate"])


def test_the_levels_of_2022_give_the_index_the_press_named() -> None:
    assert _figures(2022)[1:] == ("1.90", "Cukup")


def test_the_matrix_is_that_of_denpasar_with_the_names_of_ketapang() -> None:
    there = published.read("denpasar-2021").facts["responsible_agencies"]
    assert read_ketapang().owners == {
        number: tuple(DENPASAR[name] for name in names) for number, names in there.items()
    }


def test_the_first_agency_of_each_indicator_leads(demo: Session) -> None:
    leads = demo.execute(
        select(Ownership.indicator_number, Agency.slug)
        .join(Agency, Agency.id == Ownership.agency_id)
        .where(Ownership.is_lead)
    )
    assert {number: slug for number, slug in leads} == {
        n: slugs[0] for n, slugs in read_ketapang().owners.items()
    }


def test_a_kabupaten_has_about_thirty_agencies(demo: Session) -> None:
    assert 28 <= len(demo.scalars(select(Agency)).all()) <= 34


def test_there_are_tasks_in_every_state_and_of_both_ways_to_cancel(demo: Session) -> None:
    tasks = demo.scalars(select(Task)).all()
    assert {task.state for task in tasks} == set(State)
    assert {task.cancel_kind for task in tasks} == {None, *CancelKind}


def test_every_task_that_the_plan_began_with_has_its_place_in_the_history(demo: Session) -> None:
    seen = select(Task.indicator_number, Agency.slug).join(Agency, Agency.id == Task.agency_id)
    begun = demo.execute(seen.where(Task.round == 1, Task.is_due_by_hand))
    assert {(number, slug) for number, slug in begun} == set(read_history().tasks)
    assert Counter(demo.scalars(select(Task.is_due_by_hand).where(Task.round == 1))) == {True: 28, False: 2}


def test_a_level_below_the_target_opened_the_next_round(demo: Session) -> None:
    rounds = demo.scalars(select(Task).where(Task.indicator_number == 27).order_by(Task.round)).all()
    assert [(task.state, task.baseline_level, task.reached_level) for task in rounds] == [
        (State.ACCEPTED, 1, 2),
        (State.IN_PROGRESS, 2, None),
    ]


def test_some_tasks_are_late_and_some_are_due_within_the_week(demo: Session) -> None:
    tasks = demo.scalars(select(Task)).all()
    late = [task for task in tasks if is_overdue(task.state, task.due_on, TODAY)]
    soon = [task for task in tasks if TODAY <= task.due_on <= TODAY + timedelta(days=7)]
    assert len(late) == 3
    assert len(soon) >= 4


def test_due_dates_are_working_days(demo: Session) -> None:
    calendar = WorkCalendar(zone="Asia/Pontianak")
    assert all(calendar.is_working_day(day) for day in demo.scalars(select(Task.due_on)))


def test_every_role_has_an_account_that_signs_in_on_this_machine_only(demo: Session) -> None:
    password = read_ketapang().password
    accounts = demo.scalars(select(Account)).all()
    assert {account.role for account in accounts} == set(Role)
    first = accounts[0]
    assert people.authenticate(Work(demo), first.email, password, is_local=True, now=NOW) is first
    with pytest.raises(InvalidInputError) as refused:
        people.authenticate(Work(demo), first.email, password, is_local=False, now=NOW)
    assert refused.value.problems[0].code == "login.refused"


def test_every_agency_with_work_has_somebody_to_do_it(demo: Session) -> None:
    working = set(demo.scalars(select(Task.agency_id).where(Task.published_at.is_not(None))))
    staffed = set(demo.scalars(select(Account.agency_id).where(Account.role == Role.FOCAL_POINT)))
    assert working == staffed


def test_everything_invented_is_marked(demo: Session) -> None:
    for model in (Government, Account, Assessment):
        assert set(demo.scalars(select(model.is_illustrative))) == {True}


def test_the_history_is_in_order_sealed_and_over(demo: Session) -> None:
    government_id = demo.scalars(select(Government.id)).one()
    instants = demo.scalars(select(Event.at).order_by(Event.id)).all()
    assert all(earlier <= later for earlier, later in pairwise(instants))
    assert instants[-1] < NOW
    found = trail.verify(demo, government_id)
    assert (found.is_intact, found.sealed, found.unsealed) == (True, len(instants), 0)


def test_people_work_on_working_days(demo: Session) -> None:
    calendar = WorkCalendar(zone="Asia/Pontianak")
    days = {
        at.astimezone(UTC).date() for at in demo.scalars(select(Event.at))
    }  # 08.10 is the same day in UTC
    assert all(calendar.is_working_day(day) for day in days)


def test_the_figures_are_those_of_the_facts_and_nothing_waits(demo: Session) -> None:
    plan = demo.scalars(select(Plan)).one()
    stored = demo.get_one(Projection, plan.id)
    computed = projections.compute(demo, plan, today=TODAY)
    assert stored.as_of_on == TODAY
    assert stored.secured == index.as_decimal(computed.secured.index, index.STORED_DECIMALS)
    assert demo.scalars(select(ProjectionRequest)).all() == []


def test_the_target_lies_between_what_is_secured_and_what_is_possible(demo: Session) -> None:
    plan, stored = demo.scalars(select(Plan)).one(), demo.scalars(select(Projection)).one()
    assert plan.target_index is not None
    assert stored.baseline < stored.secured < stored.expected < plan.target_index < stored.potential


def test_the_trend_has_a_point_for_every_day_something_happened(demo: Session) -> None:
    days = demo.scalars(select(ProjectionSnapshot.on).order_by(ProjectionSnapshot.on)).all()
    assert len(days) == len(read_history().days) + 3  # generated, published, today
    assert days[-1] == TODAY


def test_tasks_have_evidence_that_can_be_read_texts_and_reasons_by_criterion(demo: Session) -> None:
    attached = {
        step.given["title"] for day in read_history().days for step in day.steps if step.do == "attach"
    }
    stored = demo.execute(
        select(Evidence.title, EvidenceVersion.file_key).join(
            EvidenceVersion, EvidenceVersion.evidence_id == Evidence.id
        )
    ).all()
    assert {title for title, _ in stored} == attached
    assert all(storage().read(key or "").startswith(b"%PDF") for _, key in stored)
    assert demo.scalars(select(EvidenceUse)).all() != []
    assert demo.scalars(select(LevelText)).all() != []
    reasons = set(demo.scalars(select(CriterionVerdict.reason)))
    assert reasons == {ReturnReason.INCOMPLETE, ReturnReason.WRONG_DOCUMENT}


def test_the_evaluation_is_still_to_come(demo: Session) -> None:
    dates = demo.scalars(select(EvaluationCalendar)).one()
    assert dates.self_assessment_opens_on is not None
    assert TODAY < dates.self_assessment_opens_on < date(2027, 1, 15)


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2026, 3, 23, 18, 0, tzinfo=UTC), id="in the holidays of Lebaran"),
        pytest.param(datetime(2028, 1, 1, 16, 59, tzinfo=UTC), id="on a Saturday, New Year's Day, at night"),
    ],
)
def test_the_demo_loads_on_any_day(work: Work, now: datetime) -> None:
    ketapang.load(work, papers.keep_all(storage(), read_history()), now=now)
    assert set(work.session.scalars(select(Task.state))) == set(State)


def test_a_loaded_demo_is_recognised(demo: Session) -> None:
    assert ketapang.is_loaded(demo)


def test_an_empty_database_holds_no_demo(session: Session) -> None:
    assert not ketapang.is_loaded(session)


def test_a_real_government_of_the_same_name_is_not_the_demo(session: Session) -> None:
    factories.government(session, slug=read_ketapang().slug)
    assert not ketapang.is_loaded(session)


def test_no_demo_where_strangers_could_sign_in(session: Session) -> None:
    with pytest.raises(ConflictError) as refused:
        guard.check_allowed(session, is_local=False)
    assert refused.value.code == "demo.not_local"


def test_no_demo_beside_a_real_government(session: Session) -> None:
    factories.government(session, is_illustrative=True)
    guard.check_allowed(session, is_local=True)
    real = factories.government(session)
    with pytest.raises(ConflictError) as refused:
        guard.check_allowed(session, is_local=True)
    assert (refused.value.code, refused.value.params) == ("demo.real_government", {"name": real.name})


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("https://spbe.ketapangkab.go.id", False),
        ("http://127.0.0.1.example.org", False),
        ("http://192.168.1.5:8000", False),
    ],
)
def test_local_is_what_no_other_machine_reaches(
    postgres: PostgresServer, tmp_path: Path, url: str, is_local: bool
) -> None:
    assert make_settings(postgres, "none", tmp_path, public_url=url).is_local is is_local
