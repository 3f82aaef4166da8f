"""The projected index a second way: plain SQL over the tables, with weights taken from the instrument's data file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import text
from sqlalchemy.orm import Session

from spbe_tasks import instruments
from spbe_tasks.models import Plan, Projection, ProjectionSnapshot
from spbe_tasks.services import projection_record

QUERY = text((Path(__file__).parent / "projection_oracle.sql").read_text())
FOLDER = Path(instruments.__file__).parent
FIGURES = ("baseline", "secured", "expected", "potential")
POINTS = ("at_stake", "secured", "waiting", "late")
COUNTS = ("open", "overdue", "submitted", "accepted")
# Points of agencies are compared to so many decimals: more than tells two different fractions of our sizes apart.
NEAR = Fraction(1, 10**38)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the oracle says of a plan: exact figures, the index at risk, levels by indicator, rows by agency.

    Levels are 0 where nothing was assessed. Points of agencies have 40 decimals.
    """

    figures: Mapping[str, Decimal]
    at_risk: Decimal
    levels: Mapping[int, Mapping[str, Decimal]]
    points: Mapping[int, Mapping[str, Fraction]]
    counts: Mapping[int, Mapping[str, int]]


def ask(session: Session, plan_id: int, *, today: date, evaluation_on: date | None) -> Answer:
    """Everything the oracle says of a plan on a day."""
    session.flush()
    plan = session.get_one(Plan, plan_id)
    asked = {
        "plan": plan_id,
        "today": today,
        "evaluation": evaluation_on,
        "instrument": _instrument(plan.instrument_id),
    }
    row = session.execute(QUERY, asked).one()
    return Answer(
        figures={name: getattr(row, name) for name in FIGURES},
        at_risk=row.at_risk,
        levels={
            int(number): {name: Decimal(level) for name, level in levels.items()}
            for number, levels in row.levels.items()
        },
        points={int(n): {name: Fraction(each[name]) for name in POINTS} for n, each in row.agencies.items()},
        counts={int(n): {name: each[name] for name in COUNTS} for n, each in row.agencies.items()},
    )


def projected(
    session: Session, plan_id: int, *, today: date, evaluation_on: date | None
) -> dict[str, Decimal]:
    """The four figures of a plan, exact, by name."""
    return dict(ask(session, plan_id, today=today, evaluation_on=evaluation_on).figures)


def at_risk(session: Session, plan_id: int, *, today: date) -> Decimal:
    """The index if every level whose upkeep is not accepted fell by one."""
    return ask(session, plan_id, today=today, evaluation_on=None).at_risk


def check_stored(session: Session, stored: Projection, *, evaluation_on: date | None) -> Answer:
    """Assert that everything a stored projection and the snapshot of its day say is what the oracle says.

    Returns the oracle's answer.
    """
    answer = ask(session, stored.plan_id, today=stored.as_of_on, evaluation_on=evaluation_on)
    assert {name: getattr(stored, name) for name in FIGURES} == answer.figures
    record = projection_record.read(stored)
    assert {name: figure.index for name, figure in record.figures.items()} == {
        name: Fraction(value) for name, value in answer.figures.items()
    }
    assert {
        number: {name: record.figures[name].levels[number] or 0 for name in FIGURES}
        for number in answer.levels
    } == answer.levels
    assert record.risk is not None
    assert record.risk.index == Fraction(answer.at_risk)
    assert record.evaluation_on == evaluation_on
    _check_agencies(record, answer)
    _check_snapshot(session, stored, answer)
    return answer


def _check_agencies(record: projection_record.Record, answer: Answer) -> None:
    rows = {row.agency_id: row.figures for row in record.agencies}
    assert {
        agency_id: {name: getattr(row, f"tasks_{name}") for name in COUNTS} for agency_id, row in rows.items()
    } == answer.counts
    for agency_id, points in answer.points.items():
        for name, value in points.items():
            said = getattr(rows[agency_id], f"points_{name}")
            assert abs(said - value) < NEAR, f"agency {agency_id}, {name}: {said}, not {float(value)}"


def _check_snapshot(session: Session, stored: Projection, answer: Answer) -> None:
    day = session.get_one(ProjectionSnapshot, (stored.plan_id, stored.as_of_on), populate_existing=True)
    assert {name: getattr(day, name) for name in FIGURES} == answer.figures
    for name, levels in (day.levels or {}).items():
        assert {int(number): Decimal(level or 0) for number, level in levels.items()} == {
            number: each[name] for number, each in answer.levels.items()
        }


@cache
def _instrument(instrument_id: str) -> str:
    data = yaml.safe_load((FOLDER / f"{instrument_id}.yaml").read_text())
    parts = data.get("domains", [data])
    indicators = [each for part in parts for aspect in part["aspects"] for each in aspect["indicators"]]
    weights = [{"number": each["number"], "weight": str(each["weight"])} for each in indicators]
    needs = [
        {
            "number": number,
            "level": rule["level"],
            "needs_number": rule["needs_indicator"],
            "needs_level": rule["needs_level"],
        }
        for rule in data.get("prerequisites", ())
        for number in rule["indicators"]
    ]
    lowest = str(data["scale"]["minimum"])
    return json.dumps({"weights": weights, "prerequisites": needs, "lowest": lowest})
