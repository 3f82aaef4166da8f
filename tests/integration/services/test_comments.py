"""Comments on tasks: who writes, changes and removes them, whom they reach, and what stays of them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Comment, CommentMention, Event, News, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.discussion import EDIT_WINDOW, LONGEST_COMMENT, MOST_MENTIONS
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import comments
from spbe_tasks.services.comments import CommentWords
from spbe_tasks.services.queries import discussion as queries
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

LATER = NOW + timedelta(minutes=5)


class Office:
    """A task of one agency, its people, and those of another one."""

    def __init__(self, session: Session) -> None:
        self.government = government = factories.government(session)
        agency, neighbour = (factories.agency(session, government) for _ in range(2))
        plan = factories.plan(session, government)
        self.session = session
        self.dewi = factories.account(session, government, Role.FOCAL_POINT, agency, name="Dewi Kominfo")
        self.agus = factories.account(session, government, Role.FOCAL_POINT, agency, name="Agus Kominfo")
        self.budi = factories.account(session, government, Role.FOCAL_POINT, neighbour, name="Budi Bappeda")
        self.siti = factories.account(session, government, Role.COORDINATOR, name="Siti Koordinator")
        self.rudi = factories.account(session, government, Role.REVIEWER, name="Rudi Penelaah")
        self.task: Task = factories.task(session, plan, agency, assignee_id=self.dewi.id)
        self.planned: Task = factories.task(session, plan, agency, 34, state=State.PLANNED)

    def told(self, person: Account) -> list[tuple[NewsKind, str]]:
        rows = select(News.kind, News.words).where(News.account_id == person.id).order_by(News.id)
        return [(each.kind, each.words) for each in self.session.execute(rows)]


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def _as(person: Account) -> Scope:
    return factories.scope(person)


def _write(work: Work, office: Office, person: Account, body: str, *mentioned: Account) -> Comment:
    said = CommentWords(body, [each.id for each in mentioned])
    return comments.write(work, _as(person), office.task.id, said, now=NOW)


def test_whoever_sees_the_task_writes_and_reads_it(work: Work, office: Office) -> None:
    for person in (office.dewi, office.siti, office.rudi):
        _write(work, office, person, f"Dari {person.name}")
    rows = queries.list_comments(work.session, office.task)
    assert [(row.author_name, row.body) for row in rows] == [
        (person.name, f"Dari {person.name}") for person in (office.dewi, office.siti, office.rudi)
    ]


def test_for_others_there_is_neither_task_nor_comment(work: Work, office: Office) -> None:
    comment = _write(work, office, office.dewi, "Rahasia")
    with pytest.raises(NotFoundError, match=r"task\.not_found"):
        _write(work, office, office.budi, "Halo")
    with pytest.raises(NotFoundError, match=r"comment\.not_found"):
        comments.remove(work, _as(office.budi), comment.id, now=NOW)


def test_a_comment_reaches_those_it_addresses_and_those_it_concerns_once_each(
    work: Work, office: Office
) -> None:
    _write(work, office, office.siti, "Mohon **dicek**")
    _write(work, office, office.dewi, "@Rudi Penelaah bagaimana?", office.agus)
    asked = (NewsKind.MENTIONED, "@Rudi Penelaah bagaimana?")
    assert office.told(office.dewi) == [(NewsKind.COMMENTED, "Mohon dicek")]
    assert office.told(office.siti) == [(NewsKind.COMMENTED, "@Rudi Penelaah bagaimana?")]
    assert office.told(office.rudi) == [asked]
    assert office.told(office.agus) == [asked]
    assert office.told(office.budi) == []


def test_a_person_who_does_not_see_the_task_cannot_be_addressed(work: Work, office: Office) -> None:
    closed = factories.account(
        work.session,
        office.government,
        name="Sudah Pindah",
        is_active=False,
    )
    for stranger in (office.budi, closed):
        with pytest.raises(InvalidInputError) as refused:
            _write(work, office, office.dewi, "Halo", stranger)
        assert [each.code for each in refused.value.problems] == ["comment.stranger"]
    _write(work, office, office.dewi, "@Budi Bappeda dan @Sudah Pindah")
    assert office.told(office.budi) == office.told(closed) == []


def test_the_agency_cannot_be_addressed_before_it_sees_the_task(work: Work, office: Office) -> None:
    with pytest.raises(InvalidInputError, match=r"invalid_input"):
        comments.write(
            work, _as(office.siti), office.planned.id, CommentWords("Nanti", [office.dewi.id]), now=NOW
        )


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "field.required"), (" \n ", "field.required"), ("x" * (LONGEST_COMMENT + 1), "comment.too_long")],
)
def test_empty_and_endless_comments_are_refused(work: Work, office: Office, body: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        _write(work, office, office.dewi, body)
    assert [(each.code, each.field) for each in refused.value.problems] == [(code, "body")]
    assert work.session.scalar(select(func.count()).select_from(Comment)) == 0


def test_at_most_twenty_people_are_addressed(work: Work, office: Office) -> None:
    government = office.government
    crowd = [factories.account(work.session, government) for _ in range(MOST_MENTIONS + 1)]
    with pytest.raises(InvalidInputError) as refused:
        _write(work, office, office.dewi, "Semua", *crowd)
    assert [each.code for each in refused.value.problems] == ["comment.too_many_mentioned"]
    _write(work, office, office.dewi, "Hampir semua", *crowd[1:])


def test_the_author_changes_it_for_a_while_and_only_who_is_new_is_told(work: Work, office: Office) -> None:
    comment = _write(work, office, office.dewi, "Salah ketk", office.agus)
    better = CommentWords("Salah ketik", [office.agus.id, office.rudi.id])
    comments.edit(work, _as(office.dewi), comment.id, better, version=1, now=LATER)
    work.session.flush()
    assert (comment.body, comment.edited_at, comment.version) == ("Salah ketik", LATER, 2)
    assert office.told(office.agus) == [
        (NewsKind.MENTIONED, "Salah ketik")
    ]  # the news says what now stands there
    assert office.told(office.rudi) == [(NewsKind.MENTIONED, "Salah ketik")]
    assert queries.list_mentioned_ids(work.session, comment) == {office.agus.id, office.rudi.id}


def test_storing_the_same_words_again_is_no_change(work: Work, office: Office) -> None:
    comment = _write(work, office, office.dewi, "Sama")
    comments.edit(work, _as(office.dewi), comment.id, CommentWords("Sama "), version=1, now=LATER)
    assert comment.edited_at is None


def test_nobody_changes_the_words_of_others(work: Work, office: Office) -> None:
    comment = _write(work, office, office.dewi, "Asli")
    for person in (office.agus, office.siti):
        with pytest.raises(ForbiddenError, match=r"comment\.not_yours"):
            comments.edit(work, _as(person), comment.id, CommentWords("Palsu"), version=1, now=LATER)
    with pytest.raises(ForbiddenError, match=r"comment\.not_yours"):
        comments.remove(work, _as(office.agus), comment.id, now=LATER)


def test_after_a_quarter_of_an_hour_it_stands_and_only_a_coordinator_removes_it(
    work: Work, office: Office
) -> None:
    comment = _write(work, office, office.dewi, "Terlanjur", office.agus)
    late = NOW + EDIT_WINDOW + timedelta(seconds=1)
    with pytest.raises(ConflictError, match=r"comment\.too_late"):
        comments.edit(work, _as(office.dewi), comment.id, CommentWords("Baru"), version=1, now=late)
    with pytest.raises(ConflictError, match=r"comment\.too_late"):
        comments.remove(work, _as(office.dewi), comment.id, now=late)
    comments.remove(work, _as(office.siti), comment.id, now=late)
    assert comment.removed_at == late


def test_a_removed_comment_keeps_its_place_and_its_trace_but_no_words_anywhere(
    work: Work, office: Office
) -> None:
    comment = _write(work, office, office.dewi, "Nomor pribadi 0812", office.agus)
    for _ in range(2):
        comments.remove(work, _as(office.siti), comment.id, now=LATER)
    work.session.flush()
    (row,) = queries.list_comments(work.session, office.task)
    assert (row.body, row.removed_at, row.mentioned) == ("", LATER, None)
    assert office.told(office.agus) == [(NewsKind.MENTIONED, "")]
    assert work.session.scalar(select(func.count()).select_from(CommentMention)) == 0
    traces = (
        select(Event)
        .where(Event.subject_type == "task", Event.subject_id == office.task.id)
        .order_by(Event.id)
    )
    events = work.session.scalars(traces).all()
    assert [(each.action, each.actor_id) for each in events] == [
        ("comment", office.dewi.id),
        ("remove_comment", office.siti.id),
    ]
    assert all("0812" not in str(each.data) for each in events)


def test_a_comment_changed_in_another_window_is_not_overwritten(work: Work, office: Office) -> None:
    comment = _write(work, office, office.dewi, "Satu")
    comments.edit(work, _as(office.dewi), comment.id, CommentWords("Dua"), version=1, now=LATER)
    work.session.flush()
    with pytest.raises(ConflictError, match=r"comment\.stale_version"):
        comments.edit(work, _as(office.dewi), comment.id, CommentWords("Tiga"), version=1, now=LATER)
    assert comment.body == "Dua"
