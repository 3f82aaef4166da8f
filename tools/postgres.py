"""A PostgreSQL server of our own: unix socket only, an owner role and an application role."""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tools.layout import SetupError
from tools.postgres_binaries import major_version, server_account
from tools.processes import clean_environment, run, spawn, wait_until

SUPERUSER = "postgres"
OWNER = "spbe_owner"
APPLICATION = "spbe_app"
PORT = 5432  # only names the socket file; no TCP port is opened
LONGEST_SOCKET = 103  # sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included
FAST_SHUTDOWN = signal.SIGINT  # SIGTERM would wait for every client to leave
THROW_AWAY = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"),
    # It would look at tables between a test's rows and its ANALYZE, and see none of what is not committed.
    "autovacuum=off",
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data folder and the server that works on it. `throw_away` trades safety for speed (tests)."""

    folder: Path
    binaries: Path
    throw_away: bool = False

    @property
    def data(self) -> Path:
        """The folder PostgreSQL calls its data directory."""
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        """The folder of the socket; elsewhere when the clone's own path is too long for one."""
        folder = self.folder / "sockets"
        if len(str(folder / f".s.PGSQL.{PORT}").encode()) <= LONGEST_SOCKET:
            return folder
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"spbe-{os.geteuid()}-{digest}"

    def url(self, database: str, role: str) -> str:
        """The SQLAlchemy address of a database for a role."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.sockets}&port={PORT}"

    def initialise(self) -> None:
        """Make the data folder when there is none; raises SetupError for data of another major version."""
        for folder in (self.folder, self.sockets):
            self._make(folder)
        if not self.data.exists():
            self._initdb()
        made_by = int((self.data / "PG_VERSION").read_text())
        if made_by != (ours := major_version(self.binaries)):
            raise SetupError(
                f"The data in {self.data} belong to PostgreSQL {made_by}, the server here is {ours}: "
                "move them with pg_dump, or start anew with ./run --fresh."
            )

    def start(self, *, output: IO[bytes], keep_open: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        """The server's process; `wait_ready` tells when it answers."""
        options = ["listen_addresses=", "unix_socket_permissions=0700", "timezone=UTC", "log_timezone=UTC"]
        options += THROW_AWAY if self.throw_away else ()
        command: list[str | Path] = [self.binaries / "postgres", "-D", self.data, "-k", self.sockets]
        command += ["-p", str(PORT), *(f"--{option}" for option in options)]
        return spawn(
            command,
            environment=clean_environment({"LC_ALL": "C.UTF-8"}),
            output=output,
            account=server_account(),
            death_signal=FAST_SHUTDOWN,
            keep_open=keep_open,
        )

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return once the server answers; recovery after a power cut may take a while."""
        wait_until(self.answers, process=process, name="PostgreSQL", seconds=120)

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        command: list[str | Path] = [self.binaries / "pg_isready", "-q", "-U", SUPERUSER]
        command += ["-h", self.sockets, "-p", str(PORT)]
        return run(command).returncode == 0

    def ensure_roles(self) -> None:
        """Create the owner and the application role when they are missing."""
        for name in (OWNER, APPLICATION):
            if not self.sql("SELECT 1 FROM pg_roles WHERE rolname = :'name';", name=name):
                self.sql('CREATE ROLE :"name" LOGIN;', name=name)
        self.sql('ALTER ROLE :"name" CREATEDB;', name=OWNER)

    def ensure_database(self, name: str) -> None:
        """Create the owner's database when it is missing; the migrations give the application its rights."""
        if not self.sql("SELECT 1 FROM pg_database WHERE datname = :'name';", name=name):
            self.sql('CREATE DATABASE :"name" OWNER :"owner" TEMPLATE template0;', name=name, owner=OWNER)
        self.sql("CREATE EXTENSION IF NOT EXISTS pg_trgm;", database=name)

    def sql(self, statements: str, *, database: str = "postgres", **values: str) -> str:
        """What psql prints for the statements, run as the superuser; raises SetupError with its message.

        `values` are psql variables: :'name' is quoted as a string, :"name" as an identifier.
        """
        command: list[str | Path] = [self.binaries / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        for name, value in values.items():
            command += ["-v", f"{name}={value}"]
        command += ["-h", self.sockets, "-p", str(PORT), "-U", SUPERUSER, "-d", database]
        answer = run(command, text=statements)
        if answer.returncode:
            raise SetupError(f"PostgreSQL refused a set-up statement: {answer.stderr.strip()}")
        return answer.stdout.strip()

    def _make(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # Whoever reaches the socket is trusted, so nobody but us and the server may.
        folder.chmod(0o700)
        if account := server_account():
            shutil.chown(folder, account)

    def _initdb(self) -> None:
        # The image sorts by code point everywhere; names are sorted where they are shown.
        modern = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        command: list[str | Path] = [self.binaries / "initdb", "-U", SUPERUSER, "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        command += modern if major_version(self.binaries) >= 17 else ()
        command += ["--no-sync"] if self.throw_away else []
        half_made = self.folder / "data.part"  # an interrupted initdb must not look like data
        shutil.rmtree(half_made, ignore_errors=True)
        environment = clean_environment({"LC_ALL": "C.UTF-8"})
        answer = run([*command, "-D", half_made], environment=environment, account=server_account())
        if answer.returncode:
            raise SetupError(f"initdb failed: {answer.stderr.strip()}")
        half_made.rename(self.data)
