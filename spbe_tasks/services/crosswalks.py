"""Two assessments by different instruments side by side: each new indicator with the old ones that it follows.

No figure here is a difference: a level of one instrument does not say what a level of another one says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.instruments.crosswalk_loader import find_crosswalk, list_earlier
from spbe_tasks.models import Assessment, AssessmentRevision
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Indicator, Instrument
from spbe_tasks.services import instruments
from spbe_tasks.services.assessment_comparisons import Side, side_of
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.queries.plans import levels_of


@dataclass(frozen=True, slots=True)
class Era:
    """One of the two assessments with the instrument it was made by."""

    instrument: Instrument
    side: Side


@dataclass(frozen=True, slots=True)
class Assessed:
    """An indicator with its level; None is "not assessed"."""

    indicator: Indicator
    level: Level


@dataclass(frozen=True, slots=True)
class Followed:
    """A new indicator with its level beside the old ones it follows, by number; none for what is new."""

    new: Assessed
    old: tuple[Assessed, ...]


@dataclass(frozen=True, slots=True)
class Across:
    """Both assessments, in the new instrument's order; ``dropped`` are the old indicators that nothing follows."""

    old: Era
    new: Era
    is_official: bool
    followed: tuple[Followed, ...]
    dropped: tuple[Assessed, ...]


def list_before(session: Session, scope: Scope, instrument: Instrument) -> tuple[Instrument, ...]:
    """The instruments before this one, by a crosswalk, whose figures can stand on its axis: their scales end alike."""
    ends = (instrument.scale.minimum, instrument.scale.maximum)
    earlier = (instruments.get(session, scope.government_id, each) for each in list_earlier(instrument.id))
    return tuple(each for each in earlier if (each.scale.minimum, each.scale.maximum) == ends)


def compare(session: Session, scope: Scope, one_id: int, other_id: int) -> Across:
    """Two revisions of the scope's government by two instruments, given in either order.

    Raises NotFoundError for a foreign revision, InvalidInputError ("assessment.other_scales") where no crosswalk
    ties the two instruments.
    """
    rows = [queries.get_revision(session, scope, each) for each in (one_id, other_id)]
    ids = [row.Assessment.instrument_id for row in rows]
    walk = find_crosswalk(*ids) or find_crosswalk(*reversed(ids))
    if walk is None:
        raise InvalidInputError.of("assessment.other_scales")
    old_row, new_row = sorted(rows, key=lambda row: row.Assessment.instrument_id == walk.to_id)
    old, old_levels = _era(session, old_row)
    new, new_levels = _era(session, new_row)
    return Across(
        old,
        new,
        walk.is_official,
        followed=tuple(
            Followed(
                _assessed(new.instrument, new_levels, each.number),
                tuple(_assessed(old.instrument, old_levels, n) for n in walk.sources_of(each.number)),
            )
            for each in new.instrument.indicators
        ),
        dropped=tuple(_assessed(old.instrument, old_levels, number) for number in walk.dropped),
    )


def _era(session: Session, row: "Row[AssessmentRevision, Assessment]") -> tuple[Era, Mapping[int, Level]]:
    instrument = instruments.of(session, row.Assessment)
    levels = levels_of(session, row.AssessmentRevision.id)
    return Era(instrument, side_of(instrument, row.Assessment, row.AssessmentRevision, levels)), levels


def _assessed(instrument: Instrument, levels: Mapping[int, Level], number: int) -> Assessed:
    return Assessed(instrument.indicator(number), levels[number])
