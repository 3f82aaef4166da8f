"""Settings of a product under test."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from spbe_tasks.config import Settings
from tests.services import PostgresServer

SECRET = "a-secret-that-only-tests-know-0123456789"


def make_settings(server: PostgresServer, database: str, folder: Path, **changes: object) -> Settings:
    """Settings of a product under test; the broker's address leads nowhere unless a test gives a real one."""
    values: dict[str, object] = {
        "database_url": SecretStr(server.app_url(database)),
        "database_owner_url": SecretStr(server.owner_url(database)),
        "redis_url": SecretStr("redis://127.0.0.1:1/0"),
        "secret_key": SecretStr(SECRET),
        "storage_dir": folder / "storage",
        "log_level": "WARNING",
        **changes,
    }
    return Settings(_env_file=None, **values)


def settings_of(variables: Mapping[str, str]) -> Settings:
    """The settings that a process with these environment variables has."""
    return Settings(_env_file=None, **{name.lower(): value for name, value in variables.items()})
