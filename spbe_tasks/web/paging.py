"""Which page of a list is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import Row

from spbe_tasks.services.queries.task_lists import Cursor

# As far as a list is ever turned; beyond it the database could not count the rows to skip.
LAST_PAGE = 1_000_000


def page_number() -> int:
    """The page named in the address, from 1 to ``LAST_PAGE``; 1 for what is no number."""
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


@dataclass(frozen=True, slots=True)
class KeysetPager:
    """Where a page of a list stands, and the cursors of the pages beside it (None: there is none)."""

    first: int
    last: int
    total: int
    before: str | None
    after: str | None


def keyset_pager(rows: Sequence[Row[Any]], *, total: int, beyond: int, cursor: Cursor | None) -> KeysetPager:
    """The pager of ``rows``, which have a ``sort_value``; ``beyond`` is how many lie on the cursor's other side."""
    if cursor is not None and cursor.is_before:
        last = total - beyond
        first = last - len(rows) + 1
    else:
        first, last = beyond + 1, beyond + len(rows)
    return KeysetPager(
        first=first,
        last=last,
        total=total,
        before=str(Cursor(rows[0].sort_value, rows[0].id)) if rows and first > 1 else None,
        after=str(Cursor(rows[-1].sort_value, rows[-1].id)) if rows and last < total else None,
    )
