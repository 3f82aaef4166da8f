"""The mailbox for bounces on a real IMAP server, and as a folder."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from spbe_tasks.adapters import mailbox
from tests.imap import HOST, ImapServer, serving

FIRST, SECOND = b"Subject: satu\r\n\r\nisi\r\n", b"Subject: dua\r\n\r\nisi\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with serving() as running:
        yield running


def _read(address: str, *, mark: bool = True) -> list[bytes]:
    found = []
    with mailbox.letters(address) as letters:
        for letter in letters:
            found.append(letter.content)
            if mark:
                letter.mark_read()
    return found


def _maildir(folder: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "new" / "1.a.host").write_bytes(FIRST)
    (folder / "new" / "2.b.host:2,").write_bytes(SECOND)
    return folder


def test_unread_mail_of_a_server_comes_until_it_is_marked(server: ImapServer) -> None:
    server.deliver(FIRST)
    server.deliver(SECOND)
    assert _read(server.address(), mark=False) == [FIRST, SECOND]
    assert _read(server.address()) == [FIRST, SECOND]
    assert _read(server.address()) == []
    assert server.unread() == 0


def test_a_mail_is_cut_off_where_we_stop_reading(server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_BYTES", 10)
    server.deliver(FIRST)
    assert _read(server.address()) == [FIRST[:10]]


def test_a_wrong_password_and_a_mailbox_that_is_not_there_are_failures(server: ImapServer) -> None:
    for address in (server.address(password="wrong"), server.address(box="Tidak%20ada")):
        with pytest.raises(mailbox.Failure):
            _read(address)


def test_a_server_that_does_not_answer_is_a_failure() -> None:
    with pytest.raises(mailbox.Failure):
        _read("imap://user:password@127.0.0.1:1/INBOX")


def test_encryption_is_asked_for_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}"]
    name = ["-addext", f"subjectAltName=IP:{HOST}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *name], check=True, capture_output=True)
    with serving(certificate=(certificate, key)) as server:
        with pytest.raises(OSError, match="certificate"):
            _read(server.address("imap+starttls"))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert _read(server.address("imap+starttls", box="INBOX"), mark=False)


def test_new_mail_of_a_folder_moves_to_what_was_seen(tmp_path: Path) -> None:
    folder = _maildir(tmp_path / "box")
    assert _read(f"maildir://{folder}", mark=False) == [FIRST, SECOND]
    assert _read(f"maildir://{folder}") == [FIRST, SECOND]
    assert _read(f"maildir://{folder}") == []
    assert sorted(path.name for path in (folder / "cur").iterdir()) == ["1.a.host:2,S", "2.b.host:2,S"]


def test_a_folder_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(mailbox.Failure):
        _read(f"maildir://{tmp_path}/nothing")
