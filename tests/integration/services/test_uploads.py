"""Files on their way in: pieces in their order, once each, by their own person; forgotten ones are swept."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Evidence, Scan, Upload, UploadPiece
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.evidence import PIECE_BYTES
from spbe_tasks.services import uploads
from spbe_tasks.services.evidence import StoredFile
from spbe_tasks.services.uploads import Appended, Target
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

MB = 1024 * 1024
STORED = StoredFile("c" * 64, "SK.pdf", "application/pdf", 6)


class Sending:
    """A person of an agency with a task, a colleague, and the reviewer of the same government."""

    def __init__(self, session: Session) -> None:
        government = factories.government(session)
        self.agency = factories.agency(session, government)
        self.person = factories.account(session, government, Role.FOCAL_POINT, self.agency)
        self.focal = factories.scope(self.person)
        self.colleague = factories.scope(
            factories.account(session, government, Role.FOCAL_POINT, self.agency)
        )
        self.reviewer = factories.scope(factories.account(session, government, Role.REVIEWER))
        self.task = factories.task(session, factories.plan(session, government), self.agency)

    def begin(self, work: Work, by: Scope | None = None, *, name: str = "SK.pdf", size: int = 6) -> Upload:
        return uploads.begin(
            work, by or self.focal, agency_id=self.agency.id, name=name, size_bytes=size, largest=MB, now=NOW
        )

    def append(self, work: Work, upload: Upload, offset: int, key: str = "a", size: int = 3) -> Appended:
        return uploads.append(
            work, self.focal, upload.id, offset=offset, piece_key=key * 64, piece_size=size, now=NOW
        )


@pytest.fixture
def sending(session: Session) -> Sending:
    return Sending(session)


def test_pieces_make_a_whole_in_their_order(work: Work, sending: Sending) -> None:
    upload = sending.begin(work)
    assert sending.append(work, upload, 0, "a") == Appended(3, is_taken=True)
    with pytest.raises(ConflictError, match=r"upload\.incomplete"):
        uploads.arrived(work.session, sending.focal, upload.id)
    assert sending.append(work, upload, 3, "b") == Appended(6, is_taken=True)
    assert uploads.arrived(work.session, sending.focal, upload.id).piece_keys == ("a" * 64, "b" * 64)


def test_a_piece_that_is_sent_again_after_a_lost_answer_changes_nothing(work: Work, sending: Sending) -> None:
    upload = sending.begin(work)
    for _ in range(2):
        assert sending.append(work, upload, 0, "a") == Appended(3, is_taken=True)
    sending.append(work, upload, 3, "b")
    assert sending.append(work, upload, 0, "a") == Appended(6, is_taken=True)


def test_a_gap_is_told_with_the_byte_to_go_on_from(work: Work, sending: Sending) -> None:
    upload = sending.begin(work, size=9)
    sending.append(work, upload, 0)
    assert sending.append(work, upload, 6, "b") == Appended(3, is_taken=False)
    assert upload.received_bytes == 3


@pytest.mark.parametrize(
    ("offset", "key", "size"),
    [(3, "b", 4), (3, "b", 0), (0, "b", 3), (1, "a", 3), (3, "b", PIECE_BYTES + 1)],
)
def test_a_piece_that_does_not_fit_is_refused(
    work: Work, sending: Sending, offset: int, key: str, size: int
) -> None:
    upload = sending.begin(work)
    sending.append(work, upload, 0, "a")
    with pytest.raises(InvalidInputError):
        sending.append(work, upload, offset, key, size)


def test_what_is_hopeless_is_refused_before_it_is_sent(work: Work, sending: Sending) -> None:
    for name, size in (("SK.exe", 6), ("SK.pdf", MB + 1), ("SK.pdf", 0)):
        with pytest.raises(InvalidInputError):
            sending.begin(work, name=name, size=size)
    with pytest.raises(ForbiddenError):
        sending.begin(work, sending.reviewer)


def test_nobody_has_more_on_their_way_than_a_folder(work: Work, sending: Sending) -> None:
    for _ in range(uploads.MOST_UNDER_WAY):
        sending.begin(work)
    with pytest.raises(ConflictError, match=r"upload\.too_many"):
        sending.begin(work)
    sending.begin(work, sending.colleague)


def test_an_upload_is_its_own_persons_alone(work: Work, sending: Sending) -> None:
    upload = sending.begin(work, size=3)
    sending.append(work, upload, 0)
    with pytest.raises(NotFoundError):
        uploads.arrived(work.session, sending.colleague, upload.id)
    with pytest.raises(NotFoundError):
        uploads.finish(work, sending.colleague, upload.id, STORED, Target(), now=NOW)
    with pytest.raises(NotFoundError):
        uploads.abandon(work, sending.colleague, upload.id)


def test_finishing_twice_gives_the_same_evidence_and_leaves_no_piece(work: Work, sending: Sending) -> None:
    upload = sending.begin(work, size=3)
    sending.append(work, upload, 0)
    first, again = (
        uploads.finish(work, sending.focal, upload.id, STORED, Target(title="SK Tim"), now=NOW)
        for _ in range(2)
    )
    assert (first.is_new, again.is_new, again.item) == (True, False, first.item)
    assert first.item.title == "SK Tim"
    assert work.session.scalar(select(func.count()).select_from(UploadPiece)) == 0


def test_a_file_sent_from_a_task_says_which_criterion_it_shows(work: Work, sending: Sending) -> None:
    upload = sending.begin(work, size=3)
    sending.append(work, upload, 0)
    with pytest.raises(InvalidInputError) as refused:
        uploads.finish(work, sending.focal, upload.id, STORED, Target(task_id=sending.task.id), now=NOW)
    assert refused.value.problems[0].code == "evidence.no_criterion"


def test_an_infected_newer_version_goes_into_quarantine_and_leaves_the_evidence_as_it_is(
    work: Work, sending: Sending
) -> None:
    kept = uploads.keep(work, sending.focal, sending.agency.id, STORED, Target(), now=NOW).item
    infected = StoredFile("d" * 64, "SK.pdf", "application/pdf", 6, Scan.INFECTED, "Eicar")
    target = Target(evidence_id=kept.id)
    apart = uploads.keep(work, sending.focal, sending.agency.id, infected, target, now=NOW).item
    assert apart.id != kept.id


def test_forgotten_uploads_go_and_what_they_became_stays(work: Work, sending: Sending) -> None:
    finished, forgotten = sending.begin(work, size=3), sending.begin(work)
    for each in (finished, forgotten):
        sending.append(work, each, 0)
    uploads.finish(work, sending.focal, finished.id, STORED, Target(), now=NOW)
    assert uploads.sweep(work, now=NOW + uploads.KEPT_FOR) == 0
    assert uploads.sweep(work, now=NOW + uploads.KEPT_FOR + timedelta(seconds=1)) == 2
    counts = [work.session.scalar(select(func.count()).select_from(each)) for each in (Upload, UploadPiece)]
    assert counts == [0, 0]
    assert work.session.scalar(select(func.count()).select_from(Evidence)) == 1
