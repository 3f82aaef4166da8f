"""Selects of requests for more time (perpanjangan). One is seen by whoever sees its task."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from spbe_tasks.models import Account, Agency, Extension, ExtensionState, Plan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.tasks import visible

_ASKER, _ASKED_AS, _ANSWERER, _EARLIER = (
    aliased(Account),
    aliased(Account),
    aliased(Account),
    aliased(Extension),
)
# Built once: every page is a condition more.
_OF_TASK: AnySelect = (
    select(
        Extension.id,
        Extension.state,
        Extension.reason,
        Extension.previous_on,
        Extension.wanted_on,
        Extension.granted_on,
        Extension.asked_by_id,
        Extension.asked_as_id,
        Extension.asked_at,
        Extension.answer,
        _ASKER.name.label("asker_name"),
        _ASKED_AS.name.label("asked_as_name"),
        _ANSWERER.name.label("answerer_name"),
    )
    .join(_ASKER, _ASKER.id == Extension.asked_by_id)
    .outerjoin(_ASKED_AS, _ASKED_AS.id == Extension.asked_as_id)
    .outerjoin(_ANSWERER, _ANSWERER.id == Extension.answered_by_id)
    .order_by(Extension.id.desc())
)
_GRANTED_BEFORE = (
    select(func.count())
    .where(_EARLIER.task_id == Task.id, _EARLIER.state == ExtensionState.GRANTED)
    .scalar_subquery()
)


def of_task(task: Task) -> AnySelect:
    """All requests of a task that was got through a scope, newest first, with names, for a bundle."""
    return _OF_TASK.where(Extension.task_id == task.id)


def find_asked(session: Session, task_id: int) -> Extension | None:
    """The request that waits for an answer, read anew; its task is locked by whoever is about to answer."""
    wanted = select(Extension).where(Extension.task_id == task_id, Extension.state == ExtensionState.ASKED)
    return session.scalar(wanted.execution_options(populate_existing=True))


def asker_ids_of(rows: JsonRows) -> frozenset[int]:
    """Who asked for what waits, and the absent person they asked for, among the rows of ``of_task``."""
    asked = (row for row in rows if row["state"] == ExtensionState.ASKED)
    return frozenset(
        row[who] for row in asked for who in ("asked_by_id", "asked_as_id") if row[who] is not None
    )


def list_asked(session: Session, scope: Scope) -> Sequence[Row[Any]]:
    """Every request of open plans that waits for an answer, the one that waits longest first.

    (Extension, Task, instrument_id, agency_name, asker_name, asked_as_name, granted_before).
    """
    rows = (
        select(
            Extension,
            Task,
            Plan.instrument_id,
            Agency.short_name.label("agency_name"),
            _ASKER.name.label("asker_name"),
            _ASKED_AS.name.label("asked_as_name"),
            _GRANTED_BEFORE.label("granted_before"),
        )
        .join(Task, Task.id == Extension.task_id)
        .join(Plan, Plan.id == Task.plan_id)
        .join(Agency, Agency.id == Task.agency_id)
        .join(_ASKER, _ASKER.id == Extension.asked_by_id)
        .outerjoin(_ASKED_AS, _ASKED_AS.id == Extension.asked_as_id)
        .where(
            Extension.government_id == scope.government_id,
            Extension.state == ExtensionState.ASKED,
            visible(scope),
            ~Plan.is_closed,
        )
    )
    return session.execute(rows.order_by(Extension.asked_at, Extension.id)).all()
