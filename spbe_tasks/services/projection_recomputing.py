"""The figures of many plans computed anew in a few statements, from facts that nobody holds still meanwhile."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.rules.projection import TaskFact, is_same_on, project
from spbe_tasks.services import instruments, projection_facts, projection_store
from spbe_tasks.services.projection_store import Replacement
from spbe_tasks.services.queries import projections as queries

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """By plan: figures as of the day of the stored ones (``proofs``), and those of today where that is another day.

    Plans with changes that wait to be counted have neither, nor have those that ``failed``, with why.
    """

    government_ids: dict[int, int] = field(default_factory=dict)
    generations: dict[int, int] = field(default_factory=dict)
    proofs: dict[int, Replacement] = field(default_factory=dict)
    moves: dict[int, Replacement] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    never_stored: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the projections of many plans are computed from."""

    session: Session
    tasks: Mapping[int, Sequence[TaskFact]]
    levels: Mapping[int, Mapping[int, Decimal | None]]
    names: Mapping[int, str]

    def values(self, ground: "Row[*tuple[Any, ...]]", day: date) -> dict[str, Any]:
        """The columns of a plan's projection as of a day."""
        computed = project(
            instruments.get(self.session, ground.government_id, ground.instrument_id),
            self.levels[ground.baseline_revision_id],
            self.tasks[ground.plan_id],
            today=day,
            evaluation_on=ground.evaluation_on,
        )
        return projection_store.values_of(computed, self.names)


def recompute(session: Session, plan_ids: Collection[int], *, now: datetime) -> Recomputed:
    """The figures of the open ones of these plans; in as many statements for one plan as for hundreds."""
    # Generations before facts: whoever counts a newer fact meanwhile leaves another generation behind.
    grounds = queries.list_grounds(session, plan_ids, now=now)
    usable = [each for each in grounds if each.generation is not None and not each.has_request]
    facts = _Facts(
        session,
        tasks=projection_facts.of_plans(session, [each.plan_id for each in usable]),
        levels=queries.list_levels(session, {each.baseline_revision_id for each in usable}),
        names=queries.agency_names(session, {each.government_id for each in usable}),
    )
    found = Recomputed(
        government_ids={each.plan_id: each.government_id for each in grounds},
        generations={each.plan_id: each.generation for each in usable},
        never_stored=[e.plan_id for e in grounds if e.generation is None and not e.has_request],
    )
    for ground in usable:
        try:
            _add(found, ground, facts)
        except (
            Exception
        ) as error:  # a plan that cannot be computed must not keep the others from being proved
            log.exception("the figures of plan %s cannot be computed", ground.plan_id)
            found.failed[ground.plan_id] = f"{type(error).__name__}: {error}"
    return found


def _add(found: Recomputed, ground: "Row[*tuple[Any, ...]]", facts: _Facts) -> None:
    plan_id, generation, stored_on, today = ground.plan_id, ground.generation, ground.as_of_on, ground.today
    proof = Replacement(plan_id, generation, stored_on, facts.values(ground, stored_on))
    if stored_on != today:
        is_same = is_same_on(facts.tasks[plan_id], stored_on, today)
        values = None if is_same else facts.values(ground, today)
        found.moves[plan_id] = Replacement(plan_id, generation, today, values)
    found.proofs[plan_id] = proof
