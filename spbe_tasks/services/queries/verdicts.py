"""Selects of why a reviewer did not take criteria of a submission."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import CriterionVerdict, Submission, Task
from spbe_tasks.rules.instrument import Place
from spbe_tasks.rules.requirements import Verdict
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows


def of_task(task: Task) -> AnySelect:
    """The verdicts on the latest submission of a task that was got through a scope, for a bundle.

    None once it is handed in again: what was said about the submission before is answered by it.
    """
    newest = select(func.max(Submission.number)).where(Submission.task_id == task.id).scalar_subquery()
    return (
        select(
            CriterionVerdict.level, CriterionVerdict.letter, CriterionVerdict.reason, CriterionVerdict.note
        )
        .join(Submission, Submission.id == CriterionVerdict.submission_id)
        .where(Submission.task_id == task.id, Submission.number == newest)
        .order_by(CriterionVerdict.level, CriterionVerdict.letter)
    )


def from_rows(rows: JsonRows) -> Mapping[Place, Verdict]:
    """The rows of ``of_task`` by criterion."""
    return {(row["level"], row["letter"]): Verdict(row["reason"], row["note"]) for row in rows}


def latest_submission_id(session: Session, task_id: int) -> int | None:
    """The submission that is looked at now."""
    newest = select(Submission.id).where(Submission.task_id == task_id).order_by(Submission.number.desc())
    return session.scalar(newest.limit(1))
