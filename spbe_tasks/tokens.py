"""Links in mails, signed, made and read without a request: those that open an account, and those that end a mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer


class Purpose(StrEnum):
    """What a link is for: it opens nothing else. The value is its path, too."""

    ACTIVATE = "activate"
    RESET = "reset-password"


class MailList(StrEnum):
    """What a person can end from the mail itself, without signing in: it opens nothing else."""

    DIGEST = "digest"
    NEWS = "news"
    MONTHLY = "monthly"


LIFETIME = {Purpose.ACTIVATE: timedelta(days=7), Purpose.RESET: timedelta(hours=2)}


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom a link speaks for. Setting a password raises the account's session version and so uses the link up."""

    account_id: int
    session_version: int


def make(secret_key: str, purpose: Purpose, claim: Claim, *, now: datetime) -> str:
    """The token of a link that is good until ``expires_at``."""
    content = [claim.account_id, claim.session_version, int(now.timestamp())]
    return _serializer(secret_key, purpose).dumps(content)


def read(secret_key: str, purpose: Purpose, token: str, *, now: datetime) -> Claim | None:
    """Whom ``token`` speaks for; None when it is not one of ours for this purpose, or too old."""
    try:
        account_id, session_version, made_at = _serializer(secret_key, purpose).loads(token)
    except BadSignature:
        return None
    if now.timestamp() >= made_at + LIFETIME[purpose].total_seconds():
        return None
    return Claim(account_id, session_version)


def expires_at(purpose: Purpose, *, now: datetime) -> datetime:
    """Until when a link made ``now`` works."""
    return now + LIFETIME[purpose]


def link(public_url: str, purpose: Purpose, token: str) -> str:
    """The address to put into a mail."""
    return f"{public_url.rstrip('/')}/{purpose}/{token}"


def unsubscribe(secret_key: str, account_id: int, mail_list: MailList) -> str:
    """The token of a link that ends ``mail_list`` for a person. It works for as long as the mail may lie somewhere."""
    token = _serializer(secret_key, _UNSUBSCRIBE).dumps([account_id, mail_list])
    assert isinstance(token, str)
    return token


def read_unsubscribe(secret_key: str, token: str) -> tuple[int, MailList] | None:
    """Whose mail, and which, ``token`` ends; None when it is not one of ours."""
    try:
        account_id, mail_list = _serializer(secret_key, _UNSUBSCRIBE).loads(token)
    except BadSignature:
        return None
    return account_id, MailList(mail_list)


def undo(secret_key: str, account_id: int, former: Mapping[str, object]) -> str:
    """The token that takes an end back: what the person had chosen before, as JSON values."""
    token = _serializer(secret_key, _UNDO).dumps([account_id, dict(former)])
    assert isinstance(token, str)
    return token


def read_undo(secret_key: str, token: str, account_id: int) -> Mapping[str, object] | None:
    """What ``token`` brings back for this person; None when it is not theirs."""
    try:
        owner, former = _serializer(secret_key, _UNDO).loads(token)
    except BadSignature:
        return None
    return former if owner == account_id else None


def unsubscribe_link(public_url: str, token: str) -> str:
    """The address for ``List-Unsubscribe`` and for the foot of a mail (RFC 8058)."""
    return f"{public_url.rstrip('/')}/{_UNSUBSCRIBE}/{token}"


_UNSUBSCRIBE = "unsubscribe"
_UNDO = "undo-unsubscribe"


def _serializer(secret_key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=f"spbe-tasks.{purpose}")
