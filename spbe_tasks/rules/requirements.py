"""What an action on a task may ask to be filled in, and whether it was filled in well."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.instrument import Indicator, LevelScale, Place

# Our own figure: a plan answers the evaluations that follow its assessment, not those of another decade.
YEARS_OF_WORK = 5


class CancelKind(StrEnum):
    """Why a task was cancelled: ``not_needed`` leaves the projection, ``given_up`` counts as the baseline."""

    NOT_NEEDED = "not_needed"
    GIVEN_UP = "given_up"


class Obstacle(StrEnum):
    """What kind of thing keeps a blocked task from going on."""

    NO_BUDGET = "no_budget"
    NO_PEOPLE = "no_people"
    WAITS_FOR_OTHERS = "waits_for_others"
    UNCLEAR = "unclear"
    OTHER = "other"


class ReturnReason(StrEnum):
    """Why the evidence of a criterion was not taken."""

    WRONG_DOCUMENT = "wrong_document"
    NOT_UPLOADED = "not_uploaded"
    OUTDATED = "outdated"
    UNSIGNED = "unsigned"
    INCOMPLETE = "incomplete"
    OTHER = "other"  # said in words


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a criterion was not taken; ``note`` may add words, and has to where the reason is ``other``."""

    reason: ReturnReason
    note: str = ""


class Field(StrEnum):
    """The keys of what is given with an action."""

    REASON = "reason"
    NOTE = "note"
    REACHED_LEVEL = "reached_level"
    CANCEL_KIND = "cancel_kind"
    DUE_ON = "due_on"
    ASSIGNEE_ID = "assignee_id"
    OBSTACLE = "obstacle"
    CRITERIA = "criteria"


def problems_of(
    fields: Iterable[Field], given: Mapping[str, object], scale: LevelScale
) -> tuple[Problem, ...]:
    """Everything missing or wrong in ``given`` among ``fields``, in their order; empty when all is well.

    ``given`` holds values, not text: see ``workflow.transition``. A text of blanks counts as missing. Where several
    criteria lack their words, the lowest is named.
    """
    found = (_problem(field, given.get(field), scale) for field in fields)
    return tuple(problem for problem in found if problem is not None)


def is_given(value: object) -> bool:
    """Whether something was filled in: neither nothing nor a text of blanks nor an empty mapping."""
    return bool(value.strip()) if isinstance(value, str) else value is not None and value != {}


def due_date_problem(due_on: date, plan_year: int) -> Problem | None:
    """Why a task cannot be due on this day; None when it can.

    A due date lies between 1 January of the plan's year, which is the assessment's, and 31 December
    ``YEARS_OF_WORK`` years later, both included. Catches a mistyped year before it moves reminders out of sight.
    """
    earliest, latest = date(plan_year, 1, 1), date(plan_year + YEARS_OF_WORK, 12, 31)
    if earliest <= due_on <= latest:
        return None
    limits = {"earliest": earliest, "latest": latest}
    return Problem("due_date.outside_years", Field.DUE_ON.value, value=due_on.isoformat(), params=limits)


def asks_for(level: int, *, baseline: Decimal, target: Decimal) -> bool:
    """Whether a task asks for the criteria of a whole level: it climbs it, or keeps it where both are one."""
    return baseline < level <= target or baseline >= target >= level > target - 1


def asked_places(indicator: Indicator, *, baseline: Decimal, target: Decimal) -> frozenset[Place]:
    """Level and letter of every criterion that a task with these levels asks for."""
    asked = (step for step in indicator.levels if asks_for(step.level, baseline=baseline, target=target))
    return frozenset((step.level, each.letter) for step in asked for each in step.criteria)


def not_asked(
    places: Iterable[Place], asked: AbstractSet[Place], *, field: Field | None = None
) -> list[Problem]:
    """A problem for each criterion that is not ``asked`` for, lowest first; empty when all are."""
    return [
        Problem("criterion.not_asked", field=field, params={"level": level, "letter": letter})
        for level, letter in sorted(set(places) - asked)
    ]


def as_level(value: object) -> Decimal | None:
    """The value as a level, or None when it is not a finite Decimal or a whole number."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _problem(field: Field, value: object, scale: LevelScale) -> Problem | None:
    if not is_given(value):
        return Problem("field.required", field=field.value)
    if field is Field.REACHED_LEVEL:
        return _level_problem(value, scale)
    if field is Field.CRITERIA:
        return _verdicts_problem(value)
    if not _IS_VALID[field](value):
        return Problem("field.invalid", field=field.value, value=str(value))
    return None


_IS_VALID: Mapping[Field, Callable[[object], bool]] = {
    Field.REASON: lambda value: isinstance(value, str),
    Field.NOTE: lambda value: isinstance(value, str),
    Field.CANCEL_KIND: lambda value: value in tuple(CancelKind),
    Field.OBSTACLE: lambda value: value in tuple(Obstacle),
    Field.DUE_ON: lambda value: isinstance(value, date) and not isinstance(value, datetime),
    Field.ASSIGNEE_ID: lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0,
}


def _verdicts_problem(value: object) -> Problem | None:
    if not isinstance(value, Mapping) or not all(map(_is_verdict, value.items())):
        return Problem("field.invalid", field=Field.CRITERIA.value, value=str(value))
    unsaid = [
        place for place, each in value.items() if each.reason is ReturnReason.OTHER and not each.note.strip()
    ]
    if not unsaid:
        return None
    level, letter = min(unsaid)
    where = {"level": level, "letter": letter}
    return Problem("verdict.needs_words", field=Field.CRITERIA.value, params=where)


def _is_verdict(entry: tuple[object, object]) -> bool:
    place, said = entry
    is_place = isinstance(place, tuple) and len(place) == 2 and isinstance(place[1], str)
    return is_place and isinstance(said, Verdict) and said.reason in tuple(ReturnReason)


def _level_problem(value: object, scale: LevelScale) -> Problem | None:
    level = as_level(value)
    if level is None:
        return Problem("task.level_not_a_number", field=Field.REACHED_LEVEL.value, value=str(value))
    if scale.holds(level):
        return None
    limits = {"minimum": scale.minimum, "maximum": scale.maximum}
    code = "task.level_not_whole" if scale.is_integer else "task.level_too_fine"
    if not scale.minimum <= level <= scale.maximum:
        code = "task.level_outside_scale"
    return Problem(code, field=Field.REACHED_LEVEL.value, value=str(value), params=limits)
