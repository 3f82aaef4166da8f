"""The mailbox that bounces come back to: on an IMAP server, or a folder on this machine (maildir)."""

import imaplib
import logging
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 20
PORT, TLS_PORT = 143, 993
MOST_LETTERS = 200  # in one reading; the rest waits for the next
MOST_BYTES = 1_000_000

Failure = (OSError, imaplib.IMAP4.error)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that nobody has read; ``mark_read`` once it is dealt with, and it does not come again."""

    content: bytes
    mark_read: Callable[[], None]


@contextmanager
def letters(address: str) -> Iterator[Iterator[Letter]]:
    """The unread mails at ``address``, oldest first, at most ``MOST_LETTERS``, each cut off at ``MOST_BYTES``.

    ``imaps://user:password@host:993/INBOX``, ``imap://`` and ``imap+starttls://`` alike, or ``maildir:///folder``.
    User and password are percent-encoded. Raises what ``Failure`` lists when the mailbox cannot be read.
    """
    if urlsplit(address).scheme == "maildir":
        yield _in_folder(Path(urlsplit(address).path))
        return
    with _connected(address) as server:
        yield _on_server(server)


def _in_folder(folder: Path) -> Iterator[Letter]:
    """New mail of a maildir; reading moves it from ``new`` to ``cur``, marked as seen."""
    found = sorted((folder / "new").iterdir())[:MOST_LETTERS]
    for path in found:
        seen = folder / "cur" / f"{path.name.partition(':')[0]}:2,S"
        with path.open("rb") as file:
            content = file.read(MOST_BYTES)
        yield Letter(content, lambda path=path, seen=seen: os.replace(path, seen))  # type: ignore[misc]


@contextmanager
def _connected(address: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(address)
    server = _open(parts.scheme, parts.hostname or "", parts.port)
    try:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        box = unquote(parts.path.strip("/")) or "INBOX"
        _expect(server.select(_quoted(box)), f"the mailbox {box} cannot be opened")
        yield server
    finally:
        _close(server)


def _open(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port or TLS_PORT, ssl_context=context, timeout=TIMEOUT_SECONDS)
    server = imaplib.IMAP4(host, port or PORT, timeout=TIMEOUT_SECONDS)
    if scheme == "imap+starttls":
        try:
            server.starttls(context)
        except BaseException:  # a time limit too: nobody else knows of this connection yet
            _close(server)
            raise
    return server


def _close(server: imaplib.IMAP4) -> None:
    """Drop the connection; what failed in it before is what the caller is to hear of."""
    try:
        server.shutdown()
    except OSError:
        log.debug("the connection to the mailbox was gone already")


def _on_server(server: imaplib.IMAP4) -> Iterator[Letter]:
    found = _expect(server.uid("SEARCH", "UNSEEN"), "the mailbox cannot be searched")
    for uid in (found[0] or b"").split()[:MOST_LETTERS]:
        name = uid.decode()
        # PEEK, so that a mail stays unread until it is dealt with.
        answer = _expect(server.uid("FETCH", name, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"), "a mail cannot be read")
        content = next((each[1] for each in answer if isinstance(each, tuple)), None)
        if content is None:
            continue  # somebody removed it meanwhile
        yield Letter(content, lambda name=name: _mark(server, name))  # type: ignore[misc]


def _mark(server: imaplib.IMAP4, uid: str) -> None:
    _expect(server.uid("STORE", uid, "+FLAGS", r"(\Seen)"), "a mail cannot be marked as read")


def _expect(answer: tuple[str, list], what: str) -> list:  # type: ignore[type-arg]  # imaplib answers with lists of anything
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(what)
    return answer[1]


def _quoted(box: str) -> str:
    escaped = box.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
