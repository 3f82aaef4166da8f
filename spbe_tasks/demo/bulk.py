"""Rows in bulk: reserved ids and PostgreSQL's COPY."""

from collections.abc import Iterable, Sequence
from typing import cast

from psycopg import Connection, sql
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models.base import Model


def reserve_ids(session: Session, model: type[Model], count: int) -> list[int]:
    """The next ``count`` ids of a table, so that rows that refer to one another are written without asking back."""
    wanted = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
    return list(session.scalars(wanted, {"table": model.__tablename__, "count": count}))


def copy_rows(
    session: Session, model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Write rows by COPY, in the session's transaction. The model's Python defaults do not apply: name every column."""
    session.flush()
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model.__tablename__), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    connection = cast("Connection", session.connection().connection.driver_connection)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def settle(owner_url: str) -> None:
    """Vacuum and analyse our tables, as their owner: measuring begins with what the planner would know in a while."""
    engine = create_engine(owner_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            connection.execute(text(f"VACUUM (ANALYZE) {table.name}"))
    engine.dispose()
