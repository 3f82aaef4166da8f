"""Evidence of an agency: kept once, in versions, attached to criteria of its tasks, out of sight of others."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Event, Scan, Submission, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidTransitionError,
    NotFoundError,
)
from spbe_tasks.rules.instrument import Place
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import evidence, evidence_keeping, evidence_uses
from spbe_tasks.services.evidence import Added, StoredFile
from spbe_tasks.services.queries import checklists, files
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.services.queries.evidence import EvidenceItem
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW


def file(content: str = "a", **values: object) -> StoredFile:
    known = {"key": content * 64, "name": "SK_Bupati.pdf", "media_type": "application/pdf", "size_bytes": 9}
    return StoredFile(**known | values)  # type: ignore[arg-type]


class Office:
    """An agency with a task from level 2 to 4 in work, its people, another agency's, and another government's."""

    def __init__(self, session: Session) -> None:
        government = factories.government(session)
        self.agency, other = (factories.agency(session, government) for _ in range(2))
        self.plan = plan = factories.plan(session, government)
        at_work = {"state": State.IN_PROGRESS, "target_level": Decimal(4)}
        self.task = factories.task(session, plan, self.agency, 33, **at_work)
        self.later = factories.task(session, plan, self.agency, 35, **at_work)
        self.focal, self.colleague = (
            factories.scope(factories.account(session, government, Role.FOCAL_POINT, self.agency))
            for _ in range(2)
        )
        self.stranger = factories.scope(factories.account(session, government, Role.FOCAL_POINT, other))
        self.reviewer = factories.scope(factories.account(session, government, Role.REVIEWER))
        self.coordinator = factories.scope(factories.account(session, government))
        self.abroad = factories.scope(factories.account(session, factories.government(session)))

    def add(self, work: Work, content: str = "a", **values: Any) -> Added:
        by = values.pop("by", self.focal)
        return evidence.add_file(work, by, agency_id=self.agency.id, stored=file(content), now=NOW, **values)


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def _of_task(session: Session, task: Task) -> Mapping[Place, tuple[EvidenceItem, ...]]:
    return queries.by_place(checklists.read(session, task.id)["evidence"])


def _actions(session: Session, subject: tuple[str, int]) -> list[str]:
    kind, number = subject
    rows = select(Event.action).where(Event.subject_type == kind, Event.subject_id == number)
    return list(session.scalars(rows.order_by(Event.id)))


def test_a_file_is_kept_under_its_name_and_told_in_the_trail(work: Work, office: Office) -> None:
    added = office.add(work)
    item = queries.get_item(work.session, office.focal, added.item.id)
    assert (added.is_new, item.title, item.number, item.file_name) == (True, "SK Bupati", 1, "SK_Bupati.pdf")
    assert _actions(work.session, ("evidence", item.id)) == ["add_evidence"]


def test_the_same_content_is_kept_once_in_an_agency_and_apart_in_another(work: Work, office: Office) -> None:
    first = office.add(work, title="Keputusan")
    again = office.add(work, title="Lain", by=office.colleague)
    elsewhere = evidence.add_file(
        work, office.stranger, agency_id=office.stranger.agency_id or 0, stored=file(), now=NOW
    )
    assert (again.is_new, again.item.id, again.item.title) == (False, first.item.id, "Keputusan")
    assert elsewhere.is_new


def test_the_same_address_is_kept_once(work: Work, office: Office) -> None:
    link = {"url": "https://jdih.ketapang.go.id/sk-12", "title": "SK 12", "agency_id": office.agency.id}
    first, again = (evidence.add_link(work, office.focal, now=NOW, **link) for _ in range(2))  # type: ignore[arg-type]
    assert (first.is_new, again.is_new, again.item.id) == (True, False, first.item.id)
    assert queries.get_item(work.session, office.focal, first.item.id).url == link["url"]


def test_everything_wrong_with_title_and_dates_is_said_at_once(work: Work, office: Office) -> None:
    with pytest.raises(InvalidInputError) as refused:
        office.add(work, title="x" * 201, dated_on=date(2025, 2, 1), expires_on=date(2025, 2, 1))
    assert [each.code for each in refused.value.problems] == [
        "evidence.title_too_long",
        "evidence.expires_before_dated",
    ]


def test_a_newer_version_takes_the_place_of_the_one_before_and_the_same_again_does_not(
    work: Work, office: Office
) -> None:
    row = office.add(work).item
    newer = evidence.add_version(work, office.focal, row.id, file("b"), now=NOW)
    same = evidence.add_version(work, office.focal, row.id, file("b"), now=NOW)
    link = evidence.add_version(work, office.focal, row.id, "https://ketapang.go.id/sk", now=NOW)
    assert (newer.number, same.id, link.number) == (2, newer.id, 3)
    numbers = [each.number for each in queries.list_versions(work.session, row.id)]
    assert numbers == [3, 2, 1]
    assert queries.get_item(work.session, office.focal, row.id).number == 3


def test_a_change_of_what_somebody_else_changed_is_refused(work: Work, office: Office) -> None:
    row = office.add(work).item
    seen = row.version
    said = {"dated_on": date(2025, 1, 2), "expires_on": None, "now": NOW}
    evidence_keeping.change(work, office.colleague, row.id, title="Satu", version=seen, **said)  # type: ignore[arg-type]
    with pytest.raises(ConflictError, match=r"evidence\.stale_version"):
        evidence_keeping.change(work, office.focal, row.id, title="Dua", version=seen, **said)  # type: ignore[arg-type]
    assert row.title == "Satu"


def test_one_evidence_shows_several_criteria_and_tasks(work: Work, office: Office) -> None:
    row, version = office.add(work).item, office.task.version
    attach = [
        (office.task, [(3, "a"), (4, "a")], 2),
        (office.task, [(3, "a")], 0),
        (office.later, [(3, "a")], 1),
    ]
    for task, places, added in attach:
        assert evidence_uses.attach(work, office.focal, task.id, places, row.id, now=NOW) == added
    of_task = _of_task(work.session, office.task)
    assert {place: [each.id for each in items] for place, items in of_task.items()} == {
        (3, "a"): [row.id],
        (4, "a"): [row.id],
    }
    assert office.task.version == version  # beside what others type, never over it
    assert _actions(work.session, ("task", office.task.id)) == ["attach_evidence"]


def test_what_is_taken_from_a_criterion_stays_in_the_library(work: Work, office: Office) -> None:
    row = office.add(work, dated_on=date(2025, 1, 2)).item
    evidence_uses.attach(work, office.focal, office.task.id, [(3, "a"), (4, "a")], row.id, now=NOW)
    assert evidence_uses.detach(work, office.focal, office.task.id, [(3, "a")], row.id, now=NOW) == 1
    assert evidence_uses.detach(work, office.focal, office.task.id, [(3, "a")], row.id, now=NOW) == 0
    left = _of_task(work.session, office.task)
    assert list(left) == [(4, "a")]
    assert left[4, "a"][0].dated_on == date(2025, 1, 2)
    assert queries.get_evidence(work.session, office.focal, row.id) is row


def test_evidence_shows_only_criteria_that_the_task_asks_for(work: Work, office: Office) -> None:
    row = office.add(work).item
    with pytest.raises(InvalidInputError) as refused:
        evidence_uses.attach(work, office.focal, office.task.id, [(2, "a"), (3, "a")], row.id, now=NOW)
    assert [each.code for each in refused.value.problems] == ["criterion.not_asked"]
    with pytest.raises(InvalidInputError) as refused:
        evidence_uses.attach(work, office.focal, office.task.id, [], row.id, now=NOW)
    assert [each.code for each in refused.value.problems] == ["evidence.no_criterion"]


def test_nothing_is_attached_while_the_task_waits_for_its_reviewer(work: Work, office: Office) -> None:
    row = office.add(work).item
    office.task.state = State.SUBMITTED
    with pytest.raises(InvalidTransitionError):
        evidence_uses.attach(work, office.focal, office.task.id, [(3, "a")], row.id, now=NOW)


def test_an_infected_file_is_kept_apart_and_shows_nothing(work: Work, office: Office) -> None:
    stored = file(scan=Scan.INFECTED, threat="Eicar")
    rows = [
        evidence.add_file(work, office.focal, agency_id=office.agency.id, stored=stored, now=NOW)
        for _ in range(2)
    ]
    assert [each.is_new for each in rows] == [True, True]  # never the answer to "you have it already"
    with pytest.raises(InvalidInputError) as refused:
        evidence_uses.attach(work, office.focal, office.task.id, [(3, "a")], rows[0].item.id, now=NOW)
    assert refused.value.problems[0].code == "evidence.infected"
    assert _actions(work.session, ("evidence", rows[0].item.id)) == ["quarantine_evidence"]


TRIED = {
    "change": lambda work, scope, row: evidence_keeping.change(
        work, scope, row, title="x", dated_on=None, expires_on=None, now=NOW
    ),
    "remove": lambda work, scope, row: evidence_keeping.remove(work, scope, row, now=NOW),
    "add_version": lambda work, scope, row: evidence.add_version(work, scope, row, file("b"), now=NOW),
}


@pytest.mark.parametrize("what", TRIED)
def test_evidence_of_another_agency_or_government_does_not_exist(
    work: Work, office: Office, what: str
) -> None:
    row = office.add(work).item
    for scope in (office.stranger, office.abroad):
        with pytest.raises(NotFoundError):
            TRIED[what](work, scope, row.id)
        with pytest.raises(NotFoundError):
            queries.get_item(work.session, scope, row.id)
    with pytest.raises(ForbiddenError):
        TRIED[what](work, office.reviewer, row.id)
    TRIED[what](work, office.coordinator, row.id)


def test_an_agency_cannot_attach_or_bring_evidence_for_another(work: Work, office: Office) -> None:
    row = office.add(work).item
    with pytest.raises(NotFoundError):
        evidence.add_file(work, office.stranger, agency_id=office.agency.id, stored=file("c"), now=NOW)
    with pytest.raises(NotFoundError):
        evidence_uses.attach(work, office.stranger, office.task.id, [(3, "a")], row.id, now=NOW)
    with pytest.raises(ForbiddenError):
        evidence.add_file(work, office.reviewer, agency_id=office.agency.id, stored=file("c"), now=NOW)


def test_evidence_goes_with_a_task_to_the_agency_that_takes_it_over(work: Work, office: Office) -> None:
    row = office.add(work).item
    evidence_uses.attach(work, office.focal, office.task.id, [(3, "a")], row.id, now=NOW)
    office.task.agency_id = office.stranger.agency_id or 0
    work.session.flush()
    assert queries.get_item(work.session, office.stranger, row.id).title == "SK Bupati"
    with pytest.raises(ForbiddenError):  # it stays the other's to change
        TRIED["change"](work, office.stranger, row.id)


def _handed_in(session: Session, office: Office, evidence_id: int) -> None:
    shown = {"id": evidence_id, "version": 1, "title": "SK Bupati"}
    submission = Submission(
        government_id=office.task.government_id,
        task_id=office.task.id,
        number=1,
        note="",
        submitted_by_id=office.focal.account_id,
        submitted_at=NOW,
        contents={"claims": [{"level": 3, "letter": "a", "evidence": [shown]}], "texts": []},
    )
    session.add(submission)
    session.flush()


def test_what_nothing_relies_on_is_gone_and_leaves_its_criteria(work: Work, office: Office) -> None:
    row, key = office.add(work).item, "a" * 64
    evidence_uses.attach(work, office.focal, office.task.id, [(3, "a")], row.id, now=NOW)
    assert key in files.list_used(work.session)
    assert evidence_keeping.remove(work, office.focal, row.id, now=NOW) is True
    assert _of_task(work.session, office.task) == {}
    assert key not in files.list_used(work.session)
    with pytest.raises(NotFoundError):
        queries.get_item(work.session, office.focal, row.id)
    assert _actions(work.session, ("task", office.task.id)) == ["attach_evidence", "detach_evidence"]
    assert _actions(work.session, ("evidence", row.id)) == ["add_evidence", "remove_evidence"]


def test_what_was_handed_in_is_only_hidden(work: Work, office: Office) -> None:
    row = office.add(work).item
    evidence_uses.attach(work, office.focal, office.task.id, [(3, "a")], row.id, now=NOW)
    _handed_in(work.session, office, row.id)
    assert evidence_keeping.remove(work, office.focal, row.id, now=NOW) is False
    item = queries.get_item(work.session, office.reviewer, row.id)
    assert item.is_removed
    assert "a" * 64 in files.list_used(work.session)
    with pytest.raises(InvalidInputError):
        evidence_uses.attach(work, office.focal, office.task.id, [(3, "a")], row.id, now=NOW)
    with pytest.raises(NotFoundError):
        evidence_keeping.remove(work, office.focal, row.id, now=NOW)
    assert office.add(work).is_new  # the same content again is evidence of its own


def test_a_task_that_waits_for_its_reviewer_keeps_its_evidence(work: Work, office: Office) -> None:
    row = office.add(work).item
    for task in (office.task, office.later):
        evidence_uses.attach(work, office.focal, task.id, [(3, "a")], row.id, now=NOW)
    office.task.state = State.SUBMITTED
    work.session.flush()
    assert evidence_keeping.remove(work, office.focal, row.id, now=NOW) is False
    assert [list(_of_task(work.session, each)) for each in (office.task, office.later)] == [
        [(3, "a")],
        [],
    ]


def test_the_agency_of_a_closed_plan_cannot_take_evidence_out_of_it(work: Work, office: Office) -> None:
    row = office.add(work).item
    evidence_uses.attach(work, office.focal, office.task.id, [(3, "a")], row.id, now=NOW)
    office.plan.closed_at, office.plan.closing_reason = NOW, "Selesai."
    work.session.flush()
    assert evidence_keeping.remove(work, office.focal, row.id, now=NOW) is False
    assert list(_of_task(work.session, office.task)) == [(3, "a")]


def test_a_quarantined_file_is_released_when_the_scanner_finds_nothing_any_more(
    work: Work, office: Office
) -> None:
    stored = file(scan=Scan.INFECTED, threat="Eicar")
    row = evidence.add_file(work, office.focal, agency_id=office.agency.id, stored=stored, now=NOW).item
    settled = {"file_key": stored.key, "now": NOW}
    evidence_keeping.settle_scan(work, office.focal, row.id, "Other", **settled)  # type: ignore[arg-type]
    assert queries.get_item(work.session, office.focal, row.id).is_infected
    evidence_keeping.settle_scan(work, office.focal, row.id, None, **settled)  # type: ignore[arg-type]
    assert not queries.get_item(work.session, office.focal, row.id).is_infected
    assert evidence_uses.attach(work, office.focal, office.task.id, [(3, "a")], row.id, now=NOW) == 1
    assert _actions(work.session, ("evidence", row.id)) == ["quarantine_evidence", "release_evidence"]
    with pytest.raises(ConflictError):
        evidence_keeping.settle_scan(work, office.focal, row.id, None, **settled)  # type: ignore[arg-type]
