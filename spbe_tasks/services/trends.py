"""A plan's index over time and on the scale, as page, paper and mail draw it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from spbe_tasks.formatting import month
from spbe_tasks.labels import baseline_label
from spbe_tasks.messages import translate
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services.overviews import Overview
from spbe_tasks.services.queries.dashboard import Beside


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is shown."""
    return text


FIGURE_LABELS: Mapping[str, str] = {
    "secured": _("Secured"),
    "expected": _("Expected"),
    "potential": _("Potential"),
    "target": _("Target"),
}


class PointKind(StrEnum):
    """Whether a point of the trend was published, or is our own projection."""

    OFFICIAL = "official"
    PROJECTED = "projected"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One index in time. ``era`` is the id of its instrument: no line joins two; ``note`` what to know of it."""

    label: str
    value: Fraction
    kind: PointKind
    era: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """One index on the scale; ``key`` names its figure."""

    key: str
    label: str
    value: Fraction


def points(
    overview: Overview, beside: Beside, before: Mapping[str, Instrument], locale: str
) -> tuple[TrendPoint, ...]:
    """Official results by year, the secured index month by month, then where it stands and where it may go.

    ``before``: the instruments before the plan's, by id, whose results stand in ``beside``, too.
    """
    own = overview.instrument.id
    official = [
        TrendPoint(
            str(row["year"]),
            Fraction(str(row["index_value"])),
            PointKind.OFFICIAL,
            row["instrument_id"],
            _note(row, before.get(row["instrument_id"]), locale),
        )
        for row in beside.trend
    ]
    past = [
        TrendPoint(month(row["on"], locale), Fraction(str(row["secured"])), PointKind.PROJECTED, own)
        for row in beside.snapshots[:-1]  # the last one is of the running month: that is the figure of now
    ]
    now = [
        TrendPoint(translate(FIGURE_LABELS[key], locale), overview.index(key), PointKind.PROJECTED, own)
        for key in ("secured", "expected")
    ]
    return (*official, *past, *now)


def marks(overview: Overview, locale: str) -> tuple[Mark, ...]:
    """The figures on the scale: the starting point, secured, expected, potential, and the target if it is set."""
    start = baseline_label(overview.assessment.kind, overview.assessment.year, locale)
    values = {each: overview.index(each) for each in ("secured", "expected", "potential")}
    if overview.target is not None:
        values["target"] = overview.target
    return (
        Mark("baseline", start, overview.index("baseline")),
        *(Mark(key, translate(FIGURE_LABELS[key], locale), value) for key, value in values.items()),
    )


def _note(row: Mapping[str, Any], former: Instrument | None, locale: str) -> str | None:
    notes = [former.regulation] if former else []
    illustrative = [translate(_("illustrative"), locale)] if row["is_illustrative"] else []
    return ", ".join([*notes, *illustrative]) or None
