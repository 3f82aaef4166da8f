"""What all tests share. The database is real PostgreSQL, built once by running the migrations, then cloned."""

import os

import pytest

# A developer's own settings must not reach the product under test.
for name in [
    each for each in os.environ if each.startswith(("PG", "CELERY_", "SMTP_", "DATABASE_", "REDIS_"))
]:
    del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that start whole products run on one worker, one after another."""
    for item in items:
        folder = item.path.parent.name
        if folder in {"e2e", "faults"}:
            item.add_marker(pytest.mark.xdist_group(folder))
