"""A real SMTP server for tests: counts every message that arrives, and misbehaves as a test says."""

# ruff: noqa: N802 - aiosmtpd calls its handlers by these names

import asyncio
import email
import email.policy
import logging
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

HOST = "127.0.0.1"
logging.getLogger("mail.log").setLevel(logging.ERROR)  # every line of every conversation


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it arrived."""

    to: str
    mail_from: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Mailbox:
    """What a server received, and how it behaves. Fields may be changed while it runs.

    ``at_mail``, ``at_rcpt`` (by address) and ``at_end`` are answers to give instead of "250". ``drop`` cuts the
    connection: "mail" at the sender's name, "content" once the content has begun, "end" after it was taken in.
    ``pause`` holds the answer to the content back, in seconds; from message number ``stall_at`` on it never
    comes; ``stall_once``: to the next one. After ``stall_seconds`` of that the connection is cut.
    """

    port: int = 0
    received: list[Received] = field(default_factory=list)
    at_mail: str | None = None
    at_rcpt: dict[str, str] = field(default_factory=dict)
    at_end: str | None = None
    drop: str | None = None
    pause: float = 0.0
    stall_at: int | None = None
    stall_once: bool = False
    stall_seconds: float = 3600.0
    connections: int = 0

    @property
    def count_by_id(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        return Counter(each.id for each in self.received)

    def wait(self, reached: Callable[["Mailbox"], bool], seconds: float = 30.0) -> None:
        """Return once the mailbox is as wanted; fails the test when it never is."""
        deadline = time.monotonic() + seconds
        while not reached(self):
            assert time.monotonic() < deadline, f"gave up with {len(self.received)} messages"
            time.sleep(0.02)


class _Handler:
    """aiosmtpd calls these by name."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    async def handle_MAIL(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.box.drop == "mail":
            self.box.drop = None
            server.transport.abort()
        if self.box.at_mail:
            return self.box.at_mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.box.at_rcpt:
            return self.box.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.box.at_end:
            return self.box.at_end
        content = envelope.original_content or b""
        # It has arrived: whatever happens to the answer, the recipient will read it.
        self.box.received.extend(Received(to, str(envelope.mail_from), content) for to in envelope.rcpt_tos)
        if self.box.drop == "end":
            self.box.drop = None
            server.transport.abort()
        is_stalled = self.box.stall_at is not None and len(self.box.received) >= self.box.stall_at
        is_stalled, self.box.stall_once = is_stalled or self.box.stall_once, False
        await asyncio.sleep(self.box.stall_seconds if is_stalled else self.box.pause)
        if is_stalled:
            server.transport.abort()
        return f"250 kept as {len(self.box.received)}"


class _Server(SMTP):
    """Counts connections, and can cut one at the start of the content."""

    def __init__(self, box: Mailbox, open_now: set[asyncio.Transport], **options: Any) -> None:
        self.box, self.open_now = box, open_now
        box.connections += 1  # here, since STARTTLS is told to connection_made as well
        super().__init__(_Handler(box), hostname="localhost", **options)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.open_now.add(transport)
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        if self.box.drop == "content":
            self.box.drop = None
            await self.push("354 go ahead")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


@dataclass(frozen=True, slots=True)
class Protected:
    """How a server is protected: TLS from the first byte or asked for, and who may send with which password."""

    context: ssl.SSLContext
    is_asked_for: bool
    users: Mapping[str, str]

    def options(self) -> dict[str, Any]:
        """What aiosmtpd is told."""
        shared: dict[str, Any] = {"auth_required": True, "authenticator": self._authenticate}
        if self.is_asked_for:
            return shared | {"tls_context": self.context, "require_starttls": True}
        return shared | {"auth_require_tls": False}  # it does not see the TLS around it

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: Any
    ) -> AuthResult:
        is_known = self.users.get(given.login.decode()) == given.password.decode()
        return AuthResult(success=is_known, handled=False)


@contextmanager
def serving(protected: Protected | None = None) -> Iterator[Mailbox]:
    """A server on a free port of this machine, until the block ends."""
    box, started = Mailbox(), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    serve = _serve(box, started, stop, protected)
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        loop.close()


async def _serve(
    box: Mailbox, started: threading.Event, stop: asyncio.Event, protected: Protected | None
) -> None:
    open_now: set[asyncio.Transport] = set()
    options = protected.options() if protected else {}
    context = protected.context if protected and not protected.is_asked_for else None
    listening = await asyncio.get_running_loop().create_server(
        lambda: _Server(box, open_now, **options), HOST, 0, ssl=context
    )
    box.port = listening.sockets[0].getsockname()[1]
    started.set()
    await stop.wait()
    listening.close()
    for transport in open_now:
        if not transport.is_closing():  # Python 3.11.2 cannot abort one under TLS that is closed
            transport.abort()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
