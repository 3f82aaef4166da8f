"""Reads what comes back about a mail: delivery reports (RFC 3464), complaints (RFC 5965), and those of servers that
keep to neither. Anything else, an answer of a person or of their holiday notice, is none of our business.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import Message

from spbe_tasks.rules.feedback import FeedbackKind, Report, find_status, kind_of_status

MOST_BYTES = 1_000_000
_MOST_PARTS = 200
_MOST_TEXT = 20_000  # of a part: what a server has to say stands at its top
_LONGEST_DETAIL = 300
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}@[^<>\s]{1,250}>")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,250}", re.ASCII)
_HEADER_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_SMTP_REPLY = re.compile(r"(?<!\d)([45]\d\d)(?:[ -]|$)", re.ASCII | re.MULTILINE)
_SENDERS = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system|mdaemon", re.IGNORECASE)
_SUBJECTS = re.compile(
    r"undeliver|delivery (?:status|fail|problem|has failed|incomplete)|returned mail|failure notice|mail delivery"
    r"|delayed|could not be delivered|non remis|gagal (?:terkirim|dikirim)|tidak terkirim",
    re.IGNORECASE,
)
_DELAY_WORDS = re.compile(r"delayed|warning|will (?:retry|be retried)|still trying|tertunda", re.IGNORECASE)
_ACTIONS = {"failed": FeedbackKind.BOUNCED, "delayed": FeedbackKind.DELAYED}
OTHER = Report(FeedbackKind.OTHER)


def read(content: bytes) -> Report:
    """What a mail in our mailbox says about a mail of ours; kind OTHER when it says nothing. Never raises.

    Reads no more than ``MOST_BYTES``: the mail it returns may be long, what is said about it is not.
    """
    try:
        message = email.message_from_bytes(content[:MOST_BYTES], policy=email.policy.compat32)
    except RecursionError:  # a mail in a mail in a mail: made to break whoever reads it
        return OTHER
    parts = list(_parts(message))
    report = _complaint(parts) or _delivery_status(parts)
    if report is not None:
        return report
    return _in_words(message, parts) or OTHER


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= _MOST_PARTS:
            return
        yield part


def _complaint(parts: list[Message]) -> Report | None:
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            fields = _fields(part)
            address = _address(fields.get("original-rcpt-to") or fields.get("original-recipient"))
            return Report(
                FeedbackKind.COMPLAINED,
                address=address,
                detail=_line(fields.get("feedback-type", "")),
                message_ids=_message_ids(parts),
            )
    return None


def _delivery_status(parts: list[Message]) -> Report | None:
    """The first recipient that failed, else the first that waits: our mails have one recipient."""
    found = [report for part in parts for report in _recipients(part, parts)]
    for kind in (FeedbackKind.BOUNCED, FeedbackKind.DELAYED):
        for report in found:
            if report.kind is kind:
                return report
    return OTHER if found else None


def _recipients(part: Message, parts: list[Message]) -> Iterator[Report]:
    if part.get_content_type() != "message/delivery-status":
        return
    for fields in _groups(part):
        action = fields.get("action", "").split(";")[0].strip().lower()
        status = find_status(fields.get("status", "")) or find_status(fields.get("diagnostic-code", ""))
        if not action and not status:
            continue  # the group that speaks of the report itself
        kind = _ACTIONS.get(action) or (FeedbackKind.OTHER if action else kind_of_status(status or ""))
        address = _address(fields.get("original-recipient")) or _address(fields.get("final-recipient"))
        detail = fields.get("diagnostic-code") or action
        yield Report(kind, address, status, _line(detail), _message_ids(parts))


def _groups(part: Message) -> Iterator[dict[str, str]]:
    """The groups of fields of a report; the parser makes a message of each, and of a damaged one plain text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for each in payload:
            if isinstance(each, Message):
                yield {name.lower(): _clean(value) for name, value in each.items()}
        return
    for block in re.split(r"\r?\n[ \t]*\r?\n", _text(part)):
        yield _as_fields(block)


def _fields(part: Message) -> dict[str, str]:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        inner = payload[0]
        found = {name.lower(): _clean(value) for name, value in inner.items()}
        return found or _as_fields(_text(inner))
    return _as_fields(_text(part))


def _as_fields(text: str) -> dict[str, str]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", text)
    pairs = (line.partition(":") for line in unfolded.splitlines())
    return {name.strip().lower(): _clean(value) for name, colon, value in pairs if colon}


def _in_words(message: Message, parts: list[Message]) -> Report | None:
    """A report of a server that keeps to no standard: known by its sender or subject, read for codes and words."""
    if not _is_from_a_server(message):
        return None
    text = "\n".join(_text(part) for part in parts if part.get_content_maintype() == "text")
    status = find_status(text) or _status_of_reply(text)
    subject = _clean(message.get("subject"))
    if status:
        kind = kind_of_status(status)
    elif _DELAY_WORDS.search(subject):
        kind = FeedbackKind.DELAYED
    else:
        kind = FeedbackKind.BOUNCED if _SUBJECTS.search(subject) else FeedbackKind.OTHER
    if kind is FeedbackKind.OTHER:
        return None
    named = _address(_clean(message.get("x-failed-recipients"))) or _address(text)
    return Report(kind, named, status, _line(_telling_line(text) or subject), _message_ids(parts))


def _is_from_a_server(message: Message) -> bool:
    """Answers of people and of their holiday notices are left alone, whatever their subject says."""
    automatic = _clean(message.get("auto-submitted")).lower()
    if automatic.startswith("auto-replied") and not _SENDERS.search(_clean(message.get("from"))):
        return False
    if message.get("x-autoreply") or _clean(message.get("precedence")).lower() == "auto_reply":
        return False
    if message.get("x-failed-recipients"):
        return True
    is_server = bool(_SENDERS.search(_clean(message.get("from"))))
    has_no_sender = _clean(message.get("return-path")) == "<>"
    return is_server or (has_no_sender and bool(_SUBJECTS.search(_clean(message.get("subject")))))


def _status_of_reply(text: str) -> str | None:
    """A plain SMTP reply code as a status of its class: 550 is 5.0.0."""
    found = _SMTP_REPLY.search(text)
    return f"{found.group(1)[0]}.0.0" if found else None


def _telling_line(text: str) -> str | None:
    lines = [each.strip() for each in text.splitlines()]
    return next((each for each in lines if _SMTP_REPLY.search(each) or find_status(each)), None)


def _message_ids(parts: list[Message]) -> tuple[str, ...]:
    """The Message-IDs of what came back: of the mail itself, of its headers, of a text that quotes them."""
    found: list[str] = []
    for part in parts[1:]:
        found += _MESSAGE_ID.findall(_clean(part.get("message-id")))
    for part in parts:
        if part.get_content_maintype() == "text" and not part.is_multipart():
            found += _HEADER_ID.findall(_text(part))
    for name in ("in-reply-to", "references"):
        found += _MESSAGE_ID.findall(_clean(parts[0].get(name)))
    return tuple(dict.fromkeys(found))


def _address(text: str | None) -> str | None:
    """The address in ``rfc822; budi@dinas.example`` or in a sentence; in lower case."""
    found = _ADDRESS.search(text or "")
    return found.group(0).rstrip(".").lower() if found else None


def _text(part: Message) -> str:
    if part.is_multipart():
        return ""
    payload = part.get_payload(decode=True)
    content = (
        payload if isinstance(payload, bytes) else str(part.get_payload() or "").encode(errors="replace")
    )
    return content[:_MOST_TEXT].decode(errors="replace")


def _clean(value: object) -> str:
    """A header as one line; damaged ones come as objects that know no encoding."""
    return " ".join(str(value or "").split())


def _line(text: str) -> str:
    """One line of what can be seen: the database takes no zero bytes, and no reader wants control characters."""
    printable = "".join(each if each.isprintable() else " " for each in text[: 4 * _LONGEST_DETAIL])
    return " ".join(printable.split())[:_LONGEST_DETAIL]
