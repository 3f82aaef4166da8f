"""Which criteria of which tasks an evidence is to show (data dukung per kriteria)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from spbe_tasks.models import Evidence, EvidenceUse, Scan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Place
from spbe_tasks.rules.requirements import not_asked
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import criteria, instruments, task_turns, trail
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.work import Work


def attach(
    work: Work, scope: Scope, task_id: int, places: Collection[Place], evidence_id: int, *, now: datetime
) -> int:
    """Let an evidence show criteria (level, letter) of a task; returns for how many it did not already.

    The task's version does not rise: evidence is added beside what others type, never over it. The task is locked, so
    that what is handed in has it whole or not at all.

    Raises as ``task_turns.take``, NotFoundError for an evidence out of sight, and InvalidInputError for no
    criterion at all or one the task does not ask for, or an evidence that is infected or removed.
    """
    task = task_turns.take(work, scope, task_id, Action.CLAIM)
    row = queries.get_evidence(work.session, scope, evidence_id, for_update=True)
    _check_places(work.session, task, places)
    check_usable(work.session, row)
    standing = {(use.level, use.letter) for use in queries.list_uses(work.session, task.id, row.id)}
    wanted = sorted(set(places) - standing)
    assert scope.account_id is not None  # only people of the agency attach
    for level, letter in wanted:
        work.session.add(
            EvidenceUse(
                government_id=task.government_id,
                task_id=task.id,
                level=level,
                letter=letter,
                evidence_id=row.id,
                added_by_id=scope.account_id,
                added_at=now,
            )
        )
    if wanted:
        work.session.flush()
        _record_on_task(work, scope, task, "attach_evidence", row=row, places=wanted, now=now)
    return len(wanted)


def detach(
    work: Work, scope: Scope, task_id: int, places: Collection[Place], evidence_id: int, *, now: datetime
) -> int:
    """Take an evidence away from criteria of a task; returns from how many. It stays in the library.

    Raises as ``task_turns.take``, and NotFoundError for an evidence out of sight.
    """
    task = task_turns.take(work, scope, task_id, Action.CLAIM)
    row = queries.get_evidence(work.session, scope, evidence_id)
    wanted = set(places)
    uses = [
        use for use in queries.list_uses(work.session, task.id, row.id) if (use.level, use.letter) in wanted
    ]
    for use in uses:
        work.session.delete(use)
    taken = [(use.level, use.letter) for use in uses]
    if uses:
        work.session.flush()
        _record_on_task(work, scope, task, "detach_evidence", row=row, places=taken, now=now)
    return len(uses)


def _check_places(session: Session, task: Task, places: Collection[Place]) -> None:
    if not places:
        raise InvalidInputError.of("evidence.no_criterion")
    strangers = not_asked(places, criteria.asked_places(task, instruments.of(session, task.plan)))
    if strangers:
        raise InvalidInputError(strangers)


def check_usable(session: Session, row: Evidence) -> None:
    """Raise InvalidInputError when an evidence was removed, or is infected: neither shows anything."""
    if row.removed_at is not None:
        raise InvalidInputError.of("evidence.removed", "evidence_id")
    newest = queries.list_versions(session, row.id)[0]
    if newest.scan is Scan.INFECTED:
        raise InvalidInputError.of(
            "evidence.infected", "evidence_id", name=newest.file_name or "?", threat=newest.threat or "?"
        )


def _record_on_task(
    work: Work,
    scope: Scope,
    task: Task,
    action: str,
    *,
    row: Evidence,
    places: Collection[Place],
    now: datetime,
) -> None:
    data = {
        "evidence": row.id,
        "title": row.title,
        "criteria": ", ".join(f"{level}.{letter}" for level, letter in places),
    }
    trail.record_by(work, scope, action, ("task", task.id), now=now, data=data)
