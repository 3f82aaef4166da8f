"""Who holds the index back: every agency's points, and the low indicators that nobody works on; together the gap."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.agency_points import AgencyPart
from spbe_tasks.rules.gaps import find_gaps, gap_points
from spbe_tasks.rules.reconciliation import ExistingTask
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import instruments, plans
from spbe_tasks.services.projection_record import Record, StoredAgency

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Standings:
    """One row per agency, most points still to bring first; ``unowned`` and ``unplanned`` are points by indicator.

    ``unowned`` are low indicators without an owner, ``unplanned`` low ones whose owners have no task yet. All points
    together, ``gap``, are the index points between the baseline and every low indicator at its target; a task that
    counts as not needed leaves them, one that was given up does not.
    """

    agencies: Sequence[StoredAgency]
    parts: Sequence[AgencyPart]
    unowned: Mapping[int, Fraction]
    unplanned: Mapping[int, Fraction]

    @property
    def gap(self) -> Fraction:
        """The sum over all rows."""
        at_stake = sum((row.figures.points_at_stake for row in self.agencies), _ZERO)
        return at_stake + self.unowned_points + self.unplanned_points

    @property
    def unowned_points(self) -> Fraction:
        """Index points of the low indicators that nobody owns."""
        return sum(self.unowned.values(), _ZERO)

    @property
    def unplanned_points(self) -> Fraction:
        """Index points of the low indicators that are owned and not in the plan yet."""
        return sum(self.unplanned.values(), _ZERO)

    def total(self, figure: str) -> Fraction:
        """The sum over the agencies of a figure, such as ``points_secured``."""
        return sum((getattr(row.figures, figure) for row in self.agencies), _ZERO)

    def parts_of(self, agency_id: int) -> list[AgencyPart]:
        """What makes up an agency's row: its counting tasks, most points still to bring first."""
        mine = (part for part in self.parts if part.agency_id == agency_id)
        return sorted(mine, key=lambda part: (-part.undelivered, part.indicator_number))


def read(session: Session, scope: Scope, plan: Plan, record: Record, *, now: datetime) -> Standings:
    """The standings of a plan: its stored figures, and what matrix and policy say about the rest of the gap."""
    seen = plans.preview_plan(session, scope, plan, now=now)
    instrument = instruments.of(session, plan)
    decided = set(record.traces) | _not_needed(seen.standing.values())
    missing = {
        number: worth
        for number, worth in gap_points(instrument, find_gaps(instrument, seen.levels, seen.policy)).items()
        if number not in decided
    }
    unowned = set(seen.unowned)
    return Standings(
        agencies=record.agencies,
        parts=record.parts,
        unowned={number: worth for number, worth in missing.items() if number in unowned},
        unplanned={number: worth for number, worth in missing.items() if number not in unowned},
    )


def _not_needed(tasks: Iterable[ExistingTask]) -> set[int]:
    """The indicators on which every task that stands was cancelled: a person decided, and they are no gap any more."""
    states: dict[int, set[State]] = {}
    for task in tasks:
        if task.state is not State.WITHDRAWN:
            states.setdefault(task.indicator_number, set()).add(task.state)
    return {number for number, found in states.items() if found == {State.CANCELLED}}
