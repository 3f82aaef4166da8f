"""The consistency check of a plan: everything that does not fit together, and the figures computed anew beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from spbe_tasks.models import Plan, Projection
from spbe_tasks.rules import consistency as rules
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.consistency import Finding, Kind
from spbe_tasks.rules.gaps import find_gaps
from spbe_tasks.services import (
    instruments,
    policies,
    projection_proofs,
    projection_record,
    projection_store,
    projections,
    trail,
)
from spbe_tasks.services.projection_differences import differences
from spbe_tasks.services.queries import consistency as queries
from spbe_tasks.services.queries import governments, plans
from spbe_tasks.work import Work

# Of details that differ: whoever looks into it needs a place to begin.
DETAILS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Check:
    """What was found in a plan at ``at``, by kind; ``agency_names`` names the agencies of the findings.

    ``is_recomputing``: the figures were not compared, because a rebuild that was asked for has not happened yet.
    """

    plan: Plan
    at: datetime
    findings: Mapping[Kind, tuple[Finding, ...]]
    agency_names: Mapping[int, str]
    is_recomputing: bool

    @property
    def errors(self) -> int:
        """How many findings are wrong today."""
        return sum(each.is_error for them in self.findings.values() for each in them)

    @property
    def warnings(self) -> int:
        """How many may turn out wrong."""
        return sum(map(len, self.findings.values())) - self.errors


def check(session: Session, scope: Scope, plan: Plan, *, now: datetime) -> Check:
    """Look at everything in a plan that was got through the scope.

    Of a closed plan only the figures are compared: the rest can no longer be mended.
    """
    zone = governments.get_government(session, scope.government_id).timezone
    ground = queries.get_ground(session, plan, today=local_date(now, zone))
    figures = _compare_figures(session, plan)
    findings = [*(figures or ()), *_proofs(session, scope, plan)]
    if not plan.is_closed:
        findings += _look(session, scope, plan, ground)
    return Check(
        plan,
        now,
        rules.in_order(findings),
        {each.id: each.name for each in ground.agencies.values()},
        is_recomputing=figures is None,
    )


def compute_again(work: Work, scope: Scope, plan_id: int, *, now: datetime) -> None:
    """Have a worker compute the figures of a plan anew, although no fact has changed; writes an event.

    Raises NotFoundError for a foreign plan, ConflictError for a closed one.
    """
    plan = plans.get_plan(work.session, scope, plan_id, for_update=True)
    trail.record_by(work, scope, "compute_again", ("plan", plan.id), now=now)
    projections.request(work, plan.id)


def _look(session: Session, scope: Scope, plan: Plan, ground: queries.Ground) -> list[Finding]:
    instrument = instruments.of(session, plan)
    levels = plans.levels_of(session, plan.baseline_revision_id)
    gaps = find_gaps(instrument, levels, policies.current(session, scope, plan).policy)
    open_agencies = {each.id for each in ground.agencies.values() if each.is_active}
    low = [gap.indicator_number for gap in gaps]
    return [
        *rules.check_matrix(low, ground.owners, open_agencies, ground.tasks),
        *rules.check_agencies(ground.tasks, ground.agencies),
        *rules.check_tasks(instrument, levels, ground.tasks, ground.dates),
        *rules.check_evidence(ground.evidence, ground.dates),
    ]


def _compare_figures(session: Session, plan: Plan) -> list[Finding] | None:
    """What is stored against what the facts give now, to the last digit; None while a rebuild is on its way.

    Both are of the day on which the stored ones were computed: what is late changes with the date alone.
    """
    stored = queries.find_stored(session, plan)
    if stored is None:
        return None
    differing = _differences(session, plan, stored)
    # Asked last: whoever changed a fact meanwhile has asked for a rebuild, or it has happened already.
    turn = queries.get_turn(session, plan)
    return None if turn.is_pending or turn.generation != stored.generation else differing


def _differences(session: Session, plan: Plan, stored: Projection) -> list[Finding]:
    computed = projections.compute(session, plan, today=stored.as_of_on)
    names = projection_record.agency_names(session, plan.government_id)
    # Agencies may have been renamed since, which is no difference of figures.
    then = {int(row["agency_id"]): str(row["name"]) for row in stored.details["agencies"]}
    values = projection_store.values_of(computed, {**names, **then})
    found = differences(stored, values)
    figures = [name for name in projection_record.FIGURES if name in found]
    if figures or not found:
        return [
            Finding(Kind.FIGURES_DIFFER, words=(name, getattr(stored, name), values[name]))
            for name in figures
        ]
    return [Finding(Kind.FIGURES_DIFFER, words=(", ".join(list(found)[:DETAILS_TOLD]),))]


def _proofs(session: Session, scope: Scope, plan: Plan) -> list[Finding]:
    """What the last proof of this plan found, also where a rebuild has mended it since."""
    return [
        Finding(Kind.PROOF_DIFFERED if each.is_mended else Kind.PROOF_DIFFERS, words=(each.proved_at,))
        for each in projection_proofs.list_differing(session, scope)
        if each.plan_id == plan.id
    ]
