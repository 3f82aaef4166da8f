"""Every night each open plan's figures are computed anew, many plans at a time, and held against what is stored.

What agrees moves on to the new day; what differs is told and rebuilt.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.models import Projection, ProjectionProof
from spbe_tasks.rules.access import Scope
from spbe_tasks.services import projection_recomputing, projection_store, projections
from spbe_tasks.services.projection_differences import differences
from spbe_tasks.services.projection_recomputing import Recomputed
from spbe_tasks.services.queries import projections as queries
from spbe_tasks.work import Work

log = logging.getLogger(__name__)

# Of one job: what is left is due a minute later.
MOST_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Finding:
    """Stored figures that are not what the facts said when they were last proved.

    ``difference`` is keyed by figure or path of a detail, each with what was ``stored`` and what was ``computed``; or
    by "error" where nothing could be computed. ``is_mended``: they were rebuilt since.
    """

    plan_id: int
    year: int
    instrument_id: str
    proved_at: datetime
    difference: Mapping[str, Any]
    is_mended: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What proving found, by plan. ``waiting`` are those with changes that are not counted yet, or just were."""

    agreeing: tuple[int, ...] = ()
    differing: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    waiting: tuple[int, ...] = ()

    def __add__(self, more: "Outcome") -> "Outcome":
        return Outcome(
            self.agreeing + more.agreeing, {**self.differing, **more.differing}, self.waiting + more.waiting
        )


def list_due(session: Session, *, now: datetime) -> Sequence[int]:
    """The open plans nobody has proved on this local day: from the first minute after the government's midnight on."""
    return queries.list_unproved(session, now=now, limit=MOST_AT_ONCE)


def list_differing(session: Session, scope: Scope) -> Sequence[Finding]:
    """What the last proofs of the government's open plans found wrong, newest year first; empty when all agree.

    A finding stays until the next proof agrees: somebody is to see it although a rebuild has mended the figures.
    """
    return [
        Finding(
            plan_id=plan.id,
            year=plan.year,
            instrument_id=plan.instrument_id,
            proved_at=proof.proved_at,
            difference=proof.difference or {},
            is_mended=is_mended,
        )
        for proof, plan, is_mended in queries.list_differing(session, scope)
    ]


def prove(work: Work, plan_ids: Collection[int], *, now: datetime) -> Outcome:
    """Compute those of these plans that are open anew, and hold them against what is stored, details included.

    Figures of an earlier local day are proved as of that day, and replaced by those of the new one when they agree. A
    rebuild is asked for where they differ or never were stored, and what differs is logged as an error. The number of
    statements is the same for any number of plans. Plans with changes that wait to be counted, or whose figures were
    replaced meanwhile, are left alone; proving again does no harm.
    """
    return settle(work, projection_recomputing.recompute(work.session, plan_ids, now=now), now=now)


def settle(work: Work, found: Recomputed, *, now: datetime) -> Outcome:
    """Hold what was computed against what is stored by now, where nobody else is at it, and store what follows."""
    free = queries.take_turns(work.session, found.proofs)
    is_equal = projection_store.list_equal(work.session, [found.proofs[each] for each in free])
    agreeing = [plan_id for plan_id, equal in is_equal.items() if equal]
    differing = _differing(work.session, found, [plan_id for plan_id, equal in is_equal.items() if not equal])
    moves = [found.moves[each] for each in agreeing if each in found.moves]
    projection_store.replace_all(work.session, moves, now=now)
    _write_down(work.session, found, {**dict.fromkeys(agreeing), **differing}, now=now)
    for plan_id in (*found.never_stored, *differing.keys() - found.failed.keys()):
        projections.request(work, plan_id)
    told = {plan_id: difference for plan_id, difference in differing.items() if difference}
    for plan_id, difference in told.items():
        log.error("stored figures of plan %s are not those of its facts: %s", plan_id, dict(difference))
    waiting = (each for each in found.government_ids if each not in is_equal and each not in found.failed)
    return Outcome(tuple(agreeing), told, tuple(waiting))


def _differing(
    session: Session, found: Recomputed, plan_ids: Sequence[int]
) -> dict[int, Mapping[str, Any] | None]:
    # None where only what an earlier version did not store yet is missing: a rebuild adds it, and nobody is alarmed.
    stored = {each: session.get_one(Projection, each, populate_existing=True) for each in plan_ids}
    computed = {each: found.proofs[each].values for each in plan_ids}
    failed = {plan_id: {"error": error} for plan_id, error in found.failed.items()}
    return {**{each: differences(stored[each], computed[each] or {}) or None for each in plan_ids}, **failed}


def _write_down(
    session: Session, found: Recomputed, verdicts: Mapping[int, Mapping[str, Any] | None], *, now: datetime
) -> None:
    if not verdicts:
        return
    row = insert(ProjectionProof).values(
        [
            {
                "plan_id": plan_id,
                "government_id": found.government_ids[plan_id],
                "generation": found.generations[plan_id],
                "proved_at": now,
                "difference": difference,
            }
            for plan_id, difference in verdicts.items()
        ]
    )
    newer = {name: row.excluded[name] for name in ("generation", "proved_at", "difference")}
    session.execute(row.on_conflict_do_update(index_elements=["plan_id"], set_=newer))
