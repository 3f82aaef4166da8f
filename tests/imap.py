"""A real IMAP server for tests, in a process of its own that ends with the test."""

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.processes import stop

HOST, USER, PASSWORD, BOX = "127.0.0.1", "demouser", "demopass", "Bounces"
SECONDS_TO_START = 20.0


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where it listens, and a hand in its mailbox."""

    port: int

    def address(self, scheme: str = "imap", *, password: str = PASSWORD, box: str = BOX) -> str:
        return f"{scheme}://{USER}:{password}@{HOST}:{self.port}/{box}"

    def deliver(self, content: bytes) -> None:
        with self._signed_in() as client:
            assert client.append(BOX, "", "", content)[0] == "OK"

    def unread(self) -> int:
        with self._signed_in() as client:
            client.select(BOX)
            return len(client.uid("SEARCH", "UNSEEN")[1][0].split())

    @contextmanager
    def _signed_in(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4(HOST, self.port, timeout=10)
        try:
            client.login(USER, PASSWORD)
            client.create(BOX)
            yield client
        finally:
            client.shutdown()


@contextmanager
def serving(*, certificate: tuple[Path, Path] | None = None) -> Iterator[ImapServer]:
    """A server on a free port of this machine; with a certificate and its key it offers STARTTLS."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tls = ["--cert", str(certificate[0]), "--key", str(certificate[1])] if certificate else ["--no-tls"]
    command = [str(Path(sys.executable).with_name("pymap")), "--host", HOST, "--port", str(port), *tls]
    quiet = ["--no-service", "managesieve", "--no-service", "admin", "dict", "--demo-data"]
    process = subprocess.Popen(
        [*command, *quiet], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait(process, port)
        yield ImapServer(port)
    finally:
        stop(process)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the IMAP server did not start")
