"""What passes between the outbox and those who render and send: who is told what, then the words for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from spbe_tasks.models import MessageKind
from spbe_tasks.rules.access import Role
from spbe_tasks.services.digests import Digest


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
class Letter:
    """A message about to be sent at ``at``; ``digest`` only for one of that kind."""

    message_id: int
    kind: MessageKind
    at: datetime
    person: Person
    sender: Sender
    digest: Digest | None = None


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
