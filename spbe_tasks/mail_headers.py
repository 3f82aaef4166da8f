"""The envelope of a mail: its headers, and its parts as they go over the wire."""

import hmac
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from spbe_tasks import message_ids, tokens
from spbe_tasks.models import MessageKind
from spbe_tasks.services.letters import Letter
from spbe_tasks.tokens import MailList

# What a person can end from the mail itself; briefs and escalations are not a matter of choice.
LISTS = {MessageKind.DIGEST: MailList.DIGEST, MessageKind.NEWS: MailList.NEWS}
# Written by a machine to many: absence notes and mailing lists are not to answer.
_BULK = frozenset({MessageKind.DIGEST, MessageKind.NEWS, MessageKind.BRIEF})


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
    """The whole message with CRLF line ends, in short lines of ASCII."""
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = message_id(letter, office)
    mail["Date"] = format_datetime(letter.at.astimezone(ZoneInfo(letter.sender.zone)))
    mail["From"] = Address(letter.sender.name, addr_spec=office.mail_from)
    mail["To"] = Address(letter.person.name, addr_spec=letter.person.address)
    if letter.sender.reply_to:
        mail["Reply-To"] = letter.sender.reply_to
    mail["Subject"] = words.subject
    mail["Auto-Submitted"] = "auto-generated"
    if letter.kind in _BULK:
        mail["Precedence"] = "bulk"
        mail["X-Auto-Response-Suppress"] = "All"  # Exchange knows no other
        mail["In-Reply-To"] = mail["References"] = thread_id(letter, office)
    if letter.kind in LISTS:
        token = tokens.unsubscribe(office.secret_key, letter.person.account_id, LISTS[letter.kind])
        mail["List-Unsubscribe"] = f"<{tokens.unsubscribe_link(office.public_url, token)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(words.text, cte="quoted-printable")
    mail.add_alternative(words.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = letter.person.locale  # earlier, it would move into the first part
    return mail.as_bytes()
