"""One indicator with all that is known about it, and the table of all indicators of a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from spbe_tasks.instruments.crosswalk_loader import list_crosswalks
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import AssessmentKind, Government
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.index import Level, contribution
from spbe_tasks.rules.instrument import Criterion, Indicator, Instrument
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import calendars
from spbe_tasks.services.indicator_sheet import (
    WEIGHT_OF_KINDS,
    Assessed,
    Claim,
    CriterionRow,
    IndicatorSheet,
    OwnerRow,
    Relation,
    StepRow,
    TaskRow,
)
from spbe_tasks.services.queries import indicators as queries
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.services.queries.indicators import Subject


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
        relations=_relations(instrument.id, number),
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


def _relations(instrument_id: str, number: int) -> tuple[Relation, ...]:
    found = []
    for walk in list_crosswalks():
        if walk.from_id == instrument_id:
            later = get_instrument(walk.to_id)
            found.append(Relation(later, True, walk.is_official, _named(later, walk.targets_of(number))))
        elif walk.to_id == instrument_id:
            earlier = get_instrument(walk.from_id)
            found.append(Relation(earlier, False, walk.is_official, _named(earlier, walk.sources_of(number))))
    return tuple(found)


def _named(instrument: Instrument, numbers: Sequence[int]) -> tuple[Indicator, ...]:
    return tuple(map(instrument.indicator, numbers))


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
