"""Five weeks of thirty-five agencies around Lebaran 2026, as a script, and what mail they are to cause.

``python -m tests.golden_month > tests/data/golden_month.csv`` writes the table anew, from ``tests.reminder_oracle`` and
the rules in this file alone; nothing of the product is asked. Read what changed before you keep it.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TextIO

from tests import reminder_oracle as oracle

FIRST, LAST = date(2026, 3, 2), date(2026, 4, 6)
# Joint decree of three ministers for 2026: Imlek, Nyepi and Idulfitri with their joint leave, Good Friday.
OFF = (
    {date(2026, 2, 16), date(2026, 2, 17)}
    | {date(2026, 3, day) for day in (18, 19, 20, 21, 22, 23, 24)}
    | {date(2026, 4, 3)}
)
# No worker ran on these days, a Monday with its briefs among them.
OUTAGE = {date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9)}
AGENCIES = range(1, 36)
WITHOUT_FOCAL_POINT, WITHOUT_HEAD = {11, 29}, {12, 30}
WEEKLY, NEVER, BOUNCED = {"pic13", "pic31"}, {"pic14"}, {"pic15"}
# pic10 does the work of pic09 in the second week.
ABSENT, ACTING, AWAY = "pic09", "pic10", (date(2026, 3, 9), date(2026, 3, 13))
LONG_AGO = date(2026, 1, 5)
# Evidence that an open task uses: agency -> last day.
EVIDENCE = {17: date(2026, 4, 1), 33: date(2026, 5, 10)}
Row = tuple[str, str, str, str]


@dataclass
class ScriptedTask:
    """A task as it stands on the day; ``state`` is "agency", "review" or "closed"."""

    name: str
    agency: int
    due_on: date
    version: int = 1
    state: str = "agency"
    changed_on: date = LONG_AGO
    assignee: str | None = None
    submissions: int = 0


def tasks() -> list[ScriptedTask]:
    """Two tasks of every agency: one due within the weeks, one long late or later on."""
    near = [ScriptedTask(f"T{n:02}a", n, FIRST + timedelta(days=n)) for n in AGENCIES]
    far = [ScriptedTask(f"T{n:02}b", n, FIRST + timedelta(days=n * 7 % 61 - 25)) for n in AGENCIES]
    return near + far


# What people do on the morning of a day, before the first run: (task, what, value).
SCRIPT: dict[date, tuple[tuple[str, str, object], ...]] = {
    date(2026, 3, 3): (("T05a", "state", "review"), ("T18a", "state", "review")),
    date(2026, 3, 10): (("T07a", "state", "closed"), ("T18a", "state", "agency")),
    # An extension after the due date; two tasks that are blocked.
    date(2026, 3, 11): (("T06a", "due_on", date(2026, 4, 1)), ("T02b", "state", "agency")),
    date(2026, 3, 12): (("T18a", "state", "review"), ("T04a", "state", "agency")),
    date(2026, 3, 16): (("T05a", "state", "agency"), ("T16a", "assignee", "pic16x")),
    date(2026, 3, 25): (("T21a", "due_on", date(2026, 3, 30)), ("T35b", "state", "closed")),
    date(2026, 3, 30): (("T22a", "state", "review"), ("T16a", "assignee", None)),
}


def happen(day: date, found: dict[str, ScriptedTask]) -> list[ScriptedTask]:
    """Let the script of ``day`` happen; the tasks that it changed."""
    changed = []
    for name, what, value in SCRIPT.get(day, ()):
        task = found[name]
        setattr(task, what, value)
        if what == "state":
            task.changed_on, task.submissions = day, task.submissions + (value == "review")
        task.version += what == "due_on"
        changed.append(task)
    return changed


def is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in OFF


def days() -> Iterator[date]:
    """Every day of the script."""
    return (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))


@dataclass
class Oracle:
    """The mail that the contract asks for, day by day; ``told`` is what each person knows."""

    day: date = FIRST
    told: set[tuple[str, ...]] = field(default_factory=set)
    briefed: dict[str, date] = field(default_factory=dict)

    def run(self) -> list[Row]:
        """(day, person, mail, what it tells), by day and person."""
        found, rows = {task.name: task for task in tasks()}, []
        for self.day in days():
            happen(self.day, found)
            if is_working(self.day) and self.day not in OUTAGE:
                rows += self._mails(list(found.values()))
        return rows

    def _mails(self, found: list[ScriptedTask]) -> list[Row]:
        briefs = self._briefs(found)
        mails: dict[tuple[str, str], list[str]] = {(person, "brief"): [] for person in briefs}
        for person, thing, rung, climb in [*self._news(found), *self._evidence()]:
            is_escalation = rung.startswith("escalation")
            mail = "brief" if is_escalation and person in briefs else "digest"
            waits = rung == "escalation:executive" and mail != "brief"
            known = (person, thing, climb, rung)
            if person in BOUNCED or known in self.told or waits:
                continue
            if is_escalation or self._wants_digest(person):
                self.told.add(known)
                mails.setdefault((person, mail), []).append(f"{thing} {rung}")
        return [
            (self.day.isoformat(), person, mail, "; ".join(sorted(lines)))
            for (person, mail), lines in sorted(mails.items())
        ]

    def _news(self, found: list[ScriptedTask]) -> Iterator[tuple[str, str, str, str]]:
        """(person, task, rung, climb) of every rung a task stands on today."""
        for task in found:
            if task.state == "review":
                rung = oracle.review_rung(task.changed_on, self.day, is_working)
                if rung:
                    yield "reviewer", task.name, rung, f"review {task.submissions}"
            if task.state != "agency":
                continue
            rung = oracle.due_rung(task.due_on, self.day, is_working)
            if rung:
                for person in self._reminded(task):
                    yield person, task.name, rung, f"due {task.version}"
            position = self._position(task, self.day)
            if position:
                climb = f"up {task.version} {max(task.due_on + oracle.DAY, task.changed_on)}"
                yield self._superior(task, position), task.name, f"escalation:{position}", climb

    def _evidence(self) -> Iterator[tuple[str, str, str, str]]:
        for agency, last_day in EVIDENCE.items():
            rung = oracle.expiry_rung(last_day, self.day, is_working)
            if rung:
                yield f"pic{agency:02}", f"E{agency:02}", rung, f"ends {last_day}"

    def _briefs(self, found: list[ScriptedTask]) -> set[str]:
        """Who gets a brief today: the first day that runs since Monday (or the first working day after it)."""
        monday = self.day - timedelta(days=self.day.weekday())
        due_on = monday
        while not is_working(due_on):
            due_on += oracle.DAY
        if due_on > self.day:
            return set()
        readers = set()
        for task in found:
            position = self._position(task, due_on) if task.state == "agency" else None
            if position and task.agency not in WITHOUT_HEAD:
                readers.add(f"head{task.agency:02}")
            if position == "executive":
                readers.add("sekda")
        readers = {person for person in readers if self.briefed.get(person, LONG_AGO) < due_on}
        self.briefed |= dict.fromkeys(readers, self.day)
        return readers

    def _position(self, task: ScriptedTask, on: date) -> str | None:
        return oracle.position(task.due_on, task.changed_on, on, is_working)

    def _reminded(self, task: ScriptedTask) -> list[str]:
        if task.agency in WITHOUT_FOCAL_POINT:
            return ["coordinator"]
        both = [f"pic{task.agency:02}", "pic16x"] if task.agency == 16 else [f"pic{task.agency:02}"]
        people = [task.assignee] if task.assignee else both
        is_away = AWAY[0] <= self.day <= AWAY[1]
        return [ACTING if is_away and person == ABSENT else person for person in people]

    def _superior(self, task: ScriptedTask, position: str) -> str:
        if position == "executive":
            return "sekda"
        has_head = position == "agency_head" and task.agency not in WITHOUT_HEAD
        return f"head{task.agency:02}" if has_head else "coordinator"

    def _wants_digest(self, person: str) -> bool:
        if person in NEVER:
            return False
        if person not in WEEKLY:
            return True
        earlier = (self.day - timedelta(days=back) for back in range(1, self.day.weekday() + 1))
        return not any(is_working(day) for day in earlier)


def write(rows: list[Row], to: TextIO) -> None:
    """The table as CSV with a heading."""
    out = csv.writer(to, lineterminator="\n")
    out.writerow(("day", "person", "mail", "tells"))
    out.writerows(rows)


if __name__ == "__main__":
    write(Oracle().run(), sys.stdout)
