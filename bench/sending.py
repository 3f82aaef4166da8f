"""``python -m bench.sending``: digests per second, beside one persistent connection that also commits two updates each.

The floor gives the same bytes to the same server, one after another, and for each commits two updates of one row, as
whoever keeps an outbox at least has to. The product claims, looks again, renders, sends and writes down.
"""

import argparse
import asyncio
import multiprocessing
import smtplib
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from multiprocessing.connection import Connection as Pipe
from statistics import median

import psycopg
from aiosmtpd.smtp import SMTP
from flask import Flask
from sqlalchemy import func, select

from bench.installation import Services, services
from spbe_tasks import clock, create_app, mailing, rendering
from spbe_tasks.extensions import db
from spbe_tasks.mail_headers import Office
from spbe_tasks.models import Government, Message, MessageState
from spbe_tasks.rules.access import Role
from spbe_tasks.services import reminders
from spbe_tasks.services.letters import Letter, Mail
from spbe_tasks.transaction import transaction
from tests import factories, mailable
from tests.product import HOST, Product, settings_for
from tests.settings import settings_of

AGENCIES, TASKS_EACH = 35, 4
ROUNDS = 5


class _Sink:
    """Takes every mail and forgets it."""

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - aiosmtpd calls it so
        return "250 OK"


def _serve(pipe: Pipe) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(_Sink(), hostname="localhost"), HOST, 0
        )
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def sink() -> Iterator[int]:
    """The port of a mail server in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


@dataclass(frozen=True, slots=True)
class Bench:
    """An installation whose mail goes to the sink, and the way around the product into its database."""

    app: Flask
    dsn: str
    port: int


@contextmanager
def installed(given: Services, port: int) -> Iterator[Bench]:
    """A migrated, empty database and the product on it."""
    given.postgres.create_database("sending")
    variables = settings_for(given.postgres, "sending", given.valkey, smtp_port=port, folder=given.folder)
    Product(variables, given.folder).run("db", "upgrade")
    app = create_app(settings_of({**variables, "LOG_LEVEL": "WARNING"}))
    with app.app_context(), closing(app.extensions["mail"]):
        yield Bench(app, given.postgres.app_url("sending").replace("+psycopg", ""), port)
        db.session.remove()
        db.engine.dispose()


def fill(governments: int) -> int:
    """Governments of 35 agencies with a focal point and some tasks each, planned; returns how many digests wait."""
    for _ in range(governments):
        with transaction() as work:
            government = mailable.government(work.session)
            plan = factories.plan(work.session, government)
            for _ in range(AGENCIES):
                agency = factories.agency(work.session, government)
                factories.account(work.session, government, Role.FOCAL_POINT, agency)
                for number in range(TASKS_EACH):
                    factories.task(work.session, plan, agency, 1 + number, due_on=mailable.today())
            government_id = government.id
        with transaction() as work:
            reminders.plan_government(work, government_id, now=clock.now())
    waiting = select(func.count()).where(Message.state == MessageState.PENDING)
    return db.session.scalar(waiting) or 0


@dataclass
class Spent:
    """Where the time of the product's rounds went: mails, CPU seconds of this process, and those of rendering."""

    mails: int = 0
    cpu: float = 0.0
    rendering: float = 0.0

    def watch(self) -> None:
        """Count what rendering costs from now on."""
        usual = rendering.render

        def timed(letter: Letter, office: Office) -> Mail:
            start = time.process_time()
            try:
                return usual(letter, office)
            finally:
                self.rendering += time.process_time() - start

        rendering.render = timed


def product_rate(count: int, spent: Spent) -> float:
    """Mails per second of one sweep."""
    start, cpu = time.perf_counter(), time.process_time()
    mailing.sweep()
    took = time.perf_counter() - start
    spent.mails, spent.cpu = spent.mails + count, spent.cpu + time.process_time() - cpu
    db.session.rollback()
    sent = db.session.scalar(select(func.count()).where(Message.state == MessageState.SENT)) or 0
    assert sent >= count, f"only {sent} left"
    return count / took


def floor_rate(bench: Bench, message_ids: Sequence[int], content: bytes) -> float:
    """The same mails by hand."""
    mark = "UPDATE message SET state = 'handing_over', attempts = attempts + 1 WHERE id = %s"
    end = "UPDATE message SET state = 'sent', finished_at = now() WHERE id = %s"
    with psycopg.connect(bench.dsn) as database, smtplib.SMTP(HOST, bench.port) as server:
        server.ehlo()
        start = time.perf_counter()
        for message_id in message_ids:
            database.execute(mark, [message_id])
            database.commit()
            server.sendmail("spbe-tasks@ketapang.example", ["somebody@ketapang.example"], content)
            database.execute(end, [message_id])
            database.commit()
        return len(message_ids) / (time.perf_counter() - start)


def content_of_one(app: Flask) -> bytes:
    """A digest as it goes over the wire, made anew from what is kept: as long, to a few bytes, as all the others."""
    db.session.rollback()
    kept = db.session.scalars(select(Message).where(Message.state == MessageState.SENT).limit(1)).one()
    assert kept.body_text
    assert kept.body_html
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["Subject"] = kept.subject
    mail.set_content(kept.body_text, cte="quoted-printable")
    mail.add_alternative(kept.body_html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def main() -> None:
    """Send round after round, the floor after each, and print the medians."""
    parser = argparse.ArgumentParser(prog="python -m bench.sending", description=__doc__)
    parser.add_argument(
        "--governments", type=int, default=10, help="of 35 mails each, in a round (%(default)s)"
    )
    given = parser.parse_args()
    ours, floors, spent = [], [], Spent()
    spent.watch()
    with services() as running, sink() as port, installed(running, port) as bench:
        for number in range(ROUNDS + 1):
            count = fill(given.governments)
            rate = product_rate(count, spent)
            ids = db.session.scalars(select(Message.id).order_by(Message.id.desc()).limit(count)).all()
            content = content_of_one(bench.app)
            floor = floor_rate(bench, ids, content)
            if number:  # the first one warms up
                ours.append(rate)
                floors.append(floor)
        governments = db.session.scalar(select(func.count()).select_from(Government))
    print(
        f"{count} digests of {TASKS_EACH} tasks in a round, {len(content)} bytes each; {governments} governments"
    )
    print("| | mails per second |\n| --- | ---: |")
    print(f"| floor: SMTP and two committed updates | {median(floors):.0f} |")
    print(f"| the product | {median(ours):.0f} |")
    print(f"| share | {median(a / b for a, b in zip(ours, floors, strict=True)):.2f} |")
    print(f"CPU ms of the sender for each mail: {1_000 * spent.cpu / spent.mails:.2f}, ", end="")
    print(f"of which rendering {1_000 * spent.rendering / spent.mails:.2f}")


if __name__ == "__main__":
    main()
