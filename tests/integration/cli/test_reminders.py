"""Previewing and sending from a terminal, to a real mail server."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Agency, Government, Message, ReminderIntent, Task
from spbe_tasks.rules.access import Role
from tests import factories, mailable, smtp
from tests.integration.cli.conftest import Run
from tests.smtp import Mailbox

pytestmark = pytest.mark.own_database
SLUG = "kab-surat"
HERE = ("--government", SLUG)


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
def addresses(own_app: Flask) -> list[str]:
    """Three people with a task that is due today, in a government that may be mailed at any hour."""
    with own_app.app_context():
        session = db.session()
        people = mailable.people_with_a_task_each(session, mailable.government(session, slug=SLUG), 3)
        session.commit()
        return sorted(person.email for person, _ in people)


def test_preview_lists_who_gets_what_and_why_and_writes_nothing(
    run: Run, own_app: Flask, addresses: list[str]
) -> None:
    code, output, errors = run("reminders", "preview", *HERE, "--json")
    assert (code, errors) == (0, [])
    document = json.loads(output)
    assert document["on"] == mailable.today().isoformat()
    assert sorted(each["address"] for each in document["recipients"]) == addresses
    reminder = document["recipients"][0]["reminders"][0]
    assert (reminder["rung"], reminder["because"]) == ("due", "focal_point")
    with own_app.app_context():
        assert db.session().scalar(select(func.count()).select_from(ReminderIntent)) == 0


def test_preview_as_text_names_the_day_and_the_task(run: Run, addresses: list[str]) -> None:
    code, output, _ = run("reminders", "preview", *HERE)
    assert code == 0
    assert f"{mailable.today():%A}, {mailable.today().isoformat()}: 3 mails" in output
    assert all(address in output for address in addresses)


def test_send_delivers_one_mail_each_and_a_second_time_none(
    run: Run, box: Mailbox, addresses: list[str]
) -> None:
    code, output, errors = run("reminders", "send", *HERE, "--json")
    assert (code, errors) == (0, [])
    document = json.loads(output)
    assert (document["hold"], document["new_reminders"]) == (None, 3)
    assert {mail["state"] for mail in document["mails"]} == {"sent"}
    assert run("reminders", "send", *HERE)[0] == 0
    assert sorted(each.to for each in box.received) == addresses


def test_a_mail_that_did_not_go_out_makes_the_command_fail(
    run: Run, box: Mailbox, addresses: list[str]
) -> None:
    box.at_rcpt = {addresses[0]: "550 no such user"}
    code, output, _ = run("reminders", "send", *HERE)
    assert code == 1
    assert "550 no such user" in output
    assert len(box.received) == 2


def test_a_brief_that_did_not_go_out_makes_the_command_fail_as_well(
    run: Run, box: Mailbox, own_app: Flask, addresses: list[str]
) -> None:
    with own_app.app_context():
        session = db.session()
        task = session.scalars(select(Task).order_by(Task.id)).first()
        assert task is not None
        task.due_on, task.state_changed_at = mailable.today() - timedelta(days=60), factories.NOW
        government = session.scalars(select(Government)).one()
        head = factories.account(
            session, government, Role.AGENCY_HEAD, session.get_one(Agency, task.agency_id)
        )
        session.commit()
        box.at_rcpt = {head.email: "550 no such user"}
        name = head.name
    code, output, _ = run("reminders", "send", *HERE, "--json")
    mails = json.loads(output)["mails"]
    assert [(each["kind"], each["state"]) for each in mails if each["to"] == name] == [("brief", "failed")]
    assert {each["state"] for each in mails if each["to"] != name} == {"sent"}
    assert code == 1


def test_while_mail_is_paused_nothing_is_sent_and_the_command_says_so(
    run: Run, box: Mailbox, own_app: Flask, addresses: list[str]
) -> None:
    with own_app.app_context():
        db.session().scalars(select(Government)).one().is_mail_paused = True
        db.session().commit()
    code, output, _ = run("reminders", "send", *HERE)
    assert code == 0
    assert "Nothing leaves now: paused" in output
    assert box.received == []


def test_a_later_day_can_be_acted_out_while_mail_stays_on_this_machine(
    run: Run, box: Mailbox, own_app: Flask, addresses: list[str]
) -> None:
    tomorrow = mailable.today() + timedelta(days=1)
    code, output, errors = run("reminders", "send", *HERE, "--on", tomorrow, "--json")
    assert (code, errors) == (0, [])
    assert json.loads(output)["on"] == tomorrow.isoformat()
    assert len(box.received) == 3
    with own_app.app_context():
        session = db.session()
        assert set(session.scalars(select(Message.local_date))) == {tomorrow}
        assert set(session.scalars(select(ReminderIntent.rung))) == {"overdue+1"}


def test_a_later_day_is_refused_when_mail_would_leave_this_machine(
    run: Run, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    monkeypatch.setenv("SMTP_HOST", "mail.ketapang.example")
    code, _, errors = run("reminders", "send", *HERE, "--on", mailable.today() + timedelta(days=1))
    assert code == 1
    assert "only possible while the mail server is this very machine" in errors[0]


@pytest.mark.parametrize("command", ["preview", "send"])
def test_a_day_that_is_over_is_refused(run: Run, addresses: list[str], command: str) -> None:
    code, _, errors = run("reminders", command, *HERE, "--on", mailable.today() - timedelta(days=1))
    assert code == 1
    assert "is over" in errors[0]


def test_an_unknown_government_is_refused(run: Run, addresses: list[str]) -> None:
    code, _, errors = run("reminders", "preview", "--government", "nowhere")
    assert (code, len(errors)) == (1, 1)
