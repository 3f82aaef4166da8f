"""What was agreed around a task beside its state: more time, milestones, money, and what the reviewer did not take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from spbe_tasks.models import ExtensionState
from spbe_tasks.rules.requirements import Verdict
from spbe_tasks.services.queries import verdicts
from spbe_tasks.services.queries.bundle import JsonRows


@dataclass(frozen=True, slots=True)
class ExtensionRow:
    """One request for more time; ``previous_on`` is what the task was due on when it was asked."""

    id: int
    state: ExtensionState
    reason: str
    previous_on: date
    wanted_on: date
    granted_on: date | None
    asked_at: datetime
    answer: str | None
    asker_name: str
    asked_as_name: str | None
    answerer_name: str | None


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """One milestone; ``version`` is the one shown."""

    id: int
    title: str
    due_on: date
    first_due_on: date
    done_at: datetime | None
    done_by_name: str | None
    version: int


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget line; ``amount`` in rupiah."""

    id: int
    code: str
    name: str
    amount: Decimal
    year: int


@dataclass(frozen=True, slots=True)
class Agreements:
    """Requests for more time newest first, milestones soonest first, money by year; verdicts by (level, letter)."""

    extensions: tuple[ExtensionRow, ...]
    milestones: tuple[MilestoneRow, ...]
    budget: tuple[BudgetRow, ...]
    verdicts: Mapping[tuple[int, str], Verdict]

    @classmethod
    def of(cls, panels: Mapping[str, JsonRows]) -> "Agreements":
        """From the rows of ``task_pages.PANELS``."""
        return cls(
            tuple(_extension(row) for row in panels["extensions"]),
            tuple(_milestone(row) for row in panels["milestones"]),
            tuple(_budget(row) for row in panels["budget"]),
            verdicts.from_rows(panels["verdicts"]),
        )

    @property
    def asked(self) -> ExtensionRow | None:
        """The request that waits for an answer."""
        return next((each for each in self.extensions if each.state is ExtensionState.ASKED), None)

    @property
    def granted(self) -> int:
        """How often more time was granted."""
        return sum(each.state is ExtensionState.GRANTED for each in self.extensions)

    @property
    def original_due_on(self) -> date | None:
        """What the task was due on before more time was first granted; None when it never was."""
        granted = [each for each in self.extensions if each.state is ExtensionState.GRANTED]
        return granted[-1].previous_on if granted else None

    @property
    def budget_total(self) -> Decimal:
        """All lines together, in rupiah."""
        return sum((each.amount for each in self.budget), Decimal(0))


def _extension(row: Mapping[str, Any]) -> ExtensionRow:
    return ExtensionRow(
        row["id"],
        ExtensionState(row["state"]),
        row["reason"],
        date.fromisoformat(row["previous_on"]),
        date.fromisoformat(row["wanted_on"]),
        date.fromisoformat(row["granted_on"]) if row["granted_on"] else None,
        datetime.fromisoformat(row["asked_at"]),
        row["answer"],
        row["asker_name"],
        row["asked_as_name"],
        row["answerer_name"],
    )


def _milestone(row: Mapping[str, Any]) -> MilestoneRow:
    return MilestoneRow(
        row["id"],
        row["title"],
        date.fromisoformat(row["due_on"]),
        date.fromisoformat(row["first_due_on"]),
        datetime.fromisoformat(row["done_at"]) if row["done_at"] else None,
        row["done_by_name"],
        row["version"],
    )


def _budget(row: Mapping[str, Any]) -> BudgetRow:
    return BudgetRow(row["id"], row["code"], row["name"], Decimal(row["amount"]), row["year"])
