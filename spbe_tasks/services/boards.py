"""The board: tasks as cards in a column per state, each with the moves that the transition table allows the person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.workflow import TRANSITIONS, Action, State, legal_actions
from spbe_tasks.services import tasks
from spbe_tasks.services.queries import boards as queries
from spbe_tasks.services.queries.task_filter import TaskFilter

CARDS = 20
# Planned tasks are the coordinator's; what was withdrawn is no work any more.
COLUMNS = tuple(each for each in State if each not in (State.CANCELLED, State.WITHDRAWN))


@dataclass(frozen=True, slots=True)
class Move:
    """A way from a card's column to another. ``needs_input``: the form of the task's page asks for more."""

    action: Action
    target: State
    needs_input: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A row of ``queries.list_cards`` and where it may go."""

    row: Row[Any]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A state, how many tasks it has, and the first ``CARDS`` of them."""

    state: State
    total: int
    cards: Sequence[Card]


def read(
    session: Session, scope: Scope, instrument: Instrument, wanted: TaskFilter, *, today: date
) -> Sequence[Column]:
    """The columns of the board; for agency roles without the planned ones, which they do not see."""
    rows = queries.list_cards(session, scope, wanted, today=today, most=CARDS)
    by_state: dict[State, list[Card]] = {state: [] for state in _columns(scope)}
    for row in rows:
        if row.state in by_state:
            by_state[row.state].append(Card(row, _moves(scope, instrument, row)))
    return [Column(state, _total(cards), cards) for state, cards in by_state.items()]


def _columns(scope: Scope) -> tuple[State, ...]:
    return COLUMNS if scope.sees_all_agencies else COLUMNS[1:]


def _total(cards: Sequence[Card]) -> int:
    return int(cards[0].row.state_total) if cards else 0


def _moves(scope: Scope, instrument: Instrument, row: Row[Any]) -> tuple[Move, ...]:
    # A row has the columns that the facts of a task are made of. Who submitted matters only to accepting, and a later
    # round only to reopening: both need a form, which says it.
    facts = tasks.facts_from(row, instrument, frozenset(), None)  # type: ignore[arg-type]
    found = []
    for legal in legal_actions(facts, tasks.actor_of(scope)):
        target = _TARGETS.get((row.state, legal.action))
        if target is not None and legal.is_available:
            found.append(Move(legal.action, target, bool(legal.required_fields)))
    return tuple(found)


_TARGETS: Mapping[tuple[State, Action], State] = {
    (state, row.action): row.target
    for row in TRANSITIONS
    for state in row.sources
    if row.target in COLUMNS and row.target is not state
}
