from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from spbe_tasks.schema import newest_migration
from spbe_tasks.services import system
from spbe_tasks.work import Work
from tests.factories import NOW


@pytest.mark.parametrize(
    ("found", "is_current"), [(None, False), ("0001", False), ("0002", True), ("0003", True)]
)
def test_a_schema_ahead_of_the_code_is_current_and_one_behind_is_not(
    found: str | None, is_current: bool
) -> None:
    assert system.Schema(found=found, wanted="0002").is_current is is_current


def test_the_migrated_database_is_current(session: Session) -> None:
    assert system.schema(session, newest_migration() or "").is_current


def test_background_work_is_alive_until_a_minute_of_silence(work: Work) -> None:
    assert system.last_heartbeat(work.session) is None
    for _ in range(2):
        system.record_heartbeat(work, now=NOW)
    seen_at = system.last_heartbeat(work.session)
    assert system.is_background_alive(seen_at, NOW + timedelta(seconds=60))
    assert not system.is_background_alive(seen_at, NOW + timedelta(seconds=61))
