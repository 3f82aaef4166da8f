"""./run: sets everything up, starts the product and its services, and keeps them running."""

import argparse
import http.client
import os
import shutil
import socket
import sys
import time
from pathlib import Path

from tools import environment, frontend, local_settings, postgres, programs, valkey
from tools.layout import BIN, LOGS, SetupError, data_folder
from tools.postgres_binaries import find_binaries
from tools.processes import clean_environment
from tools.processes import run as command
from tools.run_lock import only_one
from tools.supervisor import Supervisor
from tools.terminal import say

DATABASE = "spbe_tasks"
COMMAND = BIN / "spbe-tasks"
# Written once the first start is over: whether the data hold the demo or began empty.
CONTENT = "content"
READY_WITHIN = 60  # seconds


def main(arguments: list[str]) -> int:
    """Run the product until Ctrl-C; the exit status."""
    options = parse(arguments)
    try:
        with environment.one_at_a_time():
            environment.ensure("local")
            frontend.ensure()
        if options.setup_only:
            say("Everything is installed. Start with ./run")
            return 0
        with only_one() as lock:
            return run(options, keep_open=(lock,))
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="./run", description="Starts SPBE Tasks on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="the web address's port (default 8000)")
    parser.add_argument("--setup-only", action="store_true", help="install everything, start nothing")
    parser.add_argument("--fresh", action="store_true", help="delete this clone's data first")
    parser.add_argument("--empty", action="store_true", help="do not load the demo on the first start")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace, *, keep_open: tuple[int, ...]) -> int:
    """Start the services, prepare the database, start the product, and watch over all of it."""
    data = data_folder()
    _check_port(options.port)
    if options.fresh:
        shutil.rmtree(data, ignore_errors=True)
    _make(data)
    with Supervisor(LOGS) as supervisor:
        settings = _start_services(supervisor, options.port, data, keep_open=keep_open)
        local_settings.write(settings)
        _spbe_tasks(settings, "db", "upgrade")
        is_embedded = "DATABASE_URL" not in local_settings.overrides()
        has_demo = is_embedded and _load_content(settings, data / CONTENT, is_empty=options.empty)
        for program in programs.product(settings, port=options.port, data=data, keep_open=keep_open):
            supervisor.start(program)
        accounts = _spbe_tasks(settings, "demo", "--accounts") if has_demo else ""
        _wait_ready(supervisor, options.port)
        _announce(settings["PUBLIC_URL"], accounts)
        return supervisor.watch()


def _make(data: Path) -> None:
    """Make the data folder: others may pass through it (the database server is another user), not look in."""
    data.mkdir(parents=True, exist_ok=True)
    data.parent.chmod(0o755)
    data.chmod(0o711)
    os.umask(0o077)  # mails, uploads and logs from here on are nobody else's


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((valkey.HOST, port))
        except OSError as problem:
            raise SetupError(f"Port {port} cannot be used ({problem.strerror}); try ./run --port N") from None


def _start_services(
    supervisor: Supervisor, port: int, data: Path, *, keep_open: tuple[int, ...]
) -> dict[str, str]:
    """Start what the caller's environment does not bring; the complete settings of the product."""
    settings = local_settings.base(port, data)
    given = local_settings.overrides()
    if "DATABASE_URL" not in given:
        cluster = postgres.Cluster(data / "postgres", find_binaries())
        cluster.initialise()
        supervisor.start(programs.database(cluster, keep_open))
        cluster.ensure_roles()
        cluster.ensure_database(DATABASE)
        settings["DATABASE_URL"] = cluster.url(DATABASE, postgres.APPLICATION)
        settings["DATABASE_OWNER_URL"] = cluster.url(DATABASE, postgres.OWNER)
    if "REDIS_URL" not in given:
        broker = valkey.Broker(data / "valkey", valkey.find_binary())
        supervisor.start(programs.queue(broker, keep_open))
        settings["REDIS_URL"] = broker.url
    if "SMTP_HOST" not in given:
        settings |= {"SMTP_HOST": valkey.HOST, "SMTP_PORT": str(valkey.free_port()), "SMTP_SECURITY": "none"}
        supervisor.start(programs.mail_sink(int(settings["SMTP_PORT"]), data / "mail", keep_open))
        given = {name: value for name, value in given.items() if not name.startswith("SMTP_")}
    return settings | given


def _load_content(settings: dict[str, str], marker: Path, *, is_empty: bool) -> bool:
    """Load the demo on the first start, which may be tried again; whether the data hold the demo."""
    if not marker.exists():
        if not is_empty:
            say("Loading the demo ...")
            _spbe_tasks(settings, "demo")
        marker.write_text("empty" if is_empty else "demo")
    return marker.read_text() == "demo"


def _spbe_tasks(settings: dict[str, str], *arguments: str) -> str:
    """What the product's own command prints; raises SetupError with its message when it fails."""
    answer = command([COMMAND, *arguments], environment=clean_environment(settings))
    if answer.returncode:
        raise SetupError(f"spbe-tasks {' '.join(arguments)} failed:\n{answer.stderr.strip()}")
    return answer.stdout.strip()


def _wait_ready(supervisor: Supervisor, port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not _is_ready(port):
        if not supervisor.check():
            raise SetupError(f"The product does not start; its logs are in {LOGS}.")
        if time.monotonic() > deadline:
            raise SetupError(f"The product was not ready within {READY_WITHIN} s; its logs are in {LOGS}.")
        time.sleep(0.1)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(valkey.HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _announce(address: str, accounts: str) -> None:
    say(f"\nSPBE Tasks is ready: {address}\n")
    if accounts:
        say(f"{accounts}\n")
    say(f"Logs: {LOGS}   Stop: Ctrl-C")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
