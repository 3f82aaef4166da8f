"""Workers to start and kill, the mail server they talk to, the queue beat would fill; and what is true afterwards."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from celery import Celery
from flask import Flask
from sqlalchemy import select, text

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, Message, MessageState
from spbe_tasks.rules.delivery import LEASE
from spbe_tasks.transaction import transaction
from tests import mailable, services, smtp
from tests.product import Product, settings_for
from tests.services import PostgresServer, ValkeyServer
from tests.settings import settings_of
from tests.smtp import Mailbox

WAITING = frozenset({MessageState.PENDING, MessageState.HANDING_OVER})


@dataclass
class Scene:
    """One installation. ``settings`` of its product may be changed between two starts."""

    product: Product
    box: Mailbox
    app: Flask
    valkey: ValkeyServer
    folder: Path

    def ask(self, *jobs: Job) -> None:
        """Put jobs on the queue as beat does."""
        queue: Celery = self.app.extensions["broker"]
        for job in jobs:
            queue.send_task(str(job))

    def configure(self, **variables: str) -> None:
        """Have the processes that start from now on see these variables."""
        self.product.settings = {**self.product.settings, **variables}

    def pass_lease(self) -> None:
        """Have the processes that start from now on believe that every lease of before is over."""
        self.configure(CLOCK_OFFSET=str(int(LEASE.total_seconds()) + 60), FAILPOINT="")

    def states(self) -> dict[str, MessageState]:
        """How the mail of each address stands."""
        db.session.rollback()
        rows = db.session.execute(
            select(Account.email, Message.state).join(Message, Message.account_id == Account.id)
        )
        return {row.email: row.state for row in rows}

    def count(self, *states: MessageState) -> int:
        """How many mails are in one of these states."""
        return sum(state in states for state in self.states().values())

    def open_mails(self) -> int:
        """How many have not ended."""
        return self.count(*WAITING)

    def received(self) -> Sequence[str]:
        """The addresses that got a mail, once for each."""
        return [each.to for each in self.box.received]

    def check_kept_promise(self, addresses: set[str], *, killed: int) -> None:
        """Each mail arrived once or is uncertain, no more are uncertain than senders were killed, none is lost."""
        states, received = self.states(), self.received()
        uncertain = {address for address, state in states.items() if state is MessageState.UNCERTAIN}
        assert max(self.box.count_by_id.values()) == 1, "a mail arrived twice"
        assert len(received) == len(set(received)), "somebody got a second mail"
        assert set(states) == addresses
        assert addresses - set(received) <= uncertain, "a mail was lost"
        assert {states[each] for each in addresses - uncertain} == {MessageState.SENT}
        assert len(uncertain) <= killed, f"{len(uncertain)} mails are uncertain, {killed} senders were killed"
        assert self.broken_promises() == []

    def broken_promises(self) -> list[tuple[object, ...]]:
        """Intents that end otherwise than the mail that carries them, or are told by two mails to a person."""
        db.session.rollback()
        wrong = text(
            "SELECT i.id, i.state, m.state FROM reminder_intent i LEFT JOIN message m ON m.id = i.message_id"
            " WHERE (i.state, coalesce(m.state, '')) NOT IN"
            " (('sent', 'sent'), ('failed', 'uncertain'), ('failed', 'failed'))"
        )
        return [tuple(row) for row in db.session.execute(wrong)]


@contextmanager
def opened(postgres: PostgresServer, migrated: str | None, folder: Path) -> Iterator[Scene]:
    """A scene on a database of its own; ``migrated`` is the template, None: it is migrated here."""
    database = f"fault_{uuid4().hex[:8]}"
    postgres.create_database(database, template=migrated)
    place = services.new_folder()
    valkey = services.start_valkey(place)
    with smtp.serving() as box:
        variables = settings_for(postgres, database, valkey, smtp_port=box.port, folder=folder)
        product = Product(variables, folder)
        if migrated is None:
            product.run("db", "upgrade")
        app = create_app(settings_of(variables))
        scene = Scene(product, box, app, valkey, place)
        with app.app_context():
            try:
                yield scene
            finally:
                product.stop()
                db.session.remove()
                db.engine.dispose()
    scene.valkey.stop()
    shutil.rmtree(place)
    postgres.drop_database(database)


def people(count: int) -> set[str]:
    """A new government with so many people who each have a task that is due today; their addresses."""
    with transaction() as work:
        made = mailable.people_with_a_task_each(work.session, mailable.government(work.session), count)
        return {person.email for person, _ in made}
