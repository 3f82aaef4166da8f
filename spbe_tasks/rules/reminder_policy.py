"""What a government may set about its reminders and mail, with the defaults of the contract; read back strictly."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import pairwise

from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.ladder import Ladder
from spbe_tasks.rules.news import NewsKind

AT_ONCE = frozenset({NewsKind.RETURNED, NewsKind.MENTIONED, NewsKind.EXTENSION_ANSWERED})
LONGEST_STEP = 250  # working days: about a year


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """Everything that can be set. Days of ``due_*`` and ``expiry_*`` are calendar days, all other steps working days.

    ``due_offsets`` are days from the due date (negative before it), then every week to ``weekly_until_week``, then
    every ``then_every_days``. A task climbs to its agency head, the coordinators and the executives after so many
    working days overdue; a submission is brought to the reviewers' mind after ``review_after``. ``daily_cap`` is the
    most messages of a government in a local day; ``per_domain_per_minute`` None does not pace. ``brief_weekday`` is 0
    on Monday.
    """

    due_offsets: tuple[int, ...] = (-14, -7, -3, -1, 0, 1, 3)
    weekly_until_week: int = 12
    then_every_days: int = 30
    agency_head_after: int = 3
    coordinator_after: int = 7
    executive_after: int = 14
    review_after: tuple[int, ...] = (3, 5, 10)
    expiry_days_before: tuple[int, ...] = (60, 30, 7, 0)
    brief_weekday: int = 0
    news_at_once: frozenset[str] = AT_ONCE
    daily_cap: int = 1_000
    repeat_uncertain: bool = False
    per_domain_per_minute: int | None = None

    @property
    def due_ladder(self) -> Ladder:
        """The rungs of the due date."""
        weekly = range(7, self.weekly_until_week * 7 + 1, 7)
        return Ladder(tuple(sorted({*self.due_offsets, *weekly})), self.then_every_days)

    def to_settings(self) -> dict[str, object]:
        """The policy as JSON; ``from_settings`` reads it back."""
        plain = (int, bool, type(None))
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: value if isinstance(value, plain) else _in_order(name, value)
            for name, value in values.items()
        }

    @classmethod
    def from_settings(cls, raw: object) -> "ReminderPolicy":
        """What ``to_settings`` made, or a person wrote; what is left out is as by default, figures may be text.

        Raises InvalidInputError with every problem at once; ``field`` of a problem is the name of the setting.
        """
        reader = _Reader()
        policy = cls(**reader.read(raw))  # type: ignore[arg-type]
        if problems := reader.problems or check(policy):
            raise InvalidInputError(problems)
        return policy


DEFAULT_POLICY = ReminderPolicy()


def check(policy: ReminderPolicy) -> list[Problem]:
    """What a government may not set; empty when all is well."""
    found = [
        Problem("reminder_policy.out_of_range", name, value=str(value), params={"low": low, "high": high})
        for name, (low, high) in _RANGES.items()
        for value in _values(getattr(policy, name))
        if not low <= value <= high
    ]
    found += [
        Problem("reminder_policy.empty", name)
        for name in ("due_offsets", "review_after")
        if not getattr(policy, name)
    ]
    steps = (policy.agency_head_after, policy.coordinator_after, policy.executive_after)
    found += [
        Problem("reminder_policy.not_rising", name)
        for name, (lower, higher) in zip(
            ("coordinator_after", "executive_after"), pairwise(steps), strict=True
        )
        if lower >= higher
    ]
    return found


_RANGES: Mapping[str, tuple[int, int]] = {
    "due_offsets": (-90, 84),
    "weekly_until_week": (0, 52),
    "then_every_days": (1, 365),
    "agency_head_after": (1, LONGEST_STEP),
    "coordinator_after": (1, LONGEST_STEP),
    "executive_after": (1, LONGEST_STEP),
    "review_after": (1, LONGEST_STEP),
    "expiry_days_before": (0, 365),
    "brief_weekday": (0, 4),
    "daily_cap": (1, 100_000),
    "per_domain_per_minute": (1, 10_000),
}


def _values(value: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _in_order(name: str, values: Iterable[int | str]) -> list[int | str]:
    """Steps in the order they come; days before an end count down."""
    return sorted(values, reverse=name == "expiry_days_before")


@dataclass(slots=True)
class _Reader:
    """Reads settings; what cannot be read is noted and left at its default."""

    problems: list[Problem] = field(default_factory=list)

    def read(self, raw: object) -> dict[str, object]:
        if not isinstance(raw, Mapping):
            self.problems.append(Problem("settings.not_a_group"))
            return {}
        found: dict[str, object] = {}
        for name, value in raw.items():
            if name not in _READERS:
                self.problems.append(Problem("settings.unknown_key", str(name)))
                continue
            try:
                found[name] = _READERS[name](value, str(name))
            except InvalidInputError as error:
                self.problems += error.problems
        return found


def _whole(raw: object, name: str) -> int:
    try:
        if isinstance(raw, str | int) and not isinstance(raw, bool):
            return int(raw)
    except ValueError:
        pass
    raise InvalidInputError([Problem("settings.not_whole", name, value=str(raw))])


def _whole_or_none(raw: object, name: str) -> int | None:
    return None if raw in (None, "") else _whole(raw, name)


def _steps(raw: object, name: str) -> tuple[int, ...]:
    if not isinstance(raw, list | tuple):
        raise InvalidInputError([Problem("settings.not_whole", name, value=str(raw))])
    return tuple(int(each) for each in _in_order(name, {_whole(each, name) for each in raw}))


def _kinds(raw: object, name: str) -> frozenset[str]:
    given = [str(each) for each in raw] if isinstance(raw, list | tuple | set | frozenset) else [str(raw)]
    for each in given:
        if each not in tuple(NewsKind):
            choices = {"choices": ", ".join(NewsKind)}
            raise InvalidInputError([Problem("settings.not_a_choice", name, value=each, params=choices)])
    return frozenset(NewsKind(each) for each in given)


def _switch(raw: object, name: str) -> bool:
    if not isinstance(raw, bool):
        raise InvalidInputError([Problem("settings.not_yes_or_no", name, value=str(raw))])
    return raw


_LISTS = ("due_offsets", "review_after", "expiry_days_before")
_READERS: Mapping[str, Callable[[object, str], object]] = {
    **dict.fromkeys(_RANGES, _whole),
    **dict.fromkeys(_LISTS, _steps),
    "per_domain_per_minute": _whole_or_none,
    "news_at_once": _kinds,
    "repeat_uncertain": _switch,
}
