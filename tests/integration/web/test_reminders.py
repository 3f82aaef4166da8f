"""The pages of reminders: tomorrow, sending now, the rules, the proof, an agency's list to hand on."""

import csv
import io
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from docx import Document
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import ActingKind, Message, MessageKind, MessageState, ReminderIntent, Task
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services import mail_proofs, mail_trail, reminder_policies, trail
from spbe_tasks.work import Work
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World
from tests.statements import counted

RULES = {
    "due_offsets": "-14, -7, -3, -1, 0, 1, 3",
    "weekly_until_week": "12",
    "then_every_days": "30",
    "agency_head_after": "3",
    "coordinator_after": "7",
    "executive_after": "14",
    "review_after": "3, 5, 10",
    "expiry_days_before": "60, 30, 7, 0",
    "brief_weekday": "0",
    "news_at_once": ["returned", "mentioned", "extension_answered"],
    "daily_cap": "1000",
    "seen_number": "0",
}


@pytest.fixture
def coordinator(world: World, sign_in: SignIn) -> FlaskClient:
    world.coordinator.locale = "en"
    return sign_in(world.coordinator)


@pytest.fixture
def tomorrow(session: Session, world: World) -> date:
    """The next working day, on which one task of Diskominfo is due; the others are far away."""
    zone = world.government.timezone
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    on = WorkCalendar(zone=zone).next_working_day(today + timedelta(days=1))
    session.execute(update(Task).values(due_on=on + timedelta(days=300)))
    world.task.due_on = on
    session.flush()
    session.expire_all()
    return on


def _page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_tomorrow_says_who_gets_what_and_why(coordinator: FlaskClient, world: World, tomorrow: date) -> None:
    page = _page(coordinator, "/reminders")
    assert f'value="{tomorrow.isoformat()}"' in page
    assert world.focal.name in page
    assert "focal point of the agency" in page
    assert f'href="/tasks/{world.task.id}"' in page
    assert world.other_focal.name not in page


def test_tomorrow_names_the_tasks_nobody_is_there_to_be_told_of(
    session: Session, world: World, tomorrow: date, sign_in: SignIn
) -> None:
    world.focal.is_active = world.coordinator.is_active = False
    administrator = sign_in(factories.account(session, None, Role.ADMINISTRATOR, locale="en"))
    administrator.post(f"/governments/{world.government.id}/choose")
    page = _page(administrator, "/reminders")
    assert "Nobody is there to be told of these tasks:" in page
    assert f"<li>33. {world.task.title}</li>" in page


def test_only_the_mails_about_one_agency_are_shown(
    coordinator: FlaskClient, world: World, tomorrow: date
) -> None:
    assert world.focal.name in _page(coordinator, f"/reminders?agency={world.kominfo.id}")
    assert world.focal.name not in _page(coordinator, f"/reminders?agency={world.bappeda.id}")


@pytest.mark.parametrize(("on", "words"), [("2020-01-01", "over"), ("2099-01-01", "ahead")])
def test_a_day_that_cannot_be_foreseen_says_why(coordinator: FlaskClient, on: str, words: str) -> None:
    assert "message-danger" in _page(coordinator, f"/reminders?on={on}")


def test_a_word_instead_of_a_day_shows_the_usual_one(coordinator: FlaskClient, tomorrow: date) -> None:
    assert f'value="{tomorrow.isoformat()}"' in _page(coordinator, "/reminders?on=besok&agency=x")


def test_sending_now_plans_what_is_due_inside_office_hours(
    coordinator: FlaskClient, session: Session, world: World, tomorrow: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(
        tomorrow.year, tomorrow.month, tomorrow.day, 10, 0, tzinfo=ZoneInfo(world.government.timezone)
    )
    monkeypatch.setattr(clock, "now", lambda: noon)
    answer = coordinator.post("/reminders/send")
    assert answer.location == "/reminders"
    message = session.scalars(select(Message)).one()
    assert (message.account_id, message.state) == (world.focal.id, MessageState.PENDING)
    assert "On its way: 1 mail." in _page(coordinator, "/reminders")
    coordinator.post("/reminders/send")
    assert len(session.scalars(select(Message)).all()) == 1


def test_sending_now_at_night_says_why_nothing_leaves(
    coordinator: FlaskClient, session: Session, world: World, tomorrow: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = datetime(
        tomorrow.year, tomorrow.month, tomorrow.day, 22, 0, tzinfo=ZoneInfo(world.government.timezone)
    )
    monkeypatch.setattr(clock, "now", lambda: night)
    coordinator.post("/reminders/send")
    assert "outside the hours" in _page(coordinator, "/reminders")
    assert session.scalars(select(ReminderIntent)).all() == []


def test_other_rules_are_shown_with_what_they_change_before_they_are_stored(
    coordinator: FlaskClient, session: Session, world: World, tomorrow: date
) -> None:
    changed = RULES | {"due_offsets": "-14, 3", "preview": "1"}
    answer = coordinator.post("/reminders/rules", data=changed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Told in addition" in page or "No longer told" in page
    assert world.focal.name in page
    assert reminder_policies.standing(session, world.government.id).number == 0


def test_rules_that_change_nothing_tomorrow_say_so(coordinator: FlaskClient, tomorrow: date) -> None:
    page = coordinator.post("/reminders/rules", data=RULES | {"preview": "1"}).get_data(as_text=True)
    assert "Nobody would be told more or less" in page


def test_stored_rules_are_a_version_with_its_reason(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    typed = RULES | {"agency_head_after": "5", "note": "Rapat Maret", "repeat_uncertain": "y", "store": "1"}
    assert coordinator.post("/reminders/rules", data=typed).location == "/reminders/rules"
    found = reminder_policies.standing(session, world.government.id)
    assert (found.number, found.policy.agency_head_after, found.policy.repeat_uncertain) == (1, 5, True)
    page = _page(coordinator, "/reminders/rules")
    assert "Rapat Maret" in page
    assert 'name="agency_head_after" required type="text" value="5"' in page


def test_rules_that_cannot_be_name_every_field(coordinator: FlaskClient, session: Session) -> None:
    typed = RULES | {"due_offsets": "besok", "daily_cap": "0", "executive_after": "2", "store": "1"}
    answer = coordinator.post("/reminders/rules", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#due_offsets"' in page


def test_rules_that_somebody_else_changed_meanwhile_are_not_overwritten(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    coordinator.post("/reminders/rules", data=RULES | {"agency_head_after": "5", "store": "1"})
    late = coordinator.post("/reminders/rules", data=RULES | {"agency_head_after": "4", "store": "1"})
    assert late.status_code == 409
    assert reminder_policies.current(session, world.government.id).agency_head_after == 5


@pytest.fixture
def proved(session: Session, world: World) -> ReminderIntent:
    message = factories.message(
        session,
        world.focal,
        state=MessageState.SENT,
        to_address=world.focal.email,
        subject="1 tugas",
        body_text="isi",
        server_answer="250 kept as 4F1",
        finished_at=factories.NOW,
    )
    intent = factories.intent(
        session,
        world.task,
        world.focal,
        state=IntentState.SENT,
        message_id=message.id,
        ended_at=factories.NOW,
    )
    factories.intent(session, world.other, world.other_focal, rung="due-3", state=IntentState.SUPERSEDED)
    work = Work(session)
    mail_trail.record(work, now=factories.NOW)
    session.flush()
    trail.seal(work)
    session.commit()
    return intent


def test_the_proof_shows_the_servers_answer_and_the_place_in_the_trail(
    coordinator: FlaskClient, world: World, proved: ReminderIntent
) -> None:
    page = _page(coordinator, "/reminders/proof")
    for words in (world.focal.name, "250 kept as 4F1", "#1", "replaced by a later one", "3 days before"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("", True),
        ("state=sent", True),
        ("state=cancelled", False),
        ("indicator=33", True),
        ("indicator=1", False),
        ("from_on=2025-03-03&until_on=2025-03-03", True),
        ("from_on=2025-03-04", False),
        ("until_on=2025-03-02", False),
        ("state=nonsense&account=x&indicator=x&from_on=x", True),
    ],
)
def test_the_proof_is_narrowed_as_asked(
    coordinator: FlaskClient, proved: ReminderIntent, query: str, is_there: bool
) -> None:
    assert ("250 kept as 4F1" in _page(coordinator, f"/reminders/proof?{query}")) is is_there


def test_the_proof_of_a_task_and_of_a_person_holds_nothing_else(
    coordinator: FlaskClient, world: World, proved: ReminderIntent
) -> None:
    table = _page(coordinator, f"/reminders/proof?task={world.task.id}").partition("<tbody>")[2]
    assert world.other_focal.name not in table
    table = _page(coordinator, f"/reminders/proof?account={world.other_focal.id}").partition("<tbody>")[2]
    assert world.focal.name not in table
    assert world.other_focal.name in table


def test_a_row_that_was_changed_after_it_was_sealed_is_told(
    coordinator: FlaskClient, session: Session, proved: ReminderIntent
) -> None:
    session.execute(update(Message).values(server_answer="250 somebody else"))
    session.commit()
    assert "differs from the trail" in _page(coordinator, "/reminders/proof")


def test_the_proof_is_a_table_to_work_with(
    coordinator: FlaskClient, world: World, proved: ReminderIntent
) -> None:
    rows = _csv(coordinator, "state=sent")
    assert len(rows) == 2
    assert rows[1][1] == f"{world.focal.name} <{world.focal.email}>"
    assert rows[1][5:] == ["Sent: 250 kept as 4F1", "#1"]


def test_a_proof_that_is_too_much_for_one_file_is_refused_with_words_and_the_page_says_so(
    coordinator: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (1, 3):
        factories.intent(session, world.task, world.focal, rung=f"overdue+{days}", state=IntentState.SENT)
    session.commit()
    monkeypatch.setattr(mail_proofs, "MOST_PRINTED", 1)
    page = _page(coordinator, "/reminders/proof")
    assert "a PDF holds up to 1 reminders" in page
    assert ("/reminders/proof.pdf" in page, "/reminders/proof.csv" in page) == (False, True)
    answer = coordinator.get("/reminders/proof.pdf")
    assert answer.status_code == 422
    assert "These are 2 reminders, and one file holds 1." in answer.get_data(as_text=True)
    assert len(_csv(coordinator, "")) == 3
    monkeypatch.setattr(mail_proofs, "MOST_EXPORTED", 1)
    assert "/reminders/proof.csv" not in _page(coordinator, "/reminders/proof")
    assert coordinator.get("/reminders/proof.csv").status_code == 422
    assert "holds up to" not in _page(coordinator, "/reminders/proof?until_on=2001-01-01")


def _csv(client: FlaskClient, query: str) -> list[list[str]]:
    answer = client.get(f"/reminders/proof.csv?{query}")
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_the_proof_says_why_a_mail_without_an_answer_ended_in_the_readers_language(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    for kind, state, reason in (
        (MessageKind.DIGEST, MessageState.UNCERTAIN, "no_answer"),
        (MessageKind.BRIEF, MessageState.PENDING, None),
    ):
        message = factories.message(session, world.focal, kind=kind, state=state, reason=reason)
        rung = f"overdue+{len(state)}"
        factories.intent(
            session, world.task, world.focal, rung=rung, state=IntentState.FAILED, message_id=message.id
        )
    session.commit()
    answers = [row[5] for row in _csv(coordinator, "state=failed")[1:]]
    assert answers == [
        "Waiting",
        "Uncertain: The connection broke before the mail server answered. It may have arrived; it is not sent again.",
    ]
    world.coordinator.locale = "id"
    session.commit()
    assert _csv(coordinator, "state=failed")[2][5].startswith("Tidak pasti: Sambungan")


def test_a_mail_that_came_back_is_not_called_forged_before_the_trail_has_its_new_end(
    coordinator: FlaskClient, session: Session, world: World, proved: ReminderIntent
) -> None:
    session.execute(update(Message).values(state=MessageState.FAILED, reason="bounced", is_in_trail=False))
    session.commit()
    page = _page(coordinator, "/reminders/proof")
    assert "differs from the trail" not in page
    came_back = "It was taken, and came back afterwards: it has not arrived."
    assert "250 kept as 4F1" in page
    assert came_back in page
    assert _csv(coordinator, "state=sent")[1][5] == f"Failed: 250 kept as 4F1 – {came_back}"
    mail_trail.record(Work(session), now=factories.NOW)
    session.commit()
    assert "not sealed yet" in _page(coordinator, "/reminders/proof")


def test_a_mail_whose_end_was_taken_out_of_the_trail_is_told(
    coordinator: FlaskClient, session: Session, world: World, proved: ReminderIntent
) -> None:
    lost = factories.message(session, world.focal, kind=MessageKind.BRIEF, is_in_trail=True)
    factories.intent(session, world.task, world.focal, rung="overdue+1", message_id=lost.id)
    session.commit()
    assert "differs from the trail" in _page(coordinator, "/reminders/proof")


def test_the_proof_says_why_a_reminder_was_cancelled(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    ended = {"state": IntentState.CANCELLED, "reason": "task_closed"}
    factories.intent(session, world.task, world.focal, rung="overdue+3", **ended)
    session.commit()
    rows = _csv(coordinator, "state=cancelled")
    assert rows[1][4].startswith("no longer needed: ")


def test_the_proof_is_a_paper_with_the_head_of_the_chain(
    coordinator: FlaskClient, session: Session, world: World, proved: ReminderIntent
) -> None:
    for days in range(8, 68):
        factories.intent(session, world.task, world.focal, rung=f"overdue+{days}", state=IntentState.SENT)
    session.commit()
    answer = coordinator.get("/reminders/proof.pdf")
    paper = pypdfium2.PdfDocument(answer.get_data())
    pages = [page.get_textpage().get_text_range() for page in paper]
    assert len(pages) > 1
    for number, text in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in text
        assert world.government.name in text
    assert trail.verify(session, world.government.id).head in "".join(pages).replace("\r\n", "")
    assert "250 kept as 4F1" in " ".join("".join(pages).split())


def test_an_agencys_list_is_plain_text_in_both_languages(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    world.task.due_on = date(2025, 6, 30)
    session.commit()
    page = _page(coordinator, f"/reminders/agencies/{world.kominfo.id}/list")
    text = page.partition("<textarea")[2].partition("</textarea>")[0]
    assert "Overdue" in text
    assert f"/tasks/{world.task.id}" in text
    assert "Monday, 30 June 2025" in text
    theirs = _page(coordinator, f"/reminders/agencies/{world.kominfo.id}/list?language=id")
    assert "Senin, 30 Juni 2025" in theirs
    assert f"/tasks/{world.other.id}" not in text


def test_a_draft_of_a_note_lists_what_is_at_the_top_of_the_escalation(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    session.execute(update(Task).values(due_on=date(2025, 6, 30)))
    session.commit()
    answer = coordinator.get(f"/reminders/agencies/{world.kominfo.id}/nota-dinas.docx")
    paper = Document(io.BytesIO(answer.get_data()))
    words = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    address, tasks = paper.tables
    assert world.government.name in words
    assert world.kominfo.name in address.rows[0].cells[1].text
    assert world.head.name in address.rows[0].cells[1].text
    assert [row.cells[1].text for row in tasks.rows[1:]] in (["33", "12"], ["12", "33"])
    assert "Monday, 30 June 2025" in tasks.rows[1].cells[3].text


def test_pages_lead_to_the_list_of_an_agency_and_to_the_note_once_something_is_at_the_top(
    coordinator: FlaskClient, session: Session, world: World, tomorrow: date
) -> None:
    address, note = f"/agencies/{world.kominfo.id}", f"/reminders/agencies/{world.kominfo.id}/nota-dinas.docx"
    listing = f"/reminders/agencies/{world.kominfo.id}/list"
    pages = (address, f"/reminders?agency={world.kominfo.id}", listing)
    for page in pages[:2]:
        assert listing in _page(coordinator, page)
    world.task.due_on, world.task.state_changed_at = date(2025, 6, 30), clock.now()
    session.commit()
    for page in pages:  # overdue, but somebody has just gone on with it
        assert note not in _page(coordinator, page)
    world.task.state_changed_at = factories.NOW
    session.commit()
    for page in pages:
        assert note in _page(coordinator, page)


def test_who_stands_in_signs_the_note_as_such(
    coordinator: FlaskClient, session: Session, world: World
) -> None:
    session.execute(update(Task).values(due_on=date(2025, 6, 30)))
    chief = factories.account(session, world.government, Role.COORDINATOR, position="Kepala Dinas Kominfo")
    factories.acting_officer(session, chief, world.coordinator, kind=ActingKind.PLT)
    session.commit()
    assert _sender(coordinator, world) == ": Coordinator"
    coordinator.post(f"/acting/take/{chief.id}")
    assert _sender(coordinator, world) == ": Plt. Kepala Dinas Kominfo"


def _sender(client: FlaskClient, world: World) -> str:
    answer = client.get(f"/reminders/agencies/{world.kominfo.id}/nota-dinas.docx")
    return str(Document(io.BytesIO(answer.get_data())).tables[0].rows[1].cells[1].text)


def test_no_note_is_written_about_nothing(coordinator: FlaskClient, world: World, tomorrow: date) -> None:
    answer = coordinator.get(f"/reminders/agencies/{world.kominfo.id}/nota-dinas.docx")
    assert answer.status_code == 404
    assert "nothing to write a note about" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/reminders", 24),
        ("/reminders/proof", 9),
        ("/outbox", 9),
        ("/reminders/addresses", 7),
        ("/profile/mail", 7),
    ],
)
def test_a_page_asks_the_database_as_often_for_many_rows_as_for_few(
    coordinator: FlaskClient,
    session: Session,
    world: World,
    proved: ReminderIntent,
    tomorrow: date,
    path: str,
    most: int,
) -> None:
    with counted(db.engine) as few:
        _page(coordinator, path)
    for number in range(13, 32):  # bappeda has 12 already
        task = factories.task(session, world.plan, world.bappeda, number, due_on=tomorrow)
        message = factories.message(
            session,
            world.other_focal,
            kind=MessageKind.NEWS,
            state=MessageState.SENT,
            finished_at=factories.NOW,
        )
        factories.intent(
            session, task, world.other_focal, rung="due-1", state=IntentState.SENT, message_id=message.id
        )
    session.commit()
    with counted(db.engine) as many:
        _page(coordinator, path)
    assert len(many) == len(few)
    assert len(many) <= most, "\n\n".join(many)
