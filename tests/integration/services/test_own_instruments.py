"""Own instruments: checked, kept once, replaced and taken away only while nothing was made with them."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import read_shipped
from spbe_tasks.models import AssessmentKind, Event, Government, InstrumentDocument
from spbe_tasks.readers import reading
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.services import assessment_drafts, assessments, instruments, own_instruments, ownership, plans
from spbe_tasks.services.orders import Order
from spbe_tasks.services.queries import plans as plan_queries
from spbe_tasks.work import Work
from spbe_tasks.workbooks.levels import Contents, write_levels
from tests import factories
from tests.factories import NOW, SPBE
from tests.unit.instruments.small_instrument import SMALL, changed
from tests.unit.readers.reports import Layout, print_report

CONTENT = SMALL.encode()
OTHER = changed("title_en: Small instrument", "title_en: Other instrument")


@pytest.fixture
def government(session: Session) -> Government:
    return factories.government(session)


@pytest.fixture
def scope(government: Government) -> Scope:
    return Scope(government.id, None, Role.COORDINATOR)


@pytest.fixture
def work(session: Session) -> Work:
    return Work(session)


def imported(work: Work, scope: Scope, levels: str = "nomor;tingkat\n1;1\n2;2\n") -> None:
    assessments.import_scores(
        work,
        scope,
        instrument_id="small",
        year=2025,
        kind=AssessmentKind.OFFICIAL,
        file_name="tingkat.csv",
        data=levels.encode(),
        now=NOW,
    )


def events(session: Session, scope: Scope) -> list[str]:
    return list(
        session.scalars(
            select(Event.action)
            .where(Event.government_id == scope.government_id, Event.subject_type == "instrument")
            .order_by(Event.id)
        )
    )


def test_a_stored_instrument_stands_beside_the_shipped_ones_of_its_government_only(
    work: Work, scope: Scope
) -> None:
    own_instruments.store(work, scope, CONTENT, now=NOW)
    stranger = factories.government(work.session)
    found = instruments.get(work.session, scope.government_id, "small")
    assert found.title("en") == "Small instrument"
    assert "small" in [each.id for each in instruments.list_all(work.session, scope.government_id)]
    assert "small" not in [each.id for each in instruments.list_all(work.session, stranger.id)]
    with pytest.raises(NotFoundError):
        instruments.get(work.session, stranger.id, "small")
    with pytest.raises(NotFoundError):
        instruments.read_file(work.session, stranger.id, "small")


def test_the_same_content_again_changes_nothing(work: Work, scope: Scope) -> None:
    own_instruments.store(work, scope, CONTENT, now=NOW)
    again = own_instruments.store(work, scope, CONTENT.replace(b"\n", b"\r\n"), now=NOW)
    assert again.is_repeat
    assert events(work.session, scope) == ["store_instrument"]


def test_other_content_replaces_an_unused_instrument_at_once(work: Work, scope: Scope) -> None:
    own_instruments.store(work, scope, CONTENT, now=NOW)
    own_instruments.store(work, scope, OTHER, now=NOW)
    assert instruments.get(work.session, scope.government_id, "small").title("en") == "Other instrument"
    assert instruments.read_file(work.session, scope.government_id, "small") == OTHER
    assert events(work.session, scope) == ["store_instrument", "replace_instrument"]


def test_what_was_made_with_it_keeps_its_content(work: Work, scope: Scope) -> None:
    own_instruments.store(work, scope, CONTENT, now=NOW)
    imported(work, scope)
    assert own_instruments.store(work, scope, CONTENT, now=NOW).is_repeat
    with pytest.raises(InvalidInputError) as refused:
        own_instruments.store(work, scope, OTHER, now=NOW)
    assert [each.code for each in refused.value.problems] == ["instrument.in_use"]
    with pytest.raises(ConflictError, match="still_used"):
        own_instruments.remove(work, scope, "small", now=NOW)


def test_the_id_of_a_shipped_instrument_is_refused(work: Work, scope: Scope) -> None:
    with pytest.raises(InvalidInputError) as refused:
        own_instruments.store(work, scope, changed("id: small", f"id: {SPBE}"), now=NOW)
    assert [each.code for each in refused.value.problems] == ["instrument.id_is_shipped"]
    assert work.session.scalar(select(func.count()).select_from(InstrumentDocument)) == 0


def test_an_unused_instrument_is_taken_away(work: Work, scope: Scope) -> None:
    own_instruments.store(work, scope, CONTENT, now=NOW)
    own_instruments.remove(work, scope, "small", now=NOW)
    with pytest.raises(NotFoundError):
        instruments.get(work.session, scope.government_id, "small")
    assert events(work.session, scope) == ["store_instrument", "remove_instrument"]


def test_a_shipped_instrument_cannot_be_taken_away(work: Work, scope: Scope) -> None:
    with pytest.raises(NotFoundError):
        own_instruments.remove(work, scope, SPBE, now=NOW)


def test_an_own_instrument_is_imported_owned_planned_and_given_tasks(work: Work, scope: Scope) -> None:
    own_instruments.store(work, scope, CONTENT, now=NOW)
    imported(work, scope, "nomor;tingkat\n1;1\n2;1\n")
    agency = factories.agency(work.session, work.session.get_one(Government, scope.government_id))
    ownership.set_aspect_lead(
        work, scope, instrument_id="small", aspect_number=1, agency_id=agency.id, now=NOW
    )
    order = Order("small", 2025, threshold=Decimal(2), target_level=Decimal(2), due_on=date(2025, 12, 1))
    done = plans.generate(work, scope, order, now=NOW)
    assert done.plan is not None
    states = plan_queries.list_states(work.session, scope, done.plan.id)
    assert sum(states.values()) > 0


def test_an_own_copy_of_a_shipped_instrument_does_not_draw_its_documents_away(
    work: Work, scope: Scope
) -> None:
    copy = (
        read_shipped(SPBE)
        .replace(f"id: {SPBE}".encode(), b"id: salinan")
        .replace(b"year: 2020", b"year: 2024")
    )
    own_instruments.store(work, scope, copy, now=NOW)
    known = instruments.list_all(work.session, scope.government_id)
    own = instruments.get(work.session, scope.government_id, "salinan")
    levels = {each.number: Decimal(3) for each in own.indicators}
    files = {
        "tabel.csv": "".join(["nomor;tingkat\n", *(f"{number};3\n" for number in levels)]).encode(),
        "lhe.pdf": print_report(Layout(name="usual")),
        "salinan.xlsx": write_levels(own, "id", year=2024, contents=Contents(levels)),
    }
    found = {
        name: assessment_drafts.recognise(
            reading.read_document(data, name, known), known, kind=AssessmentKind.OFFICIAL, now=NOW
        ).instrument_id
        for name, data in files.items()
    }
    assert found == {"tabel.csv": SPBE, "lhe.pdf": SPBE, "salinan.xlsx": "salinan"}
