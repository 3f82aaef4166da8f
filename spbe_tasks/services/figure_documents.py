"""A plan's figures as documents for programs: the command line's JSON and the interface under ``/api`` say the same.

A figure is given twice: as pages show it (two decimals as text, with a decimal point) and exactly, as a fraction.
"""

from fractions import Fraction
from typing import Any

from spbe_tasks.formatting import decimal2, level
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.index import Level
from spbe_tasks.services.overviews import Overview

FIGURES = ("baseline", "secured", "expected", "potential")
# Of numbers, not of words: programs read a decimal point in every language.
_NUMBERS = "en"


def plan(row: Plan) -> dict[str, Any]:
    """A plan by itself."""
    return {
        "id": row.id,
        "year": row.year,
        "instrument": row.instrument_id,
        "target_index": None if row.target_index is None else str(row.target_index),
        "published_at": row.published_at.isoformat() if row.published_at else None,
        "is_closed": row.is_closed,
    }


def figures(overview: Overview, locale: str) -> dict[str, Any]:
    """The index of each figure with its predicate, and where domains and aspects stand."""
    instrument = overview.instrument
    return {
        **plan(overview.plan),
        "baseline_kind": overview.assessment.kind.value,
        "baseline_year": overview.assessment.year,
        "rebuilt_at": overview.rebuilt_at.isoformat(),
        "generation": overview.generation,
        "figures": {
            name: _index(overview.index(name))
            | {"predicate": overview.predicate(overview.index(name), locale)}
            for name in FIGURES
        },
        "target": None
        if overview.target is None
        else _index(overview.target) | {"predicate": overview.predicate(overview.target, locale)},
        "domains": [
            {
                "number": domain.number,
                "name": domain.name(locale),
                **_parts(overview, "domains", domain.number),
            }
            for domain in instrument.domains
            if not domain.is_synthetic
        ],
        "aspects": [
            {
                "number": aspect.number,
                "name": aspect.name(locale),
                **_parts(overview, "aspects", aspect.number),
            }
            for domain in instrument.domains
            for aspect in domain.aspects
        ],
    }


def indicators(overview: Overview, locale: str) -> list[dict[str, Any]]:
    """The level of every indicator in each figure."""
    return [
        {
            "number": indicator.number,
            "name": indicator.short_name(locale),
            "levels": {
                name: _level(overview.record.figures[name].levels[indicator.number]) for name in FIGURES
            },
        }
        for indicator in overview.instrument.indicators
    ]


def agencies(overview: Overview, scope: Scope) -> list[dict[str, Any]]:
    """The agencies' points that the scope may see, most points still to bring first; exact fractions as text."""
    return [
        {
            "id": row.agency_id,
            "name": row.name,
            "points_at_stake": str(row.figures.points_at_stake),
            "points_undelivered": str(row.figures.points_undelivered),
            "points_secured": str(row.figures.points_secured),
            "points_waiting": str(row.figures.points_waiting),
            "points_late": str(row.figures.points_late),
            "tasks_open": row.figures.tasks_open,
            "tasks_overdue": row.figures.tasks_overdue,
            "tasks_submitted": row.figures.tasks_submitted,
            "tasks_accepted": row.figures.tasks_accepted,
        }
        for row in overview.agencies(scope)
    ]


def _index(value: Fraction) -> dict[str, Any]:
    return {"index": decimal2(value, _NUMBERS), "exact": str(value)}


def _parts(overview: Overview, kind: str, number: int) -> dict[str, Any]:
    return {name: _index(getattr(overview.record.figures[name], kind)[number]) for name in FIGURES}


def _level(value: Level) -> str | None:
    return None if value is None else level(value, _NUMBERS)
