"""Rows of tasks as the projection sees them, of one plan or of many."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.models import Task
from spbe_tasks.rules.projection import TaskFact
from spbe_tasks.services.queries.projections import FACTS


def of_plan(session: Session, plan_id: int) -> tuple[TaskFact, ...]:
    """Every task of a plan that was got through a scope."""
    return tuple(_facts(session.execute(FACTS.where(Task.plan_id == plan_id))))


def of_plans(session: Session, plan_ids: Collection[int]) -> Mapping[int, Sequence[TaskFact]]:
    """The same of many plans in one statement, by plan; a plan without tasks has an empty list."""
    found: dict[int, list[TaskFact]] = {each: [] for each in plan_ids}
    rows = session.execute(FACTS.where(Task.plan_id.in_(plan_ids))).all()
    for row, fact in zip(rows, _facts(rows), strict=True):
        found[row[0]].append(fact)
    return found


def _facts(rows: "Iterable[Row[*tuple[Any, ...]]]") -> Iterator[TaskFact]:
    for _, task_id, number, agency_id, round_, state, baseline, target, due_on, *rest in rows:
        numerator, denominator, reached, cancel_kind, kind = rest
        yield TaskFact(
            task_id=task_id,
            indicator_number=number,
            agency_id=agency_id,
            round=round_,
            state=state,
            baseline=baseline,
            target=target,
            due_on=due_on,
            share=_share(numerator, denominator),
            reached=reached,
            cancel_kind=cancel_kind,
            kind=kind,
        )


# Few shares are different, and to make one costs as much as the rest of a fact.
_share = lru_cache(maxsize=4_096)(Fraction)
