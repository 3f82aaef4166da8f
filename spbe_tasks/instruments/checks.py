"""What must be true of an instrument beyond the type of each value, each mistake reported where it stands."""

import re
from collections.abc import Sequence
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from string import ascii_lowercase

from spbe_tasks.instruments.section import NO_INTEGER, Section, is_whole_number
from spbe_tasks.rules.index import WEIGHT_TOTAL
from spbe_tasks.rules.instrument import Instrument, LevelScale, Prerequisite

Numbers = set[tuple[str, int]]

_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")
_YEARS = range(2000, 2101)
# What the columns of levels hold, and the numbers that the readers of files know.
_LARGEST_LEVEL = 99
_MOST_DECIMALS = 2
_LARGEST_NUMBER = 999


def check_instrument(root: Section, instrument: Instrument) -> None:
    """The checks that need the whole: identity, years, total weight, prerequisites without a circle."""
    if instrument.id and not _ID.fullmatch(instrument.id):
        root.report("instrument.bad_id", "id", instrument.id)
    if instrument.year != NO_INTEGER and instrument.year not in _YEARS:
        root.report("instrument.bad_year", "year", str(instrument.year))
    if (
        instrument.valid_to_year is not None
        and NO_INTEGER < instrument.valid_to_year < instrument.valid_from_year
    ):
        root.report("instrument.years_reversed", "valid_years")
    if instrument.printed_tolerance < 0:
        root.report("instrument.not_positive", "printed_tolerance", str(instrument.printed_tolerance))
    _check_sum(root, "domains", Decimal(WEIGHT_TOTAL), [domain.weight for domain in instrument.domains])
    _check_no_circle(root, instrument.prerequisites)


def check_scale(section: Section, scale: LevelScale) -> None:
    """The scale runs upwards from zero or more, from whole level to whole level, no finer than a column holds."""
    if scale.decimals > _MOST_DECIMALS:
        section.report("instrument.too_fine", "decimals", str(scale.decimals), most=_MOST_DECIMALS)
    low, high = scale.minimum, scale.maximum
    if low.is_nan() or high.is_nan():
        return
    if not 0 <= low < high <= _LARGEST_LEVEL:
        section.report("instrument.bad_scale", minimum=low, maximum=high, largest=_LARGEST_LEVEL)
    for key, end in (("minimum", low), ("maximum", high)):
        if end % 1:
            section.report("instrument.end_not_whole", key, str(end))


def check_levels_named(ladder: Section, scale: LevelScale) -> None:
    """A ladder names every whole level of the scale once, lowest first."""
    expected = [str(level) for level in _whole_levels(scale)]
    if expected and list(ladder.names()) != expected:
        ladder.report("instrument.levels_not_named", levels=", ".join(expected))


def check_level_on_scale(section: Section, level: str, scale: LevelScale) -> None:
    """Criteria, upkeep and prerequisites speak of whole levels of the scale."""
    expected = [str(whole) for whole in _whole_levels(scale)]
    if expected and level not in expected:
        section.report("instrument.level_outside_scale", value=level, levels=", ".join(expected))


def check_letters(step: Section) -> None:
    """Criteria are lettered a, b, c without a gap: evidence files are named by number and letter."""
    expected = tuple(ascii_lowercase[: len(step.names())])
    if not expected or step.names() != expected:
        step.report(
            "instrument.bad_letters", value=", ".join(step.names()), expected=", ".join(expected) or "a"
        )


def check_number(section: Section, kind: str, number: int, taken: Numbers) -> None:
    """Numbers are how imports find an indicator, so each is used once and none is zero."""
    if number == NO_INTEGER:
        return
    if number == 0:
        section.report("instrument.not_positive", "number", str(number))
    elif number > _LARGEST_NUMBER:
        section.report("instrument.number_too_large", "number", str(number), largest=_LARGEST_NUMBER)
    elif (kind, number) in taken:
        section.report("instrument.repeated_number", "number", str(number), kind=kind)
    taken.add((kind, number))


def check_positive(section: Section, weight: Decimal) -> None:
    """A weight divides or counts: it cannot be zero or negative."""
    if not weight.is_nan() and weight <= 0:
        section.report("instrument.not_positive", "weight", str(weight))


def check_weight(section: Section, weight: Decimal, parts: Sequence[Decimal]) -> None:
    """The weight of a domain or aspect is exactly the sum of its parts."""
    check_positive(section, weight)
    if not weight.is_nan():
        _check_sum(section, "weight", weight, parts)


def check_bound(section: Section, bound: Decimal, scale: LevelScale, above: Decimal | None) -> None:
    """Bounds run strictly downwards and stay on the scale."""
    if bound.is_nan():
        return
    if (
        not scale.minimum.is_nan()
        and not scale.maximum.is_nan()
        and not scale.minimum <= bound <= scale.maximum
    ):
        section.report("instrument.bound_outside_scale", "lower_bound", str(bound))
    if above is not None and not above.is_nan() and bound >= above:
        section.report("instrument.bounds_not_descending", "lower_bound", str(bound), above=above)


def check_prerequisite(
    section: Section, prerequisite: Prerequisite, scale: LevelScale, taken: Numbers
) -> None:
    """A prerequisite speaks of indicators and levels that exist."""
    for number in sorted(prerequisite.indicators):
        if ("indicator", number) not in taken:
            section.report("instrument.unknown_indicator", "indicators", str(number))
    if (
        prerequisite.needs_indicator != NO_INTEGER
        and ("indicator", prerequisite.needs_indicator) not in taken
    ):
        section.report("instrument.unknown_indicator", "needs_indicator", str(prerequisite.needs_indicator))
    for level in (prerequisite.level, prerequisite.needs_level):
        if level != NO_INTEGER:
            check_level_on_scale(section, str(level), scale)


def whole_number(section: Section, text: str, key: str | None = None) -> int:
    """A key of the file as a number; reports a key that is none."""
    if is_whole_number(text):
        return int(text)
    section.report("instrument.key_not_a_number", key, text)
    return NO_INTEGER


def _check_sum(section: Section, key: str, expected: Decimal, parts: Sequence[Decimal]) -> None:
    total = sum(parts, Decimal(0))
    if parts and not total.is_nan() and total != expected:
        section.report("instrument.weights_do_not_add_up", key, str(total), expected=expected)


def _check_no_circle(root: Section, prerequisites: Sequence[Prerequisite]) -> None:
    graph: dict[int, set[int]] = {}
    for prerequisite in prerequisites:
        for number in prerequisite.indicators:
            graph.setdefault(number, set()).add(prerequisite.needs_indicator)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = " -> ".join(str(number) for number in error.args[1])
        root.report("instrument.prerequisite_circle", "prerequisites", circle)


def _whole_levels(scale: LevelScale) -> Sequence[int]:
    """The whole levels, or nothing when the scale itself could not be read."""
    if scale.minimum.is_nan() or scale.maximum.is_nan() or scale.maximum > _LARGEST_LEVEL:
        return ()
    return scale.whole_levels
