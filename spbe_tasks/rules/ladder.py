"""The rungs of a reminder ladder, and the day each is sent. Calendar days; dates are the government's own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, takewhile

from spbe_tasks.rules.calendar import WorkCalendar

_KEY = re.compile(r"due(?P<before>-\d+)?|overdue\+(?P<after>\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Rung:
    """One step: ``days`` after the due date, negative before it. A higher rung is a later one."""

    days: int

    @property
    def key(self) -> str:
        """The name the ledger keeps for ever: ``published``, ``due-3``, ``due`` or ``overdue+3``."""
        if self == PUBLISHED:
            return _PUBLISHED_KEY
        if self.days == 0:
            return "due"
        return f"due{self.days}" if self.days < 0 else f"overdue+{self.days}"

    @classmethod
    def of_key(cls, key: str) -> "Rung | None":
        """The rung that ``key`` names; None when the key is not of this kind of ladder."""
        if key == _PUBLISHED_KEY:
            return PUBLISHED
        match = _KEY.fullmatch(key)
        return cls(int(match["before"] or match["after"] or 0)) if match else None


# A task was handed to its agency: told however far its date is, so below every rung of the due date.
PUBLISHED = Rung(-1_000_000)
_PUBLISHED_KEY = "published"


@dataclass(frozen=True, slots=True)
class Ladder:
    """A series of rungs as data: offsets in days from the due date, rising, then one every so many days."""

    offsets: tuple[int, ...]
    then_every_days: int

    def rungs(self) -> Iterator[Rung]:
        """All rungs, lowest first, without end."""
        yield from map(Rung, self.offsets)
        yield from map(Rung, count(self.offsets[-1] + self.then_every_days, self.then_every_days))


# 14/7/3/1 days before, the day, 1/3/7 after, weekly to the twelfth week, then monthly (every 30 days).
DUE_DATE_LADDER = Ladder(offsets=(-14, -7, -3, -1, 0, 1, 3, *range(7, 12 * 7 + 1, 7)), then_every_days=30)


def send_day(rung: Rung, due_on: date, calendar: WorkCalendar) -> date:
    """The working day on whose morning ``rung`` is sent.

    The day it is reached, else the next working day. Where that would carry a rung at or before the due date
    past it, the working day before instead: better told early than late. Never falls as the rung rises.
    """
    reached_on = due_on + timedelta(days=rung.days)
    following = calendar.next_working_day(reached_on)
    if reached_on <= due_on < following:
        return calendar.previous_working_day(reached_on)
    return following


def current_rung(
    due_on: date, today: date, calendar: WorkCalendar, *, ladder: Ladder = DUE_DATE_LADDER
) -> Rung | None:
    """The highest rung whose send day has come by ``today``; None before the first.

    Rungs are windows, not exact days: whoever looks late, or whose task is born late, sees only the highest.
    """
    reached = takewhile(lambda rung: send_day(rung, due_on, calendar) <= today, ladder.rungs())
    return max(reached, default=None)


def horizon(today: date, calendar: WorkCalendar, *, ladder: Ladder = DUE_DATE_LADDER) -> date:
    """The latest due date that can stand on a rung ``today``: no task due after it need be looked at.

    The first rung's days ahead, or to the end of a closure that starts tomorrow and lasts longer: what is reached
    and due within it is sent before it.
    """
    end_of_closure = calendar.next_working_day(today + timedelta(days=1)) - timedelta(days=1)
    return max(today - timedelta(days=ladder.offsets[0]), end_of_closure)
