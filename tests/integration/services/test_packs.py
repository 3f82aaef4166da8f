"""The self-assessment pack: what it takes over from tasks, who writes in it, corrections, and the upload package."""

import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from spbe_tasks.building import evidence_package
from spbe_tasks.models import (
    Account,
    Agency,
    Comment,
    Evidence,
    EvidenceVersion,
    News,
    NewsKind,
    Pack,
    Scan,
    Task,
)
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.pack import Source
from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import (
    criteria,
    evidence,
    evidence_uses,
    pack_entries,
    packages,
    packs,
    tasks,
)
from spbe_tasks.services.evidence import StoredFile
from spbe_tasks.services.pack_entries import EntryKey, EntrySaid
from spbe_tasks.services.pack_sheets import EntrySheet
from spbe_tasks.stored_files import storage
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE
from tests.integration.conftest import SignIn

NUMBER = 20  # 1a; 2a, 2b; 3a, 3b; 4a, 4b, 4c; 5a
NOTHING = EntrySaid(None, is_ready=False)


class Year:
    """A plan with one task in work, from level 2 to 3, of an agency that shares the indicator with another."""

    def __init__(self, work: Work) -> None:
        self.work, session = work, work.session
        self.government = government = factories.government(session)
        self.mine, self.theirs = (factories.agency(session, government) for _ in range(2))
        self.plan = factories.plan(session, government)
        for agency, is_lead in ((self.mine, True), (self.theirs, False)):
            factories.ownership(session, agency, NUMBER, is_lead=is_lead)
        at_work = {"state": State.IN_PROGRESS, "baseline_level": Decimal(2), "target_level": Decimal(3)}
        self.task = factories.task(session, self.plan, self.mine, NUMBER, **at_work)
        self.coordinator = self.person(Role.COORDINATOR)
        self.focal = self.person(Role.FOCAL_POINT, self.mine)
        self.other = self.person(Role.FOCAL_POINT, self.theirs)
        self.pack = packs.begin(work, self.coordinator, self.plan.id, now=NOW)
        self.at = EntryKey(self.pack.id, NUMBER)

    def person(self, role: Role, agency: Agency | None = None) -> Scope:
        account = factories.account(self.work.session, self.government, role, agency)
        return factories.scope(account)

    def entry(self, scope: Scope | None = None) -> EntrySheet:
        sheet = packs.read(self.work.session, scope or self.coordinator, self.pack, number=NUMBER)
        return sheet.entries[0]

    def file(
        self, content: bytes, name: str = "Rencana Kolaborasi.pdf", *, by: Scope | None = None
    ) -> Evidence:
        by = by or self.focal
        stored = StoredFile(storage().put(content), name, "application/pdf", len(content))
        agency_id = by.agency_id or self.mine.id
        return evidence.add_file(self.work, by, agency_id=agency_id, stored=stored, now=NOW).item

    def attach(self, item: Evidence, *places: tuple[int, str]) -> None:
        evidence_uses.attach(self.work, self.focal, self.task.id, places, item.id, now=NOW)

    def claim(self, *places: tuple[int, str]) -> None:
        said = {place: (True, "ada") for place in places}
        criteria.claim(self.work, self.focal, self.task.id, said, now=NOW)

    def note(self, words: str, *, agency_id: int, due_on: date) -> Task:
        return pack_entries.note(
            self.work, self.coordinator, self.at, words, agency_id=agency_id, due_on=due_on, now=NOW
        )


@pytest.fixture
def year(work: Work, app: Flask) -> Year:
    return Year(work)


def test_it_is_begun_once_for_the_year_after_the_plans(work: Work, year: Year) -> None:
    again = packs.begin(work, year.coordinator, year.plan.id, now=NOW)
    assert again.id == year.pack.id
    assert (again.year, again.instrument_id) == (year.plan.year + 1, SPBE)
    assert work.session.scalar(select(func.count()).select_from(Pack)) == 1


def test_it_holds_every_indicator_also_those_without_a_task(work: Work, year: Year) -> None:
    assert len(packs.read(work.session, year.coordinator, year.pack).entries) == 47


def test_an_agency_sees_the_indicators_it_answers_for(work: Work, year: Year) -> None:
    seen = packs.read(work.session, year.focal, year.pack).entries
    assert [each.indicator.number for each in seen] == [NUMBER]


def test_what_the_tasks_say_is_taken_over(year: Year) -> None:
    year.claim((3, "a"))
    item = year.file(b"%PDF-1")
    year.attach(item, (3, "a"))
    entry = year.entry()
    step = next(each for each in entry.claimed.steps if each.step.level == 3)
    assert [(line.is_met, line.source, line.has_evidence) for line in step.lines] == [
        (True, Source.TASK, True),
        (False, Source.TASK, False),
    ]
    assert entry.claimed.level == Decimal(2)
    year.claim((3, "a"), (3, "b"))
    year.attach(item, (3, "b"))
    assert year.entry().claimed.level == Decimal(3)
    assert year.entry().claimed.has_evidence


def test_what_is_typed_counts_instead_and_can_be_left_to_the_tasks_again(work: Work, year: Year) -> None:
    said = EntrySaid(
        Decimal(4), is_ready=True, claims={(3, "a"): True}, texts={4: Words("Ada SK.", "Terpadu.")}
    )
    pack_entries.write(work, year.focal, year.at, said, version=0, now=NOW)
    entry = year.entry()
    assert (entry.claimed.level, entry.claimed.is_typed, entry.is_ready) == (Decimal(4), True, True)
    assert entry.has_texts
    assert (3, "a") not in entry.claimed.unmet
    pack_entries.write(
        work,
        year.focal,
        year.at,
        EntrySaid(None, is_ready=False, claims={(3, "a"): None}),
        version=1,
        now=NOW,
    )
    entry = year.entry()
    assert (entry.claimed.level, entry.own_claims) == (Decimal(2), {})
    assert entry.own_text(4) == Words("Ada SK.", "Terpadu.")


def test_a_second_writer_is_told_and_nothing_is_lost(work: Work, year: Year) -> None:
    pack_entries.write(work, year.focal, year.at, NOTHING, version=0, now=NOW)
    with pytest.raises(ConflictError) as refused:
        pack_entries.write(work, year.coordinator, year.at, NOTHING, version=0, now=NOW)
    assert refused.value.code == "pack.stale_version"


def test_everything_wrong_is_said_at_once(work: Work, year: Year) -> None:
    said = EntrySaid(
        Decimal(6), is_ready=False, claims={(3, "z"): True}, texts={3: Words("x" * 5_000, "y" * 5_000)}
    )
    with pytest.raises(InvalidInputError) as refused:
        pack_entries.write(work, year.focal, year.at, said, version=0, now=NOW)
    assert [each.code for each in refused.value.problems] == [
        "pack.level_off_scale",
        "text.too_long",
        "text.too_long",
        "criterion.not_asked",
    ]


def test_who_may_write(work: Work, year: Year) -> None:
    stranger = year.person(Role.FOCAL_POINT, factories.agency(work.session, year.government))
    with pytest.raises(NotFoundError):
        pack_entries.write(work, stranger, year.at, NOTHING, version=0, now=NOW)
    reviewer = year.person(Role.REVIEWER)
    with pytest.raises(ForbiddenError):
        pack_entries.write(work, reviewer, year.at, NOTHING, version=0, now=NOW)
    abroad = factories.scope(factories.account(work.session, factories.government(work.session)))
    with pytest.raises(NotFoundError):
        pack_entries.write(work, abroad, year.at, NOTHING, version=0, now=NOW)


def test_a_closed_pack_changes_no_more_until_it_is_opened_again(work: Work, year: Year) -> None:
    packs.close(work, year.coordinator, year.pack.id, now=NOW)
    with pytest.raises(ConflictError):
        pack_entries.write(work, year.focal, year.at, NOTHING, version=0, now=NOW)
    packs.reopen(work, year.coordinator, year.pack.id, now=NOW)
    pack_entries.write(work, year.focal, year.at, NOTHING, version=0, now=NOW)


def test_a_closed_pack_shows_what_was_handed_in_whatever_tasks_do(work: Work, year: Year) -> None:
    year.claim((3, "a"), (3, "b"))
    packs.close(work, year.coordinator, year.pack.id, now=NOW)
    work.session.flush()
    year.attach(year.file(b"%PDF-late"), (3, "a"))
    assert year.entry().claimed.level == Decimal(3)
    assert year.entry().attached == ()
    packs.reopen(work, year.coordinator, year.pack.id, now=NOW)
    assert len(year.entry().attached) == 1


def test_evidence_of_the_library_is_attached_and_taken_away(work: Work, year: Year) -> None:
    item = year.file(b"%PDF-2")
    pack_entries.attach(work, year.focal, year.at, [(2, "a"), (2, "b")], evidence_id=item.id, now=NOW)
    pack_entries.attach(work, year.focal, year.at, [(2, "b")], evidence_id=item.id, now=NOW)
    assert [each.key for each in year.entry().attached] == [(2, "a"), (2, "b")]
    assert year.entry().claimed.has_evidence
    pack_entries.detach(work, year.focal, year.at, evidence_id=item.id, now=NOW)
    assert year.entry().attached == ()


def test_an_agency_that_shares_the_indicator_learns_only_that_there_is_evidence(
    work: Work, year: Year
) -> None:
    year.attach(year.file(b"%PDF-3"), (3, "a"))
    (seen,) = year.entry(year.other).attached
    assert not seen.is_shown
    assert year.entry(year.focal).attached[0].is_shown


def test_evidence_of_another_agency_is_neither_named_nor_taken_away(
    work: Work, year: Year, sign_in: SignIn
) -> None:
    item = year.file(b"%PDF-6", "Rahasia dapur.pdf")
    pack_entries.attach(work, year.focal, year.at, [(2, "a")], evidence_id=item.id, now=NOW)
    assert year.other.account_id
    address = f"/self-assessment/{year.pack.id}/{NUMBER}"
    work.session.flush()
    page = sign_in(work.session.get_one(Account, year.other.account_id)).get(address).text
    assert "Rahasia dapur" not in page
    assert f"detach/{item.id}" not in page
    with pytest.raises(NotFoundError):
        pack_entries.detach(work, year.other, year.at, evidence_id=item.id, now=NOW)
    assert len(year.entry().attached) == 1


def test_a_note_is_read_by_the_agency_it_was_put_to(work: Work, year: Year) -> None:
    year.note("Tunjukkan notulen.", agency_id=year.theirs.id, due_on=date(2026, 7, 1))
    words = {who: year.entry(who).notes[0].note for who in (year.coordinator, year.other, year.focal)}
    assert words == {year.coordinator: "Tunjukkan notulen.", year.other: "Tunjukkan notulen.", year.focal: ""}


def test_infected_evidence_shows_nothing(work: Work, year: Year) -> None:
    item = year.file(b"%PDF-4")
    year.attach(item, (3, "a"))
    version = work.session.scalars(
        select(EvidenceVersion).where(EvidenceVersion.evidence_id == item.id)
    ).one()
    version.scan = Scan.INFECTED
    work.session.flush()
    step = next(each for each in year.entry().claimed.steps if each.step.level == 3)
    assert step.shown == 0


def test_a_note_of_the_assessors_becomes_a_task_of_the_agency_at_once(work: Work, year: Year) -> None:
    task = year.note("Tunjukkan notulen.", agency_id=year.theirs.id, due_on=date(2026, 7, 1))
    assert (task.state, task.note, task.due_on) == (State.ASSIGNED, "Tunjukkan notulen.", date(2026, 7, 1))
    assert year.entry().open_notes == 1


def test_a_note_on_an_open_task_is_said_there_and_makes_it_due_sooner(work: Work, year: Year) -> None:
    before = year.task.due_on
    task = year.note(
        "Tanda tangan kurang.", agency_id=year.mine.id, due_on=date(before.year, before.month, 1)
    )
    assert task.id == year.task.id
    assert task.due_on == date(before.year, before.month, 1)
    assert work.session.scalars(select(Comment.body)).all() == ["Tanda tangan kurang."]
    told = work.session.execute(select(News.account_id, News.kind)).all()
    assert told == [(year.focal.account_id, NewsKind.MENTIONED)]  # nobody is in charge: the agency's people


def test_a_note_hands_a_planned_task_to_its_agency(work: Work, year: Year) -> None:
    planned = factories.task(work.session, year.plan, year.theirs, NUMBER, state=State.PLANNED)
    task = year.note("Tunjukkan notulen.", agency_id=year.theirs.id, due_on=planned.due_on)
    assert (task.id, task.state) == (planned.id, State.ASSIGNED)
    assert work.session.scalars(select(News.account_id)).all() == [year.other.account_id]


def test_the_package_has_the_files_by_the_ministrys_names_and_an_index(
    work: Work, year: Year, tmp_path: Path
) -> None:
    plan, minutes = year.file(b"%PDF-plan"), year.file(b"%PDF-minutes", "Notulen rapat.pdf")
    year.attach(plan, (3, "a"), (3, "b"))
    pack_entries.attach(work, year.focal, year.at, [(2, "b")], evidence_id=minutes.id, now=NOW)
    link = evidence.add_link(
        work, year.focal, agency_id=year.mine.id, url="https://jdih.ketapang.example/1", title="SK", now=NOW
    ).item
    year.attach(link, (3, "b"))
    path = _package(work, year.coordinator, year, tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "Indikator_20/20.a.Notulen_rapat.pdf",
            "Indikator_20/20.b.Rencana_Kolaborasi.pdf",
            "Indeks.xlsx",
        ]
        assert archive.read("Indikator_20/20.b.Rencana_Kolaborasi.pdf") == b"%PDF-plan"
        (tmp_path / "index.xlsx").write_bytes(archive.read("Indeks.xlsx"))
    rows = CalamineWorkbook.from_path(tmp_path / "index.xlsx").get_sheet_by_index(0).to_python()[3:]
    assert [(row[2], row[3], row[4], row[6]) for row in rows] == [
        ("20.a.Notulen_rapat.pdf", "Notulen rapat", "2.b", ""),
        ("20.b.Rencana_Kolaborasi.pdf", "Rencana Kolaborasi", "3.a, 3.b", ""),
        ("–", "SK", "3.b", "https://jdih.ketapang.example/1"),
    ]


def test_the_package_takes_what_was_handed_in_and_not_what_came_after(
    work: Work, year: Year, tmp_path: Path
) -> None:
    item = year.file(b"%PDF-first")
    year.claim((3, "a"), (3, "b"))
    year.attach(item, (3, "a"))
    tasks.act(work, year.focal, year.task.id, Action.SUBMIT, {"note": "lengkap"}, version=None, now=NOW)
    newer = StoredFile(storage().put(b"%PDF-second"), "Rencana.pdf", "application/pdf", 11)
    evidence.add_version(work, year.focal, item.id, newer, now=NOW)
    with zipfile.ZipFile(_package(work, year.coordinator, year, tmp_path)) as archive:
        assert archive.read("Indikator_20/20.a.Rencana_Kolaborasi.pdf") == b"%PDF-first"


def test_the_package_of_one_indicator_has_no_folders_and_leaves_out_what_one_may_not_see(
    work: Work, year: Year, tmp_path: Path
) -> None:
    year.attach(year.file(b"%PDF-5"), (3, "a"))
    whole = packages.collect(work.session, year.focal, year.pack.id, NUMBER)
    path = tmp_path / "one.zip"
    evidence_package.write(whole, path, "id")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["20.a.Rencana_Kolaborasi.pdf", "Indeks.xlsx"]
    shared = packages.collect(work.session, year.other, year.pack.id, NUMBER)
    assert [(each.title, each.remark) for each in shared.documents] == [("", packages.Remark.OTHER_AGENCY)]
    assert shared.files == ()


def _package(work: Work, scope: Scope, year: Year, folder: Path) -> Path:
    path = folder / "package.zip"
    evidence_package.write(packages.collect(work.session, scope, year.pack.id, None), path, "id")
    return path
