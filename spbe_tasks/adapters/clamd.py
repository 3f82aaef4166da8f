"""A virus scanner over clamd's own protocol (INSTREAM): the file travels to it, so it may run on another machine."""

import socket
import struct
from dataclasses import dataclass

CHUNK = 64 * 1024
CONNECT_SECONDS, ANSWER_SECONDS = 5, 60
_MOST_WORDS = 4_096  # an answer is one short line


class ScannerError(Exception):
    """The scanner is not there, or answered that it could not look at the file."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """A clamd at ``host:port``, or at the path of its unix socket (``/run/clamav/clamd.ctl``)."""

    address: str

    def find_threat(self, content: bytes) -> str | None:
        """What the scanner calls what is in ``content``; None when it finds nothing. Raises ScannerError."""
        try:
            with self._connect() as connection:
                connection.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), CHUNK):
                    chunk = content[start : start + CHUNK]
                    connection.sendall(struct.pack("!L", len(chunk)) + chunk)
                connection.sendall(struct.pack("!L", 0))
                answer = _read_line(connection)
        except OSError as error:
            raise ScannerError(f"the scanner at {self.address} cannot be reached: {error}") from error
        return _threat_in(answer)

    def ping(self) -> None:
        """Raise ScannerError unless the scanner is there."""
        try:
            with self._connect() as connection:
                connection.sendall(b"zPING\0")
                answer = _read_line(connection)
        except OSError as error:
            raise ScannerError(f"the scanner at {self.address} cannot be reached: {error}") from error
        if answer != "PONG":
            raise ScannerError(f"the scanner at {self.address} answered {answer!r}")

    def _connect(self) -> socket.socket:
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(CONNECT_SECONDS)
            try:
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
        else:
            host, _, port = self.address.rpartition(":")
            connection = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)
        connection.settimeout(ANSWER_SECONDS)
        return connection


def _read_line(connection: socket.socket) -> str:
    words = b""
    while not words.endswith(b"\0") and len(words) < _MOST_WORDS:
        more = connection.recv(_MOST_WORDS)
        if not more:
            break
        words += more
    return words.rstrip(b"\0\n").decode("utf-8", "replace")


def _threat_in(answer: str) -> str | None:
    # "stream: OK", "stream: Eicar-Test FOUND"; anything else ("INSTREAM size limit exceeded. ERROR") is no verdict.
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return None
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")
    raise ScannerError(f"the scanner gave no verdict: {answer or 'it hung up'}")
