"""Doctor, test and proof of reminders from a terminal, to a real mail server."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Government, Heartbeat, MailHold, Message, MessageState
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services import mail_proofs, mail_trail, system, trail
from spbe_tasks.work import Work
from tests import factories, mailable, smtp
from tests.integration.cli.conftest import Run
from tests.smtp import Mailbox

pytestmark = pytest.mark.own_database
SLUG = "kab-surat"
HERE = ("--government", SLUG)
ADDRESS = "budi@dinas.example"


@pytest.fixture(autouse=True)
def clock_as_it_was() -> Iterator[None]:
    yield
    clock.set_offset(0)


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with smtp.serving() as box:
        monkeypatch.setenv("SMTP_PORT", str(box.port))
        yield box


@pytest.fixture
def government_id(own_app: Flask) -> int:
    """A government that may be mailed at any hour, with a person, a worker that lives and an address to answer to."""
    with own_app.app_context():
        session = db.session()
        government = mailable.government(session, slug=SLUG)
        government.reply_to = "diskominfo@ketapang.example"
        factories.account(session, government, email=ADDRESS)
        system.record_heartbeat(Work(session), now=clock.now())
        session.commit()
        return government.id


def _doctor(run: Run) -> tuple[int, dict[str, tuple[str, str]]]:
    code, output, errors = run("reminders", "doctor", "--json")
    assert errors == []
    return code, {each["name"]: (each["state"], each["words"]) for each in json.loads(output)}


def test_a_healthy_installation_passes(run: Run, box: Mailbox, government_id: int) -> None:
    code, found = _doctor(run)
    assert code == 0
    assert {name: state for name, (state, _) in found.items()} == {
        "sender": "note",
        "mail server": "ok",
        "worker and beat": "ok",
        "bounces": "note",
        "outbox": "ok",
        "planning": "note",
        "held by the day's limit": "ok",
        "paused": "ok",
        "without a sender's name": "ok",
        "without a reply address": "ok",
    }


def test_everything_that_keeps_mail_from_people_is_told_at_once(
    run: Run, own_app: Flask, government_id: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SMTP_PORT", "1")
    monkeypatch.setenv("MAILBOX_URL", f"maildir://{tmp_path}")
    with own_app.app_context():
        session, now = db.session(), clock.now()
        session.execute(update(Heartbeat).values(seen_at=now - timedelta(hours=1)))
        session.execute(update(Government).values(sender_name="", reply_to=None, is_mail_paused=True))
        session.add(MailHold(government_id=government_id, on=mailable.today(), cap=5, held_at=now))
        session.commit()
    code, found = _doctor(run)
    assert code == 1
    assert {name for name, (state, _) in found.items() if state == "fail"} == {
        "mail server",
        "worker and beat",
        "bounces",
        "held by the day's limit",
        "without a sender's name",
    }
    assert found["paused"] == ("note", SLUG)


def test_the_doctor_speaks_text_too(run: Run, box: Mailbox, government_id: int) -> None:
    code, output, _ = run("reminders", "doctor")
    assert code == 0
    assert "ok   mail server" in output


def test_a_test_says_what_the_server_answered(run: Run, box: Mailbox, government_id: int) -> None:
    code, output, errors = run("reminders", "test", *HERE, "--to", ADDRESS)
    assert (code, errors) == (0, [])
    assert output.startswith("sent: 250")
    assert [each.to for each in box.received] == [ADDRESS]


def test_a_test_that_is_refused_makes_the_command_fail(run: Run, box: Mailbox, government_id: int) -> None:
    box.at_rcpt[ADDRESS] = "550 5.1.1 no such user"
    code, output, _ = run("reminders", "test", *HERE, "--to", ADDRESS, "--json")
    assert code == 1
    assert json.loads(output)["answer"] == "550 5.1.1 no such user"


def test_a_test_goes_to_people_of_the_government_only(run: Run, box: Mailbox, government_id: int) -> None:
    code, _, errors = run("reminders", "test", *HERE, "--to", "siapa@lain.example")
    assert code == 1
    assert "siapa@lain.example" in errors[0]
    assert box.received == []


@pytest.fixture
def told(own_app: Flask, government_id: int) -> int:
    """The id of a task somebody was reminded of; its mail is in the sealed trail."""
    with own_app.app_context():
        session = db.session()
        (person, task), *_ = mailable.people_with_a_task_each(
            session, session.get_one(Government, government_id), 2
        )
        message = factories.message(
            session,
            person,
            state=MessageState.SENT,
            to_address=person.email,
            server_answer="250 kept",
            finished_at=clock.now(),
        )
        factories.intent(session, task, person, state=IntentState.SENT, message_id=message.id)
        session.commit()
        work = Work(session)
        mail_trail.record(work, now=clock.now())
        session.flush()
        trail.seal(work)
        session.commit()
        return int(task.id)


def test_a_proof_names_the_answer_and_its_place_in_the_trail(run: Run, told: int) -> None:
    code, output, errors = run("reminders", "proof", *HERE, "--task", told, "--json")
    assert (code, errors) == (0, [])
    document = json.loads(output)
    (reminder,) = document["reminders"]
    assert (reminder["answer"], reminder["is_proved"], reminder["task"]) == ("250 kept", True, told)
    assert document["chain"]["is_intact"]
    text = run("reminders", "proof", *HERE)[1]
    assert "250 kept" in text
    assert document["chain"]["head"] in text
    assert json.loads(run("reminders", "proof", *HERE, "--to", ADDRESS, "--json")[1])["reminders"] == []


def test_a_proof_is_of_the_days_asked_for_and_of_all_of_them_or_none(
    run: Run, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reminders(*days: str) -> int:
        return len(json.loads(run("reminders", "proof", *HERE, *days, "--json")[1])["reminders"])

    assert (reminders("--from", "2001-01-01"), reminders("--until", "2001-01-01")) == (1, 0)
    monkeypatch.setattr(mail_proofs, "MOST_EXPORTED", 0)
    code, _, errors = run("reminders", "proof", *HERE)
    assert code == 1
    assert "one file holds 0" in " ".join(errors)


def test_a_proof_that_does_not_hold_makes_the_command_fail(run: Run, own_app: Flask, told: int) -> None:
    with own_app.app_context():
        db.session().execute(update(Message).values(server_answer="250 other"))
        db.session().commit()
    code, output, _ = run("reminders", "proof", *HERE)
    assert code == 1
    assert "DIFFERS FROM THE TRAIL" in output
