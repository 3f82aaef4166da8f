"""Work that one process of the installation does at a time. Nobody waits for it: who finds it being done goes away."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from spbe_tasks.adapters.broker import HARD_LIMIT_SECONDS
from spbe_tasks.extensions import db

SENDING = 7_303  # keys of PostgreSQL's advisory locks; 7_301 and 7_302 are taken by services
READING = 7_304


@contextmanager
def take(turn: int) -> Iterator[bool]:
    """Have the turn while the block runs; False when another process, or this one, has it already.

    It hangs on a database connection of its own, outside any transaction: when the process dies, the connection and
    with it the turn are gone. A machine that falls silent keeps it no longer than any job may live.
    """
    engine = db.session().get_bind().engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closed at the end instead of going back to the pool: nothing has to be undone
        connection.execute(text(f"SET idle_session_timeout = '{HARD_LIMIT_SECONDS}s'"))
        yield bool(connection.scalar(text("SELECT pg_try_advisory_lock(:turn)"), {"turn": turn}))
