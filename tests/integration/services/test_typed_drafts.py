from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, Event, Government, Task, TypedDraft
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import criteria, task_sheets, tasks, typed_drafts
from spbe_tasks.services.typed_drafts import DraftForm
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW


@pytest.fixture
def focal(session: Session) -> Account:
    government = factories.government(session)
    return factories.account(session, government, Role.FOCAL_POINT, factories.agency(session, government))


@pytest.fixture
def task(session: Session, focal: Account) -> Task:
    government = session.get_one(Government, focal.government_id)
    agency = session.get_one(Agency, focal.agency_id)
    return factories.task(session, factories.plan(session, government), agency, 33)


def _keep(work: Work, person: Account, task: Task, form: DraftForm, text: str, **values: object) -> None:
    given = {"version": task.version, "now": NOW} | values
    typed_drafts.keep(work, factories.scope(person), task.id, form, {"explanation_3_a": text}, **given)  # type: ignore[arg-type]


def _drafts(session: Session) -> list[TypedDraft]:
    return list(session.scalars(select(TypedDraft).order_by(TypedDraft.form)))


def test_the_last_draft_of_a_form_is_kept_and_shown_to_its_author_alone(
    work: Work, session: Session, focal: Account, task: Task
) -> None:
    government, agency = (
        session.get_one(Government, focal.government_id),
        session.get_one(Agency, focal.agency_id),
    )
    colleague = factories.account(session, government, Role.FOCAL_POINT, agency)
    _keep(work, focal, task, DraftForm.CHECKLIST, "Perb")
    _keep(work, focal, task, DraftForm.CHECKLIST, "Perbup 12", version=7, now=NOW + timedelta(minutes=1))
    sheet = task_sheets.read(session, factories.scope(focal), task.id)
    draft = sheet.drafts[DraftForm.CHECKLIST]
    assert (draft.fields, draft.version) == ({"explanation_3_a": "Perbup 12"}, 7)
    assert draft.saved_at == NOW + timedelta(minutes=1)
    assert task_sheets.read(session, factories.scope(colleague), task.id).drafts == {}


def test_keeping_a_draft_leaves_task_and_trail_alone(
    work: Work, session: Session, focal: Account, task: Task
) -> None:
    before = task.version
    _keep(work, focal, task, DraftForm.SUBMIT, "catatan")
    session.flush()
    assert task.version == before
    assert session.scalars(select(Event)).all() == []


def test_storing_the_checklist_takes_its_draft_away_and_no_other(
    work: Work, session: Session, focal: Account, task: Task
) -> None:
    for form in DraftForm:
        _keep(work, focal, task, form, "Perbup")
    criteria.claim(work, factories.scope(focal), task.id, {(3, "a"): (True, "Perbup")}, now=NOW)
    assert [each.form for each in _drafts(session)] == ["submit"]


def test_submitting_takes_the_draft_of_its_note_away(
    work: Work, session: Session, focal: Account, task: Task
) -> None:
    scope = factories.scope(focal)
    tasks.act(work, scope, task.id, Action.START, {}, version=None, now=NOW)
    _keep(work, focal, task, DraftForm.SUBMIT, "sudah")
    tasks.act(work, scope, task.id, Action.SUBMIT, {"note": "sudah"}, version=None, now=NOW)
    assert _drafts(session) == []


def test_a_draft_is_discarded_by_its_author_only(
    work: Work, session: Session, focal: Account, task: Task
) -> None:
    government, agency = (
        session.get_one(Government, focal.government_id),
        session.get_one(Agency, focal.agency_id),
    )
    colleague = factories.account(session, government, Role.FOCAL_POINT, agency)
    _keep(work, focal, task, DraftForm.CHECKLIST, "Perbup")
    typed_drafts.discard(work, factories.scope(colleague), task.id, DraftForm.CHECKLIST)
    assert len(_drafts(session)) == 1
    typed_drafts.discard(work, factories.scope(focal), task.id, DraftForm.CHECKLIST)
    assert _drafts(session) == []


def test_nobody_keeps_a_draft_on_a_task_out_of_sight(
    work: Work, session: Session, focal: Account, task: Task
) -> None:
    government = session.get_one(Government, focal.government_id)
    stranger = factories.account(session, government, Role.FOCAL_POINT, factories.agency(session, government))
    with pytest.raises(NotFoundError):
        _keep(work, stranger, task, DraftForm.CHECKLIST, "x")
    with pytest.raises(NotFoundError):
        typed_drafts.discard(work, factories.scope(stranger), task.id, DraftForm.CHECKLIST)


def test_a_draft_longer_than_any_form_is_refused(
    work: Work, session: Session, focal: Account, task: Task
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        _keep(work, focal, task, DraftForm.CHECKLIST, "x" * typed_drafts.MAX_LENGTH)
    assert [each.code for each in refusal.value.problems] == ["draft.too_long"]
    assert _drafts(session) == []


def test_the_sweep_takes_drafts_of_more_than_thirty_days_away_twice_without_harm(
    work: Work, session: Session, focal: Account, task: Task
) -> None:
    _keep(work, focal, task, DraftForm.CHECKLIST, "lama", now=NOW - timedelta(days=30, minutes=1))
    _keep(work, focal, task, DraftForm.SUBMIT, "baru", now=NOW - timedelta(days=29))
    for _ in range(2):
        typed_drafts.sweep(work, now=NOW)
        assert [each.form for each in _drafts(session)] == ["submit"]
