"""The small rows of one task's page: events, other agencies, rounds, parts, reminders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from spbe_tasks.rules.ladder import Rung
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.bundle import JsonRows


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event of the task. ``actor_name`` None is the machine; ``data`` is as the event stored it.

    ``acting_for_name`` is whose position the actor took, if any.
    """

    at: datetime
    action: str
    actor_name: str | None
    acting_for_name: str | None
    assignee_name: str | None
    data: Mapping[str, Any]

    @property
    def words(self) -> str | None:
        """What the person said: a reason, or the note of a submission."""
        return self.data.get("reason") or self.data.get("note")

    @property
    def due_on(self) -> date | None:
        """The due date it set, if any."""
        return date.fromisoformat(self.data["due_on"]) if self.data.get("due_on") else None

    @property
    def milestone_on(self) -> date:
        """The day of the milestone it is about."""
        return date.fromisoformat(self.data["milestone_on"])

    @property
    def level(self) -> Decimal | None:
        """The level it is about: reached, or started from."""
        value = self.data.get("reached_level") or self.data.get("baseline")
        return Decimal(value) if value else None


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another agency's task on the same indicator, as far as one may know it."""

    short_name: str
    name: str
    state: State
    due_on: date
    round: int


@dataclass(frozen=True, slots=True)
class Round:
    """Another round of the same task."""

    task_id: int
    number: int
    state: State


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of the task; ``version`` is the one shown."""

    id: int
    title: str
    due_on: date | None
    is_done: bool
    version: int
    assignee_name: str | None
    done_by_name: str | None


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """Somebody who was told of a rung (or is about to be). ``rung`` is None for a ``key`` no ladder has any more."""

    name: str
    rung: Rung | None
    key: str
    due_version: int
    state: IntentState
    at: datetime


def part_of(row: Mapping[str, Any]) -> PartRow:
    """A row of ``queries.parts.of_task``."""
    return PartRow(**{**row, "due_on": date.fromisoformat(row["due_on"]) if row["due_on"] else None})


def reminder_of(row: Mapping[str, Any]) -> ReminderLine:
    """A row of ``queries.task_reminders.of_task``."""
    return ReminderLine(
        name=row["name"],
        rung=Rung.of_key(row["rung"]),
        key=row["rung"],
        due_version=row["due_version"],
        state=IntentState(row["state"]),
        at=datetime.fromisoformat(row["at"]),
    )


def siblings_of(rows: JsonRows) -> tuple[Sibling, ...]:
    """Rows of ``queries.task_pages.siblings``."""
    return tuple(
        Sibling(
            short_name=row["short_name"],
            name=row["name"],
            state=State(row["state"]),
            due_on=date.fromisoformat(row["due_on"]),
            round=row["round"],
        )
        for row in rows
    )
