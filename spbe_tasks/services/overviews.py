"""The figures of one plan, as everything that shows them reads them: pages, mails, reports, programs."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from spbe_tasks.models import Assessment, Plan, PlanForecast
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.index import predicate
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import instruments, projection_record
from spbe_tasks.services.freshness import Freshness, judge
from spbe_tasks.services.projection_record import Record, StoredAgency
from spbe_tasks.services.queries import dashboard


@dataclass(frozen=True, slots=True)
class Overview:
    """The stored figures of a plan with what they start from, as of ``rebuilt_at`` (``generation`` counts rebuilds).

    ``heard_at`` and ``is_behind`` are what ``freshness`` goes by; ``kept_forecast`` is what ``forecasts.of_row`` reads.
    """

    plan: Plan
    assessment: Assessment
    instrument: Instrument
    record: Record
    rebuilt_at: datetime
    generation: int
    heard_at: datetime | None
    is_behind: bool
    kept_forecast: PlanForecast | None

    def freshness(self, now: datetime) -> Freshness:
        """Whether they are as new as the facts."""
        return judge(
            self.rebuilt_at,
            heard_at=self.heard_at,
            is_behind=self.is_behind,
            is_closed=self.plan.is_closed,
            now=now,
        )

    def index(self, figure: str) -> Fraction:
        """The exact index of a figure: baseline, secured, expected or potential."""
        return self.record.figures[figure].index

    def predicate(self, value: Fraction | None, locale: str) -> str | None:
        """The predicate an index earns on the assessment's basis, in words; None for no index."""
        if value is None:
            return None
        return predicate(self.instrument, value, self.assessment.predicate_basis).name(locale)

    @property
    def target(self) -> Fraction | None:
        """The target index, when the coordinator has set one."""
        return None if self.plan.target_index is None else Fraction(self.plan.target_index)

    def next_predicate(self, locale: str) -> tuple[str, Fraction] | None:
        """The next better predicate above the secured index and the points still missing; None at the top."""
        secured = self.index("secured")
        above = [bound for bound in self.instrument.predicates if Fraction(bound.lower_bound) > secured]
        if not above:
            return None
        nearest = min(above, key=lambda bound: bound.lower_bound)
        return nearest.name(locale), Fraction(nearest.lower_bound) - secured

    def agencies(self, scope: Scope) -> tuple[StoredAgency, ...]:
        """The agencies' rows that a scope may see, most points to bring first: all, or only the own agency's."""
        rows = self.record.agencies
        if scope.may(Capability.VIEW_AGENCY_FIGURES):
            return rows
        return tuple(row for row in rows if row.agency_id == scope.agency_id)


def read(session: Session, scope: Scope, plan_id: int) -> Overview | None:
    """The overview of a plan; None until a worker has computed it for the first time.

    Raises NotFoundError for a plan of another government.
    """
    row = dashboard.get_figures(session, scope, plan_id)
    if row.Projection is None:
        return None
    return Overview(
        plan=row.Plan,
        assessment=row.Assessment,
        instrument=instruments.of(session, row.Plan),
        record=projection_record.read(row.Projection),
        rebuilt_at=row.Projection.rebuilt_at,
        generation=row.Projection.generation,
        heard_at=row.heard_at,
        is_behind=row.is_behind,
        kept_forecast=row.PlanForecast,
    )
