"""Proves the figures of many plans, a transaction for every few of them: for the job of the night and the command."""

from collections.abc import Sequence
from datetime import datetime

from spbe_tasks.extensions import db
from spbe_tasks.services import projection_proofs, projections
from spbe_tasks.services.projection_proofs import Outcome
from spbe_tasks.transaction import transaction

# Small enough that no lock is held for long, and large enough that statements do not count.
BATCH = 50


def sweep(*, now: datetime) -> None:
    """Prove what nobody has proved on this local day, and ask for what is left of an earlier one."""
    prove(projection_proofs.list_due(db.session(), now=now), now=now)
    with transaction() as work:
        projections.sweep_days(work, now=now)


def prove(plan_ids: Sequence[int], *, now: datetime) -> Outcome:
    """Prove these plans, due or not; what was found of all of them."""
    found = Outcome()
    for start in range(0, len(plan_ids), BATCH):
        with transaction() as work:
            found += projection_proofs.prove(work, plan_ids[start : start + BATCH], now=now)
    return found
