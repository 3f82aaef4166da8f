"""The scene of the tests that kill senders of mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import mail_scene
from tests.faults.mail_scene import Scene
from tests.services import PostgresServer


@pytest.fixture
def scene(postgres: PostgresServer, migrated: str, tmp_path: Path) -> Iterator[Scene]:
    with mail_scene.opened(postgres, migrated, tmp_path) as scene:
        yield scene
