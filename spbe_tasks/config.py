"""Settings: the environment (and ``var/local.env``, which ``./run`` writes) read once, checked and frozen."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from spbe_tasks import failpoints
from spbe_tasks.resources import CHECKOUT

LOCAL_ENV = CHECKOUT / "var" / "local.env"
SHORTEST_SECRET = 24
BROKERS = frozenset({"redis", "rediss", "redis+socket", "unix"})
SAMPLE_SECRETS = frozenset({"change-me", "changeme", "secret", "dev", "development"})


class ConfigError(Exception):
    """The settings cannot be used; the message names every variable at fault and never a value."""


class Settings(BaseSettings):
    """Everything the process is told from outside. Field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr
    database_owner_url: SecretStr | None = None
    redis_url: SecretStr
    secret_key: SecretStr = Field(min_length=SHORTEST_SECRET)
    public_url: str = "http://127.0.0.1:8000"
    smtp_host: str = "127.0.0.1"
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 25
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    mail_from: str = "spbe-tasks@localhost"
    mailbox_url: SecretStr | None = None
    feedback_secret: SecretStr | None = None
    storage_dir: Path = Path("var/storage")
    storage_url: str | None = None
    storage_endpoint: str | None = None
    storage_region: str | None = None
    storage_access_key: SecretStr | None = None
    storage_secret_key: SecretStr | None = None
    evidence_max_mb: Annotated[int, Field(ge=1, le=200)] = 25
    clamd_address: str | None = None
    clock_offset: int = 0
    failpoint: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    web_workers: Annotated[int, Field(ge=1, le=64)] = 2
    development: bool = False

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        problems = [
            *self._service_problems(),
            *self._safety_problems(),
            *self._failpoint_problems(),
            *self._mailbox_problems(),
            *self._storage_problems(),
            *self._scanner_problems(),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _service_problems(self) -> Iterator[str]:
        if not self.database_url.get_secret_value().startswith("postgresql+psycopg://"):
            yield "DATABASE_URL must start with postgresql+psycopg:// (PostgreSQL is the only database)"
        if urlsplit(self.redis_url.get_secret_value()).scheme not in BROKERS:
            yield "REDIS_URL must be a redis://, rediss:// or redis+socket:// address (other brokers lose jobs)"
        if urlsplit(self.public_url).scheme not in {"http", "https"}:
            yield "PUBLIC_URL must start with http:// or https://"

    def _safety_problems(self) -> Iterator[str]:
        secret = self.secret_key.get_secret_value().lower()
        if not self.development and secret.startswith(tuple(SAMPLE_SECRETS)):
            yield "SECRET_KEY is a known sample value: make one with `openssl rand -hex 32`"
        if self.clock_offset and not is_loopback(self.smtp_host):
            yield "CLOCK_OFFSET is only allowed while SMTP_HOST is this machine"

    def _failpoint_problems(self) -> Iterator[str]:
        if not self.failpoint:
            return
        if not is_loopback(self.smtp_host):
            yield "FAILPOINT is only allowed while SMTP_HOST is this machine"
        try:
            failpoints.parse(self.failpoint)
        except ValueError as error:
            yield f"FAILPOINT {error}"

    def _storage_problems(self) -> Iterator[str]:
        if self.storage_url:
            parts = urlsplit(self.storage_url)
            if parts.scheme != "s3" or not parts.hostname:
                yield "STORAGE_URL must be s3://BUCKET or s3://BUCKET/PREFIX (empty: files are kept in STORAGE_DIR)"
            if find_spec("boto3") is None:
                yield "STORAGE_URL needs the package boto3: install spbe-tasks[s3]"
        if self.storage_endpoint and urlsplit(self.storage_endpoint).scheme not in {"http", "https"}:
            yield "STORAGE_ENDPOINT must start with http:// or https://"
        if bool(self.storage_access_key) != bool(self.storage_secret_key):
            yield "STORAGE_ACCESS_KEY and STORAGE_SECRET_KEY go together: set both or neither"

    def _scanner_problems(self) -> Iterator[str]:
        address = self.clamd_address
        if address and not address.startswith("/"):
            host, _, port = address.rpartition(":")
            if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
                yield "CLAMD_ADDRESS must be host:port, or the path of a unix socket beginning with /"

    @property
    def evidence_max_bytes(self) -> int:
        """How large one file of evidence may be."""
        return self.evidence_max_mb * 1024 * 1024

    def _mailbox_problems(self) -> list[str]:
        found, address = [], self.mailbox_address
        parts = urlsplit(address or "")
        is_server = parts.scheme in {"imap", "imaps", "imap+starttls"}
        if address and not (is_server and parts.hostname) and not (parts.scheme == "maildir" and parts.path):
            found.append(
                "MAILBOX_URL must be imaps://USER:PASSWORD@HOST/INBOX (or imap://, imap+starttls://) or maildir:///FOLDER"
            )
        if self.webhook_secret and len(self.webhook_secret) < SHORTEST_SECRET:
            found.append(f"FEEDBACK_SECRET must have at least {SHORTEST_SECRET} characters")
        return found

    @property
    def mailbox_address(self) -> str | None:
        """Where bounces come back to; None when no mailbox is read."""
        return (self.mailbox_url.get_secret_value() if self.mailbox_url else "") or None

    @property
    def webhook_secret(self) -> str | None:
        """What the mail provider signs its feedback with; None when none is taken in."""
        return (self.feedback_secret.get_secret_value() if self.feedback_secret else "") or None

    @property
    def owner_url(self) -> str:
        """The address migrations connect with: the owner of the tables."""
        return (self.database_owner_url or self.database_url).get_secret_value()

    @property
    def is_https(self) -> bool:
        """Whether people reach the product over TLS; decides the cookies' ``Secure`` flag and HSTS."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def is_local(self) -> bool:
        """Whether people reach the product from this machine only; demo accounts may sign in only then."""
        return is_loopback(urlsplit(self.public_url).hostname or "")


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this very machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings() -> Settings:
    """The settings of this process. Raises ``ConfigError`` that lists all problems together, by variable name.

    ``var/local.env`` is read only when the environment names no ``DATABASE_URL``: an installation that is
    configured from outside never picks up a developer's file.
    """
    local = LOCAL_ENV if "DATABASE_URL" not in os.environ and LOCAL_ENV.is_file() else None
    try:
        return Settings(_env_file=local)  # type: ignore[call-arg]  # pydantic-settings adds it
    except ValidationError as error:
        raise ConfigError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    lines = []
    for item in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in item["loc"]).upper()
        lines.append(f"{name}: {item['msg']}" if name else str(item["msg"]).removeprefix("Value error, "))
    if not LOCAL_ENV.is_file() and "DATABASE_URL" not in os.environ:
        lines.append("(nothing is set up yet: run ./run --setup-only, or set the variables of .env.example)")
    return "settings cannot be used:\n  " + "\n  ".join(lines)
