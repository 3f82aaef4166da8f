"""The discussion of a task and the bell, as pages without JavaScript."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import translate
from spbe_tasks.models import Comment, News
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.services import comments, news
from spbe_tasks.services.comments import CommentWords
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted

FROM_ELSEWHERE = (
    "You cannot open it from here. If you stand in for somebody who can, take their position first."
)
LOST = "It may belong to a position you stand in for: take that in the menu, and open the link again."


@pytest.fixture
def address(world: World) -> str:
    return f"/tasks/{world.task.id}"


def _only(session: Session) -> Comment:
    return session.scalars(select(Comment)).one()


def test_a_comment_is_typed_on_the_tasks_page_and_read_by_the_other_side(
    world: World, sign_in: SignIn, session: Session, address: str
) -> None:
    browser = sign_in(world.focal)
    page = browser.get(address).get_data(as_text=True)
    assert f'action="{address}/comments"' in page
    assert f'<option value="{world.reviewer.id}">Rudi Penelaah</option>' in page
    assert "Budi Bappeda</option>" not in page  # does not see this task
    typed = {"body": "**Tebal** <b>x</b>\nhttps://jdih.example/12", "mentioned_ids": [str(world.reviewer.id)]}
    answer = browser.post(f"{address}/comments", data=typed)
    assert answer.location == f"{address}#comment-{_only(session).id}"
    read = sign_in(world.reviewer).get(address).get_data(as_text=True)
    assert "<strong>Tebal</strong> &lt;b&gt;x&lt;/b&gt;" in read
    assert '<a href="https://jdih.example/12" rel="nofollow noopener noreferrer">' in read
    assert re.search(r"Rudi Penelaah\s*</p>", read)


def test_a_refused_comment_keeps_what_was_typed(world: World, sign_in: SignIn, address: str) -> None:
    typed = {"body": "Untuk orang lain", "mentioned_ids": [str(world.other_focal.id)]}
    answer = sign_in(world.focal).post(f"{address}/comments", data=typed)
    assert answer.status_code == 422
    assert ">Untuk orang lain</textarea>" in answer.get_data(as_text=True)


def test_a_comment_changed_in_another_window_shows_both_and_can_be_stored_after_all(
    world: World, sign_in: SignIn, session: Session, work: Work
) -> None:
    author, now = factories.scope(world.focal), clock.now()
    comment = comments.write(work, author, world.task.id, CommentWords("Pertama"), now=now)
    session.flush()
    browser, form = sign_in(world.focal), f"/tasks/comments/{comment.id}"
    assert ">Pertama</textarea>" in browser.get(form).get_data(as_text=True)
    comments.edit(work, author, comment.id, CommentWords("Kedua"), version=1, now=now)
    session.commit()
    answer = browser.post(form, data={"body": "Ketiga", "version": "1"})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert ">Ketiga</textarea>" in shown
    assert "Kedua</blockquote>" in shown
    assert browser.post(form, data={"body": "Ketiga", "version": "2"}).status_code == 302
    assert _only(session).body == "Ketiga"


def test_buttons_are_shown_to_whom_they_work_for(
    world: World, sign_in: SignIn, work: Work, address: str
) -> None:
    comments.write(work, factories.scope(world.focal), world.task.id, CommentWords("Isi"), now=clock.now())
    work.session.commit()
    number = _only(work.session).id
    change, remove = f'href="/tasks/comments/{number}"', f'action="/tasks/comments/{number}/remove"'
    for person, sees in ((world.focal, (1, 1)), (world.coordinator, (0, 1)), (world.reviewer, (0, 0))):
        page = sign_in(person).get(address).get_data(as_text=True)
        assert (page.count(change), page.count(remove)) == sees


def test_a_removed_comment_leaves_its_place(world: World, sign_in: SignIn, work: Work, address: str) -> None:
    comments.write(
        work, factories.scope(world.focal), world.task.id, CommentWords("Rahasia"), now=clock.now()
    )
    work.session.commit()
    browser = sign_in(world.coordinator)
    assert browser.post(f"/tasks/comments/{_only(work.session).id}/remove").status_code == 302
    page = browser.get(address).get_data(as_text=True)
    assert "Rahasia" not in page
    assert "comment is-removed" in page


def test_a_tasks_page_shows_twenty_comments_and_leads_to_all(
    world: World, sign_in: SignIn, session: Session, address: str
) -> None:
    for number in range(21):
        factories.comment(session, world.task, world.focal, f"kata-{number:02}")
    session.commit()
    browser = sign_in(world.head)
    page = browser.get(address).get_data(as_text=True)
    assert re.findall(r"kata-\d\d", page) == [f"kata-{number:02}" for number in range(1, 21)]
    with counted(db.engine) as statements:
        whole = browser.get(f"{address}/comments").get_data(as_text=True)
    assert len(re.findall(r"kata-\d\d", whole)) == 21
    assert len(statements) <= 6, "\n\n".join(statements)


def _tell(work: Work, world: World) -> None:
    news.tell(
        work,
        NewsKind.RETURNED,
        [world.focal.id],
        government_id=world.government.id,
        actor_id=world.reviewer.id,
        now=clock.now(),
        task_id=world.task.id,
        words="Belum ditandatangani.",
    )
    work.session.commit()


def test_the_bell_counts_without_a_statement_and_forgets_what_was_opened(
    world: World, sign_in: SignIn, work: Work, address: str
) -> None:
    browser = sign_in(world.focal)
    with counted(db.engine) as before:
        assert "bell-number" not in browser.get("/tasks").get_data(as_text=True)
    _tell(work, world)
    with counted(db.engine) as after:
        assert '<span class="bell-number" aria-hidden="true">1</span>' in browser.get("/tasks").get_data(
            as_text=True
        )
    assert len(after) == len(before)
    with counted(db.engine) as opening:
        assert "bell-number" not in browser.get(address).get_data(as_text=True)
    assert len(opening) <= 6, "\n\n".join(opening)
    assert "bell-number" not in browser.get("/tasks").get_data(as_text=True)
    assert work.session.scalars(select(News.seen_at)).one() is not None


def test_the_page_of_news_leads_to_the_task_and_marks_all_as_seen(
    world: World, sign_in: SignIn, work: Work, address: str
) -> None:
    _tell(work, world)
    browser = sign_in(world.focal)
    with counted(db.engine) as statements:
        page = browser.get("/news").get_data(as_text=True)
    assert len(statements) <= 4, "\n\n".join(statements)
    assert f'href="{address}"' in page
    assert "Belum ditandatangani." in page
    assert browser.post("/news/seen").location == "/news"
    again = browser.get("/news").get_data(as_text=True)
    assert "is-new" not in again
    assert f'href="{address}"' in again


def test_news_of_no_task_are_seen_where_they_stand(world: World, sign_in: SignIn, work: Work) -> None:
    news.tell(
        work,
        NewsKind.FILE_READY,
        [world.focal.id],
        government_id=world.government.id,
        actor_id=None,
        now=clock.now(),
        words="Paket data dukung",
    )
    _tell(work, world)
    browser = sign_in(world.focal)
    page = browser.get("/news").text
    assert page.count("is-new") == 2
    assert 'href="/downloads"' in page
    again = browser.get("/news").text
    assert again.count("is-new") == 1
    assert "Paket data dukung" in again


def test_news_for_an_absent_person_are_opened_from_their_position(
    world: World, sign_in: SignIn, work: Work, address: str
) -> None:
    factories.acting_officer(work.session, world.focal, world.other_focal, from_on=clock.now().date())
    _tell(work, world)
    browser = sign_in(world.other_focal)
    page = browser.get("/news").text
    assert "Belum ditandatangani." in page
    assert f'href="{address}"' not in page
    assert translate(FROM_ELSEWHERE, "id") in page
    lost = browser.get(address)  # as from a mail
    assert lost.status_code == 404
    assert translate(LOST, "id") in lost.text
    browser.post(f"/acting/take/{world.focal.id}")
    assert f'href="{address}"' in browser.get("/news").text
    assert browser.get(address).status_code == 200
    assert "is-new" not in browser.get("/news").text


def test_news_of_a_submission_lead_to_the_review_only_who_may_review_from_there(
    world: World, sign_in: SignIn, work: Work, address: str
) -> None:
    factories.acting_officer(work.session, world.reviewer, world.executive, from_on=clock.now().date())
    news.tell(
        work,
        NewsKind.SUBMITTED,
        [world.reviewer.id],
        government_id=world.government.id,
        actor_id=world.focal.id,
        now=clock.now(),
        task_id=world.task.id,
    )
    browser = sign_in(world.executive)
    assert f'href="{address}"' in browser.get("/news").text
    browser.post(f"/acting/take/{world.reviewer.id}")
    assert f'href="/tasks/review/{world.task.id}"' in browser.get("/news").text


def test_nobody_reads_the_news_of_others(world: World, sign_in: SignIn, work: Work) -> None:
    _tell(work, world)
    page = sign_in(world.other_focal).get("/news").get_data(as_text=True)
    assert "Belum ditandatangani." not in page
