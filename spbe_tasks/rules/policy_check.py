"""What keeps a policy from being carried out with an instrument: every mistake, each with its place."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.instrument import Instrument, LevelScale
from spbe_tasks.rules.policy import DueRule, Effort, LowRule, Policy, Priority

# Beyond these a figure is a slip of the finger: three working years, and a department of 400 people for a year.
MOST_WORKING_DAYS = 750
MOST_EFFORT_DAYS = Decimal(10_000)
MOST_CAPACITY_DAYS = Decimal(100_000)
# Figures typed by people have at most two decimals; the bounds of the priorities are finer.
DECIMALS, POINT_DECIMALS = 2, 4


def check(instrument: Instrument, policy: Policy) -> tuple[Problem, ...]:
    """Everything that keeps this policy from being carried out with this instrument; empty when it can be.

    ``field`` of a problem names the place: ``threshold``, ``target_level``, ``effort``, ``due_on``, ``due_days``,
    ``capacity``, followed by ``_domain_2``, ``_indicator_12``, ``_step_4``, ``_high`` or ``_slug`` where it is about
    one of them; ``high_from`` and ``middle_from``.
    """
    problems = (
        *_level_problems(instrument, policy),
        *_due_problems(policy.due),
        *_effort_problems(instrument, policy.effort),
        *_capacity_problems(policy.capacities),
    )
    return tuple(problems)


def _level_problems(instrument: Instrument, policy: Policy) -> Iterator[Problem]:
    limits = {"minimum": instrument.scale.minimum, "maximum": instrument.scale.maximum}
    target, threshold = policy.target, policy.threshold
    for name, rule in (("threshold", threshold), ("target_level", target)):
        for kind, number, _ in rule.exceptions():
            if not _exists(instrument, kind, number):
                yield Problem(f"policy.unknown_{kind}", f"{name}_{kind}_{number}", params={"number": number})
    if not instrument.scale.holds(target.default):
        yield Problem("policy.target_off_scale", "target_level", value=str(target.default), params=limits)
    for kind, number, level in target.exceptions():
        if not instrument.scale.holds(level):
            params = {**limits, "number": number}
            code, place = f"policy.{kind}_target_off_scale", f"target_level_{kind}_{number}"
            yield Problem(code, place, value=str(level), params=params)
    if policy.low_rule is LowRule.BELOW_LEVEL:
        yield from _threshold_problems(instrument, policy)


def _threshold_problems(instrument: Instrument, policy: Policy) -> Iterator[Problem]:
    limits = {"minimum": instrument.scale.minimum, "maximum": instrument.scale.maximum}
    places = [("threshold", policy.threshold.default, policy.target.default)]
    for kind, number, level in policy.threshold.exceptions():
        if _exists(instrument, kind, number):
            places.append((f"threshold_{kind}_{number}", level, _target_of(instrument, policy, kind, number)))
    for domain, target in sorted(policy.target.by_domain.items()):
        if domain not in policy.threshold.by_domain:
            places.append((f"target_level_domain_{domain}", policy.threshold.default, target))
    for place, threshold, target in places:
        if not is_figure(threshold, instrument.scale):
            yield Problem("policy.threshold_off_scale", place, value=str(threshold), params=limits)
        elif target.is_finite() and threshold > target:
            yield Problem("policy.threshold_above_target", place, value=str(threshold))


def _target_of(instrument: Instrument, policy: Policy, kind: str, number: int) -> Decimal:
    if kind == "indicator":
        return policy.target.of(instrument, number)
    return policy.target.by_domain.get(number, policy.target.default)


def _exists(instrument: Instrument, kind: str, number: int) -> bool:
    if kind == "indicator":
        return instrument.has(number)
    return any(domain.number == number for domain in instrument.domains)


def _due_problems(due: DueRule) -> Iterator[Problem]:
    if (due.fixed_on is None) is (due.working_days is None):
        yield Problem("policy.due_unclear", "due_rule")
    for priority in Priority:
        if due.fixed_on is not None and priority not in due.fixed_on:
            yield Problem("field.required", f"due_on_{priority}")
        if due.working_days is not None and not 1 <= due.working_days.get(priority, 0) <= MOST_WORKING_DAYS:
            value = str(due.working_days.get(priority))
            yield Problem(
                "policy.bad_working_days",
                f"due_days_{priority}",
                value=value,
                params={"maximum": MOST_WORKING_DAYS},
            )
    for name, bound in (("high_from", due.high_from), ("middle_from", due.middle_from)):
        if not _is_amount(bound, Decimal(100), POINT_DECIMALS):
            yield Problem("policy.bad_points", name, value=str(bound))
    if due.high_from.is_finite() and due.middle_from.is_finite() and due.high_from < due.middle_from:
        yield Problem("policy.priorities_out_of_order", "high_from", value=str(due.high_from))


def _effort_problems(instrument: Instrument, effort: Effort) -> Iterator[Problem]:
    steps = instrument.scale.whole_levels[1:]
    for level in sorted(effort.by_step):
        if level not in steps:
            yield Problem("policy.unknown_step", f"effort_step_{level}", params={"level": level})
    for number in sorted(effort.by_indicator):
        if not instrument.has(number):
            place, params = f"effort_indicator_{number}", {"number": number}
            yield Problem("policy.unknown_indicator", place, params=params)
    places: dict[str, Decimal] = {"effort": effort.days_per_level}
    places |= {f"effort_step_{level}": days for level, days in effort.by_step.items()}
    places |= {f"effort_indicator_{number}": days for number, days in effort.by_indicator.items()}
    for place, days in places.items():
        if not _is_amount(days, MOST_EFFORT_DAYS):
            limit = {"maximum": MOST_EFFORT_DAYS}
            yield Problem("policy.bad_effort", place, value=str(days), params=limit)


def _capacity_problems(capacities: Mapping[str, Decimal]) -> Iterator[Problem]:
    for slug, days in sorted(capacities.items()):
        if not _is_amount(days, MOST_CAPACITY_DAYS):
            yield Problem(
                "policy.bad_capacity",
                f"capacity_{slug}",
                value=str(days),
                params={"maximum": MOST_CAPACITY_DAYS, "agency": slug},
            )


def is_figure(value: Decimal, scale: LevelScale) -> bool:
    """Whether a threshold or an index may have this value: inside the scale, at most two decimals."""
    is_inside = value.is_finite() and scale.minimum <= value <= scale.maximum
    return is_inside and value % Decimal(1).scaleb(-DECIMALS) == 0


def _is_amount(value: Decimal, maximum: Decimal, decimals: int = DECIMALS) -> bool:
    is_inside = value.is_finite() and 0 <= value <= maximum
    return is_inside and value % Decimal(1).scaleb(-decimals) == 0
