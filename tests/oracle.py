"""The projected index a second way: plain SQL over the tables, with weights taken from the instrument's data file."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import yaml
from sqlalchemy import text
from sqlalchemy.orm import Session

from spbe_tasks import instruments

QUERY = (Path(__file__).parent / "projection_oracle.sql").read_text()
INSTRUMENT_FILE = Path(instruments.__file__).parent / "permenpanrb-59-2020.yaml"


def projected(
    session: Session, plan_id: int, *, today: date, evaluation_on: date | None
) -> dict[str, Decimal]:
    """The four figures of a plan, exact, by name."""
    found = _run(session, {"plan": plan_id, "today": today, "evaluation": evaluation_on})
    return {name: value for name, value in found.items() if name != "at_risk"}


def at_risk(session: Session, plan_id: int, *, today: date) -> Decimal:
    """The index if every level whose upkeep is not accepted fell by one."""
    return _run(session, {"plan": plan_id, "today": today, "evaluation": None})["at_risk"]


def _run(session: Session, params: dict[str, object]) -> dict[str, Decimal]:
    session.flush()
    _fill_tables(session)
    return dict(session.execute(text(QUERY), params).one()._mapping)


def _fill_tables(session: Session) -> None:
    data = yaml.safe_load(INSTRUMENT_FILE.read_text())
    for statement in (
        "CREATE TEMP TABLE IF NOT EXISTS oracle_weight (number int, weight numeric)",
        "CREATE TEMP TABLE IF NOT EXISTS oracle_prerequisite "
        "(number int, level numeric, needs_number int, needs_level numeric)",
        "DELETE FROM oracle_weight",
        "DELETE FROM oracle_prerequisite",
    ):
        session.execute(text(statement))
    weights = [
        {"number": each["number"], "weight": str(each["weight"])}
        for domain in data["domains"]
        for aspect in domain["aspects"]
        for each in aspect["indicators"]
    ]
    session.execute(text("INSERT INTO oracle_weight VALUES (:number, CAST(:weight AS numeric))"), weights)
    needs = [
        {
            "number": number,
            "level": rule["level"],
            "needs": rule["needs_indicator"],
            "at": rule["needs_level"],
        }
        for rule in data["prerequisites"]
        for number in rule["indicators"]
    ]
    session.execute(text("INSERT INTO oracle_prerequisite VALUES (:number, :level, :needs, :at)"), needs)
