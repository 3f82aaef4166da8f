"""./run as its users meet it: stopped, killed, started again; with all real processes."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from tests.services import new_folder
from tools.layout import ROOT
from tools.local_settings import parse
from tools.valkey import free_port

PATIENCE = 60  # seconds; only a hang reaches it


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


@dataclass
class Running:
    """A ./run on a folder of its own, and what it printed."""

    folder: Path
    process: subprocess.Popen[bytes]
    output: Path

    def printed(self, words: str) -> bool:
        return words in self.output.read_text()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, words: str) -> psutil.Process:
        """The child, not a grandchild, whose command line holds the words."""
        direct = psutil.Process(self.process.pid).children()
        return next(each for each in direct if words in " ".join(each.cmdline()))

    def has_another(self, words: str, old: psutil.Process) -> bool:
        """Whether a new child has taken the place of the old one."""
        try:
            return self.child(words).pid != old.pid
        except (StopIteration, psutil.NoSuchProcess, psutil.ZombieProcess):
            return False

    def settings(self) -> dict[str, str]:
        return parse((self.folder / "var" / "local.env").read_text())

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        address = self.settings()["DATABASE_OWNER_URL"].replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def queue(self) -> redis.Redis:
        return redis.Redis.from_url(self.settings()["REDIS_URL"], decode_responses=True)


Launch = Callable[[], Running]


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Starts ./run, each time on the same folder; whatever a failed test leaves running is stopped."""
    folder = new_folder()
    started: list[Running] = []

    def start() -> Running:
        output = folder / f"output-{len(started)}"
        command = [sys.executable, "-m", "tests.faults.run_elsewhere", str(folder), str(free_port())]
        with output.open("wb") as file:
            process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file, start_new_session=True)
        started.append(Running(folder, process, output))
        return started[-1]

    yield start
    for running in started:
        running.process.terminate()
        running.process.wait(PATIENCE)
    shutil.rmtree(folder)


def ready(running: Running) -> Running:
    wait_for(lambda: running.printed("is ready") or running.has_ended(), "the product is ready")
    assert not running.has_ended(), running.output.read_text()
    return running


def stop_and_expect_nothing_left(running: Running, how: signal.Signals) -> None:
    children = running.children()
    assert len(children) > 6
    running.process.send_signal(how)
    running.process.wait(PATIENCE)
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []


def test_stopping_leaves_no_process_and_starting_again_finds_all_data(launch: Launch) -> None:
    running = ready(launch())
    running.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    running.queue().rpush("kept", "a job")
    secret = running.settings()["SECRET_KEY"]
    stop_and_expect_nothing_left(running, signal.SIGINT)
    assert running.process.returncode == 0

    again = ready(launch())
    assert again.execute("SELECT answer FROM kept") == [(42,)]
    assert again.queue().lrange("kept", 0, -1) == ["a job"]
    assert again.settings()["SECRET_KEY"] == secret
    stop_and_expect_nothing_left(again, signal.SIGTERM)
    assert again.process.returncode == 0


def test_a_killed_child_is_started_again_and_a_second_run_is_refused(launch: Launch) -> None:
    running = ready(launch())
    for words in ("gunicorn", "celery_app worker", "postgres -D", "valkey-server"):
        killed = running.child(words)
        killed.kill()
        wait_for(partial(running.has_another, words, killed), f"{words} is back")
    assert running.printed("!! worker stopped unexpectedly (killed by SIGKILL)")
    assert running.printed("Starting postgres again (1 of 3 this minute)")

    second = launch()
    wait_for(second.has_ended, "the second ./run gives up")
    assert second.process.returncode == 1
    assert second.printed(f"already running in this clone (process {running.process.pid})")
    stop_and_expect_nothing_left(running, signal.SIGHUP)


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells children of a killed parent"
)
def test_children_of_a_killed_run_end_by_themselves_and_the_next_one_waits_for_them(launch: Launch) -> None:
    running = ready(launch())
    running.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    children = running.children()
    running.process.kill()

    again = ready(launch())
    assert again.execute("SELECT answer FROM kept") == [(42,)]
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []
