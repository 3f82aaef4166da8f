import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from spbe_tasks import config
from spbe_tasks.config import ConfigError, Settings, is_loopback

ROOT = Path(config.__file__).parents[1]
GOOD: dict[str, object] = {
    "database_url": SecretStr("postgresql+psycopg://spbe_app@/x"),
    "redis_url": SecretStr("redis://127.0.0.1/0"),
    "secret_key": SecretStr("0123456789abcdef0123456789abcdef"),
}


def _explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **variables: str) -> str:
    monkeypatch.setattr(config, "LOCAL_ENV", tmp_path / "absent")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as refused:
        config.load_settings()
    return str(refused.value)


def test_all_problems_are_listed_together_by_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = _explained(monkeypatch, tmp_path, SMTP_PORT="many", LOG_LEVEL="LOUD")
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SMTP_PORT", "LOG_LEVEL"):
        assert name in words


def test_no_value_is_ever_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words = _explained(
        monkeypatch, tmp_path, SECRET_KEY="tiny-and-private", DATABASE_URL="mysql://u:hunter2@h/d"
    )
    assert "tiny-and-private" not in words
    assert "hunter2" not in words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"database_url": SecretStr("sqlite:///x.db")}, "DATABASE_URL"),
        ({"redis_url": SecretStr("memory://")}, "REDIS_URL"),
        ({"redis_url": SecretStr("sqla+sqlite:///x")}, "REDIS_URL"),
        ({"secret_key": SecretStr("change-me-change-me-change-me")}, "SECRET_KEY"),
        ({"clock_offset": 3600, "smtp_host": "mail.example.go.id"}, "CLOCK_OFFSET"),
        ({"public_url": "ftp://x"}, "PUBLIC_URL"),
        ({"mailbox_url": SecretStr("pop3://user:password@mail.example.go.id")}, "MAILBOX_URL"),
        ({"mailbox_url": SecretStr("imaps:///INBOX")}, "MAILBOX_URL"),
        ({"mailbox_url": SecretStr("maildir:")}, "MAILBOX_URL"),
        ({"feedback_secret": SecretStr("short")}, "FEEDBACK_SECRET"),
        ({"storage_url": "file:///srv"}, "STORAGE_URL"),
        ({"storage_url": "s3:///prefix"}, "STORAGE_URL"),
        ({"storage_endpoint": "minio:9000"}, "STORAGE_ENDPOINT"),
        ({"storage_access_key": SecretStr("alone")}, "STORAGE_ACCESS_KEY"),
        ({"evidence_max_mb": 0}, "evidence_max_mb"),
        ({"evidence_max_mb": 201}, "evidence_max_mb"),
        ({"clamd_address": "scanner"}, "CLAMD_ADDRESS"),
        ({"clamd_address": "scanner:99999"}, "CLAMD_ADDRESS"),
    ],
)
def test_what_would_hurt_in_production_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Settings(_env_file=None, **{**GOOD, **change})


def test_a_sample_secret_is_allowed_in_development_only() -> None:
    sample = {**GOOD, "secret_key": SecretStr("change-me-change-me-change-me"), "development": True}
    assert Settings(_env_file=None, **sample).development


@pytest.mark.parametrize(
    ("host", "answer"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("mail.go.id", False), ("10.0.0.1", False)],
)
def test_only_this_machine_is_loopback(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer


def test_the_example_file_lists_every_setting_with_a_comment_above() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = [line.split("=")[0] for line in lines if re.match(r"[A-Z_]+=", line)]
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)
    assert all(line.startswith("# ") for line in lines if line and not re.match(r"[A-Z_]+=", line))
