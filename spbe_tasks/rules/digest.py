"""The headings of a digest, and what stands under which, in which order."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar


class DigestGroup(StrEnum):
    """The headings of a digest, in reading order."""

    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    THIS_WEEK = "this_week"
    LATER = "later"


class DigestLine(Protocol):
    """A task in a digest that its reader must act on (a state of ``workflow.AGENCY_STATES``)."""

    @property
    def due_on(self) -> date:
        """Decides the heading, and comes first in the order under it."""

    @property
    def indicator_number(self) -> int:
        """Comes second in the order."""

    @property
    def task_id(self) -> int:
        """Breaks the last tie."""


Line = TypeVar("Line", bound=DigestLine)


def digest_groups(lines: Iterable[Line], today: date) -> dict[DigestGroup, tuple[Line, ...]]:
    """``lines`` under their headings: only headings with lines, in reading order.

    "This week" ends on the Sunday after ``today``. Inside a group by due date, indicator number, task id.
    """
    groups: dict[DigestGroup, list[Line]] = {group: [] for group in DigestGroup}
    for line in sorted(lines, key=lambda line: (line.due_on, line.indicator_number, line.task_id)):
        groups[_group(line.due_on, today)].append(line)
    return {group: tuple(members) for group, members in groups.items() if members}


def _group(due_on: date, today: date) -> DigestGroup:
    if due_on < today:
        return DigestGroup.OVERDUE
    if due_on == today:
        return DigestGroup.DUE_TODAY
    sunday = today + timedelta(days=6 - today.weekday())
    return DigestGroup.THIS_WEEK if due_on <= sunday else DigestGroup.LATER
