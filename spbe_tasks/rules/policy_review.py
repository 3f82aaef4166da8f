"""What a policy means before it is stored: what it changes in words of another one, who bears it, what to beware of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.gaps import WantedTask
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.policy import Policy
from spbe_tasks.rules.projection import TaskFact, project
from spbe_tasks.rules.reconciliation import Changes, ExistingTask, SourceFields
from spbe_tasks.rules.workflow import State, is_open

Said = object


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two policies say differently.

    ``what`` names it (``threshold``, ``threshold_domain``, ``due_on``, ``capacity`` ...), ``key`` tells the domain or
    indicator number, level, priority or agency slug it is about. None: that policy says nothing of its own there.
    """

    what: str
    key: str | None
    before: Said | None
    after: Said | None


@dataclass(frozen=True, slots=True)
class AgencyLoad:
    """What a policy asks of one agency: index points and person-days; ``capacity`` None is no cap."""

    agency_id: int
    slug: str
    tasks: int
    points: Fraction
    effort_days: Fraction
    capacity: Decimal | None

    @property
    def is_over(self) -> bool:
        """Whether more is asked than the agency has."""
        return self.capacity is not None and self.effort_days > self.capacity


@dataclass(frozen=True, slots=True)
class Outlook:
    """The exact index of the starting point, and of every counting task at its target; the days open tasks are due."""

    baseline: Fraction
    potential: Fraction
    due_days: tuple[date, ...] = ()


def differences(before: Policy | None, after: Policy) -> tuple[Difference, ...]:
    """What ``after`` says differently, in the order of the form; everything it says when there is none before."""
    old: Mapping[tuple[str, str | None], Said] = dict(_said(before)) if before else {}
    new = dict(_said(after))
    keys = dict.fromkeys([*new, *old])
    return tuple(Difference(*key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key))


def loads(tasks: Iterable[WantedTask], policy: Policy) -> tuple[AgencyLoad, ...]:
    """What each agency has to do, most points first, then by slug."""
    mine: dict[tuple[int, str], list[WantedTask]] = defaultdict(list)
    for task in tasks:
        mine[task.agency_id, task.agency_slug].append(task)
    found = (
        AgencyLoad(
            agency_id,
            slug,
            len(them),
            sum((each.points for each in them), Fraction(0)),
            sum((each.effort_days for each in them), Fraction(0)),
            policy.capacities.get(slug),
        )
        for (agency_id, slug), them in mine.items()
    )
    return tuple(sorted(found, key=lambda load: (-load.points, load.slug)))


def outlook(
    instrument: Instrument,
    levels: Mapping[int, Level],
    changes: Changes,
    standing: Mapping[int, ExistingTask],
    *,
    today: date,
) -> Outlook:
    """The figures as they would be once the changes are carried out."""
    facts = tuple(_facts_after(changes, standing))
    projection = project(instrument, levels, facts, today=today, evaluation_on=None)
    days = tuple(fact.due_on for fact in facts if fact.due_on is not None and is_open(fact.state))
    return Outlook(projection.baseline.index, projection.potential.index, days)


def warnings(
    outlook: Outlook,
    loads: Iterable[AgencyLoad],
    *,
    opens_on: date | None,
    target_index: Decimal | None,
) -> tuple[Problem, ...]:
    """What a coordinator should know before storing, although it can be stored.

    ``opens_on`` is the day the self-assessment opens; on that day the evidence has to lie ready.
    """
    found = []
    late = sum(opens_on is not None and day >= opens_on for day in outlook.due_days)
    if late:
        found.append(Problem("policy.warn_due_after_opening", params={"tasks": late, "opens_on": opens_on}))
    found += _capacity_warnings(loads)
    if target_index is not None and outlook.potential < target_index:
        params = {"potential": outlook.potential, "target": Fraction(target_index)}
        found.append(Problem("policy.warn_target_out_of_reach", params=params))
    return tuple(found)


def _capacity_warnings(loads: Iterable[AgencyLoad]) -> Iterator[Problem]:
    for load in loads:
        if load.is_over:
            code = "policy.warn_over_capacity" if load.capacity else "policy.warn_no_capacity"
            capacity = Fraction(load.capacity or 0)
            params = {"agency": load.slug, "effort": load.effort_days, "capacity": capacity}
            yield Problem(code, params=params)


def _said(policy: Policy) -> Iterator[tuple[tuple[str, str | None], Said]]:
    yield ("low_rule", None), policy.low_rule
    for what, rule in (("threshold", policy.threshold), ("target", policy.target)):
        yield (what, None), rule.default
        for kind, number, level in rule.exceptions():
            yield (f"{what}_{kind}", str(number)), level
    for priority, day in (policy.due.fixed_on or {}).items():
        yield ("due_on", priority.value), day
    for priority, count in (policy.due.working_days or {}).items():
        yield ("due_days", priority.value), count
    yield ("high_from", None), policy.due.high_from
    yield ("middle_from", None), policy.due.middle_from
    yield ("effort", None), policy.effort.days_per_level
    for step, days in sorted(policy.effort.by_step.items()):
        yield ("effort_step", str(step)), days
    for number, days in sorted(policy.effort.by_indicator.items()):
        yield ("effort_indicator", str(number)), days
    for slug, days in sorted(policy.capacities.items()):
        yield ("capacity", slug), days
    yield ("upkeep", None), policy.has_upkeep


def _facts_after(changes: Changes, standing: Mapping[int, ExistingTask]) -> Iterator[TaskFact]:
    updated = {each.task_id: each for each in changes.update}
    withdrawn = {each.task_id for each in changes.withdraw}
    for task in standing.values():
        update = updated.get(task.id)
        state = State.WITHDRAWN if task.id in withdrawn else task.state
        if update is not None and update.restores:
            state = State.PLANNED
        yield _fact(task, state, update.fields if update else None)
    for number, new in enumerate(changes.create, start=1):
        yield TaskFact(
            -number,
            new.indicator_number,
            new.agency_id,
            new.round,
            State.PLANNED,
            new.fields.baseline,
            new.fields.target,
            new.fields.due_on,
            new.fields.share,
        )


def _fact(task: ExistingTask, state: State, fields: SourceFields | None) -> TaskFact:
    source = fields or task
    return TaskFact(
        task.id,
        task.indicator_number,
        task.agency_id,
        task.round,
        state,
        source.baseline,
        source.target,
        source.due_on,
        source.share,
        task.reached,
        task.cancel_kind,
    )
