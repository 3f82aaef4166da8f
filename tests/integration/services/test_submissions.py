from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Evidence, Government, Submission, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.submission_changes import Change, ChangeKind, Words
from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services import criteria, evidence, evidence_uses, submissions, task_sheets, tasks
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
    agency = session.get_one(Agency, person.agency_id)
    return factories.task(session, plan, agency, 16, state=State.IN_PROGRESS, target_level=Decimal(4))


def _link(work: Work, focal: Scope, task: Task, name: str, *places: tuple[int, str]) -> Evidence:
    url = f"https://jdih.ketapang.example/{name}"
    added = evidence.add_link(work, focal, agency_id=task.agency_id, url=url, title=name, now=NOW)
    evidence_uses.attach(work, focal, task.id, places, added.item.id, now=NOW)
    return added.item


def _submit(work: Work, focal: Scope, task: Task) -> None:
    tasks.act(work, focal, task.id, Action.SUBMIT, {"note": "bukti"}, version=None, now=NOW)


def _return(work: Work, session: Session, person: Account, task: Task) -> None:
    reviewer = factories.account(session, session.get_one(Government, person.government_id), Role.REVIEWER)
    scope = factories.scope(reviewer)
    tasks.act(work, scope, task.id, Action.RETURN, {"reason": "kurang"}, version=None, now=NOW)


def _contents(session: Session) -> list[dict[str, object]]:
    return list(session.scalars(select(Submission.contents).order_by(Submission.number)))


def test_a_submission_keeps_claims_evidence_with_its_version_and_texts_as_they_were(
    work: Work, session: Session, focal: Scope, task: Task
) -> None:
    decree = _link(work, focal, task, "sk-tim", (3, "a"), (4, "a"))
    said = {(3, "a"): (True, "Pasal 4"), (3, "b"): (False, "Menyusul")}
    criteria.claim(work, focal, task.id, said, texts={3: Words("Ada SK.", "Sesuai.")}, now=NOW)
    _submit(work, focal, task)
    evidence.add_version(work, focal, decree.id, "https://jdih.ketapang.example/sk-baru", now=NOW)
    shown = [{"id": decree.id, "version": 1, "title": "sk-tim"}]
    assert _contents(session) == [
        {
            "claims": [
                {"level": 3, "letter": "a", "is_met": True, "explanation": "Pasal 4", "evidence": shown},
                {"level": 3, "letter": "b", "is_met": False, "explanation": "Menyusul", "evidence": []},
                {"level": 4, "letter": "a", "is_met": False, "explanation": "", "evidence": shown},
            ],
            "texts": [{"level": 3, "facts": "Ada SK.", "analysis": "Sesuai."}],
        }
    ]


def test_the_next_submission_tells_what_changed_since_the_one_before(
    work: Work, session: Session, person: Account, focal: Scope, task: Task
) -> None:
    decree = _link(work, focal, task, "sk-tim", (3, "a"))
    criteria.claim(work, focal, task.id, {(3, "a"): (True, "Pasal 4")}, now=NOW)
    _submit(work, focal, task)
    _return(work, session, person, task)
    evidence.add_version(work, focal, decree.id, "https://jdih.ketapang.example/sk-baru", now=NOW)
    notes = _link(work, focal, task, "notula", (3, "b"))
    said = {(3, "a"): (True, "Pasal 4"), (3, "b"): (True, "")}
    criteria.claim(work, focal, task.id, said, texts={3: Words("Ada notula.", "")}, now=NOW)
    _submit(work, focal, task)
    assert submissions.changes(*_contents(session)) == (
        Change(ChangeKind.EVIDENCE_RENEWED, 3, "a", "sk-tim", "sk-tim", decree.id),
        Change(ChangeKind.TICKED, 3, "b"),
        Change(ChangeKind.EVIDENCE_ADDED, 3, "b", "", "notula", notes.id),
        Change(ChangeKind.FACTS, 3, None, "", "Ada notula."),
    )


def test_contents_from_before_they_were_kept_are_empty() -> None:
    now = {"claims": [], "texts": [{"level": 3, "facts": "Ada.", "analysis": ""}]}
    assert submissions.changes({}, now) == (Change(ChangeKind.FACTS, 3, None, "", "Ada."),)


def test_what_is_ticked_without_evidence_or_words_is_not_handed_in_and_named(
    work: Work, session: Session, focal: Scope, task: Task
) -> None:
    criteria.claim(work, focal, task.id, {(3, "a"): (True, "Pasal 4"), (3, "b"): (True, " ")}, now=NOW)
    session.commit()
    (held,) = [
        each for each in task_sheets.read(session, focal, task.id).actions if each.action is Action.SUBMIT
    ]
    assert (held.is_available, held.obstacle_code) == (False, "submission.nothing_shown")
    with pytest.raises(InvalidInputError) as refusal:
        _submit(work, focal, task)
    (problem,) = refusal.value.problems
    assert (problem.code, problem.params) == ("submission.nothing_shown", {"criteria": "3b"})
    _link(work, focal, task, "notula", (3, "b"))
    _submit(work, focal, task)
    assert task.state is State.SUBMITTED


def test_what_is_missing_is_told_and_does_not_keep_from_handing_in(
    work: Work, session: Session, focal: Scope, task: Task
) -> None:
    criteria.claim(work, focal, task.id, {(3, "a"): (True, "Pasal 4")}, now=NOW)
    sheet = task_sheets.read(session, focal, task.id)
    assert (sheet.without_evidence, sheet.without_words, sheet.is_unfinished) == (1, (3,), True)
    assert any(each.action is Action.SUBMIT and each.is_available for each in sheet.actions)
