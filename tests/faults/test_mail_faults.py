"""Senders of mail killed, raced and cut off: what people receive is counted at the mail server, by Message-ID."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import func, select

from spbe_tasks import failpoints
from spbe_tasks.extensions import db
from spbe_tasks.jobs import Job
from spbe_tasks.models import Government, MessageState, ReminderIntent
from spbe_tasks.services import system
from tests import services
from tests.faults import mail_scene
from tests.faults.mail_scene import Scene, people
from tests.product import wait_for
from tests.services import PostgresServer
from tools.layout import ROOT
from tools.processes import clean_environment

PEOPLE = 60
MANY = 200
SENDERS = 8


def test_killed_at_any_step_a_sender_repeats_and_loses_nothing(scene: Scene) -> None:
    """200 mails for each named step; whoever reaches it for the 60th time dies there, again and again; two beats."""
    addresses: set[str] = set()
    scene.product.start("beat", "beat-2")
    for point in sorted(failpoints.MAIL_POINTS):
        addresses |= people(MANY)
        scene.configure(FAILPOINT=f"{point}:60")
        worker = f"worker-{point}"
        scene.product.start(worker)
        scene.ask(Job.PLAN_REMINDERS)
        _send_all(scene, len(addresses))
        assert _deaths(scene, worker) >= MANY // 60, f"nobody died at {point}: {scene.product.logs()}"
        scene.product.kill(worker)
    # The last sender of each worker may have had the last mail in hand when the worker was killed.
    killed = sum(_deaths(scene, f"worker-{point}") + 1 for point in failpoints.MAIL_POINTS)
    scene.pass_lease()
    scene.product.start("worker")
    scene.ask(Job.SWEEP_OUTBOX)
    wait_for(lambda: not scene.open_mails(), seconds=60, what=scene.product.logs())
    scene.check_kept_promise(addresses, killed=killed)
    unproven = select(func.count()).where(ReminderIntent.state == "failed")
    assert db.session.scalar(unproven) == scene.count(MessageState.UNCERTAIN)


def _send_all(scene: Scene, count: int) -> None:
    """Ask for sweeps, as beat does, until every mail has left or is in the hands of a dead sender."""
    deadline = time.monotonic() + 90
    while len(scene.states()) < count or scene.count(MessageState.PENDING):
        assert time.monotonic() < deadline, scene.product.logs()
        scene.ask(Job.SWEEP_OUTBOX)
        time.sleep(0.5)


def _deaths(scene: Scene, worker: str) -> int:
    return (scene.product.folder / f"{worker}.log").read_text(errors="replace").count("failpoint ")


def test_eight_senders_and_a_worker_racing_on_one_scan_send_one_mail_each(scene: Scene) -> None:
    addresses = people(PEOPLE)
    scene.box.pause = 0.02
    # The queue is full before the worker starts, so that its processes set off together.
    scene.ask(*[Job.PLAN_REMINDERS] * 4, *[Job.SWEEP_OUTBOX] * 4)
    scene.product.start("worker")
    government_id = db.session.scalars(select(Government.id)).one()
    db.session.rollback()
    # As the command does: beside the sweep that is under way, not after it.
    senders = [sys.executable, "-m", "tests.faults.senders", str(SENDERS), str(government_id)]
    environment = clean_environment(scene.product.settings)
    ended = subprocess.run(senders, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert max(scene.box.count_by_id.values()) == 1, "a mail arrived twice"
    assert ended.returncode == 0, ended.stderr
    scene.ask(*[Job.PLAN_REMINDERS, Job.SWEEP_OUTBOX] * 2)
    wait_for(
        lambda: len(scene.states()) == PEOPLE and not scene.open_mails(),
        seconds=30,
        what=scene.product.logs(),
    )
    scene.check_kept_promise(addresses, killed=0)
    assert db.session.scalar(select(func.count()).select_from(ReminderIntent)) == len(addresses)
    assert scene.box.connections > SENDERS // 2, "one process did all the work: nothing was raced"


def test_a_worker_killed_in_the_middle_of_a_digest_run_repeats_and_loses_nothing(scene: Scene) -> None:
    addresses = people(PEOPLE)
    scene.box.stall_at = PEOPLE // 4  # from here on the server has the mail and the worker does not know it
    scene.product.start("worker")
    scene.ask(Job.PLAN_REMINDERS)
    wait_for(lambda: len(scene.box.received) >= PEOPLE // 4, seconds=30, what=scene.product.logs())
    # Meanwhile the other process of the worker is free for other work.
    scene.ask(*[Job.SWEEP_OUTBOX] * 4, Job.RECORD_HEARTBEAT)
    wait_for(_heartbeat, seconds=30, what=scene.product.logs())
    assert scene.count(MessageState.HANDING_OVER) == 1
    scene.product.kill("worker")
    scene.box.stall_at = None

    scene.pass_lease()
    scene.product.start("worker")
    scene.ask(Job.PLAN_REMINDERS, Job.SWEEP_OUTBOX)
    wait_for(lambda: not scene.open_mails(), seconds=40, what=scene.product.logs())
    scene.check_kept_promise(addresses, killed=1)
    assert scene.count(MessageState.UNCERTAIN) == 1


def _heartbeat() -> datetime | None:
    db.session.rollback()
    return system.last_heartbeat(db.session())


@dataclass
class Breakable:
    """A database server of the test's own."""

    server: PostgresServer
    folder: Path

    def restart(self) -> None:
        """Cut everybody off and start again on the same data, at the same address."""
        self.server.stop()
        self.server = services.start_postgres(self.folder)


@pytest.fixture
def breakable() -> Iterator[Breakable]:
    folder = services.new_folder()
    made = Breakable(services.start_postgres(folder), folder)
    yield made
    made.server.stop()
    shutil.rmtree(folder)


def test_a_broker_that_forgets_and_a_database_that_restarts_cost_nobody_a_mail(
    breakable: Breakable, tmp_path: Path
) -> None:
    with mail_scene.opened(breakable.server, None, tmp_path) as scene:
        addresses = people(PEOPLE)
        scene.box.pause = 0.05
        scene.product.start("worker")
        scene.ask(Job.PLAN_REMINDERS)
        wait_for(lambda: len(scene.box.received) > 5, seconds=30, what=scene.product.logs())
        with closing(Redis.from_url(scene.valkey.url)) as queue:
            queue.flushall()
        scene.valkey.stop()
        scene.valkey = services.start_valkey(scene.folder, again=scene.valkey)
        wait_for(lambda: len(scene.box.received) > 15, seconds=30, what=scene.product.logs())
        breakable.restart()
        db.engine.dispose()
        assert scene.open_mails(), "all had left before the database went away"
        wait_for(lambda: _all_end(scene), seconds=60, what=scene.product.logs())
        scene.check_kept_promise(addresses, killed=0)


def _all_end(scene: Scene) -> bool:
    scene.ask(Job.SWEEP_OUTBOX)
    time.sleep(0.4)
    return not scene.open_mails()
