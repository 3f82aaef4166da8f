"""Predicted against official: what a plan said before the evaluation, and what the next official result says.

The prediction of a plan is the secured figure of the last day with kept levels, up to the day ``rules.calibration
.cut_off`` names; the outcome is the newest revision of the official result of the next year by the same instrument.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from spbe_tasks.models import Assessment, AssessmentRevision, Plan, ProjectionSnapshot
from spbe_tasks.rules import calibration as rules
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.calibration import Compared, CutOff, Decision, Discount, Tally
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.workflow import Action, Field
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


@dataclass(frozen=True, slots=True)
class Row:
    """An agency or a reviewer by name, with what was accepted of or by them, and held against the official result."""

    id: int
    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Calibration:
    """One plan against its result. ``agencies`` and ``reviewers`` are sorted, furthest below the prediction first.

    ``verdicts`` are the decisive ones by indicator, ``agency_names`` names their agencies. ``discount`` is taken from
    this plan and those before it.
    """

    judged: Judged
    instrument: Instrument
    compared: tuple[Compared, ...]
    verdicts: Mapping[int, tuple[Decision, ...]]
    agency_names: Mapping[int, str]
    agencies: tuple[Row, ...]
    reviewers: tuple[Row, ...]
    discount: Discount | None

    @property
    def raised(self) -> tuple[Compared, ...]:
        """The indicators that were accepted above the plan's starting point."""
        return tuple(each for each in self.compared if each.is_raise)

    @property
    def confirmed(self) -> int:
        """How many of them the evaluator found at least as high."""
        return sum(each.is_confirmed for each in self.raised)

    @property
    def prediction(self) -> ProjectionSnapshot:
        """The snapshot that counts; a calibration is read only where there is one."""
        assert self.judged.prediction is not None
        return self.judged.prediction


def read(session: Session, scope: Scope, plan: Plan, judged: Sequence[Judged]) -> Calibration | None:
    """The calibration of a plan that was got through the scope; ``judged`` is what ``list_judged`` gave.

    None before the official result is imported, and where no levels of the time before it were kept. A reviewer is
    told about the own verdicts only; whoever may view reviewers' figures, about all.
    """
    ours = [
        each
        for each in judged
        if each.plan.instrument_id == plan.instrument_id and each.plan.year <= plan.year
    ]
    found = compare_each(session, ours)
    if plan.id not in found:
        return None
    own = next(each for each in ours if each.plan.id == plan.id)
    verdicts = rules.decisive(_verdicts(session, scope, own), found[plan.id])
    agency_tallies = rules.tallies(verdicts, lambda each: each.agency_id)
    reviewer_tallies = {
        person_id: told
        for person_id, told in rules.tallies(verdicts, lambda each: each.person_id).items()
        if person_id is not None and _may_see(scope, person_id)
    }
    agency_names, names = queries.list_names(session, scope, agency_tallies.keys(), reviewer_tallies.keys())
    by_indicator: dict[int, tuple[Decision, ...]] = {}
    for verdict, _compared in verdicts:
        by_indicator[verdict.indicator_number] = (
            *by_indicator.get(verdict.indicator_number, ()),
            verdict,
        )
    return Calibration(
        judged=own,
        instrument=instruments.of(session, plan),
        compared=found[plan.id],
        verdicts=by_indicator,
        agency_names=agency_names,
        agencies=_rows(agency_tallies, agency_names),
        reviewers=_rows(reviewer_tallies, names),
        discount=rules.discount(found.values()),
    )


def find_other_instrument(session: Session, scope: Scope, plan: Plan) -> Assessment | None:
    """The next year's official result, when it came by another instrument: levels that cannot be compared."""
    return queries.find_judged_otherwise(session, scope, plan)


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


def _verdicts(session: Session, scope: Scope, judged: Judged) -> tuple[Decision, ...]:
    """Who had accepted what when the day of the prediction ended."""
    assert judged.prediction is not None  # only such are compared
    zone = ZoneInfo(governments.get_government(session, scope.government_id).timezone)
    ends = datetime.combine(judged.prediction.on + timedelta(days=1), time.min, zone).astimezone(UTC)
    rows = queries.list_decisions(session, judged.plan, before=ends)
    return rules.in_force(
        Decision(
            row.id,
            row.indicator_number,
            row.agency_id,
            row.round,
            row.actor_id,
            Decimal(row.data[Field.REACHED_LEVEL]) if row.action == Action.ACCEPT else None,
        )
        for row in rows
    )


def _may_see(scope: Scope, person_id: int) -> bool:
    return scope.may(Capability.VIEW_REVIEWER_FIGURES) or person_id == scope.account_id


def _rows(tallies: Mapping[int, Tally], names: Mapping[int, str]) -> tuple[Row, ...]:
    rows = (Row(each, names[each], told) for each, told in tallies.items())
    return tuple(sorted(rows, key=lambda row: (row.tally.mean, row.name, row.id)))
