"""``spbe-tasks db``: bring the database to the newest schema."""

import click
import flask_migrate

from spbe_tasks.cli.context import with_app
from spbe_tasks.schema import newest_migration


@click.group("db")
def database_group() -> None:
    """The database's schema."""


@database_group.command()
@with_app
def upgrade() -> None:
    """Run the migrations that are missing, as the owner of the tables. Safe to run again."""
    flask_migrate.upgrade()


@database_group.command()
@with_app
def current() -> None:
    """Print the migration the database stands at."""
    flask_migrate.current()


@database_group.command()
@click.option("--message", "-m", required=True, help="A few words; they name the file.")
@with_app
def revision(message: str) -> None:
    """Write the next migration from the difference between models and database (developers)."""
    flask_migrate.revision(message=message, autogenerate=True, rev_id=_next_number())


def _next_number() -> str:
    return f"{int(newest_migration() or 0) + 1:04d}"
