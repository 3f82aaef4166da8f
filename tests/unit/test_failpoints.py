"""Places to die are named, counted, and refused wherever mail could leave the machine."""

import os
import signal
from collections.abc import Iterator

import pytest
from pydantic import SecretStr, ValidationError

from spbe_tasks import failpoints
from spbe_tasks.config import Settings


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm(None)


def _settings(**changes: str) -> Settings:
    values = {"smtp_host": "127.0.0.1", **changes}
    return Settings(
        _env_file=None,
        database_url=SecretStr("postgresql+psycopg://nowhere/x"),
        redis_url=SecretStr("redis://127.0.0.1:1/0"),
        secret_key=SecretStr("a-secret-that-only-tests-know-0123456789"),
        **values,
    )


def test_the_one_who_reaches_it_for_the_nth_time_dies_there(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, how: killed.append((pid, how)))
    failpoints.arm("answered:2")
    failpoints.reach("answered")
    failpoints.reach("marked")
    assert killed == []
    failpoints.reach("answered")
    assert killed == [(os.getpid(), signal.SIGKILL)]


@pytest.mark.parametrize("words", ["nowhere", "answered:x", "answered:0", ":3"])
def test_what_is_no_place_is_refused(words: str) -> None:
    with pytest.raises(ValidationError, match="FAILPOINT must be one of"):
        _settings(failpoint=words)


def test_nobody_dies_where_mail_leaves_the_machine() -> None:
    assert _settings(failpoint="claimed:3").failpoint == "claimed:3"
    with pytest.raises(ValidationError, match="only allowed while SMTP_HOST is this machine"):
        _settings(failpoint="claimed:3", smtp_host="mail.example.go.id")
