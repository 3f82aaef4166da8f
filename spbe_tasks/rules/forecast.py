"""By when the target will be reached, from how long each agency's work took so far: a stated method with an interval.

An agency has a curve of lead times of its own once ``ENOUGH`` of its work is finished; until then it has that of the
whole government. ``FUTURES`` futures are drawn. In each, every open task ends on a day that the curve gives for its
age, at its target; curves are weighed anew ``WORLDS`` times, so that a short history gives a wide answer. What stands
on a day of a future is the secured index of that day, exactly, the lowest agency of an indicator counting. The answer
is the middle of the futures, with the interval that holds eight of ten.

Upkeep ends like other work and raises nothing. Work that nobody has planned yet is not in it. Prerequisites void
planned raises only; what a future counts is accepted there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from spbe_tasks.rules.futures import (
    ENOUGH,
    FUTURES,
    LIMIT,
    NOTHING,
    WORLDS,
    Climb,
    Ends,
    History,
    IndexSpan,
    OpenWork,
    Outcome,
    Places,
    Question,
)
from spbe_tasks.rules.index import WEIGHT_TOTAL
from spbe_tasks.rules.lead_times import LeadTime, Span

__all__ = [
    "ENOUGH",
    "FUTURES",
    "LIMIT",
    "WORLDS",
    "Forecast",
    "IndexSpan",
    "LeadTime",
    "OpenWork",
    "Outcome",
    "Pace",
    "Question",
    "Span",
    "Standing",
    "forecast",
]

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the index stands: ``secured`` exactly, ``weights`` in points of 100 and, by indicator, the values of closed
    counting work, one for each agency."""

    secured: Fraction
    weights: Mapping[int, Fraction]
    settled: Mapping[int, Sequence[Fraction]]


@dataclass(frozen=True, slots=True)
class Pace:
    """An agency's lead times in days (its own, or those of all while too few are finished), and its open work.

    ``oldest`` is the age in days of the open task ``oldest_id``. ``late`` is how many open tasks are to be expected to
    end after the horizon. ``holds`` is the share of futures (0 to 1) in which its work ends last before the target is
    reached; where no target is ahead, before all is finished.
    """

    agency_id: int
    days: Span
    is_own: bool
    finished: int
    open: int
    oldest: int | None
    oldest_id: int | None
    late: Fraction | None
    holds: Fraction


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the futures say: with gains as accepted and, where a discount is known, with gains as recognised.

    ``closing`` is when all open work is finished, ``late`` how much of it ends after the horizon (a number of tasks).
    ``agencies`` are those with work or a history: who holds the target back most often first.
    """

    accepted: Outcome
    recognised: Outcome | None
    closing: Span
    late: Span | None
    agencies: tuple[Pace, ...]


def forecast(
    history: Iterable[LeadTime], work: Iterable[OpenWork], standing: Standing, asked: Question, *, seed: int
) -> Forecast | None:
    """What is to be expected; the same for any order of ``history`` and ``work``, and the same ``seed``.

    ``history`` are the lead times of the whole government, the open ones among them. None where work is open and too
    little is finished to say anything about it.
    """
    seen = History(history, seed)
    tasks = sorted(work, key=lambda each: (each.indicator_number, each.task_id))
    if tasks and sum(seen.finished.values()) < ENOUGH:
        return None
    places = Places({task.agency_id for task in tasks})
    ends = Ends(places, asked.horizon)
    steps: list[tuple[Fraction, list[int]]] = []
    for number, them in groupby(tasks, key=lambda each: each.indicator_number):
        of_indicator = list(them)
        drawn = {task.task_id: ends.take(task, seen.draw(task)) for task in of_indicator}
        for levels, needed in _raises(of_indicator, standing.settled.get(number, ())):
            last = list(map(max, *(drawn[task_id] for task_id in needed), NOTHING))
            steps.append((levels * standing.weights[number] / WEIGHT_TOTAL, last))
    climb = Climb(steps, standing.secured, places)
    reached = climb.arrivals(asked.target)
    return Forecast(
        accepted=climb.outcome(asked),
        recognised=None if asked.kept is None else climb.outcome(asked, asked.kept),
        closing=ends.closing(),
        late=ends.late(),
        agencies=_paces(seen, tasks, ends, ends.holders(reached)),
    )


def _raises(
    tasks: Sequence[OpenWork], settled: Sequence[Fraction]
) -> Iterator[tuple[Fraction, tuple[int, ...]]]:
    """What finishing these tasks of one indicator raises: levels, and which tasks have to be finished for them."""
    ends = {task.task_id: max(task.value, task.target) for task in tasks}
    level = min([*settled, *(task.value for task in tasks)])
    highest = min([*settled, *ends.values()])
    for reached in sorted({highest, *settled, *ends.values(), *(task.value for task in tasks)}):
        if level < reached <= highest:
            yield reached - level, tuple(task.task_id for task in tasks if task.value < reached)
            level = reached


def _paces(
    seen: History, tasks: Sequence[OpenWork], ends: Ends, holders: Mapping[int, int]
) -> tuple[Pace, ...]:
    by_agency: dict[int, list[OpenWork]] = {agency_id: [] for agency_id in seen.agencies}
    for task in tasks:
        by_agency.setdefault(task.agency_id, []).append(task)
    is_known = any(seen.finished.values())
    rows = []
    for agency_id, own in by_agency.items():
        oldest = max(own, key=lambda each: (each.age, -each.task_id), default=None)
        late = Fraction(ends.late_by_agency[agency_id], FUTURES)
        rows.append(
            Pace(
                agency_id=agency_id,
                days=seen.days(agency_id) if is_known else Span(None, None, None),
                is_own=seen.has_own(agency_id),
                finished=seen.finished[agency_id],
                open=len(own),
                oldest=oldest.age if oldest else None,
                oldest_id=oldest.task_id if oldest else None,
                late=None if ends.late() is None else late,
                holds=Fraction(holders.get(agency_id, 0), FUTURES),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.holds, -(row.late or _ZERO), -row.open, row.agency_id)))
