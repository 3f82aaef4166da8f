"""What the page of an indicator says, as values; ``indicator_pages`` fills them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.models import AssessmentKind
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Criterion, Indicator, Instrument, LevelStep
from spbe_tasks.rules.requirements import asks_for
from spbe_tasks.rules.workflow import State

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
        if self.baseline is None or self.target is None:
            return False
        return asks_for(level, baseline=self.baseline, target=self.target)


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
class Relation:
    """What the indicator becomes in a later ``instrument``, or where it comes from in an earlier one.

    No ``indicators``: nothing follows it, or it was never asked before. Levels are not carried over.
    """

    instrument: Instrument
    is_later: bool
    is_official: bool
    indicators: tuple[Indicator, ...]


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
    relations: tuple[Relation, ...]
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
