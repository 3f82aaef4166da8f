from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import list_instruments
from spbe_tasks.models import AssessmentDraft, AssessmentKind, AssessmentRevision, Event, Score
from spbe_tasks.readers.document import Document, Format, Place, Row
from spbe_tasks.readers.document_json import encode
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.rules.printed import Figure, Printed
from spbe_tasks.services import assessment_drafts, draft_sheets
from spbe_tasks.services.readouts import Wanted
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE
from tests.integration.services.test_tasks_race import race
from workers import jobs

WANTED = Wanted(SPBE, 2023, AssessmentKind.OFFICIAL)
PEMDI = "permenpanrb-8-2026"


@pytest.fixture
def scope(session: Session) -> Scope:
    return factories.scope(factories.account(session, factories.government(session)))


@pytest.fixture
def draft(session: Session, scope: Scope) -> AssessmentDraft:
    return factories.draft(session, _home(session, scope), {3: "9", 5: "x"})


def _home(session: Session, scope: Scope) -> factories.Government:
    return session.get_one(factories.Government, scope.government_id)


def change(
    work: Work, scope: Scope, draft: AssessmentDraft, typed: dict[int, str], **options: object
) -> None:
    given = {"leaves_out_unknown": False, "version": None, "now": NOW} | options
    assessment_drafts.change(work, scope, draft.id, WANTED, typed, **given)


def commit(work: Work, scope: Scope, draft: AssessmentDraft, seen: int | None = None) -> AssessmentRevision:
    return assessment_drafts.commit(work, scope, draft.id, version=None, seen_number=seen, now=NOW).revision


def sheet(session: Session, scope: Scope, draft: AssessmentDraft) -> draft_sheets.DraftSheet:
    return draft_sheets.open_sheet(session, scope, _home(session, scope), draft.id, now=NOW)


def numbers(document: Document) -> list[tuple[str, str]]:
    return [(row.number, row.level) for row in document.rows]


def test_what_was_typed_is_kept_right_or_wrong_until_it_is_stored(
    work: Work, scope: Scope, draft: AssessmentDraft
) -> None:
    change(work, scope, draft, {3: "4", 5: "tiga", 6: "3"})
    assert draft.corrections == {"3": "4", "5": "tiga"}, "what the file says itself is no correction"
    with pytest.raises(InvalidInputError) as refused:
        commit(work, scope, draft)
    assert [each.params["number"] for each in refused.value.problems] == [5]
    change(work, scope, draft, {3: "4", 5: "1"})
    revision = commit(work, scope, draft)
    scores = work.session.scalars(select(Score).where(Score.revision_id == revision.id)).all()
    corrected = {
        each.indicator_number: (each.level, each.corrected_from) for each in scores if each.corrected_from
    }
    assert corrected == {3: (4, "9"), 5: (1, "x")}
    assert work.session.scalar(select(func.count()).select_from(AssessmentDraft)) == 0


def test_the_trail_tells_what_was_corrected(work: Work, scope: Scope, draft: AssessmentDraft) -> None:
    change(work, scope, draft, {3: "4", 5: "1"})
    commit(work, scope, draft)
    event = work.session.scalars(select(Event).where(Event.action == "import")).one()
    assert (event.data["corrected"], event.data["format"]) == ([3, 5], "csv")


def test_a_second_writer_is_told_and_the_first_ones_text_stays(
    work: Work, scope: Scope, draft: AssessmentDraft
) -> None:
    version = draft.version
    change(work, scope, draft, {3: "4"}, version=version)
    with pytest.raises(ConflictError) as refused:
        change(work, scope, draft, {3: "2"}, version=version)
    assert refused.value.code == "assessment.draft_stale"
    assert draft.corrections == {"3": "4"}


def test_storing_what_nobody_looked_at_is_refused(work: Work, scope: Scope, session: Session) -> None:
    government = _home(session, scope)
    first, second = (factories.draft(session, government, {7: level}) for level in "45")
    commit(work, scope, first)
    with pytest.raises(ConflictError) as refused:
        commit(work, scope, second, None)
    assert refused.value.code == "assessment.moved_on"
    assert commit(work, scope, second, 1).number == 2


def test_a_draft_of_another_government_does_not_exist(
    work: Work, session: Session, draft: AssessmentDraft
) -> None:
    stranger = factories.scope(factories.account(session, factories.government(session)))
    for attempt in (
        lambda: change(work, stranger, draft, {}),
        lambda: commit(work, stranger, draft),
        lambda: assessment_drafts.discard(work, stranger, draft.id, now=NOW),
    ):
        with pytest.raises(NotFoundError):
            attempt()


def test_the_sheet_shows_every_indicator_with_what_it_was_before(
    work: Work, scope: Scope, session: Session, draft: AssessmentDraft
) -> None:
    commit(work, scope, factories.draft(session, _home(session, scope), {7: "1"}))
    seen = sheet(session, scope, draft)
    assert len(seen.lines) == 47
    assert [line.indicator.number for line in seen.wrong] == [3, 5]
    line = seen.lines[6]
    assert (line.previous, line.level, line.difference, seen.is_ready) == (1, 3, 2, False)


def test_without_an_earlier_revision_the_files_own_year_before_is_compared_with(
    scope: Scope, session: Session
) -> None:
    rows = [Row(str(number), "3", Place(page=4), previous="2") for number in range(1, 48)]
    seen = sheet(session, scope, factories.draft(session, _home(session, scope), rows=rows))
    assert seen.former is None
    assert {line.difference for line in seen.lines} == {1}


def test_of_two_rows_of_one_indicator_neither_is_taken_by_itself(
    work: Work, scope: Scope, session: Session
) -> None:
    rows = [Row(str(number), "3", Place(row=number)) for number in [*range(1, 48), 12]]
    draft = factories.draft(session, _home(session, scope), rows=rows)
    seen = sheet(session, scope, draft)
    assert [(line.indicator.number, line.text) for line in seen.wrong] == [(12, "")]
    change(work, scope, draft, {12: "3"})
    assert sheet(session, scope, draft).is_ready


def test_printed_figures_that_the_levels_do_not_come_to_are_shown(scope: Scope, session: Session) -> None:
    draft = factories.draft(session, _home(session, scope), {7: "4"})
    document = assessment_drafts.document_of(draft)
    printed = Printed(index=factories.Decimal("3.00"), predicate="Baik")
    draft.document = encode(replace(document, printed=printed))
    session.flush()
    seen = sheet(session, scope, draft)
    assert seen.is_ready, "a difference holds nothing up"
    assert [each.figure for each in seen.differences] == [Figure.INDEX]
    assert str(seen.differences[0].recomputed) == "3.01"


def test_a_file_of_another_body_year_or_instrument_is_warned_about(scope: Scope, session: Session) -> None:
    government = _home(session, scope)
    draft = factories.draft(session, government)
    document = assessment_drafts.document_of(draft)
    claims = {"body": "Kabupaten Sambas", "year": 2022, "instrument_id": PEMDI}
    draft.document = encode(replace(document, **claims))
    session.flush()
    seen = sheet(session, scope, draft)
    assert [each.code for each in seen.warnings] == [
        "assessment.other_body",
        "assessment.other_year",
        "assessment.other_instrument",
    ]
    assert seen.is_ready


@pytest.mark.parametrize(
    "body", ["Kab. Ketapang", "Pemerintah Daerah Kabupaten Ketapang", "KABUPATEN KETAPANG"]
)
def test_the_own_body_is_known_however_it_is_written(scope: Scope, session: Session, body: str) -> None:
    government = _home(session, scope)
    government.name = "Pemerintah Kabupaten Ketapang"
    draft = factories.draft(session, government)
    draft.document = encode(replace(assessment_drafts.document_of(draft), body=body))
    session.flush()
    assert sheet(session, scope, draft).warnings == ()


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (Document(Format.PDF, (), instrument_id=SPBE, year=2023), (SPBE, 2023)),
        (Document(Format.CSV, ()), (SPBE, 2024)),
        (Document(Format.CSV, (), year=2026), (PEMDI, 2026)),
        (Document(Format.CSV, tuple(Row(str(n), "3", Place()) for n in range(1, 21))), (PEMDI, 2026)),
        (Document(Format.XLSX, (), instrument_id=SPBE), (SPBE, 2024)),
    ],
)
def test_what_a_file_says_of_itself_is_completed_by_what_is_usual(
    document: Document, expected: tuple[str, int]
) -> None:
    found = assessment_drafts.recognise(document, list_instruments(), kind=AssessmentKind.OFFICIAL, now=NOW)
    assert (found.instrument_id, found.year) == expected


def test_an_empty_grid_becomes_a_revision_once_every_level_is_typed(work: Work, scope: Scope) -> None:
    draft = assessment_drafts.open_grid(work, scope, WANTED, file_name="diketik", now=NOW)
    typed = {number: "2" for number in range(1, 47)}
    change(work, scope, draft, typed)
    with pytest.raises(InvalidInputError):
        commit(work, scope, draft)
    change(work, scope, draft, typed | {47: "-"})
    revision = commit(work, scope, draft)
    assert (revision.format, revision.file_key) == (Format.GRID, None)


@pytest.mark.own_database
def test_of_two_people_who_store_at_once_one_is_told_and_one_revision_is_made(
    app: Flask, session: Session
) -> None:
    government = factories.government(session)
    people = [factories.scope(factories.account(session, government)) for _ in range(4)]
    drafts = [factories.draft(session, government, {7: str(level)}).id for level in (1, 2, 4, 5)]
    session.commit()

    def storing(scope: Scope, draft_id: int) -> Callable[[], object]:
        def store() -> None:
            with transaction() as work:
                assessment_drafts.commit(work, scope, draft_id, version=None, seen_number=None, now=NOW)

        return store

    outcomes = race(app, [storing(*each) for each in zip(people, drafts, strict=True)])
    assert sorted(outcomes) == ["assessment.moved_on"] * 3 + ["done"]
    assert session.scalar(select(func.count()).select_from(AssessmentRevision)) == 1
    assert session.scalar(select(func.count()).select_from(AssessmentDraft)) == 3


@pytest.mark.own_database
def test_the_sweep_ends_untouched_drafts_once_and_leaves_the_others(session: Session) -> None:
    government = factories.government(session)
    factories.account(session, government)
    limit = factories.datetime.now(factories.UTC) - assessment_drafts.KEPT_FOR
    old = factories.draft(session, government, changed_at=limit - timedelta(minutes=1)).id
    young = factories.draft(session, government, changed_at=limit + timedelta(minutes=5)).id
    session.commit()
    for _ in range(2):
        jobs.sweep_drafts()
    session.expire_all()
    assert session.scalars(select(AssessmentDraft.id)).all() == [young]
    told = session.scalars(select(Event).where(Event.action == "expire_import").order_by(Event.id)).all()
    assert [(each.subject_id, each.actor_id) for each in told] == [(old, None)]
