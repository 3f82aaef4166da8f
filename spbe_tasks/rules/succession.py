"""Succession of agencies: what becomes of tasks and of the ownership matrix when agencies merge or divide.

The task of one (plan, indicator, agency) is a chain of rounds; its latest round that is not withdrawn says where it
stands. A chain goes to the successor as a whole, with its history. Where several chains meet in one agency, the
furthest goes on and the others are withdrawn with a link to it: the further state first (accepted, submitted,
returned, in progress, blocked, assigned, planned, given up, not needed), then the later round, then the higher level
reached, then the successor's own, then the older task.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spbe_tasks.rules.ownership import Part, part_of_one, tidy
from spbe_tasks.rules.rounds import TaskFact
from spbe_tasks.rules.workflow import CancelKind, State


class SuccessionKind(StrEnum):
    """How an agency's work passed on."""

    MERGE = "merge"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A row that goes to ``agency_id`` (or stays there) as this round, with this share of the indicator."""

    task_id: int
    agency_id: int
    round: int
    share: Fraction


@dataclass(frozen=True, slots=True)
class MergedAway:
    """A row that is withdrawn, because the task ``into_id`` goes on in its place."""

    task_id: int
    into_id: int


@dataclass(frozen=True, slots=True)
class Passing:
    """What succession does to the tasks of one plan, by indicator and round."""

    transfers: tuple[Transfer, ...]
    merged: tuple[MergedAway, ...]


# Who takes over, by (indicator number, agency id); an agency that is not in it keeps what it has.
Takers = Mapping[tuple[int, int], int]

_BY_STATE = (
    State.PLANNED,
    State.ASSIGNED,
    State.BLOCKED,
    State.IN_PROGRESS,
    State.RETURNED,
    State.SUBMITTED,
    State.ACCEPTED,
)


def pass_on(tasks: Iterable[TaskFact], takers: Takers) -> Passing:
    """The changes that bring the tasks of one plan to their new agencies, the same for any order of input.

    ``tasks`` are all rows of the plan. A chain without a standing
    round stays where it is, as history. A chain that comes to an agency with rows of its own is numbered after them,
    so that (plan, indicator, agency, round) stays unique. The shares of chains that meet are added.
    """
    chains: dict[tuple[int, int], list[TaskFact]] = defaultdict(list)
    for row in sorted(tasks, key=lambda row: (row.indicator_number, row.agency_id, row.round)):
        chains[row.indicator_number, row.agency_id].append(row)
    meetings: dict[tuple[int, int], list[Sequence[TaskFact]]] = defaultdict(list)
    for (number, agency_id), chain in chains.items():
        meetings[number, takers.get((number, agency_id), agency_id)].append(chain)
    transfers: list[Transfer] = []
    merged: list[MergedAway] = []
    for (_number, agency_id), meeting in sorted(meetings.items()):
        coming = [chain for chain in meeting if chain[0].agency_id != agency_id and _standing(chain)]
        if coming:
            own = next((chain for chain in meeting if chain[0].agency_id == agency_id), ())
            kept, others = _furthest(agency_id, [*coming, *([own] if _standing(own) else [])])
            transfers += _transfers(agency_id, kept, others, own)
            merged += _merged(kept, others)
    return Passing(tuple(transfers), tuple(merged))


def after_passing(tasks: Iterable[TaskFact], passing: Passing) -> tuple[TaskFact, ...]:
    """The same tasks as they are once ``passing`` is carried out."""
    moves = {move.task_id: move for move in passing.transfers}
    away = {each.task_id for each in passing.merged}
    return tuple(_after(task, moves.get(task.task_id), is_away=task.task_id in away) for task in tasks)


def pass_parts(parts: Mapping[int, Part], takers: Mapping[int, int]) -> dict[int, Part]:
    """The owners of one indicator after succession, by agency id; ``takers`` is keyed by the agency that goes.

    Whoever takes over several parts has their sum, and leads if one of them led. Nobody else's part changes.
    """
    after: dict[int, Part] = {}
    for agency_id, part in parts.items():
        share = part_of_one(part.share, len(parts))
        taker = takers.get(agency_id, agency_id)
        had = after.get(taker, Part(is_lead=False, share=Fraction(0)))
        after[taker] = Part(is_lead=had.is_lead or part.is_lead, share=(had.share or Fraction(0)) + share)
    return tidy(after)


def _after(task: TaskFact, move: Transfer | None, *, is_away: bool) -> TaskFact:
    if is_away:
        return replace(task, state=State.WITHDRAWN, reached=None, cancel_kind=None)
    if move is None:
        return task
    return replace(task, agency_id=move.agency_id, round=move.round, share=move.share)


def _standing(chain: Sequence[TaskFact]) -> list[TaskFact]:
    return [row for row in chain if row.state is not State.WITHDRAWN]


def _furthest(
    agency_id: int, chains: Sequence[Sequence[TaskFact]]
) -> tuple[Sequence[TaskFact], list[Sequence[TaskFact]]]:
    kept = max(chains, key=lambda chain: _progress(_standing(chain)[-1], agency_id))
    return kept, [chain for chain in chains if chain is not kept]


def _progress(row: TaskFact, agency_id: int) -> tuple[int, int, Decimal, bool, int]:
    if row.state is State.CANCELLED:
        rank = -1 if row.cancel_kind is CancelKind.GIVEN_UP else -2
    else:
        rank = _BY_STATE.index(row.state)
    return rank, row.round, row.reached or Decimal(0), row.agency_id == agency_id, -row.task_id


def _transfers(
    agency_id: int, kept: Sequence[TaskFact], others: Sequence[Sequence[TaskFact]], own: Sequence[TaskFact]
) -> Iterator[Transfer]:
    current = _standing(kept)[-1]
    share = sum((_standing(chain)[-1].share for chain in others), current.share)
    first = 0 if kept is own else max((row.round for row in own), default=0)
    for row in kept:
        is_current = row is current
        if kept is not own or (is_current and share != row.share):
            yield Transfer(row.task_id, agency_id, first + row.round, share if is_current else row.share)


def _merged(kept: Sequence[TaskFact], others: Sequence[Sequence[TaskFact]]) -> Iterator[MergedAway]:
    into = _standing(kept)[-1].task_id
    for chain in others:
        for row in _standing(chain):
            yield MergedAway(row.task_id, into)
