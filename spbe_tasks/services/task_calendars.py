"""Due dates of a list of tasks by month and, for each agency, along a line of time; with milestones and evaluation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.services.queries import boards as queries
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.services.queries.task_filter import TaskFilter

TASKS_A_DAY = 4
_DAY = timedelta(days=1)
# A timeline longer than this is cut off at its end: a mistyped year must not press the others together.
_LONGEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a month's page. ``tasks`` are the first of ``total``; ``day_off`` why it is no working day."""

    on: date
    is_in_month: bool
    day_off: str | None
    tasks: Sequence[Mapping[str, Any]]
    total: int
    milestones: Sequence[Mapping[str, Any]]
    evaluation: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is due."""
        return not (self.total or self.milestones or self.evaluation)


@dataclass(frozen=True, slots=True)
class Mark:
    """Tasks (or milestones) due on one day; ``x`` is its place on the line, 0 to 100."""

    on: date
    x: float
    total: int
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Lane:
    """An agency's due dates; ``milestones`` are those of its tasks."""

    agency_id: int
    agency_name: str
    marks: Sequence[Mark]
    milestones: Sequence[Mark]

    @property
    def total(self) -> int:
        """How many tasks it has."""
        return sum(mark.total for mark in self.marks)

    @property
    def late(self) -> int:
        """How many of them are late."""
        return sum(mark.late for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lanes, by name of the agency; beginnings of months, today and dates of the evaluation on the same line."""

    months: Sequence[tuple[date, float]]
    evaluation: Sequence[tuple[str, date, float]]
    today_x: float | None
    lanes: Sequence[Lane]


def month_days(month: date) -> tuple[date, date]:
    """The first and last day of the month's page: whole weeks from Monday to Sunday."""
    first, last = month.replace(day=1), _next_month(month) - _DAY
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def read_month(
    session: Session,
    scope: Scope,
    wanted: TaskFilter,
    *,
    month: date,
    calendar: WorkCalendar,
    today: date,
    year: int,
) -> Sequence[Sequence[Day]]:
    """The weeks of a month, each of seven days; ``year`` is that of the assessment whose evaluation follows."""
    start, end = month_days(month)
    found = queries.fetch_month(
        session, scope, wanted, today=today, days=(start, end), most=TASKS_A_DAY, year=year
    )
    tasks, milestones = _by_day(found["tasks"]), _by_day(found["milestones"])
    evaluation = _evaluation(found["evaluation"])
    days = [
        Day(
            on=on,
            is_in_month=on.month == month.month,
            day_off=calendar.why_not_working(on),
            tasks=tasks[on],
            total=tasks[on][0]["day_total"] if tasks[on] else 0,
            milestones=milestones[on],
            evaluation=[name for name, day in evaluation if day == on],
        )
        for on in _days(start, end)
    ]
    return [days[index : index + 7] for index in range(0, len(days), 7)]


def read_timeline(
    session: Session, scope: Scope, wanted: TaskFilter, *, today: date, year: int
) -> Timeline | None:
    """Every agency's due dates on one line of time; None when the list is empty."""
    found = queries.fetch_timeline(session, scope, wanted, today=today, year=year)
    if not found["marks"]:
        return None
    evaluation = _evaluation(found["evaluation"])
    days = [date.fromisoformat(row["due_on"]) for row in (*found["marks"], *found["milestones"])]
    start = min(days).replace(day=1)
    end = min(_next_month(max([*days, *(day for _, day in evaluation)])), start + _LONGEST)

    def place(on: date) -> float:
        return round(100 * min(max((on - start) / (end - start), 0), 1), 2)

    return Timeline(
        months=[(month, place(month)) for month in _months(start, end)],
        evaluation=[(name, day, place(day)) for name, day in evaluation if start <= day <= end],
        today_x=place(today) if start <= today <= end else None,
        lanes=_lanes(found, place),
    )


def _lanes(found: Mapping[str, JsonRows], place: Any) -> list[Lane]:
    steps: dict[int, list[Mark]] = defaultdict(list)
    for row in found["milestones"]:
        on = date.fromisoformat(row["due_on"])
        steps[row["agency_id"]].append(
            Mark(on, place(on), row["total"], 0 if row["is_done"] else row["total"], 0)
        )
    lanes: dict[tuple[int, str], list[Mark]] = defaultdict(list)
    for row in found["marks"]:
        on = date.fromisoformat(row["due_on"])
        lanes[row["agency_id"], row["agency_name"]].append(
            Mark(on, place(on), row["total"], row["open"], row["late"])
        )
    return [Lane(agency_id, name, marks, steps[agency_id]) for (agency_id, name), marks in lanes.items()]


def _evaluation(rows: JsonRows) -> list[tuple[str, date]]:
    """The known dates of the evaluation, by name of the column."""
    found = [(name, date.fromisoformat(day)) for row in rows for name, day in row.items() if day]
    return sorted(found, key=lambda each: each[1])


def _by_day(rows: JsonRows) -> Mapping[date, list[Mapping[str, Any]]]:
    found: dict[date, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[date.fromisoformat(row["due_on"])].append(row)
    return found


def _days(start: date, end: date) -> Iterable[date]:
    return (start + timedelta(days=number) for number in range((end - start).days + 1))


def _months(start: date, end: date) -> Iterable[date]:
    month = start
    while month < end:
        yield month
        month = _next_month(month)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
