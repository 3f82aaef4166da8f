"""Bad days of mail to the minute: backoff, silence, clocks that jump, dates that move, holidays, the edges of zones.

The same days are lived through by real processes in ``tests/faults/test_mail_travels.py``; here is what takes hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.adapters import mail
from spbe_tasks.models import Account, Message, MessageState, ReminderIntent, Task
from spbe_tasks.rules.access import Role
from tests import factories, smtp
from tests.smtp import Mailbox
from workers import jobs

# A Tuesday morning in an ordinary week of the calendar, 09.00 in Ketapang.
START = datetime(2026, 4, 28, 2, 0, tzinfo=UTC)
WORKDAY = START.date()
NOWHERE = 1


@dataclass
class World:
    """Beat, a worker and a mail server, at a time of our own."""

    session: Session
    app: Flask
    box: Mailbox

    def at(self, instant: datetime) -> None:
        """Set the product's clock."""
        clock.set_offset(int((instant - datetime.now(UTC)).total_seconds()))

    def beat(self, instant: datetime) -> None:
        """What beat asks for at this instant, done."""
        self.at(instant)
        self.session.commit()
        for government_id in self.session.scalars(select(factories.Government.id)).all():
            jobs.plan_government(government_id)
        jobs.sweep_outbox()
        self.session.expire_all()

    def beat_hourly(self, start: datetime, end: datetime) -> None:
        """Every hour from start to end."""
        while start < end:
            self.beat(start)
            start += timedelta(hours=1)

    def connect(self, port: int) -> None:
        """Have the product speak to the mail server at this port from now on."""
        self.app.extensions["mail"].close()
        settings = self.app.extensions["settings"]
        self.app.extensions["mail"] = mail.Connection(
            settings.model_copy(update={"smtp_port": port, "smtp_password": SecretStr("")})
        )

    def received(self) -> list[str]:
        """Who got a mail, in order."""
        return [each.to for each in self.box.received]

    def mails(self) -> list[tuple[str, str | None]]:
        """How each mail stands, in the order they were asked for."""
        rows = self.session.scalars(select(Message).order_by(Message.id)).all()
        return [(row.state.value, row.reason) for row in rows]


@pytest.fixture
def world(app: Flask, session: Session) -> Iterator[World]:
    usual = app.extensions["mail"]
    with smtp.serving() as box:
        world = World(session, app, box)
        world.connect(box.port)
        yield world
        app.extensions["mail"].close()
    app.extensions["mail"] = usual
    clock.set_offset(0)


def _people(
    session: Session, count: int = 1, *, due_on: date = WORKDAY, zone: str = "Asia/Pontianak"
) -> list[tuple[Account, Task]]:
    government = factories.government(session, timezone=zone)
    plan = factories.plan(session, government)
    made = []
    for number in range(count):
        agency = factories.agency(session, government)
        person = factories.account(session, government, Role.FOCAL_POINT, agency)
        made.append((person, factories.task(session, plan, agency, 1 + number, due_on=due_on)))
    return made


def _rungs(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(select(ReminderIntent).order_by(ReminderIntent.id)).all()
    return [(row.rung, row.state.value) for row in rows]


def test_a_server_that_puts_off_for_hours_gets_each_mail_once_it_takes_it(world: World) -> None:
    [(person, _)] = _people(world.session)
    world.box.at_rcpt = {person.email: "451 greylisted"}
    for minutes in (0, 2, 8, 24):  # 1, 5 and 15 minutes later, and one to spare
        world.beat(START + timedelta(minutes=minutes))
    assert world.mails() == [("pending", "try_later")]
    world.box.at_rcpt = {}
    world.beat(START + timedelta(minutes=83))
    assert world.received() == []
    world.beat(START + timedelta(minutes=86))
    assert world.received() == [person.email]
    assert world.session.scalars(select(Message.attempts)).all() == [5]


def test_a_server_that_never_answers_one_mail_leaves_that_one_uncertain_and_takes_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _people(world.session, 3)
    monkeypatch.setattr(mail, "CONTENT_TIMEOUT_SECONDS", 0.3)
    world.box.stall_once = True
    world.beat(START)
    world.beat(START + timedelta(hours=1))
    assert world.mails().count(("uncertain", "no_answer")) == 1
    assert world.mails().count(("sent", None)) == 2
    assert set(world.box.count_by_id.values()) == {1}


def test_a_clock_that_runs_ahead_a_week_and_back_repeats_nothing(world: World) -> None:
    [(person, _)] = _people(world.session)
    world.beat(START)
    world.beat(START + timedelta(days=7))
    for hours in (0, 1, 24, 48):
        world.beat(START + timedelta(hours=hours))
    assert world.received() == [person.email] * 2
    assert set(world.box.count_by_id.values()) == {1}
    told = [rung for rung, state in _rungs(world.session) if state == "sent"]
    assert told == ["due", "overdue+7"]


def test_a_due_date_moved_twice_between_planning_and_sending_is_told_once_as_it_is_last(world: World) -> None:
    [(person, task)] = _people(world.session)
    world.connect(NOWHERE)
    world.beat(START)
    for days in (1, 3):
        task.due_on, task.due_version = WORKDAY + timedelta(days=days), task.due_version + 1
    world.session.commit()
    world.connect(world.box.port)
    world.at(START + timedelta(minutes=1))
    jobs.sweep_outbox()
    world.session.expire_all()
    assert world.mails() == [("cancelled", "nothing_left")]
    world.beat(START + timedelta(minutes=2))
    assert world.received() == [person.email]
    assert [rung for rung, state in _rungs(world.session) if state == "sent"] == ["due-3"]
    body = world.box.received[0].message.get_body(("plain",))
    assert body
    assert "1 Mei 2026" in body.get_content()


def test_nothing_leaves_in_the_week_of_lebaran_and_each_gets_one_mail_on_the_first_morning_back(
    world: World,
) -> None:
    before = datetime(2026, 3, 17, 2, 0, tzinfo=UTC)  # the last working day before Nyepi and Idul Fitri
    first_back = datetime(2026, 3, 25, 2, 0, tzinfo=UTC)
    people = _people(world.session, 2, due_on=date(2026, 3, 16))
    world.beat(before)
    assert len(world.received()) == 2
    world.beat_hourly(before + timedelta(hours=16), first_back - timedelta(hours=2))
    assert len(world.received()) == 2
    world.beat(first_back)
    world.beat(first_back + timedelta(hours=1))
    assert sorted(world.received()[2:]) == sorted(person.email for person, _ in people)


@pytest.mark.parametrize(
    ("zone", "opens"),
    [("Asia/Jayapura", "22:30"), ("Asia/Makassar", "23:30"), ("Asia/Jakarta", "00:30")],
)
def test_mail_leaves_at_half_past_seven_of_its_own_zone_and_not_a_minute_earlier(
    world: World, zone: str, opens: str
) -> None:
    _people(world.session, zone=zone)
    day = WORKDAY if opens.startswith("00") else WORKDAY - timedelta(days=1)
    opening = datetime.fromisoformat(f"{day.isoformat()}T{opens}:00+00:00")
    world.beat(opening - timedelta(minutes=1))
    assert world.received() == []
    world.beat(opening + timedelta(seconds=5))
    assert len(world.received()) == 1
    assert world.session.scalars(select(Message.local_date)).all() == [WORKDAY]
    assert world.session.scalars(select(Message.state)).all() == [MessageState.SENT]
