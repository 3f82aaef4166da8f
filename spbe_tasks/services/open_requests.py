"""Requests for more time that have lost their sense: their task was closed, or its date moved another way."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update

from spbe_tasks.models import Extension, ExtensionState
from spbe_tasks.rules.access import Scope
from spbe_tasks.services import trail
from spbe_tasks.work import Work


def void(work: Work, scope: Scope, task_ids: Collection[int], *, now: datetime) -> int:
    """Void what waits for an answer on these tasks, which the caller has locked; how many it were. Twice is once."""
    work.session.flush()  # what made it void comes before this in the trail
    voided = work.session.execute(
        update(Extension)
        .where(Extension.task_id.in_(task_ids), Extension.state == ExtensionState.ASKED)
        .values(state=ExtensionState.VOID, answered_at=now)
        .returning(Extension.id, Extension.task_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    for extension_id, task_id in sorted(voided):
        data = {"extension": extension_id}
        trail.record_by(work, scope, "void_extension", ("task", task_id), now=now, data=data)
    return len(voided)
