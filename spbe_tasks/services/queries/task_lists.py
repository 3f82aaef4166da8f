"""Lists of tasks page by page, by the last row seen and not by how many to skip: a page costs the same anywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, select, tuple_
from sqlalchemy.orm import Session

from spbe_tasks.models import Agency, Task, TaskLabel
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries import bundle, governments, labels
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.saved_views import visible_views
from spbe_tasks.services.queries.task_filter import TaskFilter, matching
from spbe_tasks.services.queries.tasks import PAGE_SIZE, ROWS


class SortKey(StrEnum):
    """What a list is ordered by; rows that are equal follow their id."""

    DUE = "due"
    POINTS = "points"
    INDICATOR = "indicator"
    AGENCY = "agency"
    STATE = "state"
    CHANGED = "changed"


_STATE_RANK = case({state: rank for rank, state in enumerate(State)}, value=Task.state)
_COLUMNS: Mapping[SortKey, Any] = {
    SortKey.DUE: Task.due_on,
    SortKey.POINTS: Task.points,
    SortKey.INDICATOR: Task.indicator_number,
    SortKey.AGENCY: Agency.short_name,
    SortKey.STATE: _STATE_RANK,
    SortKey.CHANGED: Task.state_changed_at,
}
_READERS: Mapping[SortKey, Any] = {
    SortKey.DUE: date.fromisoformat,
    SortKey.POINTS: Decimal,
    SortKey.INDICATOR: int,
    SortKey.AGENCY: str,
    SortKey.STATE: int,
    SortKey.CHANGED: datetime.fromisoformat,
}
# Most points and latest changes first, unless it is turned round.
_FALLING = frozenset({SortKey.POINTS, SortKey.CHANGED})


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is ordered; ``is_reversed`` turns the usual direction of the key round."""

    key: SortKey = SortKey.DUE
    is_reversed: bool = False

    @property
    def is_falling(self) -> bool:
        """Whether the largest comes first."""
        return (self.key in _FALLING) is not self.is_reversed


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row a page begins after, or ends before: what it is ordered by, and its id."""

    value: Any
    task_id: int
    is_before: bool = False

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, date) else str(self.value)
        return f"{value}~{self.task_id}"

    @classmethod
    def read(cls, text: str, key: SortKey, *, is_before: bool) -> "Cursor | None":
        """The cursor an address names for this order; None for what is none."""
        value, _, number = text.rpartition("~")
        if not (number.isascii() and number.isdigit() and len(number) < 19) or "\0" in value:
            return None
        try:
            return cls(_READERS[key](value), int(number), is_before)
        except (ValueError, InvalidOperation):
            return None


@dataclass(frozen=True, slots=True)
class ListSurroundings:
    """What a list shows around its rows.

    ``total`` is exact. ``beyond``: how many rows lie on the cursor's other side. ``agencies`` to choose from, only
    one's own for agency roles; ``labels`` in use; saved ``views`` of the person and shared ones; holidays.
    """

    total: int
    beyond: int
    agencies: JsonRows
    labels: Sequence[str]
    views: JsonRows
    holidays: JsonRows


def list_page(
    session: Session,
    scope: Scope,
    wanted: TaskFilter,
    *,
    today: date,
    order: Order = Order(),
    cursor: Cursor | None = None,
) -> Sequence[Row[Any]]:
    """``PAGE_SIZE`` rows in order, the first ones or those next to the cursor: ``ROWS`` and ``sort_value``."""
    is_back = cursor is not None and cursor.is_before
    rows = _ROWS_BY[order.key].where(matching(scope, wanted, today), *_beside(order, cursor))
    rows = _ordered(rows, order, is_back=is_back).limit(PAGE_SIZE)
    found = session.execute(rows).all()
    return found[::-1] if is_back else found


def list_all_tasks(
    session: Session,
    scope: Scope,
    wanted: TaskFilter,
    *,
    today: date,
    order: Order = Order(),
) -> Sequence[Row[Any]]:
    """Every row of the list, for the export; the largest government has a few thousand."""
    rows = _ordered(_ROWS_BY[order.key].where(matching(scope, wanted, today)), order, is_back=False)
    return session.execute(rows).all()


def list_ids(session: Session, scope: Scope, wanted: TaskFilter, *, today: date, limit: int) -> Sequence[int]:
    """The first ids of the list, by due date."""
    rows = select(Task.id).where(matching(scope, wanted, today)).order_by(Task.due_on, Task.id)
    return session.scalars(rows.limit(limit)).all()


def count(session: Session, scope: Scope, wanted: TaskFilter, *, today: date) -> int:
    """How many rows the list has."""
    return int(session.execute(_counted(scope, wanted, today)).scalar_one())


def list_surroundings(
    session: Session,
    scope: Scope,
    wanted: TaskFilter,
    *,
    today: date,
    order: Order = Order(),
    cursor: Cursor | None = None,
) -> ListSurroundings:
    """Everything beside the rows, in one statement."""
    selects = {
        "total": _counted(scope, wanted, today),
        "agencies": _agencies(scope),
        "labels": labels.in_use(scope),
        "views": visible_views(scope),
        "holidays": governments.local_holidays(scope.government_id),
    }
    if cursor is not None:
        within = _counted(scope, wanted, today).join(Agency, Agency.id == Task.agency_id)
        selects["within"] = within.where(*_beside(order, cursor))
    found = bundle.fetch(session, **selects)
    total = found["total"][0]["number"]
    return ListSurroundings(
        total=total,
        beyond=total - found["within"][0]["number"] if cursor is not None else 0,
        agencies=found["agencies"],
        labels=[each["label"] for each in found["labels"]],
        views=found["views"],
        holidays=found["holidays"],
    )


def _agencies(scope: Scope) -> AnySelect:
    agencies = select(Agency.id, Agency.short_name).where(Agency.government_id == scope.government_id)
    if not scope.sees_all_agencies:
        agencies = agencies.where(Agency.id == scope.agency_id)
    return agencies.order_by(Agency.short_name, Agency.id)


def _counted(scope: Scope, wanted: TaskFilter, today: date) -> AnySelect:
    return select(func.count().label("number")).select_from(Task).where(matching(scope, wanted, today))


def _beside(order: Order, cursor: Cursor | None) -> list[ColumnElement[bool]]:
    if cursor is None:
        return []
    row, at = tuple_(_COLUMNS[order.key], Task.id), tuple_(cursor.value, cursor.task_id)
    return [row < at if order.is_falling is not cursor.is_before else row > at]


def _ordered(rows: AnySelect, order: Order, *, is_back: bool) -> AnySelect:
    keys = (_COLUMNS[order.key], Task.id)
    if order.is_falling is not is_back:
        return rows.order_by(*(key.desc() for key in keys))
    return rows.order_by(*keys)


_LABELS = (
    select(func.array_agg(TaskLabel.label)).where(TaskLabel.task_id == Task.id).scalar_subquery()
).label("labels")
# Built once: every list is a few conditions more.
_ROWS_BY: Mapping[SortKey, AnySelect] = {
    key: ROWS.add_columns(
        Task.state_changed_at, Task.version, Task.agency_id, _LABELS, column.label("sort_value")
    )
    for key, column in _COLUMNS.items()
}
