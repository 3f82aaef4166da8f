"""The task list's address: what the list is narrowed to, read from and written to the query string."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from spbe_tasks.rules.carry_over import Lineage
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.tasks import DueFilter, TaskFilter

OPEN = "open"
MAX_TEXT = 100
Choice = TypeVar("Choice", bound=StrEnum)


class Assignee(StrEnum):
    """Whose tasks a list shows."""

    ME = "me"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ListAddress:
    """The filters in force. What an address says and the instrument or the tables do not know is left out.

    ``state`` is a State's value or OPEN. ``indicator`` is narrower than ``aspect``, which is narrower than ``domain``:
    only the narrowest given is kept.
    """

    q: str = ""
    state: str = ""
    kind: TaskKind | None = None
    lineage: Lineage | None = None
    due: DueFilter | None = None
    agency: int | None = None
    domain: int | None = None
    aspect: int | None = None
    indicator: int | None = None
    assignee: Assignee | None = None

    def as_args(self) -> dict[str, str]:
        """The filters in force as arguments of a link."""
        return {name: str(value) for name, value in asdict(self).items() if value not in (None, "")}

    def without(self, name: str) -> dict[str, str]:
        """The arguments of a link that drops one filter."""
        return {each: value for each, value in self.as_args().items() if each != name}

    def as_filter(self, instrument: Instrument | None, *, plan_id: int | None, me: int) -> TaskFilter:
        """The same for ``queries.tasks``."""
        return TaskFilter(
            plan_id=plan_id,
            agency_id=self.agency,
            kind=self.kind,
            lineage=self.lineage,
            state=State(self.state) if self.state not in ("", OPEN) else None,
            is_open=self.state == OPEN,
            indicators=_indicators(self, instrument) if instrument else frozenset(),
            due=self.due,
            assignee_id=me if self.assignee is Assignee.ME else None,
            is_unassigned=self.assignee is Assignee.NOBODY,
            text=self.q,
        )


def read(args: MultiDict[str, str], instrument: Instrument | None) -> ListAddress:
    """The filters of a query string."""
    state = args.get("state", "")
    address = ListAddress(
        q=args.get("q", "").strip()[:MAX_TEXT],
        state=state if state == OPEN or _one_of(State, state) else "",
        kind=_one_of(TaskKind, args.get("kind")),
        lineage=_one_of(Lineage, args.get("lineage")),
        due=_one_of(DueFilter, args.get("due")),
        agency=_number(args, "agency"),
        assignee=_one_of(Assignee, args.get("assignee")),
    )
    return _in_instrument(address, args, instrument) if instrument else address


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


def _one_of(kind: type[Choice], value: str | None) -> Choice | None:
    return next((each for each in kind if each.value == value), None)


def _number(args: MultiDict[str, str], name: str) -> int | None:
    value = args.get(name, type=int)
    return value if value is not None and 0 < value < 2**31 else None
