"""The scanner's protocol, spoken with a real clamd."""

import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from spbe_tasks.adapters.clamd import Clamd, ScannerError
from tests import scanner
from tests.scanner import EICAR, THREAT, Scanner


@pytest.fixture(scope="module")
def running() -> Iterator[Scanner]:
    started = scanner.start()
    yield started
    started.stop()


def _zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", "<w/>")
        package.writestr("word/media/lampiran.txt", content)
    return packed.getvalue()


@pytest.mark.parametrize("content", [EICAR, b"Lampiran: " + EICAR, _zipped(EICAR)])
def test_what_is_known_is_found_by_content_also_inside_a_document(running: Scanner, content: bytes) -> None:
    found = Clamd(running.address).find_threat(content)
    assert found is not None
    assert THREAT in found


@pytest.mark.parametrize("content", [b"", b"Keputusan Bupati", EICAR[:-1], b"x" * (1024 * 1024 + 1)])
def test_nothing_is_found_in_what_is_clean(running: Scanner, content: bytes) -> None:
    assert Clamd(running.address).find_threat(content) is None


def test_a_file_that_the_scanner_does_not_take_is_no_clean_file(running: Scanner) -> None:
    with pytest.raises(ScannerError):
        Clamd(running.address).find_threat(b"x" * (scanner.STREAM_MB * 1024 * 1024 + 1))


def test_a_scanner_that_is_not_there_is_said(tmp_path: Path) -> None:
    for address in (str(tmp_path / "nobody"), "127.0.0.1:1"):
        with pytest.raises(ScannerError, match="cannot be reached"):
            Clamd(address).find_threat(b"x")


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK?\0"])
def test_any_answer_that_is_no_verdict_is_none(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listening = threading.Thread(target=_answer, args=(server, answer))
        listening.start()
        with pytest.raises(ScannerError, match="no verdict"):
            Clamd(f"127.0.0.1:{server.getsockname()[1]}").find_threat(b"x")
        listening.join()


def _answer(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        received = b""
        while not received.endswith(b"\0\0\0\0"):
            received += connection.recv(4096)
        connection.sendall(answer)
