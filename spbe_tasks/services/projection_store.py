"""The stored rows of projections. Figures replace those of the generation they started from, or nothing at all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    Date,
    Integer,
    Numeric,
    TableValuedAlias,
    and_,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from spbe_tasks.models import Plan, Projection, ProjectionSnapshot
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal
from spbe_tasks.rules.projection import Projection as Computed
from spbe_tasks.services import projection_record
from spbe_tasks.services.projection_record import FIGURES
from spbe_tasks.services.queries.projections import has_request

_VALUES = (*FIGURES, "details")


@dataclass(frozen=True, slots=True)
class Replacement:
    """Figures of a plan as they are to be stored over ``generation``; without ``values`` only the day moves on."""

    plan_id: int
    generation: int
    as_of_on: date
    values: Mapping[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """A row for PostgreSQL; figures as text, so that no digit is lost."""
        values = {name: str(value) for name, value in (self.values or {}).items() if name != "details"}
        details = self.values["details"] if self.values else None
        return {
            "plan_id": self.plan_id,
            "generation": self.generation,
            "as_of_on": self.as_of_on.isoformat(),
            "details": details,
            **values,
        }


def values_of(computed: Computed, names: Mapping[int, str]) -> dict[str, Any]:
    """The columns of a projection: the four figures, and the details with the agencies' names of now."""
    figures: dict[str, Decimal] = {
        name: as_decimal(getattr(computed, name).index, STORED_DECIMALS) for name in FIGURES
    }
    return {**figures, "details": projection_record.to_json(computed, names)}


def replace(
    session: Session, plan: Plan, found: Replacement, *, now: datetime, rest: timedelta = timedelta(0)
) -> bool:
    """Store the figures of one plan and of its day, whose next run is to come after ``rest``.

    ``found.generation`` is what stood when the facts were read, 0 for nothing. False, and nothing is stored, when
    another one stands there now.
    """
    row = insert(Projection).values(
        plan_id=plan.id,
        government_id=plan.government_id,
        generation=found.generation + 1,
        rebuilt_at=now,
        as_of_on=found.as_of_on,
        rests_until=func.clock_timestamp() + rest if rest else None,
        **(found.values or {}),
    )
    newer = {
        name: row.excluded[name] for name in ("generation", "rebuilt_at", "as_of_on", "rests_until", *_VALUES)
    }
    stored = session.scalar(
        row.on_conflict_do_update(
            index_elements=["plan_id"], set_=newer, where=Projection.generation == found.generation
        ).returning(Projection.plan_id)
    )
    if stored is None:
        return False
    _keep_day(session, [plan.id])
    return True


def list_equal(session: Session, found: Collection[Replacement]) -> Mapping[int, bool]:
    """Which stored projections say exactly this, by plan.

    Left out are those of another generation by now, and those whose plan has a change that waits to be counted.
    """
    given = _given()
    is_equal = and_(*(getattr(Projection, name) == given.c[name] for name in _VALUES))
    rows = session.execute(
        select(Projection.plan_id, is_equal)
        .join(given, _is_current(given))
        .where(~has_request(Projection.plan_id)),
        {"rows": [each.as_json() for each in found]},
    )
    return {plan_id: equal for plan_id, equal in rows}


def replace_all(session: Session, found: Sequence[Replacement], *, now: datetime) -> Sequence[int]:
    """Store the figures of many plans in two statements; the plans for which it was done.

    Nothing is stored over another generation, nor where a change waits to be counted.
    """
    given = _given()
    values = {name: func.coalesce(given.c[name], getattr(Projection, name)) for name in _VALUES}
    stored = session.scalars(
        update(Projection)
        .values(
            generation=Projection.generation + 1,
            rebuilt_at=now,
            as_of_on=given.c.as_of_on,
            rests_until=None,
            **values,
        )
        .where(_is_current(given), ~has_request(Projection.plan_id))
        .returning(Projection.plan_id)
        .execution_options(synchronize_session=False),
        {"rows": [each.as_json() for each in found]},
    ).all()
    _keep_day(session, stored)
    return stored


def _keep_day(session: Session, plan_ids: Sequence[int]) -> None:
    """Write what is stored into the snapshot of its day, with the levels that a calibration will ask for."""
    levels = Projection.details["figures"]
    kept = func.jsonb_build_object(
        "secured", levels["secured"]["levels"], "expected", levels["expected"]["levels"]
    )
    names = ("plan_id", "on", "government_id", *FIGURES, "levels")
    figures = [getattr(Projection, name) for name in FIGURES]
    row = insert(ProjectionSnapshot).from_select(
        names,
        select(Projection.plan_id, Projection.as_of_on, Projection.government_id, *figures, kept).where(
            Projection.plan_id.in_(plan_ids)
        ),
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["plan_id", "on"], set_={name: row.excluded[name] for name in (*FIGURES, "levels")}
        )
    )


def _given() -> TableValuedAlias:
    columns: list[ColumnClause[Any]] = [
        column("plan_id", BigInteger),
        column("generation", Integer),
        column("as_of_on", Date),
        *(column(name, Numeric(24, 12)) for name in FIGURES),
        column("details", JSONB),
    ]
    rows = cast(bindparam("rows", type_=JSONB), JSONB)
    return func.jsonb_to_recordset(rows).table_valued(*columns).render_derived(name="given", with_types=True)


def _is_current(given: TableValuedAlias) -> Any:
    return (Projection.plan_id == given.c.plan_id) & (Projection.generation == given.c.generation)
