from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.models import Assessment, AssessmentKind, AssessmentRevision, Event, Score
from spbe_tasks.readers import reading
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.index import display
from spbe_tasks.rules.instrument import PredicateBasis
from spbe_tasks.services import assessments
from spbe_tasks.services.assessment_revisions import Source
from spbe_tasks.services.assessments import Preview
from spbe_tasks.services.readouts import Wanted
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, SPBE

PEMDI = "permenpanrb-8-2026"


@pytest.fixture
def scope(session: Session) -> Scope:
    return factories.scope(factories.account(session, factories.government(session)))


def table(levels: dict[int, str] | None = None, *, level: str = "2", heading: str = "number,level") -> bytes:
    """A whole table at ``level``, but for the indicators in ``levels``."""
    rows = [f"{i.number},{(levels or {}).get(i.number, level)}" for i in get_instrument(SPBE).indicators]
    return "\n".join([heading, *rows]).encode()


def preview(work: Work, scope: Scope, data: bytes, **changes: Any) -> Preview:
    """What importing ``data`` would keep."""
    given = request(data, **changes)
    document = reading.read_document(data, str(given["file_name"]), list_instruments())
    source = Source.read(str(given["file_name"]), assessments.digest_of(data), document)
    wanted = Wanted(given["instrument_id"], given["year"], given["kind"])
    return assessments.preview(work.session, scope, wanted, source, document, now=given["now"])


def request(data: bytes, **changes: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "instrument_id": SPBE,
        "year": 2024,
        "kind": AssessmentKind.OFFICIAL,
        "file_name": "nilai.csv",
        "data": data,
        "now": NOW,
    }
    return defaults | changes


def test_an_import_keeps_levels_index_and_who_did_it(work: Work, scope: Scope) -> None:
    revision = assessments.import_scores(work, scope, **request(table({2: "5", 47: "TN"})))
    scores = work.session.scalars(select(Score).where(Score.revision_id == revision.id)).all()
    by_number = {score.indicator_number: score.level for score in scores}
    assert (len(by_number), by_number[1], by_number[2], by_number[47]) == (47, 2, 5, None)
    weights = {each.number: each.weight for each in get_instrument(SPBE).indicators}
    expected = Fraction(2) + (3 * Fraction(weights[2]) - 2 * Fraction(weights[47])) / 100
    assert revision.index_value == Decimal(expected.numerator) / Decimal(expected.denominator)
    assert (revision.number, revision.imported_by_id, revision.file_name) == (
        1,
        scope.account_id,
        "nilai.csv",
    )
    event = work.session.scalars(select(Event).where(Event.subject_type == "assessment")).one()
    assert (event.action, event.actor_id, event.data["revision"]) == ("import", scope.account_id, 1)


def test_the_same_file_again_is_the_same_revision(work: Work, scope: Scope) -> None:
    first = assessments.import_scores(work, scope, **request(table()))
    later = NOW + timedelta(days=1)
    assert preview(work, scope, table(), now=later).is_repeat
    again = assessments.import_scores(work, scope, **request(table(), now=later))
    assert again.id == first.id
    assert work.session.scalar(select(func.count()).select_from(AssessmentRevision)) == 1


def test_another_file_is_the_next_revision_and_the_first_stays_as_it_was(work: Work, scope: Scope) -> None:
    first = assessments.import_scores(work, scope, **request(table()))
    second = assessments.import_scores(work, scope, **request(table({1: "3"})))
    assert (second.assessment_id, second.number) == (first.assessment_id, 2)
    kept = select(Score.level).where(Score.revision_id == first.id, Score.indicator_number == 1)
    assert work.session.scalar(kept) == 2


def test_going_back_to_an_earlier_file_is_a_revision_of_its_own(work: Work, scope: Scope) -> None:
    for data in (table(), table({1: "3"}), table()):
        revision = assessments.import_scores(work, scope, **request(data))
    assert revision.number == 3


def test_kinds_of_one_year_are_assessments_of_their_own(work: Work, scope: Scope) -> None:
    official = assessments.import_scores(work, scope, **request(table()))
    self_made = assessments.import_scores(work, scope, **request(table(), kind=AssessmentKind.SELF))
    assert official.assessment_id != self_made.assessment_id
    assert self_made.number == 1


def test_a_preview_names_what_changed_and_by_how_many_points(work: Work, scope: Scope) -> None:
    assessments.import_scores(work, scope, **request(table({7: "-"})))
    seen = preview(work, scope, table({7: "3", 9: "1"}))
    weight = {each.number: Fraction(each.weight) for each in get_instrument(SPBE).indicators}
    assert [(c.number, c.before, c.after, c.points) for c in seen.changes] == [
        (7, None, 3, 3 * weight[7] / 100),
        (9, 2, 1, -weight[9] / 100),
    ]
    assert (display(seen.result.index), seen.predicate.name_id, seen.not_assessed) == (
        display(2 + weight[7] / 100 - weight[9] / 100),
        "Cukup",
        (),
    )


def test_a_preview_stores_nothing(work: Work, scope: Scope) -> None:
    preview(work, scope, table())
    assert work.session.scalar(select(func.count()).select_from(Assessment)) == 0


def test_every_problem_of_year_and_table_is_told_at_once_and_nothing_is_stored(
    work: Work, scope: Scope
) -> None:
    broken = table({3: "9", 5: "x", 8: "2.5"}).replace(b"\n47,2", b"\n46,2\n99,1")
    with pytest.raises(InvalidInputError) as refused:
        assessments.import_scores(work, scope, **request(broken, year=2031))
    found = [(each.code, each.row) for each in refused.value.problems]
    assert found == [
        ("assessment.year_out_of_range", None),
        ("level.outside_scale", 4),
        ("level.not_a_number", 6),
        ("level.not_whole", 9),
        ("level.repeated_indicator", 48),
        ("level.unknown_indicator", 49),
        ("level.missing", None),
    ]
    assert work.session.scalar(select(func.count()).select_from(Assessment)) == 0


def test_an_instrument_is_refused_for_a_year_it_was_not_used_in(work: Work, scope: Scope) -> None:
    with pytest.raises(InvalidInputError) as refused:
        assessments.import_scores(work, scope, **request(table(), year=2020))
    assert [each.code for each in refused.value.problems] == ["assessment.instrument_not_of_year"]


def test_the_predicate_basis_comes_from_the_instrument_by_year(work: Work, scope: Scope) -> None:
    for year in (2023, 2024):
        assessments.import_scores(work, scope, **request(table(), year=year))
    rows = work.session.execute(select(Assessment.year, Assessment.predicate_basis))
    assert {row.year: row.predicate_basis for row in rows} == {
        2023: PredicateBasis.ROUNDED,
        2024: PredicateBasis.UNROUNDED,
    }


def test_another_governments_assessment_is_not_compared_with(work: Work, scope: Scope) -> None:
    assessments.import_scores(work, scope, **request(table({1: "5"})))
    stranger = factories.scope(factories.account(work.session, factories.government(work.session)))
    assert preview(work, stranger, table()).former is None


def test_the_operator_imports_without_being_anybody(work: Work, scope: Scope) -> None:
    operator = Scope(scope.government_id, None, Role.COORDINATOR)
    assert assessments.import_scores(work, operator, **request(table())).imported_by_id is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [("C:\\Users\\diskominfo\\nilai 2024.csv", "nilai 2024.csv"), ("a/b\x00\n.csv", "b.csv"), ("", "-")],
)
def test_a_file_name_is_kept_without_path_and_control_characters(
    work: Work, scope: Scope, given: str, kept: str
) -> None:
    revision = assessments.import_scores(work, scope, **request(table(), file_name=given))
    assert revision.file_name == kept


def test_the_instrument_is_found_by_the_year() -> None:
    assert assessments.instrument_for(2024).id == SPBE
    assert assessments.instrument_for(2026).id == PEMDI
    with pytest.raises(InvalidInputError):
        assessments.instrument_for(1999)
