"""The self-assessment pack (penilaian mandiri): what may be claimed for an indicator, and whether it is shown.

A criterion is met when the pack says so; else when every task that asks for it says so; else when the level it
belongs to was reached in the assessment the plan starts from. Levels are cumulative (PermenPANRB 59/2020): a level can
be claimed when all criteria up to it are met.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from spbe_tasks.rules.instrument import Criterion, Indicator, LevelScale, LevelStep, Place


class Source(StrEnum):
    """Who says whether a criterion is met."""

    PACK = "pack"
    TASK = "task"
    ASSESSMENT = "assessment"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Said:
    """What is known about one indicator.

    ``baseline`` is the assessed level (None: not assessed), ``secured`` the level projected from what was accepted.
    ``by_pack`` and ``by_tasks`` hold what was said about criteria, one answer per task that asks for it.
    ``shown`` are the criteria that have evidence, ``claimed`` is the level typed (None: none was).
    """

    baseline: Decimal | None
    secured: Decimal | None = None
    by_pack: Mapping[Place, bool] | None = None
    by_tasks: Mapping[Place, Sequence[bool]] | None = None
    shown: AbstractSet[Place] = frozenset()
    claimed: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion in the pack."""

    criterion: Criterion
    is_met: bool
    source: Source
    has_evidence: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One level with its criteria in the pack."""

    step: LevelStep
    lines: tuple[Line, ...]

    @property
    def is_met(self) -> bool:
        """Whether everything this level adds is met; never where the instrument has no criteria for it."""
        return bool(self.lines) and all(line.is_met for line in self.lines)

    @property
    def shown(self) -> int:
        """How many of its criteria have evidence."""
        return sum(line.has_evidence for line in self.lines)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An indicator in the pack: the level claimed, whether it was typed, and every level with its criteria."""

    level: Decimal | None
    is_typed: bool
    steps: tuple[Step, ...]

    @property
    def own_step(self) -> Step | None:
        """The whole level that is claimed, or that lies below it; None below the first."""
        level = self.level
        return next(
            (each for each in reversed(self.steps) if level is not None and each.step.level <= level), None
        )

    @property
    def has_evidence(self) -> bool:
        """Whether every criterion of the claimed level has evidence: what "44 of 47 have evidence" counts."""
        step = self.own_step
        return step is not None and bool(step.lines) and step.shown == len(step.lines)

    @property
    def unmet(self) -> tuple[Place, ...]:
        """Criteria up to the claimed level that nobody says are met: a claim the assessors will not follow."""
        level = self.level
        if level is None:
            return ()
        return tuple(
            (step.step.level, line.criterion.letter)
            for step in self.steps
            if step.step.level <= level
            for line in step.lines
            if not line.is_met
        )


def claim(indicator: Indicator, scale: LevelScale, said: Said) -> Claimed:
    """The indicator as the pack shows it. Without a typed level, the highest that ``said`` supports.

    That is the highest whole level up to which everything is met, and never less than what is secured by the
    accepted tasks, else what was assessed. None when nothing was assessed, secured or met.
    """
    steps = tuple(
        Step(step, tuple(_line(step, each, said) for each in step.criteria)) for step in indicator.levels
    )
    if said.claimed is not None:
        return Claimed(said.claimed, True, steps)
    return Claimed(_supported(steps, scale, said), False, steps)


def _line(step: LevelStep, criterion: Criterion, said: Said) -> Line:
    key = (step.level, criterion.letter)
    is_met, source = _answer(key, said)
    return Line(criterion, is_met, source, has_evidence=key in said.shown)


def _answer(key: Place, said: Said) -> tuple[bool, Source]:
    own = (said.by_pack or {}).get(key)
    if own is not None:
        return own, Source.PACK
    answers = (said.by_tasks or {}).get(key, ())
    if answers:
        return all(answers), Source.TASK
    if said.baseline is not None and key[0] <= said.baseline:
        return True, Source.ASSESSMENT
    return False, Source.NOBODY


def _supported(steps: Sequence[Step], scale: LevelScale, said: Said) -> Decimal | None:
    standing = said.secured if said.secured is not None else said.baseline
    met = None
    for step in steps:
        if not step.is_met:
            break
        met = Decimal(step.step.level)
    found = [each for each in (standing, met) if each is not None and each >= scale.minimum]
    return max(found, default=None)
