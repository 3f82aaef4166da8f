"""What the ownership matrix asks of each agency now: points and effort of the low indicators, and who has too much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.gaps import find_gaps, gap_points
from spbe_tasks.rules.policy_review import AgencyLoad, loads
from spbe_tasks.services import instruments, plans
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order
from spbe_tasks.services.queries import assessments
from spbe_tasks.services.queries import plans as queries

# Where a policy names no capacities: whoever holds more than this part of all points is worth a second look. Our own
# figure; no regulation states one.
LARGE_PART = Fraction(1, 3)


@dataclass(frozen=True, slots=True)
class Loads:
    """The points and person-days at stake, by agency id, from the levels of an assessment and the policy in force.

    ``low`` are the points of every low indicator, by number; ``gap`` is their sum, those of nobody included.
    """

    year: int
    by_agency: Mapping[int, AgencyLoad]
    low: Mapping[int, Fraction]
    has_capacities: bool

    @property
    def gap(self) -> Fraction:
        """Index points of all low indicators."""
        return sum(self.low.values(), Fraction(0))

    def points(self, agency_id: int) -> Fraction:
        """The index points that the agency's shares put into its hands."""
        load = self.by_agency.get(agency_id)
        return load.points if load else Fraction(0)

    def part(self, agency_id: int) -> Fraction:
        """The same as a part of the whole gap; 0 where there is none."""
        return self.points(agency_id) / self.gap if self.gap else Fraction(0)

    def is_over(self, agency_id: int) -> bool:
        """Whether more is asked than the policy's capacity; where it names none, than a third of all points."""
        load = self.by_agency.get(agency_id)
        if load is None:
            return False
        return load.is_over if self.has_capacities else self.part(agency_id) > LARGE_PART


def read(session: Session, scope: Scope, instrument_id: str, *, now: datetime) -> Loads | None:
    """The loads by the newest plan of the instrument, else by its newest assessment; None where there is neither."""
    seen = _seen(session, scope, instrument_id, now)
    if seen is None:
        return None
    instrument = instruments.get(session, scope.government_id, instrument_id)
    return Loads(
        year=seen.baseline.assessment.year,
        by_agency={load.agency_id: load for load in loads(seen.wanted.tasks, seen.policy)},
        low=gap_points(instrument, find_gaps(instrument, seen.levels, seen.policy)),
        has_capacities=bool(seen.policy.capacities),
    )


def _seen(session: Session, scope: Scope, instrument_id: str, now: datetime) -> Generated | None:
    made = [each for each in queries.list_plans(session, scope) if each.instrument_id == instrument_id]
    if made:
        return plans.preview_plan(session, scope, made[0], now=now)
    years = [
        row.Assessment.year
        for row in assessments.list_assessments(session, scope)
        if row.Assessment.instrument_id == instrument_id
    ]
    if not years:
        return None
    try:
        return plans.preview(session, scope, Order(instrument_id, max(years)), now=now)
    except InvalidInputError:
        return None  # several assessments of that year, none official: the plan's page asks which
