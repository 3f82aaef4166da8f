"""What a coordinator says about agencies that merge or divide, and what is still missing in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from spbe_tasks.models import Account, Agency
from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.succession import SuccessionKind

# Stands for an agency that a merger is about to open.
NEW = 0

# (instrument id, indicator number)
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Order:
    """Who passes on to whom. Agencies and people by id; ``NEW`` is the agency named by ``new_name``.

    ``takers`` says for each indicator of a division who takes it (the agency itself: it stays), ``movers`` the same
    for people. In a merger everything and everybody goes to ``successor_id``.
    """

    kind: SuccessionKind
    source_ids: tuple[int, ...]
    successor_id: int | None = None
    new_name: str = ""
    new_short_name: str = ""
    takers: Mapping[Place, int] = field(default_factory=dict)
    movers: Mapping[int, int] = field(default_factory=dict)

    def taker(self, place: Place) -> int | None:
        """Who takes an indicator over, or None: nobody was said."""
        return self.successor_id if self.kind is SuccessionKind.MERGE else self.takers.get(place)

    def mover(self, person: Account) -> int | None:
        """The agency a person of the old one goes to, or None: nobody was said."""
        return self.successor_id if self.kind is SuccessionKind.MERGE else self.movers.get(person.id)


def order_problems(order: Order, known: Mapping[int, Agency]) -> Iterator[Problem]:
    """Why these agencies, by id all of the government, cannot pass on to those; empty when they can."""
    named = {*order.takers.values(), *order.movers.values()} - set(order.source_ids)
    if order.successor_id is not None:
        named.add(order.successor_id)
    if not order.source_ids:
        yield Problem("succession.no_source", "source_ids")
    if any(each not in known for each in (*order.source_ids, *(named - {NEW}))):
        yield Problem("agency.not_found", "source_ids")
        return
    yield from _closed_among(order.source_ids, "succession.source_closed", "source_ids", known)
    yield from _closed_among(sorted(named - {NEW}), "succession.successor_closed", "successor_id", known)
    if order.kind is SuccessionKind.MERGE:
        yield from _merger_problems(order)


def _closed_among(
    agency_ids: Sequence[int], code: str, field_name: str, known: Mapping[int, Agency]
) -> Iterator[Problem]:
    for each in agency_ids:
        if not known[each].is_active:
            yield Problem(code, field_name, params={"name": known[each].short_name})


def _merger_problems(order: Order) -> Iterator[Problem]:
    if order.successor_id is None:
        yield Problem("field.required", "successor_id")
    if order.successor_id in order.source_ids:
        yield Problem("succession.into_itself", "successor_id")
    if order.successor_id == NEW:
        for name in ("new_name", "new_short_name"):
            if not getattr(order, name).strip():
                yield Problem("field.required", name)
        if len(order.source_ids) < 2:
            yield Problem("succession.is_a_renaming", "source_ids")


def gaps_in(order: Order, held: Sequence[tuple[Place, int]], staff: Sequence[Account]) -> Iterator[Problem]:
    """What a division forgot to say."""
    for (instrument_id, number), _agency_id in held:
        if order.taker((instrument_id, number)) is None:
            yield Problem(
                "succession.no_taker", taker_field(instrument_id, number), params={"number": number}
            )
    for person in staff:
        if order.mover(person) is None:
            yield Problem("succession.no_move", mover_field(person.id), params={"name": person.name})


def taker_field(instrument_id: str, number: int) -> str:
    """The form's field for who takes an indicator."""
    return f"take:{instrument_id}:{number}"


def mover_field(account_id: int) -> str:
    """The form's field for where a person goes."""
    return f"move:{account_id}"
