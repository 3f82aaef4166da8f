"""Real PostgreSQL and Valkey servers for tests, each in a temporary folder, none outliving the tests."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tools import postgres, valkey
from tools.layout import ROOT, SetupError
from tools.postgres_binaries import find_binaries
from tools.processes import kill_group, stop

READY, USERS, STARTING = "ready", "users", "starting"
_held: list[int] = []  # descriptors of shared locks, kept until this process ends


def new_folder() -> Path:
    """A short temporary folder that the server's account can pass through, also when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="spbe-test-"))
    folder.chmod(0o711)
    return folder


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running throw-away cluster; `process` is None when another process looks after it."""

    cluster: postgres.Cluster
    process: subprocess.Popen[bytes] | None = None

    def owner_url(self, database: str) -> str:
        """The address for migrations."""
        return self.cluster.url(database, postgres.OWNER)

    def app_url(self, database: str) -> str:
        """The address of the application's role."""
        return self.cluster.url(database, postgres.APPLICATION)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create an empty database, or a copy of `template` (which must have no users)."""
        if template is None:
            self.cluster.ensure_database(name)
        else:
            self._as_superuser("CREATE DATABASE {} OWNER {} TEMPLATE {}", name, postgres.OWNER, template)

    def drop_database(self, name: str) -> None:
        """Remove the database, cutting off whoever still uses it."""
        self._as_superuser("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def kill(self) -> None:
        """Kill the server at once, as a power cut would."""
        if self.process:
            kill_group(self.process)
            self.process.wait()

    def stop(self) -> None:
        """Stop the server; the data stay."""
        if self.process:
            stop(self.process, by=postgres.FAST_SHUTDOWN)

    def _as_superuser(self, statement: str, *names: str) -> None:
        address = (
            f"host={self.cluster.sockets} port={postgres.PORT} user={postgres.SUPERUSER} dbname=postgres"
        )
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def start_postgres(folder: Path, *, binaries: Path | None = None) -> PostgresServer:
    """A server of the caller's own on the data in `folder` (see `new_folder`), which must call `stop`."""
    cluster = postgres.Cluster(folder / "postgres", binaries or find_binaries(), throw_away=True)
    cluster.initialise()
    with (folder / "postgres.log").open("ab") as log:
        process = cluster.start(output=log)
    cluster.wait_ready(process)
    cluster.ensure_roles()
    return PostgresServer(cluster, process)


@dataclass(frozen=True, slots=True)
class ValkeyServer:
    """A running Valkey or Redis server."""

    broker: valkey.Broker
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return self.broker.url

    def kill(self) -> None:
        """Kill the server at once, as a power cut would."""
        kill_group(self.process)
        self.process.wait()

    def stop(self) -> None:
        """Stop the server; the data stay."""
        stop(self.process)


def start_valkey(
    folder: Path, *, again: ValkeyServer | None = None, binary: Path | None = None
) -> ValkeyServer:
    """A server on the data in `folder`; `again` starts a stopped one at its old address."""
    broker = (
        again.broker
        if again
        else valkey.Broker(folder / "valkey", binary or valkey.find_binary(), throw_away=True)
    )
    with (folder / "valkey.log").open("ab") as log:
        process = broker.start(output=log)
    broker.wait_ready(process)
    return ValkeyServer(broker, process)


def share_postgres() -> PostgresServer:
    """The one server of this test run, started by whichever worker asks first.

    Every process that called this holds a shared lock on a file until it ends, however it ends. A
    keeper process owns the server and stops it, and removes its folder, once it gets that lock alone.
    """
    folder = _run_folder()
    with _locked(folder / STARTING):
        users = os.open(folder / USERS, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(users, fcntl.LOCK_SH)
        _held.append(users)
        cluster = postgres.Cluster(folder / "postgres", find_binaries(), throw_away=True)
        if not cluster.answers():
            _start_keeper(folder)
    return PostgresServer(cluster)


def _run_folder() -> Path:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone{os.getpid()}")
    folder = Path(tempfile.gettempdir()) / f"spbe-run-{os.geteuid()}-{run[:16]}"
    folder.mkdir(mode=0o711, exist_ok=True)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start_keeper(folder: Path) -> None:
    (folder / READY).unlink(missing_ok=True)
    with (folder / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.services", str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + 60
    while not (folder / READY).exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise SetupError(f"PostgreSQL for the tests did not start: {(folder / 'keeper.log').read_text()}")
        time.sleep(0.05)
    keeper.returncode = 0  # it outlives this process on purpose: nobody here waits for it


def _keep(folder: Path) -> None:
    server = start_postgres(folder)
    try:
        (folder / READY).touch()
        with (folder / USERS).open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)  # waits for the last worker to end
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
