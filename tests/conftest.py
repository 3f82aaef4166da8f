"""What all tests share. The database is real PostgreSQL, built once by running the migrations, then cloned."""

import os
from uuid import uuid4

import flask_migrate
import pytest

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from tests import services
from tests.services import PostgresServer
from tests.settings import make_settings

TEMPLATE = "spbe_template"

# A developer's own settings must not reach the product under test.
for name in [
    each
    for each in os.environ
    if each.startswith(
        ("PG", "CELERY_", "SMTP_", "DATABASE_", "REDIS_", "STORAGE_", "CLAMD_", "EVIDENCE_", "AWS_")
    )
]:
    del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that start whole products run on one worker, one after another."""
    for item in items:
        folder = item.path.parent.name
        if folder in {"e2e", "faults"}:
            item.add_marker(pytest.mark.xdist_group(folder))


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    return services.share_postgres()


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated, empty database that nobody connects to: the template of all others."""
    name = f"{TEMPLATE}_{uuid4().hex[:8]}"
    postgres.create_database(name)
    app = create_app(make_settings(postgres, name, tmp_path_factory.mktemp("template")))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    return name
