"""The task list's address: what it is narrowed to, its order and columns, read from and written to the query string."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from spbe_tasks.messages import LOCALES
from spbe_tasks.rules.carry_over import Lineage
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.labels import LONGEST_LABEL
from spbe_tasks.services.queries.task_filter import DueFilter, TaskFilter
from spbe_tasks.services.queries.task_lists import Cursor, Order, SortKey

OPEN = "open"
MAX_TEXT = 100
REVERSED = "-"
Choice = TypeVar("Choice", bound=StrEnum)
Args = Mapping[str, str | list[str]]


class Assignee(StrEnum):
    """Whose tasks a list shows."""

    ME = "me"
    NOBODY = "nobody"


class Column(StrEnum):
    """What a list tells of each task beside its title."""

    AGENCY = "agency"
    LEVELS = "levels"
    STATE = "state"
    DUE = "due"
    POINTS = "points"
    PERSON = "person"
    LABELS = "labels"
    CHANGED = "changed"


USUAL_COLUMNS = (Column.AGENCY, Column.LEVELS, Column.STATE, Column.DUE, Column.POINTS)


@dataclass(frozen=True, slots=True)
class ListAddress:
    """What is in force. What an address says and the instrument or the tables do not know is left out.

    ``state`` holds values of State and OPEN. ``indicator`` is narrower than ``aspect``, which is narrower than
    ``domain``: only the narrowest given is kept.
    """

    q: str = ""
    state: tuple[str, ...] = ()
    kind: TaskKind | None = None
    lineage: Lineage | None = None
    due: DueFilter | None = None
    on: date | None = None
    agency: int | None = None
    domain: int | None = None
    aspect: int | None = None
    indicator: int | None = None
    assignee: Assignee | None = None
    label: str = ""
    order: Order = Order()  # noqa: RUF009 - frozen
    columns: tuple[Column, ...] = USUAL_COLUMNS

    def as_args(self) -> dict[str, str | list[str]]:
        """All of it as arguments of a link."""
        return self.filters() | self.looks()

    def filters(self) -> dict[str, str | list[str]]:
        """The filters in force as arguments of a link."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: _text(value) for name, value in said.items() if name not in _LOOKS and value}

    def looks(self) -> dict[str, str | list[str]]:
        """Order and columns as arguments of a link, where they are not the usual ones."""
        found: dict[str, str | list[str]] = {}
        if self.order != Order():
            found["sort"] = sort_text(self.order)
        if self.columns != USUAL_COLUMNS:
            found["col"] = [each.value for each in self.columns]
        return found

    def without(self, name: str) -> dict[str, str | list[str]]:
        """The arguments of a link that drops one filter."""
        return {each: value for each, value in self.as_args().items() if each != name}

    def sorted_by(self, key: SortKey) -> dict[str, str | list[str]]:
        """The arguments of a link that orders by ``key``, or turns the order round where it is the key already."""
        turned = self.order.key is key and not self.order.is_reversed
        return replace(self, order=Order(key, turned)).as_args()

    def as_filter(
        self, instrument: Instrument | None, *, plan_id: int | None, me: Collection[int]
    ) -> TaskFilter:
        """The same for ``queries.task_filter``; ``me`` are the ids of the person, and of whom they stand in for."""
        return TaskFilter(
            plan_id=plan_id,
            agency_id=self.agency,
            kind=self.kind,
            lineage=self.lineage,
            states=frozenset(State(each) for each in self.state if each != OPEN),
            is_open=OPEN in self.state,
            indicators=_indicators(self, instrument) if instrument else frozenset(),
            due=self.due,
            due_on=self.on,
            assignee_ids=frozenset(me) if self.assignee is Assignee.ME else frozenset(),
            is_unassigned=self.assignee is Assignee.NOBODY,
            label=self.label,
            text=self.q,
            named=named(instrument, self.q) if instrument else frozenset(),
        )


_LOOKS = frozenset({"order", "columns"})


def sort_text(order: Order) -> str:
    """The order as the address says it."""
    return f"{REVERSED if order.is_reversed else ''}{order.key}"


def named(instrument: Instrument, text: str) -> frozenset[int]:
    """The indicators whose short name holds ``text``, in either language; none for an empty one."""
    wanted = text.strip().casefold()
    if not wanted:
        return frozenset()
    return frozenset(
        each.number
        for each in instrument.indicators
        if any(wanted in each.short_name(locale).casefold() for locale in LOCALES)
    )


def read(args: MultiDict[str, str], instrument: Instrument | None) -> ListAddress:
    """What a query string says."""
    known = {OPEN, *State}
    columns = [each for each in Column if each.value in args.getlist("col")]
    address = ListAddress(
        q=_line(args.get("q"), MAX_TEXT),
        state=tuple(dict.fromkeys(each for each in args.getlist("state") if each in known)),
        kind=_one_of(TaskKind, args.get("kind")),
        lineage=_one_of(Lineage, args.get("lineage")),
        due=_one_of(DueFilter, args.get("due")),
        on=_day(args.get("on")),
        agency=_number(args, "agency"),
        assignee=_one_of(Assignee, args.get("assignee")),
        label=_line(args.get("label"), LONGEST_LABEL),
        order=_order(args.get("sort", "")),
        columns=tuple(columns) or USUAL_COLUMNS,
    )
    return _in_instrument(address, args, instrument) if instrument else address


def read_cursor(args: MultiDict[str, str], order: Order) -> Cursor | None:
    """The row at which the asked-for page begins or ends; None: it is the first page."""
    if "before" in args:
        return Cursor.read(args["before"], order.key, is_before=True)
    return Cursor.read(args.get("after", ""), order.key, is_before=False)


def _in_instrument(address: ListAddress, args: MultiDict[str, str], instrument: Instrument) -> ListAddress:
    if (number := _number(args, "indicator")) in {each.number for each in instrument.indicators}:
        return replace(address, indicator=number)
    if (number := _number(args, "aspect")) in {each.number for each in instrument.aspects}:
        return replace(address, aspect=number)
    if (number := _number(args, "domain")) in {each.number for each in instrument.domains}:
        return replace(address, domain=number)
    return address


def _indicators(address: ListAddress, instrument: Instrument) -> frozenset[int]:
    if address.indicator is not None:
        return frozenset({address.indicator})
    return frozenset(
        indicator.number
        for domain in instrument.domains
        for aspect in domain.aspects
        for indicator in aspect.indicators
        if address.aspect == aspect.number or (address.aspect is None and address.domain == domain.number)
    )


def _order(text: str) -> Order:
    key = _one_of(SortKey, text.removeprefix(REVERSED))
    return Order(key, text.startswith(REVERSED)) if key else Order()


def _text(value: object) -> str | list[str]:
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else list(value)
    return str(value)


def _line(text: str | None, limit: int) -> str:
    return (text or "").replace("\0", "").strip()[:limit]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _one_of(kind: type[Choice], value: str | None) -> Choice | None:
    return next((each for each in kind if each.value == value), None)


def _number(args: MultiDict[str, str], name: str) -> int | None:
    value = args.get(name, type=int)
    return value if value is not None and 0 < value < 2**31 else None
