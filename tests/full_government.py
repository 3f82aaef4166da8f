"""A government with rows in every table: made from the metadata, so that no table is left empty, a new one neither.

What columns cannot tell (which values a check allows) stands in ``GIVEN``. The rows make no sense to a reader; they are
for tests of what goes over all tables.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
    Time,
    insert,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from spbe_tasks.extensions import db
from spbe_tasks.models import Account, Government, GovernmentDeletion, SavedView
from tests.factories import NOW, SPBE

Values = Mapping[str, Any]
Made = Mapping[str, list[Values]]
# Not filled: those that are of no government, and the record of deletions, which outlives them.
NOT_FILLED = frozenset({"heartbeat", "mail_stop", GovernmentDeletion.__tablename__})
COPIES = 2
GIVEN: Mapping[str, Callable[[int, Made], Values]] = {
    "account": lambda number, made: {"role": "coordinator", "default_view_id": None},
    "acting_officer": lambda number, made: {"acting_id": made["account"][1 - number]["id"]},
    "built_file": lambda number, made: {"state": "ready"},
    "event": lambda number, made: {"chain_position": None, "chain_digest": None},
    "evidence_version": lambda number, made: {"url": None},
    "extension": lambda number, made: {"answered_at": None, "granted_on": None},
    "instrument_document": lambda number, made: {"instrument_id": f"own-{number}"},
    "message": lambda number, made: {"state": "pending"},
    "reminder_intent": lambda number, made: {("task_id", "evidence_id")[number]: None},
    "task": lambda number, made: {"reached_level": None, "cancel_kind": None},
    "task_part": lambda number, made: {"done_at": None},
}
# Names that mean the same in every table.
NAMED: Mapping[str, Any] = {"instrument_id": SPBE, "timezone": "Asia/Pontianak", "locale": "id"}


def fill(session: Session, slug: str, put: Callable[[bytes], str]) -> Government:
    """Two rows in every table of a new government, each referring to others of its own; ``put`` keeps a file."""
    made: dict[str, list[Values]] = {}
    for table in _tables():
        made[table.name] = []
        for number in range(1 if table is Government.__table__ else COPIES):
            values = _row(table, made, number, slug, put)
            row = session.execute(insert(table).values(values).returning(*table.columns)).one()
            made[table.name].append(dict(row._mapping))
    view = made[SavedView.__tablename__][0]["id"]
    mine = Account.id == made["account"][0]["id"]
    session.execute(update(Account).where(mine).values(default_view_id=view))
    return session.get_one(Government, made["government"][0]["id"])


def _tables() -> Iterator[Table]:
    return (table for table in _in_order() if table.name not in NOT_FILLED)


def _in_order() -> Iterable[Table]:
    """Those referred to first. ``account`` and ``saved_view`` refer to each other; accounts come first."""
    left, done = dict(db.metadata.tables), set[str]()
    while left:
        ready = [table for table in left.values() if _needs(table) <= done]
        assert ready, f"tables refer to one another in a circle: {sorted(left)}"
        for table in ready:
            yield left.pop(table.name)
            done.add(table.name)


def _needs(table: Table) -> set[str]:
    keys = (key for key in table.foreign_keys if key.parent is not Account.__table__.c.default_view_id)
    return {key.column.table.name for key in keys} - {table.name}


def _row(table: Table, made: Made, number: int, slug: str, put: Callable[[bytes], str]) -> dict[str, Any]:
    given = GIVEN[table.name](number, made) if table.name in GIVEN else {}
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.name in given:
            values[column.name] = given[column.name]
        elif column.identity is None and column.computed is None:
            values[column.name] = _value(column, made, number, slug, put)
    return values


def _value(
    column: Column[Any],
    made: Made,
    number: int,
    slug: str,
    put: Callable[[bytes], str],
) -> Any:
    for key in column.foreign_keys:
        return _referred(column, key, made, number)
    words = f"{slug} {column.table.name} {column.name} {number}"
    if column.name in {"file_key", "logo_key"}:
        return put(words.encode())
    if column.name in NAMED:
        return NAMED[column.name]
    return _plain(column, words, number)


def _referred(column: Column[Any], key: ForeignKey, made: Made, number: int) -> Any:
    others = made[key.column.table.name]
    if key.column.table is column.table:
        return others[0]["id"] if others else None  # a task that is merged into another
    return others[min(number, len(others) - 1)][key.column.name]


def _plain(column: Column[Any], words: str, number: int) -> Any:
    kind = column.type
    if isinstance(kind, Enum):
        return kind.enums[0]
    for sort, value in (
        (String, words),
        (Boolean, False),
        (Integer, number + 1),
        (Numeric, Decimal(1)),
        (DateTime, NOW),
        (Date, date(2025, 3, 3 + number)),
        (Time, time(8, number)),
        (JSONB, {"words": words}),
        (LargeBinary, words.encode()),
    ):
        if isinstance(kind, sort):
            return value
    raise AssertionError(f"say what {column} holds")
