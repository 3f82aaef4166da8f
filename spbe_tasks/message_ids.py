"""The ``Message-ID`` of our mails: the same for every attempt at one, and known again when something comes back."""

import hmac
import re

_OURS = re.compile(r"<(\d{1,18})\.([a-z_]{1,32})\.([0-9a-f]{16})@[^<>\s]+>", re.ASCII)


def make(secret_key: str, message_id: int, kind: str, domain: str) -> str:
    """The name of a mail, never that of another installation with the same sender."""
    return f"<{message_id}.{kind}.{_digest(secret_key, message_id, kind)}@{domain}>"


def read(secret_key: str, text: str) -> int | None:
    """The id of the message that ``text`` names; None when it is none of ours.

    Nobody can make one up, so that a forged report about a mail ends nobody's mail but the forger's own.
    """
    found = _OURS.fullmatch(text.strip())
    if found is None:
        return None
    message_id, kind = int(found[1]), found[2]
    return message_id if hmac.compare_digest(found[3], _digest(secret_key, message_id, kind)) else None


def _digest(secret_key: str, message_id: int, kind: str) -> str:
    return hmac.digest(secret_key.encode(), f"message {message_id}.{kind}".encode(), "sha256").hex()[:16]
