"""The rungs of reminder ladders, and the day each is sent. Dates are the government's own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from itertools import count, takewhile

from spbe_tasks.rules.calendar import WorkCalendar


class LadderName(StrEnum):
    """What is counted: towards a due date, up the positions, since a submission, towards the end of evidence."""

    DUE = "due"
    ESCALATION = "escalation"
    REVIEW = "review"
    EXPIRY = "expiry"


class Level(IntEnum):
    """How far up a late task has been brought."""

    AGENCY_HEAD = 1
    COORDINATOR = 2
    EXECUTIVE = 3


_KEYS = re.compile(
    r"due(?P<before>-\d+)?|overdue\+(?P<after>\d+)|expiry(?P<left>-\d+)?|review\+(?P<waits>\d+)"
    r"|escalation:(?P<level>\w+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Rung:
    """One step of one ladder. A higher rung of the same ladder is a later one.

    ``step``: calendar days after the due date or the last day of evidence, negative before it; working days since a
    submission; or the ``Level`` of an escalation, which the ledger keeps by name so that a new policy tells nobody
    twice.
    """

    step: int
    ladder: LadderName = LadderName.DUE

    @property
    def key(self) -> str:
        """The name the ledger keeps for ever: ``published``, ``due-3``, ``due``, ``overdue+3``, ``review+5`` ..."""
        if self == PUBLISHED:
            return _PUBLISHED_KEY
        match self.ladder:
            case LadderName.ESCALATION:
                return f"escalation:{Level(self.step).name.lower()}"
            case LadderName.REVIEW:
                return f"review+{self.step}"
            case LadderName.EXPIRY:
                return f"expiry{self.step or ''}"
        if self.step == 0:
            return "due"
        return f"due{self.step}" if self.step < 0 else f"overdue+{self.step}"

    @classmethod
    def of_key(cls, key: str) -> "Rung | None":
        """The rung that ``key`` names; None when no ladder has such a one."""
        if key == _PUBLISHED_KEY:
            return PUBLISHED
        match = _KEYS.fullmatch(key)
        if match is None:
            return None
        if match["level"]:
            levels = {level.name.lower(): level for level in Level}
            level = levels.get(match["level"])
            return cls(level, LadderName.ESCALATION) if level else None
        if match["waits"]:
            return cls(int(match["waits"]), LadderName.REVIEW)
        if key.startswith("expiry"):
            return cls(int(match["left"] or 0), LadderName.EXPIRY)
        return cls(int(match["before"] or match["after"] or 0))


# A task was handed to its agency: told however far its date is, so below every rung of the due date.
PUBLISHED = Rung(-1_000_000)
_PUBLISHED_KEY = "published"


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs around a date, as data: offsets in days, rising, then one every so many days (None: no more)."""

    offsets: tuple[int, ...]
    then_every_days: int | None = None
    name: LadderName = LadderName.DUE

    def rungs(self) -> Iterator[Rung]:
        """All rungs, lowest first; without end where ``then_every_days`` says so."""
        for offset in self.offsets:
            yield Rung(offset, self.name)
        if self.then_every_days is not None:
            for offset in count(self.offsets[-1] + self.then_every_days, self.then_every_days):
                yield Rung(offset, self.name)


def send_day(rung: Rung, due_on: date, calendar: WorkCalendar) -> date:
    """The working day on whose morning ``rung``, of a ladder around a date, is sent.

    The day it is reached, else the next working day. Where that would carry a rung at or before the due date
    past it, the working day before instead: better told early than late. Never falls as the rung rises.
    """
    reached_on = due_on + timedelta(days=rung.step)
    following = calendar.next_working_day(reached_on)
    if reached_on <= due_on < following:
        return calendar.previous_working_day(reached_on)
    return following


def current_rung(due_on: date, today: date, calendar: WorkCalendar, *, ladder: Ladder) -> Rung | None:
    """The highest rung whose send day has come by ``today``; None before the first.

    Rungs are windows, not exact days: whoever looks late, or whose task is born late, sees only the highest.
    """
    reached = takewhile(lambda rung: send_day(rung, due_on, calendar) <= today, ladder.rungs())
    return max(reached, default=None)


def review_rung(
    submitted_on: date, today: date, calendar: WorkCalendar, steps: tuple[int, ...]
) -> Rung | None:
    """The highest of ``steps``, working days since a submission, that ``today`` has reached; None before the first."""
    waited = calendar.working_days_between(submitted_on, today)
    reached = max((step for step in steps if step <= waited), default=None)
    return None if reached is None else Rung(reached, LadderName.REVIEW)


def horizon(today: date, calendar: WorkCalendar, *, ladder: Ladder) -> date:
    """The latest date that can stand on a rung of ``ladder`` ``today``: nothing that is due later need be looked at.

    The first rung's days ahead, or to the end of a closure that starts tomorrow and lasts longer: what is reached
    and due within it is sent before it. The ladder has at least one rung.
    """
    end_of_closure = calendar.next_working_day(today + timedelta(days=1)) - timedelta(days=1)
    return max(today - timedelta(days=ladder.offsets[0]), end_of_closure)
