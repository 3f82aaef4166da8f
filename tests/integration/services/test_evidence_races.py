"""Several people at the same evidence at once: one item of one content, one piece of one place, and no half things."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Evidence, EvidenceUse, EvidenceVersion, UploadPiece
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import evidence, evidence_keeping, evidence_uses, uploads
from spbe_tasks.services.evidence import StoredFile
from spbe_tasks.transaction import transaction
from tests import factories
from tests.factories import NOW
from tests.races import race

pytestmark = pytest.mark.own_database
FILE = StoredFile("a" * 64, "SK.pdf", "application/pdf", 3)
ROUNDS = 10


@pytest.fixture
def focal(session: Session) -> Scope:
    """The focal point of an agency with a task in work on each of eight indicators."""
    government = factories.government(session)
    agency = factories.agency(session, government)
    plan = factories.plan(session, government)
    for number in range(1, 9):
        factories.task(session, plan, agency, number, state=State.IN_PROGRESS)
    scope = factories.scope(factories.account(session, government, Role.FOCAL_POINT, agency))
    session.commit()
    return scope


def _add(scope: Scope) -> int:
    assert scope.agency_id is not None
    with transaction() as work:
        return evidence.add_file(work, scope, agency_id=scope.agency_id, stored=FILE, now=NOW).item.id


def _count(session: Session, model: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_same_content_by_eight_people_at_once_is_one_evidence(
    app: Flask, session: Session, focal: Scope
) -> None:
    assert race(app, [lambda: _add(focal)] * 8) == ["done"] * 8
    assert (_count(session, Evidence), _count(session, EvidenceVersion)) == (1, 1)


def test_the_same_piece_sent_by_eight_tries_at_once_stands_once(
    app: Flask, session: Session, focal: Scope
) -> None:
    with transaction() as work:
        upload_id = uploads.begin(
            work, focal, agency_id=focal.agency_id or 0, name="SK.pdf", size_bytes=6, largest=9, now=NOW
        ).id

    def append() -> None:
        with transaction() as work:
            uploads.append(work, focal, upload_id, offset=0, piece_key="a" * 64, piece_size=3, now=NOW)

    assert race(app, [append] * 8) == ["done"] * 8
    assert _count(session, UploadPiece) == 1


def test_two_who_finish_one_upload_at_once_get_the_same_evidence(
    app: Flask, session: Session, focal: Scope
) -> None:
    with transaction() as work:
        upload_id = uploads.begin(
            work, focal, agency_id=focal.agency_id or 0, name="SK.pdf", size_bytes=3, largest=9, now=NOW
        ).id
        uploads.append(work, focal, upload_id, offset=0, piece_key="a" * 64, piece_size=3, now=NOW)
    found = []

    def finish() -> None:
        with transaction() as work:
            found.append(uploads.finish(work, focal, upload_id, FILE, uploads.Target(), now=NOW).item.id)

    assert race(app, [finish] * 4) == ["done"] * 4
    assert len(set(found)) == 1
    assert (_count(session, Evidence), _count(session, UploadPiece)) == (1, 0)


def test_what_is_removed_while_others_attach_it_is_gone_or_still_shows_all_they_attached(
    app: Flask, session: Session, focal: Scope
) -> None:
    task_ids = session.scalars(select(factories.Task.id)).all()
    for round_ in range(ROUNDS):
        row, now = _add(focal), NOW + timedelta(minutes=round_)

        def attach(task_id: int, row: int = row, now: object = now) -> None:
            with transaction() as work:
                evidence_uses.attach(work, focal, task_id, [(3, "a")], row, now=now)  # type: ignore[arg-type]

        def remove(row: int = row, now: object = now) -> None:
            with transaction() as work:
                evidence_keeping.remove(work, focal, row, now=now)  # type: ignore[arg-type]

        said = race(app, [*(lambda each=each: attach(each) for each in task_ids), remove])  # type: ignore[misc]
        session.rollback()
        uses = session.scalars(select(EvidenceUse).where(EvidenceUse.evidence_id == row)).all()
        if said[-1] == "done":
            assert set(said[:-1]) <= {"done", "evidence.not_found", "invalid_input"}
            assert uses == []
            assert session.get(Evidence, row) is None
        else:
            assert said[-1] == "conflict.stale"
            assert len(uses) == said[:-1].count("done") == len(task_ids)
            with transaction() as work:
                evidence_keeping.remove(work, focal, row, now=now)
