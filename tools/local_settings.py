"""The settings of ./run: what it decides, what the caller's environment overrides, and var/local.env."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from tools.layout import LOCAL_ENV, SetupError

# A caller may set these for ./run; the addresses among them switch the embedded part off.
OVERRIDABLE = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "PUBLIC_URL",
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_USERNAME",
    "SMTP_PASSWORD",
    "SMTP_SECURITY",
    "MAIL_FROM",
    "STORAGE_DIR",
    "STORAGE_URL",
    "STORAGE_ENDPOINT",
    "STORAGE_REGION",
    "STORAGE_ACCESS_KEY",
    "STORAGE_SECRET_KEY",
    "EVIDENCE_MAX_MB",
    "CLAMD_ADDRESS",
    "MAILBOX_URL",
    "FEEDBACK_SECRET",
    "FAILPOINT",
    "CLOCK_OFFSET",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "TRUSTED_PROXIES",
    "WEB_WORKERS",
)


def overrides() -> dict[str, str]:
    """The settings the caller's environment names (empty values count as unset)."""
    return {name: value for name in OVERRIDABLE if (value := os.environ.get(name))}


def base(port: int, data: Path) -> dict[str, str]:
    """The settings that need no service; the secret is made once and kept."""
    return {
        "SECRET_KEY": read().get("SECRET_KEY") or secrets.token_hex(32),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MAIL_FROM": "spbe-tasks@localhost",
        "STORAGE_DIR": str(data / "storage"),
        "DEVELOPMENT": "true",
    }


def read() -> dict[str, str]:
    """What var/local.env says now; empty when there is none."""
    return parse(LOCAL_ENV.read_text()) if LOCAL_ENV.exists() else {}


def parse(text: str) -> dict[str, str]:
    """The settings in the words of a var/local.env."""
    entries = (line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: value.strip("'") for name, value in entries}


def write(settings: Mapping[str, str]) -> None:
    """Write var/local.env, readable by its owner only: it holds the secret and the addresses."""
    for name, value in settings.items():
        if "'" in value or "\n" in value:
            raise SetupError(f"{name} holds a quote or a line break: ./run cannot hand it on.")
    lines = ["# Written by ./run at each start; read when DATABASE_URL is not set.\n"]
    lines += [f"{name}='{value}'\n" for name, value in settings.items()]
    half_made = LOCAL_ENV.with_suffix(".part")
    half_made.unlink(missing_ok=True)
    half_made.touch(mode=0o600)
    half_made.write_text("".join(lines))
    half_made.replace(LOCAL_ENV)
