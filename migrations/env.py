"""Runs migrations as the owner of the tables; the application's own role never alters a table."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, make_url, pool, text

from spbe_tasks import models  # noqa: F401 - fills the metadata
from spbe_tasks.extensions import db


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write plain types into migrations: a type class of ours may be renamed, a migration may not change."""
    if kind == "type" and type(item).__module__.startswith("spbe_tasks"):
        return repr(item.impl)
    return False


def run() -> None:
    if context.is_offline_mode():
        context.configure(url="postgresql+psycopg://", target_metadata=db.metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    settings = current_app.extensions["settings"]
    app_role = make_url(settings.database_url.get_secret_value()).username
    engine = create_engine(settings.owner_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(
            text("SELECT set_config('spbe.app_role', coalesce(:role, current_user), false)"),
            {"role": app_role},
        )
        connection.commit()
        context.configure(connection=connection, target_metadata=db.metadata, render_item=render_item)
        with context.begin_transaction():
            context.run_migrations()


run()
