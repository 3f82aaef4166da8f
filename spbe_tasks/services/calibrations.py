"""Predicted against official: what a plan said before the evaluation, and what the next official result says.

The prediction of a plan is the secured figure of the last day with kept levels, up to the day ``rules.calibration
.cut_off`` names; the outcome is the newest revision of the official result of the next year by the same instrument.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import AssessmentRevision, Plan, ProjectionSnapshot
from spbe_tasks.rules import calibration as rules
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.calibration import Compared, CutOff, Discount
from spbe_tasks.rules.index import Level
from spbe_tasks.services import instruments
from spbe_tasks.services.queries import calibrations as queries
from spbe_tasks.services.queries import governments


@dataclass(frozen=True, slots=True)
class Judged:
    """A plan, the official result that judged it, and its prediction: None when no levels of that time were kept."""

    plan: Plan
    outcome: AssessmentRevision
    cut_off: CutOff
    prediction: ProjectionSnapshot | None


def discount_of(session: Session, scope: Scope, plan: Plan) -> Discount | None:
    """Which share of the predicted gain came true in all earlier plans of the same government and instrument.

    None without at least ``rules.calibration.LEAST_COUNT`` raised indicators. ``plan`` was got through the scope.
    """
    earlier = [
        each
        for each in list_judged(session, scope)
        if each.plan.instrument_id == plan.instrument_id and each.plan.year < plan.year
    ]
    return rules.discount(compare_each(session, earlier).values())


def list_judged(session: Session, scope: Scope) -> list[Judged]:
    """Every plan of the scope's government whose result has come, newest year first."""
    rows = queries.list_judged(session, scope)
    if not rows:
        return []
    zone = governments.get_government(session, scope.government_id).timezone
    until = {
        row.Plan.id: rules.cut_off(
            closes_on=row.closes_on, opens_on=row.opens_on, imported_on=local_date(row.first_at, zone)
        )
        for row in rows
    }
    found = queries.find_predictions(session, {plan_id: each.on for plan_id, each in until.items()})
    return [
        Judged(row.Plan, row.AssessmentRevision, until[row.Plan.id], found.get(row.Plan.id)) for row in rows
    ]


def compare_each(session: Session, judged: Sequence[Judged]) -> Mapping[int, tuple[Compared, ...]]:
    """The indicators of each plan that has a prediction, by plan; all levels in one statement."""
    known = [(each, each.prediction) for each in judged if each.prediction is not None]
    revisions = {n for each, _ in known for n in (each.plan.baseline_revision_id, each.outcome.id)}
    levels = queries.levels_of_each(session, revisions) if revisions else {}
    return {
        each.plan.id: rules.compare(
            instruments.of(session, each.plan),
            baseline=levels[each.plan.baseline_revision_id],
            predicted=_secured_levels(prediction),
            official=levels[each.outcome.id],
        )
        for each, prediction in known
    }


def _secured_levels(prediction: ProjectionSnapshot) -> Mapping[int, Level]:
    assert prediction.levels is not None  # only such are looked for
    stored = prediction.levels["secured"]
    return {int(number): None if level is None else Decimal(level) for number, level in stored.items()}
