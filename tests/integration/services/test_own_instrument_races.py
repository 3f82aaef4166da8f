"""Replacing or removing an own instrument against somebody who is about to use it, each in a real transaction."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import Agency, AssessmentDraft, AssessmentKind, InstrumentDocument
from spbe_tasks.readers import reading
from spbe_tasks.readers.document import Document
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError, SpbeError
from spbe_tasks.services import assessment_drafts, assessments, instruments, own_instruments, ownership
from spbe_tasks.services.assessment_revisions import Source
from spbe_tasks.services.ownership import Cell
from spbe_tasks.services.readouts import Wanted
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.product import wait_for
from tests.unit.instruments.small_instrument import SMALL, changed

pytestmark = pytest.mark.own_database

OTHER = changed("title_en: Small instrument", "title_en: Other instrument")
WANTED = Wanted("small", 2025, AssessmentKind.OFFICIAL)
Use = Callable[[Work, Scope], object]
Change = Callable[[Work, Scope], object]


@pytest.fixture
def scope(session: Session) -> Scope:
    government = factories.government(session)
    factories.agency(session, government)
    scope = factories.scope(factories.account(session, government))
    own_instruments.store(Work(session), scope, SMALL.encode(), now=NOW)
    # An import of something else, which somebody may turn into one by the own instrument.
    factories.draft(session, government)
    session.commit()
    return scope


def _read(session: Session, scope: Scope) -> Document:
    known = instruments.list_all(session, scope.government_id)
    return reading.read_document(b"nomor;tingkat\n1;1\n2;2\n", "nilai.csv", known)


def _open(work: Work, scope: Scope) -> None:
    document = _read(work.session, scope)
    kept = {"file_name": "nilai.csv", "digest": "2" * 64, "file_key": None, "now": NOW}
    assessment_drafts.open_draft(work, scope, WANTED, document, **kept)  # type: ignore[arg-type]


def _change(work: Work, scope: Scope) -> None:
    draft = work.session.scalars(select(AssessmentDraft)).one()
    assessment_drafts.change(
        work, scope, draft.id, WANTED, {}, leaves_out_unknown=False, version=None, now=NOW
    )


def _import(work: Work, scope: Scope) -> None:
    document = _read(work.session, scope)
    seen = assessments.preview(work.session, scope, WANTED, Source("nilai.csv", "2" * 64), document, now=NOW)
    assessments.store(work, scope, seen, now=NOW)


def _own(work: Work, scope: Scope) -> None:
    agency = work.session.scalars(select(Agency)).one()
    how = {"instrument_id": "small", "indicator_number": 2, "agency_id": agency.id, "cell": Cell.LEAD}
    ownership.set_cell(work, scope, **how, now=NOW)  # type: ignore[arg-type]


USES: dict[str, Use] = {"open": _open, "change": _change, "import": _import, "own": _own}
CHANGES: dict[str, Change] = {
    "replace": lambda work, scope: own_instruments.store(work, scope, OTHER, now=NOW),
    "remove": lambda work, scope: own_instruments.remove(work, scope, "small", now=NOW),
}


def _somebody_waits() -> bool:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with db.engine.connect() as connection:
        return bool(connection.scalar(waiting))


def _in_turn(app: Flask, session: Session, scope: Scope, first: Use, second: Use) -> SpbeError | None:
    """``first`` is done but not committed when ``second`` comes; what ``second`` is refused with, if anything."""

    def elsewhere() -> SpbeError | None:
        with app.app_context():
            try:
                with transaction() as work:
                    second(work, scope)
            except SpbeError as error:
                return error
            return None

    with ThreadPoolExecutor(1) as pool:
        first(Work(session), scope)
        session.flush()
        waiting = pool.submit(elsewhere)
        wait_for(_somebody_waits, seconds=10, what="the second to meet what the first holds")
        session.commit()
        return waiting.result(timeout=10)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("use", USES)
def test_what_is_just_being_used_is_neither_replaced_nor_removed(
    app: Flask, session: Session, scope: Scope, use: str, change: str
) -> None:
    refused = _in_turn(app, session, scope, USES[use], CHANGES[change])
    if change == "replace":
        assert isinstance(refused, InvalidInputError)
        assert refused.problems[0].code == "instrument.in_use"
    else:
        assert isinstance(refused, ConflictError)
        assert refused.code == "instrument.still_used"
    assert session.scalars(select(InstrumentDocument.content)).one() == SMALL.encode()


@pytest.mark.parametrize("use", USES)
def test_what_has_just_been_removed_is_not_used(app: Flask, session: Session, scope: Scope, use: str) -> None:
    refused = _in_turn(app, session, scope, CHANGES["remove"], USES[use])
    assert isinstance(refused, NotFoundError)
    assert refused.code == "instrument.not_found"


def test_levels_checked_by_content_that_was_replaced_meanwhile_are_not_stored(
    app: Flask, session: Session, scope: Scope
) -> None:
    refused = _in_turn(app, session, scope, CHANGES["replace"], USES["import"])
    assert isinstance(refused, ConflictError)
    assert refused.code == "instrument.replaced"
