"""What people typed into a form of a task and have not stored: kept for them alone, taken away when they store it.

A draft is private and changes nothing that others see, so it leaves no trace in the trail.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from spbe_tasks.models import Task, TypedDraft
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.work import Work

KEPT_FOR = timedelta(days=30)
# Our own figure: the longest checklist with every text full is a fifth of it.
MAX_LENGTH = 500_000


class DraftForm(StrEnum):
    """The forms whose typing is kept."""

    CHECKLIST = "checklist"
    SUBMIT = "submit"


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed into a form, by field, when the task had ``version``."""

    form: DraftForm
    version: int
    fields: Mapping[str, str]
    saved_at: datetime


def keep(
    work: Work,
    scope: Scope,
    task_id: int,
    form: DraftForm,
    fields: Mapping[str, str],
    *,
    version: int,
    now: datetime,
) -> None:
    """Keep what the scope's person typed, in place of what was kept before.

    Raises NotFoundError for a task out of sight, ForbiddenError for the machine, InvalidInputError ("draft.too_long").
    """
    task = queries.get_task(work.session, scope, task_id)
    if scope.account_id is None:
        raise ForbiddenError
    if len(json.dumps(fields)) > MAX_LENGTH:
        raise InvalidInputError.of("draft.too_long")
    row = insert(TypedDraft).values(
        task_id=task.id,
        account_id=scope.account_id,
        form=form.value,
        government_id=task.government_id,
        version=version,
        fields=dict(fields),
        saved_at=now,
    )
    given = {name: row.excluded[name] for name in ("version", "fields", "saved_at")}
    work.session.execute(
        row.on_conflict_do_update(index_elements=["task_id", "account_id", "form"], set_=given)
    )


def discard(work: Work, scope: Scope, task_id: int, form: DraftForm) -> None:
    """Take the person's draft of a form away; nothing happens when there is none. Raises NotFoundError as ``keep``."""
    forget(work, scope, queries.get_task(work.session, scope, task_id), form)


def forget(work: Work, scope: Scope, task: Task, form: DraftForm) -> None:
    """The same on a task got through a scope: whoever stores a form does this in the same transaction."""
    work.session.execute(
        delete(TypedDraft).where(
            TypedDraft.task_id == task.id,
            TypedDraft.account_id == scope.account_id,
            TypedDraft.form == form.value,
        )
    )


def sweep(work: Work, *, now: datetime) -> None:
    """Take away, in all governments, the drafts that nobody has touched for ``KEPT_FOR``."""
    work.session.execute(delete(TypedDraft).where(TypedDraft.saved_at < now - KEPT_FOR))


def from_rows(rows: JsonRows) -> Sequence[Draft]:
    """Rows of ``checklists.drafts_of`` as values."""
    return tuple(
        Draft(DraftForm(row["form"]), row["version"], row["fields"], datetime.fromisoformat(row["saved_at"]))
        for row in rows
    )
