from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.instruments.crosswalk_loader import find_crosswalk
from spbe_tasks.models import Assessment, AssessmentRevision, Government
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.services import assessment_comparisons, crosswalks
from tests import factories
from tests.factories import PEMDI, SPBE


@pytest.fixture
def home(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def scope(session: Session, home: Government) -> Scope:
    return factories.scope(factories.account(session, home))


@pytest.fixture
def old(session: Session, home: Government) -> AssessmentRevision:
    return factories.revision(session, home, {25: 4, 24: None}, year=2025)


@pytest.fixture
def new(session: Session, home: Government) -> AssessmentRevision:
    return factories.revision(session, home, {3: Decimal("3.25")}, year=2026, instrument_id=PEMDI)


def test_each_new_indicator_stands_beside_the_old_ones_it_follows(
    session: Session, scope: Scope, old: AssessmentRevision, new: AssessmentRevision
) -> None:
    found = crosswalks.compare(session, scope, old.id, new.id)
    walk = find_crosswalk(SPBE, PEMDI)
    assert walk is not None
    assert {
        each.new.indicator.number: tuple(o.indicator.number for o in each.old) for each in found.followed
    } == {number: tuple(walk.sources_of(number)) for number in walk.followed}
    third = next(each for each in found.followed if each.new.indicator.number == 3)
    assert (third.new.level, [each.level for each in third.old]) == (Decimal("3.25"), [Decimal(4)])
    assert [(each.indicator.number, each.level) for each in found.dropped] == [(24, None), (44, Decimal(2))]
    assert not found.is_official


def test_the_older_instrument_stands_first_whichever_is_looked_at(
    session: Session, scope: Scope, old: AssessmentRevision, new: AssessmentRevision
) -> None:
    for one, other in ((old, new), (new, old)):
        found = crosswalks.compare(session, scope, one.id, other.id)
        assert (found.old.instrument.id, found.new.instrument.id) == (SPBE, PEMDI)
        assert (found.old.side.revision.id, found.new.side.revision.id) == (old.id, new.id)


def test_instruments_that_no_crosswalk_ties_are_not_put_side_by_side(
    session: Session,
    scope: Scope,
    old: AssessmentRevision,
    new: AssessmentRevision,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crosswalks, "find_crosswalk", lambda *_ids: None)
    with pytest.raises(InvalidInputError) as refused:
        crosswalks.compare(session, scope, old.id, new.id)
    assert refused.value.problems[0].code == "assessment.other_scales"


def test_another_governments_revision_does_not_exist(
    session: Session, scope: Scope, new: AssessmentRevision
) -> None:
    theirs = factories.revision(session, factories.government(session), year=2025)
    with pytest.raises(NotFoundError):
        crosswalks.compare(session, scope, theirs.id, new.id)


def test_one_can_compare_with_other_years_first_and_then_across_the_change_of_instrument(
    session: Session, scope: Scope, home: Government, old: AssessmentRevision, new: AssessmentRevision
) -> None:
    before = factories.revision(session, home, year=2024)
    factories.revision(session, factories.government(session), year=2025)

    def others(of: AssessmentRevision) -> list[int]:
        assessment = session.get_one(Assessment, of.assessment_id)
        found = assessment_comparisons.list_others(session, scope, assessment, of)
        return [row.AssessmentRevision.id for row in found]

    assert others(old) == [before.id, new.id]
    assert others(new) == [old.id, before.id]
