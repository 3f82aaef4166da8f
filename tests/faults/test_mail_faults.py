"""Workers killed and raced in the middle of a digest run: what people receive is counted at the mail server."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from celery import Celery
from flask import Flask
from sqlalchemy import func, select

from spbe_tasks import create_app, mailing
from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, Government, Message, MessageState, ReminderIntent
from spbe_tasks.rules.delivery import LEASE
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.services import system
from spbe_tasks.transaction import transaction
from tests import mailable, services, smtp
from tests.product import Product, settings_for, wait_for
from tests.services import PostgresServer
from tests.settings import settings_of
from tests.smtp import Mailbox

PEOPLE = 60


@dataclass
class Scene:
    """Workers to start and kill, the mail server they talk to, and the queue beat would fill."""

    product: Product
    box: Mailbox
    app: Flask

    def ask(self, *jobs: Job) -> None:
        """Put jobs on the queue as beat does."""
        queue: Celery = self.app.extensions["broker"]
        for job in jobs:
            queue.send_task(str(job))

    def states(self) -> dict[str, MessageState]:
        """How the mail of each address stands."""
        db.session.rollback()
        rows = db.session.execute(
            select(Account.email, Message.state).join(Message, Message.account_id == Account.id)
        )
        return {row.email: row.state for row in rows}

    def open_mails(self) -> int:
        """How many have not ended."""
        waiting = {MessageState.PENDING, MessageState.HANDING_OVER}
        return sum(state in waiting for state in self.states().values())


@pytest.fixture
def scene(postgres: PostgresServer, migrated: str, tmp_path: Path) -> Iterator[Scene]:
    database = f"fault_{uuid4().hex[:8]}"
    postgres.create_database(database, template=migrated)
    folder = services.new_folder()
    valkey = services.start_valkey(folder)
    with smtp.serving() as box:
        variables = settings_for(postgres, database, valkey, smtp_port=box.port, folder=tmp_path)
        product = Product(variables, tmp_path)
        app = create_app(settings_of(variables))
        with app.app_context():
            try:
                yield Scene(product, box, app)
            finally:
                product.stop()
                db.session.remove()
                db.engine.dispose()
    valkey.stop()
    shutil.rmtree(folder)
    postgres.drop_database(database)


def _people(count: int) -> set[str]:
    with transaction() as work:
        made = mailable.people_with_a_task_each(work.session, mailable.government(work.session), count)
        return {person.email for person, _ in made}


def test_a_worker_killed_in_the_middle_of_a_digest_run_repeats_and_loses_nothing(scene: Scene) -> None:
    addresses = _people(PEOPLE)
    scene.box.stall_at = PEOPLE // 4  # from here on the server has the mail and the worker does not know it
    scene.product.start("worker")
    scene.ask(Job.PLAN_REMINDERS)
    wait_for(lambda: len(scene.box.received) >= PEOPLE // 4, seconds=30, what=scene.product.logs())
    scene.product.kill("worker")
    scene.box.stall_at = None

    # Another worker, at a time when the lease of what the dead one held is over.
    later = int(LEASE.total_seconds()) + 60
    scene.product.settings = {**scene.product.settings, "CLOCK_OFFSET": str(later)}
    scene.product.start("worker")
    scene.ask(Job.PLAN_REMINDERS, Job.SWEEP_OUTBOX)
    wait_for(lambda: not scene.open_mails(), seconds=40, what=scene.product.logs())

    states = scene.states()
    uncertain = {address for address, state in states.items() if state is MessageState.UNCERTAIN}
    received = [each.to for each in scene.box.received]
    assert set(states) == addresses
    assert len(received) == len(set(received)), "somebody got a second mail"
    assert max(scene.box.count_by_id.values()) == 1
    assert addresses - set(received) <= uncertain, "a mail was lost"
    assert {state for address, state in states.items() if address not in uncertain} == {MessageState.SENT}
    assert len(uncertain) == 1, "more than one process was sending"
    unproven = select(func.count()).where(ReminderIntent.state == IntentState.FAILED)
    assert db.session.scalar(unproven) == len(uncertain)


def test_two_beats_four_processes_and_a_command_on_one_scan_send_one_mail_each(scene: Scene) -> None:
    addresses = _people(PEOPLE // 2)
    scene.box.pause = 0.05
    # The queue is full before the first of them starts, so that they set off together.
    scene.ask(*[Job.PLAN_REMINDERS] * 4, *[Job.SWEEP_OUTBOX] * 4)
    scene.product.start("worker", "worker-2")
    wait_for(lambda: scene.box.received, seconds=30, what=scene.product.logs())
    # As the command does: beside the sweep that is under way, not after it.
    with closing(scene.app.extensions["mail"]):
        mailing.send_digests(db.session.scalars(select(Government.id)).one())
    scene.ask(*[Job.PLAN_REMINDERS, Job.SWEEP_OUTBOX] * 2)
    wait_for(lambda: not scene.open_mails(), seconds=30, what=scene.product.logs())
    assert sorted(each.to for each in scene.box.received) == sorted(addresses)
    assert set(scene.states().values()) == {MessageState.SENT}
    assert db.session.scalar(select(func.count()).select_from(ReminderIntent)) == len(addresses)
    assert scene.box.connections > 1, "one process did all the work: nothing was raced"


def test_a_backlog_of_mail_leaves_a_worker_process_free(scene: Scene) -> None:
    _people(PEOPLE // 2)
    scene.box.stall_at = 1  # the first mail is never answered: whoever sends it is busy for minutes
    scene.product.start("worker")
    scene.ask(Job.PLAN_REMINDERS)
    wait_for(lambda: scene.box.received, seconds=30, what=scene.product.logs())
    scene.ask(*[Job.SWEEP_OUTBOX] * 4, Job.RECORD_HEARTBEAT)
    wait_for(_heartbeat, seconds=30, what=scene.product.logs())
    assert [state for state in scene.states().values() if state is not MessageState.PENDING] == [
        MessageState.HANDING_OVER
    ]


def _heartbeat() -> datetime | None:
    db.session.rollback()
    return system.last_heartbeat(db.session())
