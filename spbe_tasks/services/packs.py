"""The self-assessment pack: begun from a plan, written by those who answer for an indicator, closed on upload day."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.models import Pack, Plan, Projection
from spbe_tasks.rules.access import Scope
from spbe_tasks.services import instruments, pack_sheets, projection_record, trail
from spbe_tasks.services.pack_sheets import PackSheet
from spbe_tasks.services.queries import packs as queries
from spbe_tasks.services.queries import plans
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.work import Work


def begin(work: Work, scope: Scope, plan_id: int, *, now: datetime) -> Pack:
    """The pack of the assessment that judges a plan's work: that of the year after the plan's. Once per instrument.

    Raises NotFoundError for a foreign plan, ConflictError ("plan.closed") for a closed one.
    """
    plan = plans.get_plan(work.session, scope, plan_id, for_update=True)
    made = work.session.scalar(
        insert(Pack)
        .values(
            government_id=scope.government_id,
            instrument_id=plan.instrument_id,
            year=plan.year + 1,
            plan_id=plan.id,
            created_by_id=scope.account_id,
            created_at=now,
            version=1,
        )
        .on_conflict_do_nothing()
        .returning(Pack.id)
    )
    pack = queries.find_pack(work.session, scope, plan.instrument_id, plan.year + 1)
    assert pack is not None  # it was there, or has just been made
    if made is not None:
        trail.record_by(work, scope, "begin", ("pack", pack.id), now=now, data={"year": pack.year})
    return pack


def read(session: Session, scope: Scope, pack: Pack, *, number: int | None = None) -> PackSheet:
    """The whole pack, or one indicator of it, as far as the scope sees it: see ``pack_sheets.sheet``.

    A closed one as it stood when it was closed.
    """
    instrument = instruments.of(session, session.get_one(Plan, pack.plan_id))
    if number is not None:
        instrument.indicator(number)
    rows = pack.contents or _contents(session, scope, pack, number=number)
    return pack_sheets.sheet(scope, pack, instrument, rows, number=number)


def _contents(
    session: Session, scope: Scope, pack: Pack, *, number: int | None = None
) -> dict[str, JsonRows]:
    levels = _secured_levels(session, pack)
    secured = [{"indicator_number": each, "level": str(level)} for each, level in levels.items() if level]
    return {**queries.rows(session, scope, pack, number=number), "secured": secured}


def _secured_levels(session: Session, pack: Pack) -> Mapping[int, Decimal | None]:
    """The levels of the plan's projection that rest on accepted work; none while it is being computed."""
    stored = session.get(Projection, pack.plan_id)
    return projection_record.read(stored).figures["secured"].levels if stored else {}


def close(work: Work, scope: Scope, pack_id: int, *, now: datetime) -> None:
    """It was handed in: what it shows stays as it is now, whatever tasks do. Closing twice is closing once."""
    pack = queries.get_pack(work.session, scope, pack_id, for_update=True)
    if pack.closed_at is None:
        pack.closed_at, pack.contents = now, _contents(work.session, scope, pack)
        trail.record_by(work, scope, "close", ("pack", pack.id), now=now)


def reopen(work: Work, scope: Scope, pack_id: int, *, now: datetime) -> None:
    """Let it change again, for the correction round."""
    pack = queries.get_pack(work.session, scope, pack_id, for_update=True)
    if pack.closed_at is not None:
        pack.closed_at = pack.contents = None
        trail.record_by(work, scope, "reopen", ("pack", pack.id), now=now)
