"""The counters of attempts: where they are kept. What they do is tested with the pages that use them."""

from pathlib import Path

import pytest
from limits.storage import storage_from_string
from pydantic import SecretStr

from spbe_tasks.web.app import flask_config
from tests.services import PostgresServer
from tests.settings import make_settings


@pytest.mark.parametrize(
    ("broker", "counters"),
    [
        ("redis://:word@127.0.0.1:6379/0", "redis://:word@127.0.0.1:6379/0"),
        ("rediss://redis.example:6380/1", "rediss://redis.example:6380/1"),
        ("redis+socket:///run/redis.sock?virtual_host=2", "redis+unix:///run/redis.sock?db=2"),
        ("unix:///run/redis.sock", "redis+unix:///run/redis.sock"),
    ],
)
def test_the_counters_are_kept_at_the_broker(
    postgres: PostgresServer, tmp_path: Path, broker: str, counters: str
) -> None:
    config = flask_config(make_settings(postgres, "any", tmp_path, redis_url=SecretStr(broker)))
    assert config["RATELIMIT_STORAGE_URI"] == counters
    options = config["RATELIMIT_STORAGE_OPTIONS"]
    assert isinstance(options, dict)
    storage_from_string(counters, **options)


def test_a_broker_that_hangs_is_waited_for_only_briefly(postgres: PostgresServer, tmp_path: Path) -> None:
    config = flask_config(make_settings(postgres, "any", tmp_path))
    options = config["RATELIMIT_STORAGE_OPTIONS"]
    assert isinstance(options, dict)
    assert set(options) == {"socket_connect_timeout", "socket_timeout"}
    assert max(options.values()) <= 1
    assert config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"]
