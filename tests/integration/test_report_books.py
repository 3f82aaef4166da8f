"""The workbooks of a plan, built as a worker builds them and read back cell by cell."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import insert
from sqlalchemy.orm import Session

from spbe_tasks.building import run
from spbe_tasks.extensions import db
from spbe_tasks.formatting import decimal2
from spbe_tasks.models import (
    Account,
    Agency,
    BuildKind,
    BuildState,
    BuiltFile,
    CriterionClaim,
    Government,
    Task,
)
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.requirements import CancelKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import built_files, overviews, projections
from spbe_tasks.stored_files import storage
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, scope
from tests.statements import counted

WORKBOOK, FOLLOW_UP = BuildKind.PLAN_WORKBOOK, BuildKind.FOLLOW_UP_SHEET
AGENCIES = 107
HOSTILE = '=HYPERLINK("http://jahat.example","klik")'
Rows = list[list[Any]]
BuildBook = Callable[[Account, BuildKind], "Opened"]


@dataclass(frozen=True)
class Opened:
    """A workbook as it is read back: its sheets by name, in order, and the file's own name."""

    file_name: str
    path: Path
    sheets: dict[str, Rows]

    def below(self, sheet: str, heading: str) -> Rows:
        """The rows of a table by its first heading, to the first empty row."""
        rows = self.sheets[sheet]
        first = next(number for number, row in enumerate(rows) if row[0] == heading) + 1
        last = next((n for n in range(first, len(rows)) if not any(rows[n])), len(rows))
        return rows[first:last]

    @property
    def text(self) -> str:
        return "\n".join(str(cell) for rows in self.sheets.values() for row in rows for cell in row)


@dataclass(frozen=True)
class Scene:
    government: Government
    plan_id: int
    mine: Agency
    theirs: Agency
    coordinator: Account
    focal: Account
    accepted: Task
    late: Task


@pytest.fixture
def scene(session: Session, work: Work) -> Scene:
    government = factories.government(session, name="=Pemerintah & Kota")
    mine = factories.agency(session, government, short_name="Dinas [Kominfo]/Satu: Pelayanan Publik A")
    theirs = factories.agency(session, government, short_name="Dinas [Kominfo]/Satu: Pelayanan Publik B")
    plan = factories.plan(session, government, target_index=Decimal("2.6"))
    coordinator = factories.account(session, government, locale="en")
    focal = factories.account(session, government, Role.FOCAL_POINT, mine, locale="en")
    accepted = factories.task(
        session, plan, mine, 33, state=State.ACCEPTED, target_level=4, reached_level=4, title=HOSTILE
    )
    late = factories.task(session, plan, theirs, 34, due_on=date(2025, 1, 6), state_note="@SUM(A1)")
    factories.task(
        session,
        plan,
        theirs,
        35,
        state=State.CANCELLED,
        cancel_kind=CancelKind.GIVEN_UP,
        state_note="-Regulasi berubah",
    )
    item = factories.evidence(session, focal, storage().put(b"isi"), title="+SK Tim")
    old = factories.evidence(
        session, focal, storage().put(b"isi"), title="Reviu", expires_on=date(2024, 1, 1)
    )
    factories.evidence_use(session, accepted, item, 3, "a")
    factories.evidence_use(session, accepted, old, 4, "a")
    session.add(
        CriterionClaim(
            task_id=accepted.id,
            level=3,
            letter="a",
            government_id=government.id,
            is_met=True,
            claimed_by_id=focal.id,
            claimed_at=NOW,
        )
    )
    session.flush()
    projections.rebuild(work, plan.id, now=NOW)
    return Scene(government, plan.id, mine, theirs, coordinator, focal, accepted, late)


@pytest.fixture
def build(app: Flask, work: Work, scene: Scene, tmp_path: Path) -> BuildBook:
    """Has a report built for a person and opens it."""

    def go(person: Account, kind: BuildKind) -> Opened:
        return _opened(_built(work, scene, person, kind), tmp_path)

    return go


def _built(work: Work, scene: Scene, person: Account, kind: BuildKind) -> BuiltFile:
    subject = {"plan_id": scene.plan_id, "year": 2024}
    built = built_files.ask(work, scope(person), kind, subject, now=NOW)
    run.build(built.id)
    work.session.refresh(built)
    assert (built.state, built.problem) == (BuildState.READY, None)
    return built


def _opened(built: BuiltFile, folder: Path) -> Opened:
    path = _stored(built, folder)
    book = CalamineWorkbook.from_path(path)
    sheets = {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
    }
    return Opened(built.file_name or "", path, sheets)


def _stored(built: BuiltFile, folder: Path) -> Path:
    path = folder / "laporan.xlsx"
    path.write_bytes(storage().read(built.file_key or ""))
    return path


def test_the_sheets_are_the_figures_the_indicators_the_tasks_the_evidence_and_each_agency(
    scene: Scene, build: BuildBook
) -> None:
    book = build(scene.coordinator, WORKBOOK)
    assert list(book.sheets) == [
        "Summary",
        "Action plan",
        "Evidence",
        "Indicators",
        "Dinas  Kominfo  Satu  Pelayanan",
        "Dinas  Kominfo  Satu  Pelay (2)",
    ]
    assert book.file_name == f"rencana-aksi-{scene.government.slug}-2024.xlsx"
    assert all("=Pemerintah & Kota" in rows[1] for rows in book.sheets.values())


def test_the_figures_are_those_of_the_pages(scene: Scene, build: BuildBook, session: Session) -> None:
    book = build(scene.coordinator, WORKBOOK)
    overview = overviews.read(session, scope(scene.coordinator), scene.plan_id)
    assert overview is not None
    figures = [overview.index(each) for each in ("baseline", "secured", "expected", "potential")]
    rows = book.below("Summary", "Figure")
    wanted = [decimal2(each, "en") for each in (*figures, Decimal("2.6"))]
    assert [f"{row[1]:.2f}" for row in rows] == wanted
    assert [row[2] for row in rows] == [
        overview.predicate(each, "en") for each in (*figures, overview.target)
    ]
    secured = overview.record.figures["secured"].levels
    levels = {row[0]: row[6] for row in book.below("Indicators", "Indicator")}
    assert levels == {number: float(level or 0) for number, level in secured.items()}


def test_a_task_has_its_numbers_as_numbers_and_its_day_as_a_day(scene: Scene, build: BuildBook) -> None:
    rows = {row[0]: row for row in build(scene.coordinator, WORKBOOK).below("Action plan", "Indicator")}
    late = rows[34]
    assert (late[5], late[6], late[7], late[8]) == (2, 3, "", date(2025, 1, 6))
    assert isinstance(late[9], float)
    assert late[9] > 0
    assert rows[33][7] == 4
    assert rows[33][9] == ""  # not late
    assert (rows[33][11], rows[33][12], rows[33][13]) == (
        1,
        2,
        2,
    )  # one criterion met, two pieces of evidence


def test_each_criterion_says_how_far_it_is_shown_but_not_those_of_cancelled_work(
    scene: Scene, build: BuildBook
) -> None:
    rows = build(scene.coordinator, WORKBOOK).below("Evidence", "Indicator")
    found = {(row[0], row[4]): (row[6], row[7], row[10]) for row in rows}
    assert found[33, "3.a"] == ("yes", "Shown by evidence", "+SK Tim")
    assert found[33, "4.a"] == ("no", "Evidence has expired", "Reviu")
    assert found[34, "3.a"] == ("no", "No evidence yet", "")
    assert not [place for place in found if place[0] == 35]


def test_nothing_that_people_typed_is_a_formula(scene: Scene, build: BuildBook) -> None:
    for kind in (WORKBOOK, FOLLOW_UP):
        book = build(scene.coordinator, kind)
        assert HOSTILE in book.text
        assert "@SUM(A1)" in book.text or kind is FOLLOW_UP
        with zipfile.ZipFile(book.path) as parts:
            written = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/s")]
        assert written
        assert not [sheet for sheet in written if b"<f>" in sheet]


def test_people_of_an_agency_get_their_own_and_the_totals(scene: Scene, build: BuildBook) -> None:
    book = build(scene.focal, WORKBOOK)
    assert [row[0] for row in book.below("Action plan", "Indicator")] == [33]
    assert len(book.sheets) == 5
    assert scene.theirs.short_name not in book.text
    everything = build(scene.coordinator, WORKBOOK)
    assert scene.theirs.short_name in everything.text
    assert book.below("Summary", "Figure") == everything.below("Summary", "Figure")
    assert scene.theirs.short_name not in build(scene.focal, FOLLOW_UP).text


def test_the_workbook_is_in_the_persons_language(scene: Scene, build: BuildBook) -> None:
    scene.coordinator.locale = "id"
    book = build(scene.coordinator, WORKBOOK)
    assert [list(book.sheets)[number] for number in (2, 3)] == ["Data dukung", "Indikator"]
    assert {row[6] for row in book.below("Data dukung", "Indikator")} == {"ya", "tidak"}


def test_the_four_statuses_add_up_by_agency_and_every_reason_stands_there(
    scene: Scene, build: BuildBook
) -> None:
    book = build(scene.coordinator, FOLLOW_UP)
    counts = book.below("By agency", "Agency")
    assert [row[1:7] for row in counts] == [
        [1, 0, 0, 0, 1, 1],
        [0, 0, 1, 1, 2, 0],
        [1, 0, 1, 1, 3, 0.333],
    ]
    rows = {row[0]: row for row in book.below("Recommendations", "Indicator")}
    assert [rows[number][3] for number in (33, 34, 35)] == [
        "Conforms",
        "Not followed up yet",
        "Cannot be followed up",
    ]
    assert rows[35][12] == "-Regulasi berubah"
    assert rows[34][12] == ""  # a note of work that has no reason to give is nobody's answer


def test_a_plan_without_figures_says_so(app: Flask, work: Work, session: Session, scene: Scene) -> None:
    baseline = factories.revision(session, scene.government, year=2023)
    fresh = factories.plan(session, scene.government, year=2023, baseline=baseline)
    built = built_files.ask(work, scope(scene.coordinator), WORKBOOK, {"plan_id": fresh.id}, now=NOW)
    run.build(built.id)
    session.refresh(built)
    assert (built.state, built.problem) == (BuildState.FAILED, "plan.no_figures")


def test_a_plan_of_another_government_is_none(app: Flask, work: Work, session: Session, scene: Scene) -> None:
    foreign = factories.plan(session, factories.government(session))
    for kind in (WORKBOOK, FOLLOW_UP):
        built = built_files.ask(work, scope(scene.coordinator), kind, {"plan_id": foreign.id}, now=NOW)
        run.build(built.id)
        session.refresh(built)
        assert (built.state, built.problem) == (BuildState.FAILED, "plan.not_found")


def test_five_thousand_tasks_take_as_many_statements_as_three(
    app: Flask, scene: Scene, work: Work, session: Session, tmp_path: Path
) -> None:
    with counted(db.engine) as few:
        _built(work, scene, scene.coordinator, WORKBOOK)
    number = _fill(session, scene)
    with counted(db.engine) as many:
        built = _built(work, scene, scene.coordinator, WORKBOOK)
    told = [each for each in many if each.startswith("UPDATE built_file SET done=")]  # by the clock
    assert len(many) - len(told) <= len(few)
    book = CalamineWorkbook.from_path(_stored(built, tmp_path))
    assert len(book.sheet_names) == 4 + 2 + AGENCIES
    # Title, government, moment, an empty row and the heading stand above.
    assert len(book.get_sheet_by_name("Action plan").to_python(skip_empty_area=False)) == number + 3 + 5


def _fill(session: Session, scene: Scene) -> int:
    """Many agencies with a task on each of the 47 indicators."""
    agencies = [factories.agency(session, scene.government).id for _ in range(AGENCIES)]
    like = scene.late
    copied = [each.name for each in Task.__table__.columns if each.name not in {"id", "search_words"}]
    base = {name: getattr(like, name) for name in copied} | {"due_on": NOW.date() + timedelta(days=30)}
    rows = [
        base | {"agency_id": agency, "indicator_number": number}
        for agency in agencies
        for number in range(1, 48)
    ]
    session.execute(insert(Task), rows)
    return len(rows)
