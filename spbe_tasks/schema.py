"""The newest migration this code knows, read from the files: health checks compare the database with it."""

from functools import cache

from alembic.script import ScriptDirectory

from spbe_tasks.resources import folder


@cache
def newest_migration() -> str | None:
    """The name of the one head, such as ``0001``; None before the first migration."""
    return ScriptDirectory(str(folder("migrations"))).get_current_head()
