"""The outbox on screen: states in words, the mail in a frame that cannot run anything, nobody else's mail."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from spbe_tasks.models import DeliveryAttempt, Message, MessageKind, MessageState
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.delivery import HandOver
from spbe_tasks.rules.feedback import FeedbackKind, Report
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.services import mail_feedback
from spbe_tasks.services.mail_feedback import Feedback
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

HTML = "<!doctype html><html><body><p>Yth. Dewi</p><script>alert(1)</script></body></html>"


@pytest.fixture
def sent(session: Session, world: World) -> Message:
    message = factories.message(
        session,
        world.focal,
        state=MessageState.SENT,
        to_address=world.focal.email,
        subject="2 tugas SPBE: 1 terlambat",
        body_text="Yth. Dewi,\n\nbaris kedua",
        body_html=HTML,
        server_answer="250 2.0.0 Ok: queued as 4F1",
        handed_over_at=NOW,
        finished_at=NOW,
        attempts=1,
    )
    factories.intent(
        session, world.task, world.focal, rung="due-3", state=IntentState.SENT, message_id=message.id
    )
    return message


@pytest.fixture
def coordinator(world: World, sign_in: SignIn) -> FlaskClient:
    world.coordinator.locale = "en"
    return sign_in(world.coordinator)


def _page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_list_says_to_whom_what_how_and_what_the_server_answered(
    coordinator: FlaskClient, sent: Message, world: World
) -> None:
    page = _page(coordinator, "/outbox")
    for words in (
        world.focal.name,
        world.focal.email,
        "2 tugas SPBE: 1 terlambat",
        "250 2.0.0 Ok: queued as 4F1",
    ):
        assert words in page


def test_the_list_says_that_a_mail_the_server_took_has_come_back(
    coordinator: FlaskClient, session: Session, sent: Message
) -> None:
    mail_feedback.take(
        Work(session), Feedback("mail:1", Report(FeedbackKind.BOUNCED, status="5.1.1"), sent.id), now=NOW
    )
    session.commit()
    page = _page(coordinator, "/outbox")
    assert "250 2.0.0 Ok: queued as 4F1" in page
    assert "It was taken, and came back afterwards" in page


def test_the_list_can_be_narrowed_to_a_state_and_an_unknown_one_shows_all(
    coordinator: FlaskClient, session: Session, sent: Message, world: World
) -> None:
    factories.message(session, world.other_focal, state=MessageState.FAILED, reason="refused")
    failed = _page(coordinator, "/outbox?state=failed")
    assert world.other_focal.name in failed
    assert world.focal.name not in failed.partition("<tbody>")[2]
    assert "The mail server refused it for good." in failed
    everything = _page(coordinator, "/outbox?state=nonsense")
    assert world.other_focal.name in everything
    assert world.focal.name in everything


def test_the_list_comes_in_pages_newest_first(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    for day in range(27):
        local_date = NOW.date() + timedelta(days=day)
        factories.message(session, world.focal, local_date=local_date, subject=f"perihal-{day:02}")
    assert "1 to 25 of 27" in (first := _page(coordinator, "/outbox"))
    assert "perihal-26" in first
    assert "perihal-01" not in first
    assert "perihal-01" in _page(coordinator, "/outbox?page=2")


@pytest.mark.parametrize("page", ["1000000000000000000", "9" * 40, "0", "-1", "-1000000000000000000", "x"])
def test_a_page_that_no_list_has_is_answered_all_the_same(
    coordinator: FlaskClient, sign_in: SignIn, session: Session, page: str
) -> None:
    _page(coordinator, f"/outbox?page={page}")
    _page(sign_in(factories.administrator(session)), f"/governments?page={page}")


def test_the_page_of_a_mail_frames_it_and_lists_the_reminders_in_it(
    coordinator: FlaskClient, sent: Message, world: World
) -> None:
    page = _page(coordinator, f"/outbox/{sent.id}")
    assert f'<iframe sandbox loading="lazy" src="/outbox/{sent.id}/body"' in page
    assert "baris kedua" in page
    assert "3 days before" in page
    assert f'href="/tasks/{world.task.id}"' in page
    assert "<script>alert(1)" not in page


def test_the_framed_mail_may_style_itself_and_nothing_else(coordinator: FlaskClient, sent: Message) -> None:
    answer = coordinator.get(f"/outbox/{sent.id}/body")
    assert answer.get_data(as_text=True) == HTML
    policy = answer.headers["Content-Security-Policy"]
    assert {part.strip() for part in policy.split(";")} == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "frame-ancestors 'self'",
        "sandbox",
    }


def test_a_mail_not_yet_written_says_so_and_has_nothing_to_frame(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    waiting = factories.message(session, world.focal, kind=MessageKind.INVITE)
    assert "Not written yet" in _page(coordinator, f"/outbox/{waiting.id}")
    assert coordinator.get(f"/outbox/{waiting.id}/body").status_code == 404


@pytest.mark.parametrize("part", ["", "/body"])
def test_another_governments_mail_does_not_exist(
    coordinator: FlaskClient, session: Session, part: str
) -> None:
    elsewhere = factories.account(session, factories.government(session), Role.COORDINATOR, name="Orang Lain")
    theirs = factories.message(session, elsewhere, body_html=HTML)
    assert coordinator.get(f"/outbox/{theirs.id}{part}").status_code == 404
    assert "Orang Lain" not in _page(coordinator, "/outbox")


def test_an_administrators_own_mail_is_in_no_governments_outbox(
    coordinator: FlaskClient, session: Session
) -> None:
    administrator = factories.administrator(session, name="Admin Pusat")
    theirs = factories.message(session, administrator, kind=MessageKind.PASSWORD_RESET)
    assert coordinator.get(f"/outbox/{theirs.id}").status_code == 404
    assert "Admin Pusat" not in _page(coordinator, "/outbox")


def test_focal_points_have_no_outbox(sign_in: SignIn, sent: Message, world: World) -> None:
    assert sign_in(world.focal).get(f"/outbox/{sent.id}").status_code == 403


def test_the_list_is_narrowed_to_a_kind_and_a_person(
    coordinator: FlaskClient, session: Session, sent: Message, world: World
) -> None:
    factories.message(
        session, world.head, kind=MessageKind.INVITE, state=MessageState.SENT, subject="Undangan"
    )
    session.commit()
    assert "Undangan" in _page(coordinator, "/outbox")
    assert "Undangan" not in _page(coordinator, "/outbox?kind=digest")
    assert "Undangan" not in _page(coordinator, f"/outbox?account={world.focal.id}")
    page = _page(coordinator, f"/outbox?account={world.head.id}")
    assert "Undangan" in page
    assert "Sent (1)" in page
    assert "No such mail" in _page(coordinator, f"/outbox?account={world.reviewer.id}")


def test_every_attempt_and_what_came_back_stand_on_the_mails_page(
    coordinator: FlaskClient, session: Session, sent: Message
) -> None:
    for number, answer in enumerate(("451 try later", "250 taken at last"), start=1):
        session.add(
            DeliveryAttempt(
                message_id=sent.id,
                number=number,
                government_id=sent.government_id,
                outcome=HandOver.LATER if number == 1 else HandOver.ACCEPTED,
                answer=answer,
                at=NOW + timedelta(minutes=number),
            )
        )
    report = Report(FeedbackKind.BOUNCED, status="5.2.2", detail="mailbox full")
    mail_feedback.take(Work(session), Feedback("k", report, sent.id), now=NOW)
    session.commit()
    page = _page(coordinator, f"/outbox/{sent.id}")
    assert page.index("451 try later") < page.index("250 taken at last") < page.index("mailbox full")
    assert "It came back (5.2.2)" in page
