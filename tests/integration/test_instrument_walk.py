"""The whole way of an assessment by an instrument other than the SPBE one: Pemdi 2026, and a government's own.

Import, levels, plan, tasks, work, a decimal level accepted, the worker's rebuild, and every page about them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, AssessmentKind, AssessmentRevision, Government, Plan, Task
from spbe_tasks.readers import reading
from spbe_tasks.readers.document import Document
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.index import compute
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import (
    assessment_drafts,
    assessments,
    instruments,
    own_instruments,
    ownership,
    plans,
    projection_record,
    projections,
    tasks,
)
from spbe_tasks.services.assessment_revisions import Source
from spbe_tasks.services.orders import Order
from spbe_tasks.services.queries import dashboard
from spbe_tasks.services.readouts import Wanted
from spbe_tasks.work import Work
from spbe_tasks.workbooks.levels import Contents, write_levels
from tests import factories
from tests.factories import PEMDI
from tests.integration.conftest import SignIn
from tests.unit.instruments.small_instrument import SMALL

NOW = datetime(2027, 3, 1, 3, 0, tzinfo=UTC)
DUE_ON = date(2027, 9, 1)
THRESHOLD, TARGET, REACHED = Decimal("3.5"), Decimal("3.75"), Decimal("3.25")

# Decimals, numbers that do not begin at 1, criteria for one indicator only, a prerequisite.
OWN = """\
id: indeks-layanan
title_id: Indeks layanan kabupaten
title_en: Index of services of the regency
regulation: Perbup 12/2025
year: 2025
status: in_force
is_provisional: true
valid_years: {from: 2025}
scale: {minimum: 1, maximum: 4, is_integer: false, decimals: 2}
not_assessed: {policy: refused, tokens: ['', '-']}
predicate_basis: rounded
predicates:
  - {name_id: Unggul, name_en: Excellent, lower_bound: 3.2}
  - {name_id: Cukup, name_en: Fair, lower_bound: 1.0}
level_names:
  umum:
    1: {name_id: Satu, name_en: One}
    2: {name_id: Dua, name_en: Two}
    3: {name_id: Tiga, name_en: Three}
    4: {name_id: Empat, name_en: Four}
prerequisites:
  - {indicators: [103], level: 4, needs_indicator: 101, needs_level: 3}
domains:
  - number: 1
    name_id: Pelayanan
    name_en: Services
    weight: 100
    aspects:
      - number: 1
        name_id: Loket
        name_en: Counters
        weight: 70
        indicators:
          - number: 101
            name_id: Waktu tunggu
            name_en: Waiting time
            weight: 30.5
            capability_type: umum
            levels:
              3:
                a: {text_id: Waktu tunggu diukur., text_en: Waiting time is measured., evidence_id: Laporan}
          - {number: 102, name_id: Keluhan, name_en: Complaints, weight: 39.5, capability_type: umum}
      - number: 2
        name_id: Daring
        name_en: Online
        weight: 30
        indicators:
          - {number: 103, name_id: Layanan daring, name_en: Online services, weight: 30, capability_type: umum}
"""


@dataclass(frozen=True)
class Case:
    """``number`` is worked on: 2.25 at first; all others have 3.5 and are not low. ``own``: the file, if any."""

    instrument_id: str
    year: int
    number: int
    own: str | None = None


CASES = {"pemdi": Case(PEMDI, 2026, 19), "own": Case("indeks-layanan", 2026, 102, OWN)}


class Walk:
    """Everybody and everything on the way, as far as it has gone."""

    def __init__(self, work: Work, case: Case) -> None:
        session = work.session
        self.work, self.case = work, case
        self.home: Government = factories.government(session)
        self.agency: Agency = factories.agency(session, self.home, short_name="Diskominfo")
        self.people: Mapping[Role, Account] = {
            role: factories.account(
                session, self.home, role, self.agency if role is Role.FOCAL_POINT else None, locale="id"
            )
            for role in (Role.COORDINATOR, Role.FOCAL_POINT, Role.REVIEWER, Role.EXECUTIVE)
        }
        self.coordinator = factories.scope(self.people[Role.COORDINATOR])
        if case.own:
            own_instruments.store(work, self.coordinator, case.own.encode(), now=NOW)
        self.instrument: Instrument = instruments.get(session, self.home.id, case.instrument_id)

    def levels(self) -> dict[int, str]:
        """What the file says, by indicator number."""
        return {each.number: "3,50" for each in self.instrument.indicators} | {self.case.number: "2,25"}

    def import_text(self, levels: Mapping[int, str]) -> AssessmentRevision:
        """Through the wizard: recognised, kept as a draft, stored."""
        known = instruments.list_all(self.work.session, self.home.id)
        text = "nomor;tingkat\n" + "".join(f"{number};{level}\n" for number, level in levels.items())
        return self.commit(reading.read_document(text.encode(), "nilai.csv", known), known)

    def commit(self, document: Document, known: tuple[Instrument, ...]) -> AssessmentRevision:
        wanted = assessment_drafts.recognise(document, known, kind=AssessmentKind.OFFICIAL, now=NOW)
        assert (wanted.instrument_id, wanted.year) == (self.case.instrument_id, self.case.year)
        draft = assessment_drafts.open_draft(
            self.work,
            self.coordinator,
            wanted,
            document,
            file_name="nilai",
            digest="1" * 64,
            file_key=None,
            now=NOW,
        )
        return assessment_drafts.commit(
            self.work, self.coordinator, draft.id, version=None, seen_number=None, now=NOW
        ).revision

    def plan(self) -> Plan:
        """Owners for everything, low below 3.5, to reach 3.75, published."""
        for aspect in self.instrument.aspects:
            ownership.set_aspect_lead(
                self.work,
                self.coordinator,
                instrument_id=self.instrument.id,
                aspect_number=aspect.number,
                agency_id=self.agency.id,
                now=NOW,
            )
        order = Order(
            self.instrument.id, self.case.year, threshold=THRESHOLD, target_level=TARGET, due_on=DUE_ON
        )
        done = plans.generate(self.work, self.coordinator, order, publish=True, now=NOW)
        assert done.plan is not None
        return done.plan

    def do(self, role: Role, task: Task, action: Action, **given: object) -> None:
        tasks.act(
            self.work, factories.scope(self.people[role]), task.id, action, given, version=None, now=NOW
        )

    def rebuild(self, plan: Plan) -> dict[str, Fraction]:
        """What the worker stores, by figure."""
        projections.rebuild(self.work, plan.id, now=NOW)
        row = dashboard.get_figures(self.work.session, self.coordinator, plan.id)
        record = projection_record.read(row.Projection)
        return {name: figure.index for name, figure in record.figures.items()}


@pytest.fixture(params=CASES)
def walk(work: Work, request: pytest.FixtureRequest) -> Walk:
    return Walk(work, CASES[request.param])


def the_task(session: Session, plan: Plan, number: int, round: int = 1) -> Task:
    return session.scalars(
        select(Task).where(Task.plan_id == plan.id, Task.indicator_number == number, Task.round == round)
    ).one()


def test_decimals_go_from_the_file_through_plan_and_review_into_the_figures(walk: Walk) -> None:
    session, case = walk.work.session, walk.case
    revision = walk.import_text(walk.levels())
    start = {each.number: Decimal("3.5") for each in walk.instrument.indicators} | {
        case.number: Decimal("2.25")
    }
    weight = Fraction(walk.instrument.indicator(case.number).weight)
    assert Fraction(revision.index_value) == compute(walk.instrument, start).index
    plan = walk.plan()
    task = the_task(session, plan, case.number)
    assert session.scalars(select(Task).where(Task.plan_id == plan.id)).all() == [task]
    assert (task.state, task.baseline_level, task.target_level) == (State.ASSIGNED, Decimal("2.25"), TARGET)
    assert Fraction(task.points) == weight * Fraction("1.5") / 100
    walk.do(Role.FOCAL_POINT, task, Action.START)
    walk.do(Role.FOCAL_POINT, task, Action.SUBMIT, note="Laporan semester")
    with pytest.raises(InvalidInputError) as refused:
        walk.do(Role.REVIEWER, task, Action.ACCEPT, reached_level=Decimal("3.255"))
    assert [each.code for each in refused.value.problems] == ["task.level_too_fine"]
    walk.do(Role.REVIEWER, task, Action.ACCEPT, reached_level=REACHED)
    following = the_task(session, plan, case.number, 2)
    assert (following.baseline_level, following.target_level) == (REACHED, TARGET)
    figures = walk.rebuild(plan)
    base = compute(walk.instrument, start).index
    assert figures["baseline"] == base
    assert figures["secured"] == base + weight / 100
    assert figures["potential"] == base + weight * Fraction("1.5") / 100


def test_not_assessed_is_refused_by_number_where_the_instrument_does_not_know_it(walk: Walk) -> None:
    with pytest.raises(InvalidInputError) as refused:
        walk.import_text(walk.levels() | {walk.case.number: "-"})
    problem = refused.value.problems[0]
    assert (problem.code, problem.params["number"]) == ("level.not_assessed_refused", walk.case.number)


def test_a_level_finer_than_the_scale_and_one_outside_are_both_told(walk: Walk) -> None:
    first, second = (each.number for each in walk.instrument.indicators[:2])
    with pytest.raises(InvalidInputError) as refused:
        walk.import_text(walk.levels() | {first: "2,125", second: "5,5"})
    codes = {each.params["number"]: each.code for each in refused.value.problems}
    assert codes == {first: "level.too_fine", second: "level.outside_scale"}


def test_a_workbook_made_for_the_instrument_is_recognised_and_read_back(walk: Walk) -> None:
    levels = {each.number: Decimal("3.25") for each in walk.instrument.indicators}
    data = write_levels(walk.instrument, "id", year=walk.case.year, contents=Contents(levels))
    known = instruments.list_all(walk.work.session, walk.home.id)
    revision = walk.commit(reading.read_document(data, "isi.xlsx", known), known)
    assert revision.index_value == Decimal("3.25")


PAGES = (
    "/dashboard?year={year}",
    "/dashboard/figures",
    "/assessments",
    "/assessments/{assessment}",
    "/assessments/{assessment}/export.csv",
    "/assessments/{assessment}/export.xlsx",
    "/assessments/{assessment}/indicators/{number}/pin",
    "/assessments/template/{instrument}.xlsx",
    "/assessments/template/{instrument}.csv",
    "/indicators/{instrument}?year={year}",
    "/indicators/{instrument}/{number}?year={year}",
    "/instruments",
    "/instruments/{instrument}",
    "/instruments/{instrument}/file.yaml",
    "/ownership?instrument={instrument}",
    "/ownership/{instrument}/{number}",
    "/ownership/{instrument}/owners.xlsx",
    "/ownership/{instrument}/history",
    "/plans?year={year}",
    "/plans/{instrument}/{year}/generate",
    "/plans/{instrument}/policies",
    "/plans/{plan}/conflicts",
    "/agency-points",
    "/scenarios",
    "/scenarios/{instrument}/{year}/new",
    "/tasks",
    "/tasks/export.csv",
    "/tasks/review",
    "/tasks/{task}",
)


PROVISIONAL = (
    "/dashboard?year={year}",
    "/dashboard/figures",
    "/assessments",
    "/assessments/{assessment}",
    "/indicators/{instrument}?year={year}",
    "/indicators/{instrument}/{number}?year={year}",
    "/instruments",
    "/instruments/{instrument}",
    "/ownership?instrument={instrument}",
    "/plans?year={year}",
    "/plans/{instrument}/{year}/generate",
)


@dataclass(frozen=True)
class Shown:
    """A walk that has been gone to the end, and what its addresses are filled with."""

    walk: Walk
    names: Mapping[str, object]

    def open(self, browser: FlaskClient, page: str) -> str:
        answer = browser.get(page.format(**self.names))
        assert answer.status_code == 200, (page, answer.status_code)
        return answer.get_data().decode(errors="replace")


@pytest.fixture
def shown(walk: Walk) -> Shown:
    revision, number = walk.import_text(walk.levels()), walk.case.number
    plan = walk.plan()
    task = the_task(walk.work.session, plan, number)
    walk.do(Role.FOCAL_POINT, task, Action.START)
    walk.do(Role.FOCAL_POINT, task, Action.SUBMIT, note="Laporan semester")
    walk.do(Role.REVIEWER, task, Action.ACCEPT, reached_level=REACHED)
    walk.rebuild(plan)
    walk.work.session.commit()
    names = {
        "instrument": walk.instrument.id,
        "year": walk.case.year,
        "number": number,
        "assessment": revision.assessment_id,
        "plan": plan.id,
        "task": task.id,
    }
    return Shown(walk, names)


def test_every_page_shows_it(shown: Shown, sign_in: SignIn) -> None:
    browser = sign_in(shown.walk.people[Role.COORDINATOR])
    pages = {page: shown.open(browser, page) for page in PAGES}
    assert "3,25" in pages["/tasks/{task}"], "the level reached, as Indonesians write it"
    assert "3,75" in pages["/tasks/{task}"], "the level wanted"
    assert "2,25" in pages["/assessments/{assessment}"]
    for page in PROVISIONAL:
        assert "sementara" in pages[page], page
    title = shown.walk.instrument.indicator(shown.walk.case.number).short_name("id")
    for page in ("/indicators/{instrument}?year={year}", "/tasks", "/dashboard/figures"):
        assert title in pages[page], page


def test_another_government_sees_nothing_of_an_own_instrument(
    shown: Shown, session: Session, sign_in: SignIn
) -> None:
    stranger = sign_in(factories.account(session, factories.government(session)))
    expected = 404 if shown.walk.case.own else 200
    for page in (
        "/instruments/{instrument}",
        "/instruments/{instrument}/file.yaml",
        "/indicators/{instrument}",
        "/assessments/template/{instrument}.xlsx",
        "/ownership/{instrument}/{number}",
        "/plans/{instrument}/policies",
    ):
        assert stranger.get(page.format(**shown.names)).status_code == expected, page
    for page in ("/instruments", "/assessments/import"):
        assert "Indeks layanan" not in stranger.get(page).text


@pytest.mark.parametrize(
    ("maximum", "names", "threshold"),
    [("2", "", "2"), ("3", "    3: {name_id: Tiga, name_en: Three}\n", "2")],
)
def test_the_first_policy_proposes_the_middle_of_any_scale(
    work: Work, sign_in: SignIn, maximum: str, names: str, threshold: str
) -> None:
    coordinator = factories.account(work.session, factories.government(work.session))
    scope = factories.scope(coordinator)
    text = SMALL.replace("maximum: 2", f"maximum: {maximum}").replace(
        "prerequisites:", f"{names}prerequisites:"
    )
    own_instruments.store(work, scope, text.encode(), now=NOW)
    known = instruments.list_all(work.session, scope.government_id)
    document = reading.read_document(b"nomor;tingkat\n1;1\n2;1\n", "nilai.csv", known)
    wanted = Wanted("small", 2025, AssessmentKind.OFFICIAL)
    source = Source("nilai.csv", "1" * 64)
    seen = assessments.preview(work.session, scope, wanted, source, document, now=NOW)
    assessments.store(work, scope, seen, now=NOW)
    work.session.commit()
    answer = sign_in(coordinator).get("/plans/small/2025/generate")
    assert answer.status_code == 200
    field = re.search(r'<input[^>]*name="threshold"[^>]*>', answer.text)
    assert field is not None
    assert f'value="{threshold}"' in field[0]
