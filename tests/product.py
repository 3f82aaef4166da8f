"""The product as it runs: web server, worker and beat as real processes, each of which can be killed."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import PostgresServer, ValkeyServer
from tools.layout import BIN
from tools.processes import clean_environment, kill_group, spawn, stop

HOST = "127.0.0.1"
SECRET = "a-secret-that-only-tests-know-0123456789"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], object], *, seconds: float, what: str) -> None:
    """Return once ``condition`` is true; raises AssertionError naming ``what`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.1)


@dataclass
class Product:
    """Processes of one installation. ``settings`` are environment variables; logs lie in ``folder``."""

    settings: Mapping[str, str]
    folder: Path
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where people reach it."""
        return f"http://{HOST}:{self.port}"

    def start(self, *names: str) -> None:
        """Start ``web``, ``worker`` or ``beat``; several workers are ``worker``, ``worker-2``, ..."""
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = spawn(
                    self._command(name), environment=clean_environment(self._environment()), output=log
                )

    def kill(self, name: str) -> None:
        """SIGKILL a process and its children, as the kernel does when memory runs out."""
        process = self.processes.pop(name)
        kill_group(process)
        process.wait()

    def stop(self, *names: str) -> None:
        """Have these finish what they do and stop, or whatever still runs."""
        for name in names or tuple(self.processes):
            stop(self.processes.pop(name))

    def wait_healthy(self, path: str = "/health/ready", *, seconds: float = 60) -> None:
        """Return once the health page of ``path`` says it is well."""
        wait_for(lambda: self._answers(path), seconds=seconds, what=f"{path}: {self.logs()}")

    def logs(self) -> str:
        """The last lines of every log, for the message of a failed test."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}"
            for log in sorted(self.folder.glob("*.log"))
        )

    def run(self, *arguments: str) -> str:
        """What ``spbe-tasks`` prints for these arguments; raises when it fails."""
        answer = subprocess.run(
            [BIN / "spbe-tasks", *arguments],
            env=clean_environment(self._environment()),
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def _environment(self) -> dict[str, str]:
        return {"PUBLIC_URL": self.url, **self.settings}

    def _command(self, name: str) -> list[str | Path]:
        kind = name.split("-", maxsplit=1)[0]
        celery: list[str | Path] = [BIN / "celery", "--app", "workers.celery_app"]
        if kind == "worker":
            host = ["--hostname", f"{name}@%h", "--concurrency", "2"]
            return [*celery, "worker", "--without-gossip", "--without-mingle", *host]
        if kind == "beat":
            return [*celery, "beat", "--schedule", self.folder / f"{name}-schedule"]
        gunicorn = ["--config", "python:spbe_tasks.gunicorn_conf", "--bind", f"{HOST}:{self.port}"]
        return [BIN / "gunicorn", *gunicorn, "--graceful-timeout", "5", "spbe_tasks:create_app()"]

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def settings_for(
    postgres: PostgresServer,
    database: str,
    valkey: ValkeyServer,
    *,
    smtp_port: int,
    folder: Path,
    **more: str,
) -> dict[str, str]:
    """Environment variables of a product on these services."""
    return {
        "DATABASE_URL": postgres.app_url(database),
        "DATABASE_OWNER_URL": postgres.owner_url(database),
        "REDIS_URL": valkey.url,
        "SECRET_KEY": SECRET,
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(smtp_port),
        "MAIL_FROM": "spbe-tasks@ketapang.example",
        "STORAGE_DIR": str(folder / "storage"),
        "LOG_LEVEL": "INFO",
        **more,
    }
