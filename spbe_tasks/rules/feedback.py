"""What a mail server, or a person, says about a mail afterwards, and what follows from it."""

import re
from dataclasses import dataclass
from enum import StrEnum


class FeedbackKind(StrEnum):
    """What a mail server, or a person, said about a mail afterwards."""

    BOUNCED = "bounced"  # for good
    DELAYED = "delayed"
    COMPLAINED = "complained"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """One statement about one mail. ``status`` is an enhanced status code (RFC 3463) such as ``5.1.1``.

    ``message_ids`` are what it names as the mail it is about, as written in that mail's header, likeliest first.
    """

    kind: FeedbackKind
    address: str | None = None
    status: str | None = None
    detail: str = ""
    message_ids: tuple[str, ...] = ()


_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\d|\.\d)", re.ASCII)
# These speak of the mail or of the moment, not of the address: full, too large, refused for its content or sender.
_NOT_THE_ADDRESS = re.compile(r"5\.2\.[23]|5\.3\.4|5\.7\.\d+|[24]\..*", re.ASCII)


def find_status(text: str) -> str | None:
    """The first enhanced status code in ``text`` (RFC 3463), without leading zeros; None when there is none."""
    found = _STATUS.search(text)
    return ".".join(str(int(each)) for each in found.groups()) if found else None


def kind_of_status(status: str) -> FeedbackKind:
    """What a status code says of a mail by its class (RFC 3463, 3.1): 5 failed for good, 4 is still tried."""
    return {"5": FeedbackKind.BOUNCED, "4": FeedbackKind.DELAYED}.get(status[:1], FeedbackKind.OTHER)


def blocks_address(kind: FeedbackKind, status: str | None) -> bool:
    """Whether an address is not to be written to after this: somebody complained, or it is dead.

    A mail that came back because the mailbox was full, or for what was in it, says nothing about the address.
    """
    if kind is FeedbackKind.COMPLAINED:
        return True
    return kind is FeedbackKind.BOUNCED and not (status and _NOT_THE_ADDRESS.fullmatch(status))
