"""What passes between the outbox and those who render and send: who is told what, then the words for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from spbe_tasks.models import MessageKind
from spbe_tasks.rules.access import Role
from spbe_tasks.services.briefs import Brief
from spbe_tasks.services.digests import Digest
from spbe_tasks.services.monthly_briefs import MonthlyBrief
from spbe_tasks.services.queries.digest_lines import NewsLine


@dataclass(frozen=True, slots=True)
class Person:
    """Who a letter is for."""

    account_id: int
    session_version: int
    name: str
    address: str
    locale: str
    role: Role
    agency_name: str | None


@dataclass(frozen=True, slots=True)
class Sender:
    """On whose behalf a letter goes out; ``contact`` is whom to ask, in words."""

    government_name: str
    name: str
    zone: str
    reply_to: str | None
    contact: str | None


@dataclass(frozen=True, slots=True)
class Hold:
    """That a government's mail is kept back on a local day, after so many messages."""

    on: date
    cap: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail as it was handed over once: repeated, it says the same."""

    subject: str
    text: str
    html: str


Body = Digest | Brief | MonthlyBrief | Hold | Sequence[NewsLine]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message about to be sent at ``at``. What ``body`` is follows from the kind; None where the kind says it all.

    ``titles`` are those of tasks, by id, that the reader knows by another name than the one they are stored with.
    ``kept``: the mail is a repetition of this one.
    """

    message_id: int
    kind: MessageKind
    at: datetime
    person: Person
    sender: Sender
    body: Body | None = None
    titles: Mapping[int, str] = field(default_factory=dict)
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter in words. ``content`` goes over the wire; what is kept shows no link that opens an account."""

    subject: str
    content: bytes
    kept_text: str
    kept_html: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A mail that is marked as being handed over, and by nobody else."""

    message_id: int
    to_address: str
    content: bytes


Render = Callable[[Letter], Mail]
