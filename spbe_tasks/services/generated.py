"""What the generation of a plan does, or did: read by previews, pages, commands and reviews."""

from collections.abc import Mapping
from dataclasses import dataclass

from spbe_tasks.models import Plan
from spbe_tasks.rules.gaps import WantedPlan, WantedTask
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.policy import DueDates, Policy
from spbe_tasks.rules.reconciliation import Changes, Conflict, ExistingTask
from spbe_tasks.services.baselines import Baseline
from spbe_tasks.services.orders import Settled


@dataclass(frozen=True, slots=True)
class Generated:
    """What generation does or did. ``plan`` is None in the preview of a plan that does not exist yet.

    ``wanted`` are the tasks of the gaps, ``upkeep`` those that keep levels. ``published`` counts the tasks handed over
    in the same go.
    """

    plan: Plan | None
    baseline: Baseline
    levels: Mapping[int, Level]
    settled: Settled
    wanted: WantedPlan
    changes: Changes
    standing: Mapping[int, ExistingTask]
    upkeep: tuple[WantedTask, ...] = ()
    published: int = 0

    @property
    def policy(self) -> Policy:
        """The whole policy."""
        return self.settled.policy

    @property
    def dates(self) -> DueDates:
        """When tasks are due, by priority."""
        return self.settled.dates

    @property
    def version(self) -> int | None:
        """The number of the stored version that says this policy; None where storing would make another one."""
        return self.settled.stored.number if self.settled.stored else None

    @property
    def created(self) -> int:
        """New tasks."""
        return len(self.changes.create)

    @property
    def updated(self) -> int:
        """Tasks that get new source fields, those brought back from withdrawal included."""
        return len(self.changes.update)

    @property
    def unchanged(self) -> int:
        """Tasks that already are as wanted."""
        return len(self.changes.unchanged)

    @property
    def withdrawn(self) -> int:
        """Planned tasks that nobody wants any longer."""
        return len(self.changes.withdraw)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Tasks that no longer fit and only a person may decide about."""
        return self.changes.conflicts

    @property
    def unowned(self) -> tuple[int, ...]:
        """The low indicators that nobody owns, by number."""
        return self.wanted.unowned

    @property
    def changes_anything(self) -> bool:
        """False when every task already is as wanted."""
        return bool(self.created or self.updated or self.withdrawn)
