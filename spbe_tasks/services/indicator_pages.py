"""One indicator with all that is known about it, and the table of all indicators of a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from spbe_tasks.models import AssessmentKind, Government
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.index import Level, contribution
from spbe_tasks.rules.instrument import Criterion, Indicator, Instrument, LevelStep
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import calendars
from spbe_tasks.services.queries import indicators as queries
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.services.queries.indicators import Subject

# What an indicator is at, where there are several judgements of a year: the last word first.
WEIGHT_OF_KINDS = (
    AssessmentKind.OFFICIAL,
    AssessmentKind.INTERVIEW,
    AssessmentKind.DOCUMENT,
    AssessmentKind.SELF,
)


@dataclass(frozen=True, slots=True)
class Assessed:
    """The level of one kind of assessment. A pinned one has a ``reason``; ``read_level`` is what the file says."""

    assessment_id: int
    year: int
    kind: AssessmentKind
    level: Level
    read_level: Level
    reason: str | None
    is_illustrative: bool


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """An agency that answers for the indicator; ``share`` None is an equal one."""

    agency_id: int
    short_name: str
    name: str
    is_lead: bool
    share: Fraction | None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task on the indicator. ``id`` and levels are None for another agency's: no more of it may be known."""

    short_name: str
    name: str
    state: State
    due_on: date
    round: int
    id: int | None = None
    agency_id: int | None = None
    baseline: Level = None
    target: Level = None
    reached: Level = None

    def asks_for(self, level: int) -> bool:
        """Whether the criteria of ``level`` are to be met in it."""
        return self.baseline is not None and self.target is not None and self.baseline < level <= self.target


@dataclass(frozen=True, slots=True)
class Claim:
    """What one agency says about a criterion that its task asks for; never claimed is not met."""

    task: TaskRow
    is_met: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion with what each agency says that has it to meet; no claims where no task asks for it."""

    criterion: Criterion
    claims: tuple[Claim, ...]

    @property
    def is_met(self) -> bool:
        """Whether every agency that has to meet it says so."""
        return bool(self.claims) and all(claim.is_met for claim in self.claims)

    @property
    def lacks_evidence(self) -> bool:
        """Whether somebody says it is met without saying by what."""
        return any(claim.is_met and not claim.explanation.strip() for claim in self.claims)


@dataclass(frozen=True, slots=True)
class StepRow:
    """The criteria of one level. ``is_reached``: the newest assessment of the year has come so far."""

    step: LevelStep
    rows: tuple[CriterionRow, ...]
    is_reached: bool

    @property
    def met(self) -> int:
        """How many of its criteria are claimed as met."""
        return sum(row.is_met for row in self.rows)


@dataclass(frozen=True, slots=True)
class IndicatorSheet:
    """One indicator in one year. ``ladder`` is every assessment of it, newest year first.

    ``worth`` is what one level more adds to the index, in points.
    """

    instrument: Instrument
    indicator: Indicator
    year: int | None
    ladder: tuple[Assessed, ...]
    owners: tuple[OwnerRow, ...]
    tasks: tuple[TaskRow, ...]
    others: tuple[TaskRow, ...]
    steps: tuple[StepRow, ...]
    worth: Fraction
    calendar: WorkCalendar

    @property
    def kinds(self) -> tuple[Assessed, ...]:
        """The assessments of the year, the one with the last word first."""
        rows = [each for each in self.ladder if each.year == self.year]
        return tuple(sorted(rows, key=lambda each: WEIGHT_OF_KINDS.index(each.kind)))

    @property
    def current(self) -> Assessed | None:
        """The one with the last word in the year; None when the year was not assessed."""
        return next(iter(self.kinds), None)

    @property
    def official_less_self(self) -> Decimal | None:
        """How far the result is above the own judgement (below: negative); None unless both have a level."""
        levels = {each.kind: each.level for each in self.kinds}
        official, own = levels.get(AssessmentKind.OFFICIAL), levels.get(AssessmentKind.SELF)
        return None if official is None or own is None else official - own

    @property
    def years(self) -> Mapping[int, Mapping[AssessmentKind, Assessed]]:
        """The ladder by year and kind, newest year first."""
        years: dict[int, dict[AssessmentKind, Assessed]] = {}
        for each in self.ladder:
            years.setdefault(each.year, {})[each.kind] = each
        return years

    @property
    def next_step(self) -> StepRow | None:
        """The lowest level not yet reached; None at the top."""
        return next((step for step in self.steps if not step.is_reached), None)

    @property
    def evidence_held(self) -> int:
        """Criteria above the present level that are met and say by what."""
        return sum(row.is_met and not row.lacks_evidence for row in self._asked)

    @property
    def evidence_missing(self) -> int:
        """Criteria above the present level that are said to be met without saying by what."""
        return sum(row.lacks_evidence for row in self._asked)

    @property
    def criteria_open(self) -> int:
        """Criteria above the present level that a task asks for and that are not met."""
        return sum(not row.is_met for row in self._asked)

    @property
    def _asked(self) -> Sequence[CriterionRow]:
        return [row for step in self.steps if not step.is_reached for row in step.rows if row.claims]

    @property
    def before(self) -> Indicator | None:
        """The indicator before this one, by number."""
        return self._beside(-1)

    @property
    def after(self) -> Indicator | None:
        """The indicator after this one, by number."""
        return self._beside(1)

    def _beside(self, step: int) -> Indicator | None:
        at = self.instrument.indicators.index(self.indicator) + step
        return self.instrument.indicators[at] if 0 <= at < len(self.instrument.indicators) else None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One indicator in the table of a year: its levels by kind, and the agency in the lead as far as one may know."""

    indicator: Indicator
    levels: Mapping[AssessmentKind, Level]
    lead: str | None


def read(
    session: Session,
    scope: Scope,
    government: Government,
    instrument: Instrument,
    *,
    number: int,
    year: int | None,
    plan_id: int | None,
) -> IndicatorSheet:
    """The sheet of an indicator, without ``year`` of the newest one assessed. Raises NotFoundError for its number."""
    indicator = instrument.indicator(number)
    found = queries.get_page(session, scope, Subject(instrument.id, number, plan_id))
    ladder = tuple(map(_assessed, found["levels"]))
    shown = year if year is not None else max((each.year for each in ladder), default=None)
    tasks = tuple(map(_task, found["tasks"]))
    return IndicatorSheet(
        instrument=instrument,
        indicator=indicator,
        year=shown,
        ladder=ladder,
        owners=tuple(map(_owner, found["owners"])),
        tasks=tasks,
        others=tuple(map(_task, found["others"])),
        steps=_steps(indicator, _level_in(ladder, shown), tasks, found["claims"]),
        worth=contribution(instrument, number, 1),
        calendar=calendars.from_rows(government, found["holidays"]),
    )


def table(session: Session, scope: Scope, instrument: Instrument, year: int) -> tuple[TableRow, ...]:
    """Every indicator of the instrument with its levels of ``year``, by number."""
    found = queries.get_table(session, scope, instrument.id, year)
    levels: dict[int, dict[AssessmentKind, Level]] = {}
    for row in found["levels"]:
        levels.setdefault(row["indicator_number"], {})[AssessmentKind(row["kind"])] = _level(row["level"])
    leads = {row["indicator_number"]: row["short_name"] for row in found["leads"]}
    return tuple(
        TableRow(each, levels.get(each.number, {}), leads.get(each.number)) for each in instrument.indicators
    )


def _level_in(ladder: Sequence[Assessed], year: int | None) -> Level:
    rows = {each.kind: each.level for each in ladder if each.year == year}
    return next((rows[kind] for kind in WEIGHT_OF_KINDS if kind in rows), None)


def _steps(
    indicator: Indicator, level: Level, tasks: Sequence[TaskRow], claims: JsonRows
) -> tuple[StepRow, ...]:
    said = {(row["task_id"], row["level"], row["letter"]): row for row in claims}
    return tuple(
        StepRow(
            step,
            tuple(
                CriterionRow(criterion, _claims_of(criterion, step.level, tasks, said))
                for criterion in step.criteria
            ),
            is_reached=level is not None and level >= step.level,
        )
        for step in indicator.levels
    )


def _claims_of(
    criterion: Criterion,
    level: int,
    tasks: Sequence[TaskRow],
    said: Mapping[tuple[int, int, str], Mapping[str, Any]],
) -> tuple[Claim, ...]:
    """By agency, from the latest round that asks for the level; ``tasks`` has the latest round of each first."""
    latest: dict[int, TaskRow] = {}
    for task in tasks:
        if task.agency_id is not None and task.asks_for(level) and task.state is not State.CANCELLED:
            latest.setdefault(task.agency_id, task)
    found = ((task, said.get((task.id or 0, level, criterion.letter))) for task in latest.values())
    return tuple(
        Claim(task, row["is_met"], row["explanation"]) if row else Claim(task, False, "")
        for task, row in found
    )


def _level(value: float | int | None) -> Level:
    return None if value is None else Decimal(str(value))


def _assessed(row: Mapping[str, Any]) -> Assessed:
    return Assessed(
        assessment_id=row["assessment_id"],
        year=row["year"],
        kind=AssessmentKind(row["kind"]),
        level=_level(row["level"]),
        read_level=_level(row["read_level"]),
        reason=row["reason"],
        is_illustrative=row["is_illustrative"],
    )


def _owner(row: Mapping[str, Any]) -> OwnerRow:
    numerator, denominator = row["share_numerator"], row["share_denominator"]
    return OwnerRow(
        agency_id=row["agency_id"],
        short_name=row["short_name"],
        name=row["name"],
        is_lead=row["is_lead"],
        share=None if numerator is None else Fraction(numerator, denominator),
    )


def _task(row: Mapping[str, Any]) -> TaskRow:
    return TaskRow(
        short_name=row["short_name"],
        name=row["name"],
        state=State(row["state"]),
        due_on=date.fromisoformat(row["due_on"]),
        round=row["round"],
        id=row.get("id"),
        agency_id=row.get("agency_id"),
        baseline=_level(row.get("baseline_level")),
        target=_level(row.get("target_level")),
        reached=_level(row.get("reached_level")),
    )
