"""Futures of a plan: on which day each open task ends in each of them, and what that does to the index.

What is drawn here is explained in the head of ``forecast``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm
from operator import add
from random import Random

from spbe_tasks.rules.lead_times import Cell, Curve, LeadTime, Span, cells_of, survival

# Our own figures. Fewer finished pieces of work say too little about the next ones.
ENOUGH = 5
WORLDS = 200
FUTURES = 1_000
# What lies further ahead, in days, is not told apart: three years.
LIMIT = 1_095


@dataclass(frozen=True, slots=True)
class OpenWork:
    """A counting task that is not closed: finished, it is worth ``target`` instead of ``value``, in levels.

    ``age`` is in days since the work was handed over, 0 where it is still planned.
    """

    task_id: int
    indicator_number: int
    agency_id: int
    age: int
    value: Fraction
    target: Fraction


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: when is the index ``target`` reached, what stands ``horizon`` days from today (0: today)?

    ``kept`` is the share (0 to 1) of a predicted gain that the evaluator recognises. Each may be unknown.
    """

    target: Fraction | None = None
    horizon: int | None = None
    kept: Fraction | None = None


@dataclass(frozen=True, slots=True)
class IndexSpan:
    """The low (one in ten), middle and high (nine in ten) index of the futures."""

    low: Fraction
    middle: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the futures say about the index. ``ceiling`` is the index with all of the work finished.

    ``reached`` is in days from today, 0 where the target stands already, None beyond ``LIMIT`` or never; the whole is
    None without a target. ``by_horizon`` is the share of futures (0 to 1) with the target reached by the horizon,
    ``index`` what stands on it.
    """

    ceiling: Fraction
    reached: Span | None
    by_horizon: Fraction | None
    index: IndexSpan | None


class History:
    """The curves: of each agency that has enough of its own, and of all together."""

    def __init__(self, history: Iterable[LeadTime], seed: int) -> None:
        by_agency: dict[int, list[LeadTime]] = {}
        for each in history:
            by_agency.setdefault(each.agency_id, []).append(each)
        self.finished = Counter(
            {key: sum(row.is_finished for row in rows) for key, rows in by_agency.items()}
        )
        self.agencies = frozenset(by_agency)
        self._seed = seed
        self._cells = {None: cells_of(row for rows in by_agency.values() for row in rows)} | {
            key: cells_of(rows) for key, rows in by_agency.items() if self.has_own(key)
        }
        self._worlds: dict[int | None, list[Curve]] = {}

    def has_own(self, agency_id: int) -> bool:
        """Whether the agency goes by its own history."""
        return self.finished[agency_id] >= ENOUGH

    def days(self, agency_id: int) -> Span:
        """How long its work takes, in days, as far as that was seen."""
        curve = survival(self._cells[self._key(agency_id)])
        return Span(curve.within(0.1), curve.within(0.5), curve.within(0.9))

    def draw(self, task: OpenWork) -> list[int]:
        """In how many days the task ends, in each future; the same whatever other work there is."""
        chance = Random(f"{self._seed}/task/{task.task_id}")  # noqa: S311 - futures, not secrets
        count = FUTURES // WORLDS
        found: list[int] = []
        for curve in self._curves(self._key(task.agency_id)):
            found += curve.remaining(task.age, [chance.random() for _ in range(count)])
        return found

    def _key(self, agency_id: int) -> int | None:
        return agency_id if self.has_own(agency_id) else None

    def _curves(self, key: int | None) -> list[Curve]:
        if key not in self._worlds:
            self._worlds[key] = list(_weighed_anew(self._cells[key], f"{self._seed}/curve/{key}"))
        return self._worlds[key]


def _weighed_anew(cells: Sequence[Cell], seed: str) -> Iterator[Curve]:
    chance = Random(seed)  # noqa: S311 - futures, not secrets
    # So many equal lead times, each weighed by an exponential: their sum is a gamma.
    return (
        survival(cells, lambda count: chance.gammavariate(count, 1.0), outlasting=1) for _ in range(WORLDS)
    )


class Places:
    """Days and agencies in one number, ordered by day: the greatest says when the last work ends, and whose it is.

    On the same day another agency is the last in each future, so that none is by its place in the list.
    """

    def __init__(self, agency_ids: Iterable[int]) -> None:
        self._agencies = sorted(agency_ids)
        self._count = max(len(self._agencies), 1)
        self._places = {agency_id: place for place, agency_id in enumerate(self._agencies)}

    def code(self, agency_id: int, days: Iterable[int]) -> list[int]:
        """One number for the day of each future."""
        place, count = self._places[agency_id], self._count
        return [day * count + (place + future) % count for future, day in enumerate(days)]

    def day(self, code: int) -> int:
        """The day in it."""
        return code // self._count

    def agency(self, code: int, future: int) -> int:
        """The agency in it."""
        return self._agencies[(code - future) % self._count]


NOTHING = [0] * FUTURES


class Ends:
    """When the open tasks end, future by future: the last of all, and how many after the horizon."""

    def __init__(self, places: Places, horizon: int | None) -> None:
        self._places, self._horizon = places, horizon
        self._last = NOTHING
        self._late = NOTHING
        self.late_by_agency: Counter[int] = Counter()

    def take(self, task: OpenWork, days: list[int]) -> list[int]:
        """Note when a task ends in each future; the same as codes."""
        if self._horizon is not None:
            is_late = [day > self._horizon for day in days]
            self._late = list(map(add, self._late, is_late))
            self.late_by_agency[task.agency_id] += sum(is_late)
        codes = self._places.code(task.agency_id, days)
        self._last = list(map(max, self._last, codes))
        return codes

    def closing(self) -> Span:
        """When all is finished."""
        return _span([self._places.day(code) for code in self._last])

    def late(self) -> Span | None:
        """How many tasks end after the horizon; None without one."""
        return None if self._horizon is None else Span(*_parts(sorted(self._late)))

    def holders(self, reached: Sequence[int | None]) -> Counter[int]:
        """In how many futures each agency's work is the last one waited for."""
        if not any(self._last):
            return Counter()
        waited_for = (last if code is None else code for code, last in zip(reached, self._last, strict=True))
        return Counter(self._places.agency(code, future) for future, code in enumerate(waited_for) if code)


class Climb:
    """How the index climbs in each future: ``steps`` are points of the index and when they are gained.

    Points are counted in a unit they all are whole multiples of, so that nothing is rounded.
    """

    def __init__(
        self, steps: Sequence[tuple[Fraction, list[int]]], secured: Fraction, places: Places
    ) -> None:
        self._unit = lcm(*(gain.denominator for gain, _ in steps))
        self._gains = [int(gain * self._unit) for gain, _ in steps]
        self._secured, self._places = secured, places
        futures = zip(*(codes for _, codes in steps), strict=True) if steps else [()] * FUTURES
        self._futures = [sorted(zip(codes, self._gains, strict=True)) for codes in futures]

    def arrivals(self, target: Fraction | None, kept: Fraction = Fraction(1)) -> list[int | None]:
        """When the target is reached, in each future; 0 where it stands, None where this work does not reach it."""
        needed = self._needed(target, kept)
        if needed is None:
            return [None] * FUTURES
        return [_arrival(steps, needed) for steps in self._futures]

    def outcome(self, asked: Question, kept: Fraction = Fraction(1)) -> Outcome:
        """The answer, if ``kept`` of every gain is recognised."""
        ceiling = self._index(sum(self._gains), kept)
        reached = by_horizon = index = None
        if asked.target is not None:
            codes = self.arrivals(asked.target, kept)
            days = [None if code is None else self._places.day(code) for code in codes]
            reached = _span(days)
            if asked.horizon is not None:
                soon = sum(day is not None and day <= asked.horizon for day in days)
                by_horizon = Fraction(soon, FUTURES)
        if asked.horizon is not None:
            gained = sorted(self._gained(steps, asked.horizon) for steps in self._futures)
            index = IndexSpan(*(self._index(each, kept) for each in _parts(gained)))
        return Outcome(ceiling, reached, by_horizon, index)

    def _needed(self, target: Fraction | None, kept: Fraction) -> int | None:
        if target is None:
            return None
        missing = target - self._secured
        if missing <= 0:
            return 0
        return ceil(missing / kept * self._unit) if kept else None

    def _gained(self, steps: Sequence[tuple[int, int]], horizon: int) -> int:
        return sum(gain for code, gain in steps if self._places.day(code) <= horizon)

    def _index(self, gained: int, kept: Fraction) -> Fraction:
        return self._secured + kept * Fraction(gained, self._unit)


def _arrival(steps: Sequence[tuple[int, int]], needed: int) -> int | None:
    if needed == 0:
        return 0
    gained = 0
    for code, gain in steps:
        gained += gain
        if gained >= needed:
            return code
    return None


def _span(days: Iterable[int | None]) -> Span:
    """The interval of days; what is beyond ``LIMIT`` is None."""
    known = sorted(LIMIT + 1 if day is None else day for day in days)
    return Span(*(None if day > LIMIT else day for day in _parts(known)))


def _parts(ordered: Sequence[int]) -> tuple[int, int, int]:
    """What one in ten, half and nine in ten lie at or below."""
    tenth = len(ordered) // 10
    return ordered[tenth], ordered[len(ordered) // 2], ordered[9 * tenth]
