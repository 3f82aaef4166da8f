"""Selects about the ownership matrix, each limited to one government."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Ownership
from spbe_tasks.rules.access import Scope


def list_cells(
    session: Session, scope: Scope, instrument_id: str, numbers: Collection[int]
) -> Sequence[Ownership]:
    """The filled cells of these indicators, by indicator, the lead first."""
    return session.scalars(
        select(Ownership)
        .where(
            Ownership.government_id == scope.government_id,
            Ownership.instrument_id == instrument_id,
            Ownership.indicator_number.in_(numbers),
        )
        .order_by(Ownership.indicator_number, Ownership.is_lead.desc(), Ownership.agency_id)
    ).all()
