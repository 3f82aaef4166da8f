"""Several small selects in one round trip, each coming back as a list of plain mappings.

For the few rows a page needs beside its main ones: they cost a statement together, not one each.
Dates arrive as ISO text and enums as their values; whoever asks turns them into the real thing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import JSON, Select, func, literal_column, select, text, type_coerce
from sqlalchemy.orm import Session

JsonRows: TypeAlias = Sequence[Mapping[str, Any]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]


def fetch(session: Session, **selects: AnySelect) -> Mapping[str, JsonRows]:
    """Run the selects as one statement; keyed by the names they were given, each in its own order."""
    columns = [_as_json(rows, name).label(name) for name, rows in selects.items()]
    return session.execute(select(*columns)).one()._mapping  # type: ignore[return-value]


def _as_json(rows: AnySelect, name: str) -> Any:
    inner = rows.subquery(f"{name}_rows")
    # The whole row by the subquery's name: asking SQLAlchemy for its columns costs more than the statement.
    collected = func.json_agg(func.to_json(literal_column(inner.name)))
    filled = type_coerce(func.coalesce(collected, text("'[]'::json")), JSON)
    return select(filled).select_from(inner).scalar_subquery()
