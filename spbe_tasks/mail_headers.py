"""The envelope of a mail: its headers, and its parts as they go over the wire."""

import binascii
import hashlib
import hmac
from dataclasses import dataclass
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from spbe_tasks import message_ids, tokens
from spbe_tasks.models import MessageKind
from spbe_tasks.services.letters import Letter
from spbe_tasks.tokens import MailList

# What a person can end from the mail itself; weekly briefs and escalations are not a matter of choice.
LISTS = {
    MessageKind.DIGEST: MailList.DIGEST,
    MessageKind.NEWS: MailList.NEWS,
    MessageKind.MONTHLY: MailList.MONTHLY,
}
# Written by a machine to many: absence notes and mailing lists are not to answer.
_BULK = frozenset({MessageKind.DIGEST, MessageKind.NEWS, MessageKind.BRIEF, MessageKind.MONTHLY})

LINE, LONGEST_LINE = 76, 990
# Names and addresses of pages: one word, which the library would take for something to encode.
_ONE_WORD = frozenset({"Message-ID", "In-Reply-To", "References", "List-Unsubscribe"})


@dataclass(frozen=True, slots=True)
class Office:
    """What every mail of this installation needs: where links lead, who signs them, who sends."""

    public_url: str
    secret_key: str
    mail_from: str

    def url(self, path: str) -> str:
        """The full address of a page."""
        return f"{self.public_url.rstrip('/')}{path}"

    @property
    def domain(self) -> str:
        """Where the names of our mails are unique."""
        return self.mail_from.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says."""

    subject: str
    text: str
    html: str


def message_id(letter: Letter, office: Office) -> str:
    """The same for every attempt at a letter, and never that of another installation with the same sender."""
    return message_ids.make(office.secret_key, letter.message_id, letter.kind, office.domain)


def thread_id(letter: Letter, office: Office) -> str:
    """The name that all mails of a kind to a person refer to, so that mail programs show them as one conversation."""
    name = f"thread.{letter.person.account_id}.{letter.kind}"
    digest = hmac.digest(office.secret_key.encode(), name.encode(), "sha256").hex()[:16]
    return f"<{name}.{digest}@{office.domain}>"


def compose(letter: Letter, words: Words, office: Office) -> bytes:
    """The whole message with CRLF line ends, in short lines of ASCII.

    Put together by hand: a backlog is sent as fast as its mails are made, and the library takes ten times as long.
    Raises ValueError for a header that would break out of its line.
    """
    name = message_id(letter, office)
    boundary = f"=_{hashlib.sha256(name.encode()).hexdigest()[:32]}"  # quoted-printable never contains it
    headers: dict[str, str | Address] = {
        "Message-ID": name,
        "Date": format_datetime(letter.at.astimezone(ZoneInfo(letter.sender.zone))),
        "From": Address(letter.sender.name, addr_spec=office.mail_from),
        "To": Address(letter.person.name, addr_spec=letter.person.address),
        "Subject": words.subject,
        **_about(letter, office),
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    head = "".join(_header(name, value) for name, value in headers.items())
    parts = (_part(boundary, "plain", words.text), _part(boundary, "html", words.html))
    return f"{head}\r\n{''.join(parts)}--{boundary}--\r\n".encode("ascii")


def _about(letter: Letter, office: Office) -> dict[str, str]:
    """What tells mail programs how to treat the mail."""
    found = {"Auto-Submitted": "auto-generated", "Content-Language": letter.person.locale}
    if letter.sender.reply_to:
        found["Reply-To"] = letter.sender.reply_to
    if letter.kind in _BULK:
        found |= {"Precedence": "bulk", "X-Auto-Response-Suppress": "All"}  # Exchange knows no other
        found |= dict.fromkeys(("In-Reply-To", "References"), thread_id(letter, office))
    if letter.kind in LISTS:
        token = tokens.unsubscribe(office.secret_key, letter.person.account_id, LISTS[letter.kind])
        found["List-Unsubscribe"] = f"<{tokens.unsubscribe_link(office.public_url, token)}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def _header(name: str, value: str | Address) -> str:
    """One header, folded and encoded by the library where it is long or more than plain text."""
    plain = str(value)
    longest = LONGEST_LINE if name in _ONE_WORD else LINE
    if plain.isascii() and plain.isprintable() and len(name) + len(plain) < longest:
        return f"{name}: {plain}\r\n"
    folded: str = SMTP.fold(*SMTP.header_store_parse(name, value))
    return folded


def _part(boundary: str, subtype: str, words: str) -> str:
    plain = words.replace("\r\n", "\n").replace("\r", "\n")
    encoded = binascii.b2a_qp(plain.encode(), istext=True).decode("ascii").replace("\n", "\r\n")
    return (
        f'--{boundary}\r\nContent-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{encoded}\r\n"
    )
