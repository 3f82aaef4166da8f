"""The stored form of a policy: plain JSON, exact figures as text, read back strictly with every mistake told at once.

``spbe-tasks plan policy`` shows and takes the same form as YAML (docs/plan.md).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.policy import (
    DEFAULT_EFFORT_DAYS_PER_LEVEL,
    HIGH_FROM,
    MIDDLE_FROM,
    DueRule,
    Effort,
    LevelRule,
    LowRule,
    Policy,
    Priority,
)
from spbe_tasks.rules.policy_check import check

T = TypeVar("T")
Settings = dict[str, object]


def settings_of(policy: Policy) -> Settings:
    """The policy as JSON: levels, points and days as text without trailing zeros, dates in ISO form."""
    return {
        "low_rule": policy.low_rule.value,
        "threshold": _of_levels(policy.threshold),
        "target": _of_levels(policy.target),
        "due": _of_due(policy.due),
        "effort": {
            "days_per_level": figure_text(policy.effort.days_per_level),
            "steps": _of_figures(policy.effort.by_step),
            "indicators": _of_figures(policy.effort.by_indicator),
        },
        "capacities": {slug: figure_text(days) for slug, days in sorted(policy.capacities.items())},
        "upkeep": policy.has_upkeep,
    }


def read_settings(raw: object, instrument: Instrument) -> Policy:
    """The policy that ``settings_of`` made, or a person wrote in the same form.

    ``low_rule``, ``effort``, ``capacities``, ``upkeep`` and all exceptions may be left out. Raises InvalidInputError
    with every key that is unknown, missing or cannot be read; then, once all can be read, with the problems of
    ``policy.check``.
    ``field`` of a problem is the path of the key.
    """
    reader = _Reader()
    parts = reader.group(
        raw, "", {"low_rule", "threshold", "target", "due", "effort", "capacities", "upkeep"}
    )
    effort = reader.group(parts.get("effort", {}), "effort", {"days_per_level", "steps", "indicators"})
    steps, indicators = effort.get("steps", {}), effort.get("indicators", {})
    policy = Policy(
        low_rule=reader.choice(parts.get("low_rule", LowRule.BELOW_LEVEL), "low_rule", LowRule),
        threshold=_levels(reader, parts.get("threshold"), "threshold"),
        target=_levels(reader, parts.get("target"), "target"),
        due=_due(reader, parts.get("due")),
        effort=Effort(
            reader.figure(
                effort.get("days_per_level", DEFAULT_EFFORT_DAYS_PER_LEVEL), "effort.days_per_level"
            ),
            reader.by_number(steps, "effort.steps"),
            reader.by_number(indicators, "effort.indicators"),
        ),
        capacities=reader.by_name(parts.get("capacities", {}), "capacities", reader.figure),
        has_upkeep=reader.switch(parts.get("upkeep", False), "upkeep"),
    )
    problems = reader.problems or check(instrument, policy)
    if problems:
        raise InvalidInputError(problems)
    return policy


def figure_text(value: Decimal) -> str:
    """A figure as text, exact, without trailing zeros and without an exponent."""
    return f"{value.normalize():f}"


@dataclass(slots=True)
class _Reader:
    """Reads values of the form; what cannot be read is noted and replaced by something harmless."""

    problems: list[Problem] = field(default_factory=list)

    def refuse(self, code: str, path: str, value: object = None) -> None:
        self.problems.append(Problem(code, field=path or None, value=None if value is None else str(value)))

    def group(self, raw: object, path: str, known: set[str] | None = None) -> Mapping[str, object]:
        """A mapping with text keys; numbers as keys count as their text."""
        if not isinstance(raw, Mapping):
            self.refuse("settings.not_a_group", path)
            return {}
        found = {str(key): value for key, value in raw.items()}
        for key in sorted(set(found) - (known if known is not None else set(found))):
            self.refuse("settings.unknown_key", f"{path}.{key}" if path else key)
        return found

    def figure(self, raw: object, path: str) -> Decimal:
        text = raw if isinstance(raw, str | int | Decimal) and not isinstance(raw, bool) else None
        try:
            value = Decimal("" if text is None else text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            self.refuse("settings.not_a_figure" if raw is not None else "settings.missing", path, raw)
            return Decimal(0)
        return value

    def whole(self, raw: object, path: str) -> int:
        value = self.figure(raw, path)
        if value != int(value):
            self.refuse("settings.not_whole", path, raw)
        return int(value)

    def day(self, raw: object, path: str) -> date:
        try:
            return date.fromisoformat(str(raw))
        except ValueError:
            self.refuse("settings.not_a_date" if raw is not None else "settings.missing", path, raw)
            return date.min

    def choice(self, raw: object, path: str, kind: type[LowRule]) -> LowRule:
        if isinstance(raw, str) and raw in tuple(kind):
            return kind(raw)
        self.problems.append(
            Problem("settings.not_a_choice", path, value=str(raw), params={"choices": ", ".join(kind)})
        )
        return next(iter(kind))

    def switch(self, raw: object, path: str) -> bool:
        text = str(raw).lower()  # a file keeps every value as text
        if text not in ("true", "false"):
            self.refuse("settings.not_yes_or_no", path, raw)
        return text == "true"

    def by_number(self, raw: object, path: str) -> dict[int, Decimal]:
        found = self.by_name(raw, path, self.figure)
        for name in [name for name in found if not (name.isascii() and name.isdigit())]:
            self.refuse("settings.key_not_a_number", f"{path}.{name}", name)
            del found[name]
        return {int(name): value for name, value in found.items()}

    def by_name(self, raw: object, path: str, read: Callable[[object, str], T]) -> dict[str, T]:
        return {name: read(value, f"{path}.{name}") for name, value in self.group(raw, path).items()}

    def by_priority(self, raw: object, path: str, read: Callable[[object, str], T]) -> dict[Priority, T]:
        found = self.group(raw, path, {str(each) for each in Priority})
        return {each: read(found.get(each), f"{path}.{each}") for each in Priority}


def _levels(reader: _Reader, raw: object, path: str) -> LevelRule:
    if raw is None:
        reader.refuse("settings.missing", path)
        return LevelRule(Decimal(0))
    found = reader.group(raw, path, {"default", "domains", "indicators"})
    return LevelRule(
        reader.figure(found.get("default"), f"{path}.default"),
        reader.by_number(found.get("domains", {}), f"{path}.domains"),
        reader.by_number(found.get("indicators", {}), f"{path}.indicators"),
    )


def _due(reader: _Reader, raw: object) -> DueRule:
    if raw is None:
        reader.refuse("settings.missing", "due")
        return DueRule()
    found = reader.group(raw, "due", {"fixed_on", "working_days", "high_from", "middle_from"})
    fixed, counts = found.get("fixed_on"), found.get("working_days")
    return DueRule(
        fixed_on=None if fixed is None else reader.by_priority(fixed, "due.fixed_on", reader.day),
        working_days=None if counts is None else reader.by_priority(counts, "due.working_days", reader.whole),
        high_from=reader.figure(found.get("high_from", HIGH_FROM), "due.high_from"),
        middle_from=reader.figure(found.get("middle_from", MIDDLE_FROM), "due.middle_from"),
    )


def _of_levels(rule: LevelRule) -> Settings:
    return {
        "default": figure_text(rule.default),
        "domains": _of_figures(rule.by_domain),
        "indicators": _of_figures(rule.by_indicator),
    }


def _of_due(due: DueRule) -> Settings:
    found: Settings = {"high_from": figure_text(due.high_from), "middle_from": figure_text(due.middle_from)}
    if due.fixed_on is not None:
        found["fixed_on"] = _of_priorities(due.fixed_on, date.isoformat)
    if due.working_days is not None:
        found["working_days"] = _of_priorities(due.working_days, int)
    return found


def _of_priorities(values: Mapping[Priority, T], form: Callable[[T], object]) -> Settings:
    return {each.value: form(values[each]) for each in Priority}


def _of_figures(values: Mapping[int, Decimal]) -> Settings:
    return {str(number): figure_text(values[number]) for number in sorted(values)}
