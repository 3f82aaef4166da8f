"""How long work takes, estimated from what was finished and from what is still open; and how sure that is.

A lead time is in whole calendar days from handing work over to its acceptance at its target. The share of work still
open after so many days is estimated as Kaplan and Meier do (1958), so that open work counts for what it shows: that it
takes longer than its age. Beyond the longest time seen, work goes on to end at the rate at which all of it ended so
far. A curve can be weighed anew by chance (the Bayesian bootstrap: Rubin 1981, Lo 1993): how far such curves lie apart
is how little a short history says.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil, log

# No draw is longer, whatever the rate: a century.
LONGEST = 36_500
# Shares are products of floats; so close to a part they are that part.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How long one piece of work of an agency took, in days; not ``is_finished``: it was still open at that age."""

    agency_id: int
    days: int
    is_finished: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """The early (one in ten), middle and late (nine in ten) number of days; None: longer than is said."""

    early: int | None
    middle: int | None
    late: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """How many lead times of so many days were finished, and how many were open when last seen."""

    days: int
    finished: int
    still_open: int


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of work still open: ``shares`` are those at the end of ``days``, in between it falls evenly.

    ``rate`` is the share of open work that ends per day beyond the last of ``days``.
    """

    days: tuple[int, ...]
    shares: tuple[float, ...]
    rate: float

    def open_after(self, age: int) -> float:
        """The share (0 to 1) still open once ``age`` days are over; beyond all that was seen, that at the end of it."""
        place = bisect_right(self.days, age)
        if place == len(self.days):
            return self.shares[-1]
        day, share = self._before(place)
        return share - (share - self.shares[place]) * (age - day) / (self.days[place] - day)

    def within(self, part: float) -> int | None:
        """The first day by which ``part`` (0 to 1) of all work has ended; None: beyond all that was seen."""
        seen = zip(self.days, self.shares, strict=True)
        return next((day for day, share in seen if share <= 1 - part + _SAME), None)

    def remaining(self, age: int, chances: Iterable[float]) -> list[int]:
        """How many more days work of this age takes, at least 1, for each of ``chances`` (0 to below 1: ill luck)."""
        start, last = self.open_after(age), self.shares[-1]
        falling, days, shares = [-share for share in self.shares], self.days, self.shares
        found = []
        for chance in chances:
            share = start * (1.0 - chance)
            place = bisect_right(falling, -share)
            if place < len(days):
                day, before = self._before(place)
                on = day + (days[place] - day) * (before - share) / (before - shares[place])
                found.append(max(ceil(on - age), 1))
            else:
                beyond = self._beyond(share / last if last else 1.0 - chance)
                found.append(min(max(days[-1] - age, 0) + beyond, LONGEST))
        return found

    def _before(self, place: int) -> tuple[int, float]:
        return (self.days[place - 1], self.shares[place - 1]) if place else (min(0, self.days[0] - 1), 1.0)

    def _beyond(self, share: float) -> int:
        return max(min(ceil(-log(share) / self.rate), LONGEST), 1)


def cells_of(history: Iterable[LeadTime]) -> tuple[Cell, ...]:
    """The same lead times together, by days."""
    counts = Counter((each.days, each.is_finished) for each in history)
    days = sorted({day for day, _ in counts})
    return tuple(Cell(day, counts[day, True], counts[day, False]) for day in days)


def survival(cells: Iterable[Cell], weigh: Callable[[int], float] = float, *, outlasting: int = 0) -> Curve:
    """Kaplan and Meier's curve of ``cells``, which are by days and hold something finished.

    ``weigh`` gives so many equal lead times a weight, above zero; as they are unless the history is weighed anew.
    ``outlasting`` more pieces of work are taken to outlast all that were seen (Hill 1968); of several that ended on the
    same day then only the first may have come earlier, so that a day on which much ended stays one.
    """
    at_risk = weigh(outlasting) if outlasting else 0.0
    weights, falls = [], []
    for cell in reversed(tuple(cells)):
        done = weigh(cell.finished) if cell.finished else 0.0
        weight = done + (weigh(cell.still_open) if cell.still_open else 0.0)
        at_risk += weight
        weights.append((cell.days, done, weight))
        if cell.finished:
            falls.append((cell.days, done / at_risk, cell.finished if outlasting else 1))
    days: list[int] = []
    shares: list[float] = []
    share = 1.0
    for day, fall, together in reversed(falls):
        if together > 1 and day - 1 > (days[-1] if days else 0):
            days.append(day - 1)
            shares.append(share * (1.0 - fall / together))
        share *= 1.0 - fall
        days.append(day)
        shares.append(share)
    half = next((day for day, share in zip(days, shares, strict=True) if share <= 0.5), 0)
    return Curve(tuple(days), tuple(shares), _rate(weights, half) or _rate(weights, -1))


def _rate(weights: Iterable[tuple[int, float, float]], after: int) -> float:
    """Which share of open work ends per day after a day; 0 where none did. The day it ends counts as a whole one."""
    later = [(days - after, done, weight) for days, done, weight in weights if days > after]
    exposure = sum(days * weight for days, _, weight in later)
    return sum(done for _, done, _ in later) / exposure if later else 0.0
