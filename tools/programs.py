"""The programs ./run supervises: the local services and the product's own processes."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO

from tools import postgres, valkey
from tools.environment import PYTHON
from tools.layout import BIN
from tools.processes import clean_environment, spawn
from tools.supervisor import Process, Program

Open = tuple[int, ...]  # file descriptors every child inherits: see tools.run_lock


def database(cluster: postgres.Cluster, keep_open: Open) -> Program:
    """The embedded PostgreSQL server."""
    return Program(
        "postgres",
        start=lambda log: cluster.start(output=log, keep_open=keep_open),
        ready=cluster.wait_ready,
        stop_by=postgres.FAST_SHUTDOWN,
        grace=30,
        is_service=True,
    )


def queue(broker: valkey.Broker, keep_open: Open) -> Program:
    """The embedded Valkey server."""
    return Program(
        "valkey",
        start=lambda log: broker.start(output=log, keep_open=keep_open),
        ready=broker.wait_ready,
        is_service=True,
    )


def mail_sink(port: int, folder: Path, keep_open: Open) -> Program:
    """The mail server that keeps messages instead of delivering them."""
    command: list[str | Path] = [PYTHON, "-m", "tools.mailsink", valkey.HOST, str(port), folder]
    return _ours("mail", command, environment=clean_environment(), keep_open=keep_open, is_service=True)


def product(settings: Mapping[str, str], *, port: int, data: Path, keep_open: Open) -> list[Program]:
    """The web server, the worker and the beat."""
    environment = clean_environment(settings)
    celery: list[str | Path] = [BIN / "celery", "--app", "workers.celery_app"]
    gunicorn = ["--config", "python:spbe_tasks.gunicorn_conf", "--bind", f"{valkey.HOST}:{port}"]
    gunicorn += ["--graceful-timeout", "5"]
    commands: dict[str, list[str | Path]] = {
        "web": [BIN / "gunicorn", *gunicorn, "spbe_tasks:create_app()"],
        "worker": [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"],
        "beat": [*celery, "beat", "--schedule", data / "beat-schedule"],
    }
    return [
        _ours(name, command, environment=environment, keep_open=keep_open)
        for name, command in commands.items()
    ]


def _ours(
    name: str,
    command: list[str | Path],
    *,
    environment: Mapping[str, str],
    keep_open: Open,
    is_service: bool = False,
) -> Program:
    def start(log: IO[bytes]) -> Process:
        return spawn(command, environment=environment, output=log, keep_open=keep_open)

    return Program(name, start=start, is_service=is_service)
