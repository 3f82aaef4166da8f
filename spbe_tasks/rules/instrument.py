"""An instrument as values: domains, aspects, indicators, criteria, bounds. Knows no figure itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import lcm

from spbe_tasks.rules.errors import NotFoundError

Place = tuple[int, str]  # level and letter of a criterion
# Every official indicator name starts with the same words; lists have no room for them.
_NAME_PREFIX = "Tingkat Kematangan "
_POLICY_PREFIX = ("Kebijakan Internal ", "Kebijakan ")
_BODY_SUFFIX = " Instansi Pusat/Pemerintah Daerah"


def _in_locale(locale: str, indonesian: str, english: str) -> str:
    return english if locale.startswith("en") else indonesian


class NotAssessedPolicy(StrEnum):
    """What an indicator without a level does to the index."""

    COUNTS_AS_ZERO = "counts_as_zero"
    REFUSED = "refused"


class PredicateBasis(StrEnum):
    """Whether the predicate is read from the exact index or from the index as printed (2 decimals)."""

    ROUNDED = "rounded"
    UNROUNDED = "unrounded"


class InstrumentStatus(StrEnum):
    """Whether the regulation behind the instrument still stands."""

    IN_FORCE = "in_force"
    REVOKED = "revoked"


class ExternalUse(StrEnum):
    """How another national index enters an indicator: it gives the value, or it is part of the evidence."""

    VALUE = "value"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One checkable condition of a level. ``is_review``: its evidence is a review, which grows too old."""

    letter: str
    text_id: str
    text_en: str
    evidence_id: str = ""
    is_review: bool = False

    def text(self, locale: str) -> str:
        """The condition in the reader's language."""
        return _in_locale(locale, self.text_id, self.text_en)


@dataclass(frozen=True, slots=True)
class LevelStep:
    """One whole level of an indicator. Levels are cumulative: the criteria are those this level *adds*."""

    level: int
    name_id: str
    name_en: str
    criteria: tuple[Criterion, ...] = ()
    meaning_id: str = ""
    meaning_en: str = ""

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return _in_locale(locale, self.name_id, self.name_en)

    def meaning(self, locale: str) -> str:
        """What the level stands for, in the reader's language."""
        return _in_locale(locale, self.meaning_id, self.meaning_en)


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is scored. ``weight`` is in points of 100; ``levels`` has every whole level, lowest first.

    ``capability_type`` names the ladder of level names that the indicator climbs.
    """

    number: int
    name_id: str
    name_en: str
    weight: Decimal
    capability_type: str
    levels: tuple[LevelStep, ...] = ()
    usual_agencies: tuple[str, ...] = ()
    typical_applications: tuple[str, ...] = ()
    external_source: str | None = None
    external_use: ExternalUse | None = None
    note_id: str | None = None
    note_en: str | None = None

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return _in_locale(locale, self.name_id, self.name_en)

    def short_name(self, locale: str) -> str:
        """The name without the words that all indicators share; still unique within an instrument."""
        short = self.name(locale).removeprefix(_NAME_PREFIX).removesuffix(_BODY_SUFFIX)
        long_policy, short_policy = _POLICY_PREFIX
        return short_policy + short.removeprefix(long_policy) if short.startswith(long_policy) else short

    def note(self, locale: str) -> str | None:
        """What the reader should know about it, if anything."""
        return self.note_en if locale.startswith("en") else self.note_id

    @property
    def has_criteria(self) -> bool:
        """False where the instrument has no criteria and the coordinator writes them."""
        return any(step.criteria for step in self.levels)

    def step(self, level: int) -> LevelStep:
        """The step of a whole level; raises NotFoundError for a level outside the scale."""
        for step in self.levels:
            if step.level == level:
                return step
        raise NotFoundError("instrument.level_not_found", number=self.number, level=level)


@dataclass(frozen=True, slots=True)
class Aspect:
    """Indicators that are averaged together; the weight is the sum of theirs."""

    number: int
    name_id: str
    name_en: str
    weight: Decimal
    indicators: tuple[Indicator, ...]

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return _in_locale(locale, self.name_id, self.name_en)


@dataclass(frozen=True, slots=True)
class Domain:
    """Aspects averaged together. ``is_synthetic``: the regulation has no domains and pages hide this one."""

    number: int
    name_id: str
    name_en: str
    weight: Decimal
    aspects: tuple[Aspect, ...]
    is_synthetic: bool = False

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return _in_locale(locale, self.name_id, self.name_en)


@dataclass(frozen=True, slots=True)
class PredicateBound:
    """A predicate and the lowest index that earns it."""

    name_id: str
    name_en: str
    lower_bound: Decimal

    def name(self, locale: str) -> str:
        """The name in the reader's language."""
        return _in_locale(locale, self.name_id, self.name_en)


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Raising one of ``indicators`` to ``level`` or more needs ``needs_indicator`` at ``needs_level``."""

    indicators: frozenset[int]
    level: int
    needs_indicator: int
    needs_level: int


@dataclass(frozen=True, slots=True)
class LevelScale:
    """The values a level may take, both ends included; ``decimals`` counts only on a scale of decimals."""

    minimum: Decimal
    maximum: Decimal
    is_integer: bool
    decimals: int = 2

    def holds(self, value: Decimal) -> bool:
        """Whether an indicator may have this level: inside the scale and no finer than it."""
        if not value.is_finite() or not self.minimum <= value <= self.maximum:
            return False
        step = Decimal(1).scaleb(0 if self.is_integer else -self.decimals)
        return value % step == 0

    @property
    def parts(self) -> int:
        """Every level is a whole number of 1/``parts``."""
        return 1 if self.is_integer else 10**self.decimals

    @property
    def whole_levels(self) -> range:
        """The whole levels of the scale, lowest first."""
        return range(int(self.minimum), int(self.maximum) + 1)


@dataclass(frozen=True, slots=True)
class WholeWeights:
    """All weights by number, as whole numbers of 1/``parts``: exact sums need no fraction for each term."""

    parts: int
    indicators: Mapping[int, int]
    aspects: Mapping[int, int]
    domains: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A complete instrument; ``predicates`` run from the highest bound to the lowest."""

    id: str
    title_id: str
    title_en: str
    regulation: str
    year: int
    status: InstrumentStatus
    is_provisional: bool
    valid_from_year: int
    valid_to_year: int | None
    scale: LevelScale
    domains: tuple[Domain, ...]
    predicates: tuple[PredicateBound, ...]
    predicate_basis: PredicateBasis
    not_assessed: NotAssessedPolicy
    predicate_basis_by_year: Mapping[int, PredicateBasis] = field(default_factory=dict, hash=False)
    not_assessed_tokens: tuple[str, ...] = ("",)
    prerequisites: tuple[Prerequisite, ...] = ()
    revoked_on: date | None = None
    review_age_limit_months: int | None = None
    upkeep_months: Mapping[int, int] = field(default_factory=dict, hash=False)
    printed_tolerance: Decimal = Decimal(0)
    note_id: str | None = None
    note_en: str | None = None
    indicators: tuple[Indicator, ...] = field(init=False, repr=False, compare=False)
    whole_weights: WholeWeights = field(init=False, repr=False, compare=False)
    _places: Mapping[int, tuple[Domain, Aspect, Indicator]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places = {i.number: (d, a, i) for d in self.domains for a in d.aspects for i in a.indicators}
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "indicators", tuple(places[number][2] for number in sorted(places)))
        object.__setattr__(self, "whole_weights", _whole_weights(self.indicators, self.aspects, self.domains))

    def title(self, locale: str) -> str:
        """The full title in the reader's language."""
        return _in_locale(locale, self.title_id, self.title_en)

    def note(self, locale: str) -> str | None:
        """What the reader should know about it, if anything."""
        return self.note_en if locale.startswith("en") else self.note_id

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """The aspects of all domains, in file order."""
        return tuple(aspect for domain in self.domains for aspect in domain.aspects)

    @property
    def not_assessed_mark(self) -> str:
        """How "not assessed" is written so that it can be seen; empty where only an empty cell says it."""
        return next((token for token in self.not_assessed_tokens if token), "")

    def has(self, number: int) -> bool:
        """Whether there is an indicator of that number."""
        return number in self._places

    def indicator(self, number: int) -> Indicator:
        """The indicator of that number; raises NotFoundError."""
        return self._place(number)[2]

    def aspect_of(self, number: int) -> Aspect:
        """The aspect an indicator belongs to; raises NotFoundError."""
        return self._place(number)[1]

    def domain_of(self, number: int) -> Domain:
        """The domain an indicator belongs to; raises NotFoundError."""
        return self._place(number)[0]

    def is_used_in(self, year: int) -> bool:
        """Whether assessments of that year are made with this instrument."""
        return self.valid_from_year <= year and (self.valid_to_year is None or year <= self.valid_to_year)

    def basis_for(self, year: int) -> PredicateBasis:
        """The predicate basis that assessments of that year start with."""
        return self.predicate_basis_by_year.get(year, self.predicate_basis)

    def _place(self, number: int) -> tuple[Domain, Aspect, Indicator]:
        try:
            return self._places[number]
        except KeyError:
            raise NotFoundError("instrument.indicator_not_found", instrument=self.id, number=number) from None


def _whole_weights(*groups: Sequence[Indicator] | Sequence[Aspect] | Sequence[Domain]) -> WholeWeights:
    # The loader makes an instrument of a file with mistakes, too, to report all of them: what is no number is left out.
    usable = [{each.number: each.weight for each in them if each.weight.is_finite()} for them in groups]
    parts = lcm(*(weight.as_integer_ratio()[1] for them in usable for weight in them.values()))
    return WholeWeights(parts, *({n: int(weight * parts) for n, weight in them.items()} for them in usable))
