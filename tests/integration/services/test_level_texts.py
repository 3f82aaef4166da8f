from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Event, Government, LevelText, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.services import criteria, task_sheets
from spbe_tasks.services.level_texts import MAX_LENGTH
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW


@pytest.fixture
def person(session: Session) -> Account:
    government = factories.government(session)
    return factories.account(session, government, Role.FOCAL_POINT, factories.agency(session, government))


@pytest.fixture
def focal(person: Account) -> Scope:
    return factories.scope(person)


@pytest.fixture
def task(session: Session, person: Account) -> Task:
    plan = factories.plan(session, session.get_one(Government, person.government_id))
    return factories.task(
        session, plan, session.get_one(Agency, person.agency_id), 33, target_level=Decimal(4)
    )


def _write(work: Work, focal: Scope, task: Task, **values: object) -> int:
    return criteria.claim(work, focal, task.id, {}, now=NOW, **values)  # type: ignore[arg-type]


def test_texts_are_stored_by_level_and_shown_with_its_criteria(
    work: Work, session: Session, focal: Scope, task: Task
) -> None:
    before = task.version
    assert _write(work, focal, task, texts={3: Words("Ada SK.", "Sesuai."), 4: Words()}) == 1
    session.flush()
    assert task.version == before + 1
    three, four = task_sheets.read(session, focal, task.id).steps
    assert (three.words, four.words) == (Words("Ada SK.", "Sesuai."), Words())
    (event,) = session.scalars(select(Event).where(Event.action == "claim")).all()
    assert (event.data["changed"], event.data["texts"]) == (0, 1)


def test_the_same_texts_again_change_nothing(work: Work, session: Session, focal: Scope, task: Task) -> None:
    _write(work, focal, task, texts={3: Words("Ada SK.", "")})
    session.flush()
    before = task.version
    assert _write(work, focal, task, texts={3: Words("Ada SK.", "")}) == 0
    session.flush()
    assert task.version == before


def test_a_level_that_is_not_named_keeps_its_text(
    work: Work, session: Session, focal: Scope, task: Task
) -> None:
    _write(work, focal, task, texts={3: Words("Ada SK.", "")})
    _write(work, focal, task, texts={4: Words("Ada audit.", "")})
    stored = session.execute(select(LevelText.level, LevelText.facts).order_by(LevelText.level)).all()
    assert [tuple(each) for each in stored] == [(3, "Ada SK."), (4, "Ada audit.")]


def test_texts_that_are_too_long_are_refused_with_their_fields_and_nothing_is_stored(
    work: Work, session: Session, focal: Scope, task: Task
) -> None:
    long = "x" * (MAX_LENGTH + 1)
    with pytest.raises(InvalidInputError) as refusal:
        _write(work, focal, task, texts={3: Words(long, ""), 4: Words("", long)})
    assert [each.field for each in refusal.value.problems] == ["facts_3", "analysis_4"]
    assert session.scalars(select(LevelText)).all() == []


def test_a_text_of_a_level_that_is_not_asked_is_refused(work: Work, focal: Scope, task: Task) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        _write(work, focal, task, texts={5: Words("x", "")})
    assert [each.code for each in refusal.value.problems] == ["text.not_asked"]


def test_a_second_writer_is_refused(work: Work, session: Session, focal: Scope, task: Task) -> None:
    seen = task.version
    _write(work, focal, task, texts={3: Words("Punya saya", "")}, version=seen)
    session.flush()
    with pytest.raises(ConflictError, match=r"task\.stale_version"):
        _write(work, focal, task, texts={3: Words("Punya orang lain", "")}, version=seen)
    assert session.scalars(select(LevelText.facts)).all() == ["Punya saya"]
