"""The mail server: one connection kept for as long as it lives, and what its answers mean."""

import os
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from spbe_tasks import failpoints
from spbe_tasks.config import Settings
from spbe_tasks.rules.delivery import HandOver

TIMEOUT_SECONDS = 20
# A server that looks for viruses answers the end of a mail late; giving up early would leave its fate unknown.
CONTENT_TIMEOUT_SECONDS = 120
# A connection used this recently is taken to be alive; one that was idle longer is asked first.
FRESH_SECONDS = 2.0
OK = frozenset({250, 251})
GO_AHEAD = 354
CLOSING = 421
# What can be written in the protocol; smtplib would look for an address in anything else, and might find a stranger's.
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+", re.ASCII)
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)

Failure = (OSError, smtplib.SMTPException)


@dataclass(frozen=True, slots=True)
class Reply:
    """How a hand-over came out, and what the server said."""

    outcome: HandOver
    words: str


@dataclass(frozen=True, slots=True)
class _Step:
    """A command before the content; ``refused`` is what a permanent error (5xx) to it means for the mail."""

    run: Callable[[], tuple[int, bytes]]
    good: frozenset[int]
    refused: HandOver


class Connection:
    """One signed-in connection to the mail server, opened when first needed and again when it has died.

    For one thread of one process; a forked child opens its own.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None
        self._owner = 0
        self._used_at = 0.0

    def ensure(self) -> None:
        """Return once the server has answered. Raises ``OSError`` or ``smtplib.SMTPException`` when it does not."""
        if self._server and (self._owner != os.getpid() or not self._is_alive(self._server)):
            self.close()
        if self._server is None:
            self._server = connect(self._settings)
            self._owner = os.getpid()
        self._used_at = time.monotonic()

    def hand_over(self, to_address: str, content: bytes) -> Reply:
        """Give one mail to the server; ``content`` is the whole message with CRLF line ends.

        A connection that turns out dead before the content has begun is replaced once: servers close them as they
        like. Never raises for what the server or the network does.
        """
        was_open = self._server is not None
        reply = self._attempt(to_address, content)
        if reply.outcome is HandOver.LATER and was_open and self._server is None:
            reply = self._attempt(to_address, content)
        return reply

    def close(self) -> None:
        """Drop the connection without a word; the next use opens a new one."""
        if self._server:
            self._server.close()
        self._server = None

    def _is_alive(self, server: smtplib.SMTP) -> bool:
        if time.monotonic() - self._used_at < FRESH_SECONDS:
            return True
        try:
            return server.noop()[0] in OK
        except Failure:
            return False

    def _attempt(self, to_address: str, content: bytes) -> Reply:
        try:
            self.ensure()
            assert self._server
            early = self._announce(self._server, to_address)
            return early or self._transfer(self._server, content)
        except Failure as error:
            self.close()
            return Reply(HandOver.LATER, _words_of(error))
        except BaseException:
            # Cut off in the middle (a time limit): what was begun must not run on into the next mail.
            self.close()
            raise

    def _announce(self, server: smtplib.SMTP, to_address: str) -> Reply | None:
        """Everything before the content; None when the server waits for it. Nothing is sent yet when this fails."""
        if not _ADDRESS.fullmatch(to_address):
            return Reply(HandOver.REFUSED, "")
        sender = self._settings.mail_from
        steps = (
            # A sender that is refused is our own setting, not the recipient's fault: mend it and the mail leaves.
            _Step(lambda: server.docmd("MAIL", f"FROM:<{sender}>"), OK, HandOver.LATER),
            _Step(lambda: server.docmd("RCPT", f"TO:<{to_address}>"), OK, HandOver.REFUSED),
            _Step(lambda: server.docmd("DATA"), frozenset({GO_AHEAD}), HandOver.REFUSED),
        )
        for step in steps:
            code, words = step.run()
            if code not in step.good:
                self._start_over(server, code)
                outcome = step.refused if code // 100 == 5 else HandOver.LATER
                return Reply(outcome, _answer(code, words))
        return None

    def _transfer(self, server: smtplib.SMTP, content: bytes) -> Reply:
        """The content and the answer to its end. A connection that dies in here may have delivered it."""
        assert server.sock
        failpoints.reach("content_begun")
        try:
            server.sock.settimeout(CONTENT_TIMEOUT_SECONDS)
            server.send(_LEADING_DOT.sub(b"..", content.rstrip(b"\r\n")) + b"\r\n.\r\n")
            code, words = server.getreply()
            server.sock.settimeout(TIMEOUT_SECONDS)
        except Failure as error:
            self.close()
            return Reply(HandOver.UNKNOWN, _words_of(error))
        self._used_at = time.monotonic()
        if code in OK:
            return Reply(HandOver.ACCEPTED, _answer(code, words))
        self._start_over(server, code)
        outcome = {4: HandOver.LATER, 5: HandOver.REFUSED}.get(code // 100, HandOver.UNKNOWN)
        return Reply(outcome, _answer(code, words))

    def _start_over(self, server: smtplib.SMTP, code: int) -> None:
        try:
            if code == CLOSING or server.rset()[0] not in OK:
                self.close()
        except Failure:
            self.close()


def connect(settings: Settings) -> smtplib.SMTP:
    """A signed-in connection to the mail server. Raises ``OSError`` or ``smtplib.SMTPException``."""
    context = ssl.create_default_context()
    server = _open(settings, context)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_username:
            secret = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
            server.login(settings.smtp_username, secret)
        server.ehlo_or_helo_if_needed()
    except BaseException:  # a time limit too: nobody else knows of this connection yet
        server.close()
        raise
    return server


def _open(settings: Settings, context: ssl.SSLContext) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)


def check(settings: Settings) -> str:
    """One line about the server's answer to a greeting; raises ``OSError`` when it cannot be reached."""
    with connect(settings) as server:
        code, words = server.noop()
    return f"{settings.smtp_host}:{settings.smtp_port} answers {code} {words.decode(errors='replace')}"


def _answer(code: int, words: bytes) -> str:
    return f"{code} {words.decode(errors='replace')}".strip()


def _words_of(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reason = error.smtp_error
        return f"{error.smtp_code} {reason.decode(errors='replace') if isinstance(reason, bytes) else reason}"
    return str(error) or type(error).__name__
