from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import AssessmentRevision, Event, LevelPin, Plan, RevisionCause, Score
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.services import assessments, level_pins
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.services.test_assessments import preview, request, table


@pytest.fixture
def scope(session: Session) -> Scope:
    return factories.scope(factories.account(session, factories.government(session)))


@pytest.fixture
def first(work: Work, scope: Scope) -> AssessmentRevision:
    return assessments.import_scores(work, scope, **request(table()))


def pin(
    work: Work, scope: Scope, revision: AssessmentRevision, level: int | None = 3, **changes: object
) -> AssessmentRevision:
    given = {
        "level": None if level is None else Decimal(level),
        "reason": "Berita acara.",
        "seen_number": None,
    }
    number = changes.pop("number", 9)
    return level_pins.pin(work, scope, revision.assessment_id, number, **(given | changes), now=NOW)


def release(work: Work, scope: Scope, revision: AssessmentRevision) -> AssessmentRevision:
    return level_pins.release(work, scope, revision.assessment_id, 9, seen_number=None, now=NOW)


def score(session: Session, revision: AssessmentRevision, number: int = 9) -> Score:
    return session.get_one(Score, (revision.id, number))


def test_a_pin_makes_a_revision_with_the_pinned_level_and_keeps_the_one_read(
    work: Work, scope: Scope, first: AssessmentRevision
) -> None:
    made = pin(work, scope, first)
    kept = score(work.session, made)
    assert (made.number, made.cause, made.file_sha256) == (2, RevisionCause.PIN, first.file_sha256)
    assert (kept.level, kept.read_level, score(work.session, first).level) == (3, 2, 2)
    assert made.index_value > first.index_value
    event = work.session.scalars(select(Event).where(Event.action == "pin_level")).one()
    assert (event.data["indicator"], event.data["before"], event.data["after"]) == (9, "2", "3")
    assert event.data["reason"] == "Berita acara."


def test_a_pin_survives_the_next_import_which_says_so(
    work: Work, scope: Scope, first: AssessmentRevision
) -> None:
    pin(work, scope, first)
    data = table({9: "1", 10: "4"})
    seen = preview(work, scope, data)
    assert [(each.number, each.level, each.read_level) for each in seen.kept] == [(9, 3, 1)]
    assert [change.number for change in seen.changes] == [10]
    again = assessments.import_scores(work, scope, **request(data))
    kept = score(work.session, again)
    assert (again.number, kept.level, kept.read_level) == (3, 3, 1)
    released = release(work, scope, again)
    assert (released.cause, score(work.session, released).level) == (RevisionCause.RELEASE, 1)
    assert score(work.session, released).pin_id is None


def test_importing_the_file_behind_a_pin_again_changes_nothing(
    work: Work, scope: Scope, first: AssessmentRevision
) -> None:
    made = pin(work, scope, first)
    assert preview(work, scope, table()).is_repeat
    assert assessments.import_scores(work, scope, **request(table())).id == made.id


def test_another_pin_on_the_same_level_replaces_the_first(
    work: Work, scope: Scope, first: AssessmentRevision
) -> None:
    pin(work, scope, first)
    made = pin(work, scope, first, 5, reason="Putusan kedua.")
    pins = work.session.scalars(select(LevelPin).order_by(LevelPin.id)).all()
    assert [each.released_at is None for each in pins] == [False, True]
    assert (score(work.session, made).level, score(work.session, made).read_level) == (5, 2)


def test_the_very_same_pin_again_changes_nothing(work: Work, scope: Scope, first: AssessmentRevision) -> None:
    assert pin(work, scope, first).id == pin(work, scope, first).id


def test_not_assessed_can_be_pinned_too(work: Work, scope: Scope, first: AssessmentRevision) -> None:
    kept = score(work.session, pin(work, scope, first, None))
    assert (kept.level, kept.read_level, kept.pin_id is not None) == (None, 2, True)


def test_a_plan_stays_on_the_revision_it_names(work: Work, scope: Scope, session: Session) -> None:
    government = session.get_one(factories.Government, scope.government_id)
    plan = factories.plan(session, government)
    baseline = session.get_one(AssessmentRevision, plan.baseline_revision_id)
    pin(work, scope, baseline)
    assert session.get_one(Plan, plan.id).baseline_revision_id == baseline.id
    assert work.jobs == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"level": Decimal(9)}, "level.outside_scale"),
        ({"level": Decimal("2.5")}, "level.not_whole"),
        ({"reason": "  "}, "field.required"),
    ],
)
def test_a_level_off_the_scale_or_without_a_reason_is_refused(
    work: Work, scope: Scope, first: AssessmentRevision, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        pin(work, scope, first, **changes)
    assert [each.code for each in refused.value.problems] == [code]
    assert work.session.scalar(select(LevelPin)) is None


def test_an_unknown_indicator_and_a_level_that_is_not_pinned_are_not_found(
    work: Work, scope: Scope, first: AssessmentRevision
) -> None:
    with pytest.raises(NotFoundError):
        pin(work, scope, first, number=48)
    with pytest.raises(NotFoundError):
        release(work, scope, first)


def test_a_pin_on_what_was_not_looked_at_is_refused(
    work: Work, scope: Scope, first: AssessmentRevision
) -> None:
    assessments.import_scores(work, scope, **request(table({1: "4"})))
    with pytest.raises(ConflictError):
        pin(work, scope, first, seen_number=1)


def test_another_governments_level_cannot_be_pinned(
    work: Work, session: Session, first: AssessmentRevision
) -> None:
    stranger = factories.scope(factories.account(session, factories.government(session)))
    with pytest.raises(NotFoundError):
        pin(work, stranger, first)
