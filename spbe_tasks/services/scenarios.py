"""Scenarios: what other levels would bring, kept under a name, shared inside the government, made the plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import Scenario
from spbe_tasks.rules import whatif
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.policy import Effort
from spbe_tasks.rules.whatif import Answer, Present
from spbe_tasks.services import baselines, instruments, policies, projections, trail
from spbe_tasks.services.baselines import Baseline
from spbe_tasks.services.queries import governments, people, plans
from spbe_tasks.services.queries import scenarios as queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Ground:
    """What a what-if of one year stands on.

    ``assessed`` are the levels of the assessment, ``present.levels`` those secured since, ``planned`` those that every
    task of the plan would bring (without a plan the present ones). Effort and capacities are
    those of the policy in force, whose number is ``version`` (None: there is none yet, and the usual figures hold).
    """

    year: int
    baseline: Baseline
    assessed: Mapping[int, Level]
    planned: Mapping[int, Level]
    present: Present
    version: int | None
    agencies: Mapping[str, str]  # short names by slug

    @property
    def instrument(self) -> Instrument:
        """The instrument of the assessment."""
        return self.present.instrument

    def answer(self, wanted: Mapping[int, Level]) -> Answer:
        """The figures with the wanted levels; raises as ``whatif.answer``."""
        return whatif.answer(self.present, wanted)

    def wanted(self, scenario: Scenario) -> dict[int, Level]:
        """The levels that a scenario says."""
        return {int(number): Decimal(level) for number, level in scenario.levels.items()}


def ground(session: Session, scope: Scope, instrument_id: str, year: int, *, now: datetime) -> Ground:
    """What stands now: the secured levels of the year's plan, else those of the assessment it would start from.

    Raises NotFoundError for an unknown instrument; InvalidInputError when there is no assessment to start from, or
    when it is unclear which.
    """
    instrument = instruments.get(session, scope.government_id, instrument_id)
    plan = plans.find_plan(session, scope.government_id, instrument_id, year)
    if plan is None:
        baseline = baselines.choose(session, scope, instrument_id, year)
        assessed = secured = planned = plans.levels_of(session, baseline.revision.id)
    else:
        government = governments.get_government(session, scope.government_id)
        today = local_date(now, government.timezone)
        baseline = baselines.of_plan(session, scope, plan)
        figures = projections.compute(session, plan, today=today)
        assessed, secured = figures.baseline.levels, figures.secured.levels
        planned = figures.potential.levels
    version = policies.standing(session, scope, instrument_id, year)
    present = Present(
        instrument=instrument,
        levels=secured,
        basis=baseline.assessment.predicate_basis,
        owners=plans.list_owners(session, scope.government_id, instrument_id),
        effort=version.policy.effort if version else Effort(),
        capacities=version.policy.capacities if version else {},
    )
    names = {each.slug: each.short_name for each in people.list_agencies(session, scope)}
    return Ground(year, baseline, assessed, planned, present, version.number if version else None, names)


def ground_of(session: Session, scope: Scope, scenario: Scenario, *, now: datetime) -> Ground:
    """What a scenario stands on today."""
    return ground(session, scope, scenario.instrument_id, scenario.year, now=now)


def targets(found: Ground, scenario: Scenario) -> dict[int, Decimal]:
    """What the plan has to reach once the scenario is its policy, by indicator; void raises are left out.

    Raises InvalidInputError ("scenario.nothing_raised") where the plan would have nothing to do.
    """
    wanted = whatif.targets(found.assessed, found.answer(found.wanted(scenario)).levels)
    if not wanted:
        raise InvalidInputError.of("scenario.nothing_raised", name=scenario.name)
    return wanted


def create(
    work: Work,
    scope: Scope,
    found: Ground,
    *,
    name: str,
    levels: Mapping[int, Level],
    is_shared: bool = False,
    now: datetime,
) -> Scenario:
    """Keep the levels that differ from what stands under a name, with an event.

    A path's answer is kept in the same way: its raised levels. Raises InvalidInputError for a missing name, for
    levels that cannot be taken, and where no level differs.
    """
    content = _content(found, name, levels)
    if not content["levels"]:
        raise InvalidInputError.of("scenario.nothing_changed", "name")
    row = Scenario(
        government_id=scope.government_id,
        instrument_id=found.instrument.id,
        year=found.year,
        made_by_id=scope.account_id,
        is_shared=is_shared,
        **content,
        changed_at=now,
    )
    work.session.add(row)
    work.session.flush()
    _record(work, scope, row, "create", now=now)
    return row


def change(
    work: Work,
    scope: Scope,
    scenario_id: int,
    *,
    name: str,
    levels: Mapping[int, Level],
    is_shared: bool,
    version: int | None,
    now: datetime,
) -> Scenario:
    """Give a scenario another name or other levels; only its maker also says whether it is shared.

    Raises NotFoundError, ConflictError ("scenario.stale_version") when somebody changed it meanwhile, and
    InvalidInputError for a missing name and for levels that cannot be taken.
    """
    row = queries.get_scenario(work.session, scope, scenario_id)
    if version is not None and row.version != version:
        raise ConflictError("scenario.stale_version")
    found = ground_of(work.session, scope, row, now=now)
    content = _content(found, name, levels)
    if is_makers(scope, row):
        content["is_shared"] = is_shared
    if any(getattr(row, key) != value for key, value in content.items()):
        for key, value in content.items():
            setattr(row, key, value)
        row.changed_at = now
        work.session.flush()
        _record(work, scope, row, "change", now=now)
    return row


def duplicate(work: Work, scope: Scope, scenario_id: int, *, name: str, now: datetime) -> Scenario:
    """A copy of one's own, not shared, under another name. Raises NotFoundError."""
    row = queries.get_scenario(work.session, scope, scenario_id)
    copy = Scenario(
        government_id=row.government_id,
        instrument_id=row.instrument_id,
        year=row.year,
        name=name,
        levels=dict(row.levels),
        is_shared=False,
        made_by_id=scope.account_id,
        changed_at=now,
    )
    work.session.add(copy)
    work.session.flush()
    _record(work, scope, copy, "create", now=now)
    return copy


def remove(work: Work, scope: Scope, scenario_id: int, *, now: datetime) -> str:
    """Take a scenario away; returns its name. Raises NotFoundError. Plans and policies made from it stay."""
    row = queries.get_scenario(work.session, scope, scenario_id)
    _record(work, scope, row, "remove", now=now)
    work.session.delete(row)
    return row.name


def is_makers(scope: Scope, scenario: Scenario) -> bool:
    """Whether this person made the scenario and so decides who sees it."""
    return scenario.made_by_id == scope.account_id


def pair(session: Session, scope: Scope, first_id: int, second_id: int) -> tuple[Scenario, Scenario]:
    """Two scenarios to be compared. Raises NotFoundError unless both are of one instrument and year."""
    first = queries.get_scenario(session, scope, first_id)
    second = queries.get_scenario(session, scope, second_id)
    if (first.instrument_id, first.year) != (second.instrument_id, second.year):
        raise NotFoundError("scenario.not_comparable")
    return first, second


def _content(found: Ground, name: str, levels: Mapping[int, Level]) -> dict[str, object]:
    if not name.strip():
        raise InvalidInputError.of("field.required", "name")
    found.answer(levels)  # refuses what cannot be taken
    changed = whatif.changed(found.present.levels, levels)
    return {
        "name": name.strip(),
        "levels": {str(number): f"{level.normalize():f}" for number, level in changed.items()},
    }


def _record(work: Work, scope: Scope, row: Scenario, verb: str, *, now: datetime) -> None:
    trail.record_by(
        work,
        scope,
        f"{verb}_scenario",
        ("scenario", row.id),
        now=now,
        data={"name": row.name, "year": row.year, "levels": dict(row.levels), "is_shared": row.is_shared},
    )
