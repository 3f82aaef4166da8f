"""Commands on a database of their own, run in this process as a terminal would run them."""

from collections.abc import Callable

import pytest
from flask import Flask
from pydantic import SecretStr

from spbe_tasks.cli import main
from spbe_tasks.config import Settings

Run = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def run(own_app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command against the test's own database; gives its exit code, output and error lines."""
    settings: Settings = own_app.extensions["settings"]
    for name in ("database_url", "database_owner_url", "redis_url", "secret_key"):
        value: SecretStr = getattr(settings, name)
        monkeypatch.setenv(name.upper(), value.get_secret_value())
    monkeypatch.setenv("STORAGE_DIR", str(settings.storage_dir))

    def run_command(*arguments: object) -> tuple[int, str, list[str]]:
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(caught.value.code or 0), captured.out, captured.err.splitlines()

    return run_command
