"""A projection as it is stored and read back: fractions as "numerator/denominator", so that nothing is rounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from spbe_tasks.models import Projection
from spbe_tasks.rules.agency_points import AgencyFigures, AgencyPart
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.projection import Figure, IndicatorTrace
from spbe_tasks.rules.projection import Projection as Computed
from spbe_tasks.rules.upkeep import Risk
from spbe_tasks.services.queries import projections as queries

FIGURES = ("baseline", "secured", "expected", "potential")
_COUNTS = ("tasks_open", "tasks_overdue", "tasks_submitted", "tasks_accepted")
_PARTS = ("at_stake", "secured", "waiting", "late")
_POINTS = ("points_at_stake", "points_secured", "points_waiting", "points_late")


@dataclass(frozen=True, slots=True)
class StoredFigure:
    """One figure read back: exact index, domains and aspects by number, and the level of every indicator."""

    index: Fraction
    domains: Mapping[int, Fraction]
    aspects: Mapping[int, Fraction]
    levels: Mapping[int, Level]


@dataclass(frozen=True, slots=True)
class StoredAgency:
    """One agency's row read back; the name is the one it had when the figures were computed."""

    agency_id: int
    name: str
    figures: AgencyFigures


@dataclass(frozen=True, slots=True)
class StoredCount:
    """What one agency's counting task brings to its indicator, by figure.

    ``holds`` are the figures in which it is the lowest of several that differ: there it decides the indicator's level.
    """

    task_id: int
    agency_id: int
    values: Mapping[str, Decimal]
    holds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Record:
    """Everything a stored projection says."""

    figures: Mapping[str, StoredFigure]
    agencies: tuple[StoredAgency, ...]
    stored_parts: Sequence[Mapping[str, Any]]
    traces: Mapping[int, Sequence[Mapping[str, Any]]]
    voided: Sequence[Mapping[str, Any]]
    evaluation_on: date | None
    # What falls if upkeep is not accepted; figures of an earlier version do not say.
    risk: Risk | None = None

    @property
    def parts(self) -> tuple[AgencyPart, ...]:
        """What each counting task brings to its agency's row; worked out only where it is asked for."""
        return tuple(_part_from_json(row) for row in self.stored_parts)

    def counted(self, number: int) -> tuple[StoredCount, ...]:
        """The tasks behind an indicator's levels, one for each agency; none where nothing counts but the baseline."""
        rows = [
            (row["task"], row["agency"], {figure: Decimal(row[figure]) for figure in FIGURES[1:]})
            for row in self.traces.get(number, ())
        ]
        lowest = {figure: min(values[figure] for _, _, values in rows) for figure in FIGURES[1:] if rows}
        contested = {
            figure for figure in lowest if any(values[figure] > lowest[figure] for *_, values in rows)
        }
        return tuple(
            StoredCount(
                task, agency, values, frozenset(each for each in contested if values[each] == lowest[each])
            )
            for task, agency, values in rows
        )

    @property
    def tasks_overdue(self) -> int:
        """Overdue tasks of the whole plan."""
        return sum(row.figures.tasks_overdue for row in self.agencies)

    @property
    def tasks_submitted(self) -> int:
        """Tasks of the whole plan that wait for a reviewer."""
        return sum(row.figures.tasks_submitted for row in self.agencies)


def agency_names(session: Session, government_id: int) -> Mapping[int, str]:
    """Short names of a government's agencies, by id."""
    return queries.agency_names(session, [government_id])


def to_json(computed: Computed, names: Mapping[int, str]) -> dict[str, Any]:
    """What the ``details`` column keeps."""
    return {
        "figures": {name: _figure_to_json(getattr(computed, name)) for name in FIGURES},
        "agencies": [_agency_to_json(row, names) for row in computed.agencies],
        "parts": [_part_to_json(part) for part in computed.parts],
        "traces": {str(number): _trace_to_json(trace) for number, trace in computed.traces.items()},
        "voided": [
            {
                "figure": each.figure.value,
                "indicator": each.indicator_number,
                "task": each.task_id,
                "needs": each.needs_indicator,
                "level": each.needs_level,
            }
            for each in computed.voided
        ],
        "evaluation_on": computed.evaluation_on.isoformat() if computed.evaluation_on else None,
        "risk": {"index": str(computed.risk.index), "indicators": computed.risk.indicators},
    }


def read(projection: Projection) -> Record:
    """A stored projection as values."""
    details = projection.details
    evaluation_on = details["evaluation_on"]
    return Record(
        figures={name: _figure_from_json(details["figures"][name]) for name in FIGURES},
        agencies=tuple(_agency_from_json(row) for row in details["agencies"]),
        # Figures stored by an earlier version have none until they are computed again, seconds after the upgrade.
        stored_parts=details.get("parts", ()),
        traces={int(number): rows for number, rows in details["traces"].items()},
        voided=details["voided"],
        evaluation_on=date.fromisoformat(evaluation_on) if evaluation_on else None,
        risk=_risk_from_json(details["risk"]) if "risk" in details else None,
    )


def _risk_from_json(stored: Mapping[str, Any]) -> Risk:
    return Risk(Fraction(stored["index"]), tuple(stored["indicators"]))


def _figure_to_json(figure: Figure) -> dict[str, Any]:
    return {
        "index": str(figure.index),
        "domains": {str(number): str(value) for number, value in figure.result.domains.items()},
        "aspects": {str(number): str(value) for number, value in figure.result.aspects.items()},
        "levels": {str(n): None if level is None else str(level) for n, level in figure.levels.items()},
    }


def _figure_from_json(stored: Mapping[str, Any]) -> StoredFigure:
    return StoredFigure(
        index=Fraction(stored["index"]),
        domains={int(number): Fraction(value) for number, value in stored["domains"].items()},
        aspects={int(number): Fraction(value) for number, value in stored["aspects"].items()},
        levels={int(n): None if level is None else Decimal(level) for n, level in stored["levels"].items()},
    )


def _agency_to_json(row: AgencyFigures, names: Mapping[int, str]) -> dict[str, Any]:
    points = {name: str(getattr(row, name)) for name in _POINTS}
    counts = {name: getattr(row, name) for name in _COUNTS}
    return {"agency_id": row.agency_id, "name": names[row.agency_id], **points, **counts}


def _agency_from_json(stored: Mapping[str, Any]) -> StoredAgency:
    values: dict[str, Any] = {name: Fraction(stored[name]) for name in _POINTS}
    values |= {name: stored[name] for name in _COUNTS}
    return StoredAgency(
        stored["agency_id"], stored["name"], AgencyFigures(agency_id=stored["agency_id"], **values)
    )


def _part_to_json(part: AgencyPart) -> dict[str, Any]:
    points = {name: str(getattr(part, name)) for name in _PARTS}
    return {
        "task": part.task_id,
        "indicator": part.indicator_number,
        "agency": part.agency_id,
        **points,
    }


def _part_from_json(stored: Mapping[str, Any]) -> AgencyPart:
    points = {name: Fraction(stored[name]) for name in _PARTS}
    return AgencyPart(stored["task"], stored["indicator"], stored["agency"], **points)


def _trace_to_json(trace: IndicatorTrace) -> list[dict[str, Any]]:
    return [
        {
            "task": counted.task.task_id,
            "agency": counted.task.agency_id,
            **{figure.value: str(value) for figure, value in counted.values.items()},
        }
        for counted in trace.counted
    ]
