"""Selects of what a government publishes: never a person, an agency or a task."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Government, Plan, Task
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import State

# What does not count as work that is to be done.
_LEFT_OUT = (State.WITHDRAWN, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Done:
    """How many tasks are accepted, of those that were not given up or withdrawn."""

    accepted: int = 0
    total: int = 0

    def __add__(self, other: "Done") -> "Done":
        return Done(self.accepted + other.accepted, self.total + other.total)


def get_government(session: Session, slug: str) -> Government:
    """The government that publishes under this slug. Raises NotFoundError for one that does not, as for none."""
    found = session.scalar(select(Government).where(Government.slug == slug, Government.is_public))
    if found is None:
        raise NotFoundError("government.not_public")
    return found


def find_plan_id(session: Session, government_id: int) -> int | None:
    """The newest plan whose tasks were given out; None before any."""
    return session.scalar(
        select(Plan.id)
        .where(Plan.government_id == government_id, Plan.published_at.is_not(None))
        .order_by(Plan.year.desc(), Plan.published_at.desc())
        .limit(1)
    )


def count_done(session: Session, plan_id: int) -> Mapping[int, Done]:
    """The tasks of a plan by indicator; indicators without any are left out."""
    rows = session.execute(
        select(
            Task.indicator_number,
            func.count().filter(Task.state == State.ACCEPTED).label("accepted"),
            func.count().label("total"),
        )
        .where(Task.plan_id == plan_id, Task.state.not_in(_LEFT_OUT))
        .group_by(Task.indicator_number)
    )
    return {row.indicator_number: Done(row.accepted, row.total) for row in rows}
