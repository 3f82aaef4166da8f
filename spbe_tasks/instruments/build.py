"""From the sections of an instrument file to the instrument; each part is checked where it is read."""

from dataclasses import dataclass, field
from decimal import Decimal

from spbe_tasks.instruments import checks
from spbe_tasks.instruments.section import Section
from spbe_tasks.rules.instrument import (
    Aspect,
    Criterion,
    Domain,
    ExternalUse,
    Indicator,
    Instrument,
    InstrumentStatus,
    LevelScale,
    LevelStep,
    NotAssessedPolicy,
    PredicateBasis,
    PredicateBound,
    Prerequisite,
)

Ladders = dict[str, tuple[LevelStep, ...]]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What every indicator is read against: the scale, the level names, and the numbers already taken."""

    scale: LevelScale
    ladders: Ladders
    taken: checks.Numbers = field(default_factory=set)


def build(root: Section) -> Instrument:
    """The instrument of a file. Mistakes are reported to ``root``; after one the result must not be used."""
    scale = _scale(root.section("scale"))
    frame = _Frame(scale, _ladders(root.section("level_names"), scale))
    domains = tuple(_domain(section, frame) for section in root.sections("domains", required=True))
    prerequisites = tuple(_prerequisite(section, frame) for section in root.sections("prerequisites"))
    not_assessed = root.section("not_assessed")
    years = root.section("valid_years")
    evidence = root.section("evidence") if root.has("evidence") else None
    instrument = Instrument(
        id=root.text("id"),
        title_id=root.text("title_id"),
        title_en=root.text("title_en"),
        regulation=root.text("regulation"),
        year=root.integer("year"),
        status=root.choice("status", InstrumentStatus),
        revoked_on=root.optional_day("revoked_on"),
        is_provisional=root.flag("is_provisional"),
        valid_from_year=years.integer("from"),
        valid_to_year=years.integer("to") if years.has("to") else None,
        scale=scale,
        domains=domains,
        predicates=_predicates(root, scale),
        predicate_basis=root.choice("predicate_basis", PredicateBasis),
        predicate_basis_by_year=_basis_by_year(root),
        not_assessed=not_assessed.choice("policy", NotAssessedPolicy),
        not_assessed_tokens=not_assessed.texts("tokens"),
        prerequisites=prerequisites,
        review_age_limit_months=evidence.integer("review_age_limit_months") if evidence else None,
        upkeep_months=_upkeep(evidence, scale) if evidence else {},
        printed_tolerance=root.decimal("printed_tolerance") if root.has("printed_tolerance") else Decimal(0),
        note_id=root.optional_text("note_id"),
        note_en=root.optional_text("note_en"),
    )
    for section in filter(None, (root, not_assessed, years, evidence)):
        section.close()
    checks.check_instrument(root, instrument)
    return instrument


def _scale(section: Section) -> LevelScale:
    is_integer = section.flag("is_integer")
    decimals = section.integer("decimals") if section.has("decimals") else 0
    scale = LevelScale(section.decimal("minimum"), section.decimal("maximum"), is_integer, decimals)
    section.close()
    checks.check_scale(section, scale)
    return scale


def _ladders(section: Section, scale: LevelScale) -> Ladders:
    """The level names of each capability type: one for every whole level of the scale."""
    ladders: Ladders = {}
    for name, ladder in section.children().items():
        checks.check_levels_named(ladder, scale)
        ladders[name] = tuple(_level_name(level, step) for level, step in ladder.children().items())
    return ladders


def _level_name(level: str, section: Section) -> LevelStep:
    step = LevelStep(
        level=checks.whole_number(section, level),
        name_id=section.text("name_id"),
        name_en=section.text("name_en"),
        meaning_id=section.optional_text("meaning_id") or "",
        meaning_en=section.optional_text("meaning_en") or "",
    )
    section.close()
    return step


def _domain(section: Section, frame: _Frame) -> Domain:
    domain = Domain(
        number=section.integer("number"),
        name_id=section.text("name_id"),
        name_en=section.text("name_en"),
        weight=section.decimal("weight"),
        aspects=tuple(_aspect(a, frame) for a in section.sections("aspects", required=True)),
        is_synthetic=section.flag("is_synthetic", default=False),
    )
    section.close()
    checks.check_number(section, "domain", domain.number, frame.taken)
    checks.check_weight(section, domain.weight, [aspect.weight for aspect in domain.aspects])
    return domain


def _aspect(section: Section, frame: _Frame) -> Aspect:
    aspect = Aspect(
        number=section.integer("number"),
        name_id=section.text("name_id"),
        name_en=section.text("name_en"),
        weight=section.decimal("weight"),
        indicators=tuple(_indicator(i, frame) for i in section.sections("indicators", required=True)),
    )
    section.close()
    checks.check_number(section, "aspect", aspect.number, frame.taken)
    checks.check_weight(section, aspect.weight, [indicator.weight for indicator in aspect.indicators])
    return aspect


def _indicator(section: Section, frame: _Frame) -> Indicator:
    capability_type = section.text("capability_type")
    if capability_type and capability_type not in frame.ladders:
        section.report("instrument.unknown_capability_type", "capability_type", capability_type)
    indicator = Indicator(
        number=section.integer("number"),
        name_id=section.text("name_id"),
        name_en=section.text("name_en"),
        weight=section.decimal("weight"),
        capability_type=capability_type,
        levels=_levels(section, frame.ladders.get(capability_type, ()), frame.scale),
        usual_agencies=section.texts("usual_agencies"),
        typical_applications=section.texts("typical_applications"),
        external_source=section.optional_text("external_source"),
        external_use=section.choice("external_use", ExternalUse) if section.has("external_source") else None,
        note_id=section.optional_text("note_id"),
        note_en=section.optional_text("note_en"),
    )
    section.close()
    checks.check_number(section, "indicator", indicator.number, frame.taken)
    checks.check_positive(section, indicator.weight)
    return indicator


def _levels(section: Section, ladder: tuple[LevelStep, ...], scale: LevelScale) -> tuple[LevelStep, ...]:
    """The ladder of names with the criteria of this indicator; an instrument may have none."""
    criteria: dict[int, tuple[Criterion, ...]] = {}
    if section.has("levels"):
        for level, step in section.section("levels").children().items():
            checks.check_level_on_scale(step, level, scale)
            criteria[checks.whole_number(step, level)] = _criteria(step)
    return tuple(
        LevelStep(
            level=step.level,
            name_id=step.name_id,
            name_en=step.name_en,
            criteria=criteria.get(step.level, ()),
            meaning_id=step.meaning_id,
            meaning_en=step.meaning_en,
        )
        for step in ladder
    )


def _criteria(step: Section) -> tuple[Criterion, ...]:
    checks.check_letters(step)
    return tuple(_criterion(letter, section) for letter, section in step.children().items())


def _criterion(letter: str, section: Section) -> Criterion:
    criterion = Criterion(
        letter=letter,
        text_id=section.text("text_id"),
        text_en=section.text("text_en"),
        evidence_id=section.optional_text("evidence_id") or "",
        is_review=section.flag("is_review", default=False),
    )
    section.close()
    return criterion


def _predicates(root: Section, scale: LevelScale) -> tuple[PredicateBound, ...]:
    bounds: list[PredicateBound] = []
    for section in root.sections("predicates", required=True):
        bound = PredicateBound(
            section.text("name_id"), section.text("name_en"), section.decimal("lower_bound")
        )
        section.close()
        checks.check_bound(section, bound.lower_bound, scale, bounds[-1].lower_bound if bounds else None)
        bounds.append(bound)
    return tuple(bounds)


def _basis_by_year(root: Section) -> dict[int, PredicateBasis]:
    if not root.has("predicate_basis_by_year"):
        return {}
    section = root.section("predicate_basis_by_year")
    return {
        checks.whole_number(section, year, year): section.choice(year, PredicateBasis)
        for year in section.names()
    }


def _upkeep(evidence: Section, scale: LevelScale) -> dict[int, int]:
    if not evidence.has("upkeep_months"):
        return {}
    section = evidence.section("upkeep_months")
    for level in section.names():
        checks.check_level_on_scale(section, level, scale)
    return {checks.whole_number(section, level, level): section.integer(level) for level in section.names()}


def _prerequisite(section: Section, frame: _Frame) -> Prerequisite:
    prerequisite = Prerequisite(
        indicators=frozenset(section.integers("indicators")),
        level=section.integer("level"),
        needs_indicator=section.integer("needs_indicator"),
        needs_level=section.integer("needs_level"),
    )
    section.close()
    checks.check_prerequisite(section, prerequisite, frame.scale, frame.taken)
    return prerequisite
