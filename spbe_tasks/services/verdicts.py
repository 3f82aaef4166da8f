"""Why criteria of a submission were not taken: written with the return of a task, shown at its criteria."""

from typing import cast

from spbe_tasks.models import CriterionVerdict, Task
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.requirements import ReturnReason, asks_for
from spbe_tasks.rules.workflow import Field, Verdict
from spbe_tasks.services.doing import Doing
from spbe_tasks.services.queries import verdicts as queries


def store(doing: Doing, task: Task) -> None:
    """Keep the verdicts given with a return, beside the latest submission; the table has checked their form.

    Raises InvalidInputError for a criterion the task does not ask for.
    """
    given = cast("dict[tuple[int, str], Verdict]", doing.given.get(Field.CRITERIA) or {})
    if not given:
        return
    _check_asked(doing, task, given)
    submission_id = queries.latest_submission_id(doing.work.session, task.id)
    assert submission_id is not None  # a task is submitted by a submission
    for (level, letter), verdict in sorted(given.items()):
        doing.work.session.add(
            CriterionVerdict(
                submission_id=submission_id,
                government_id=task.government_id,
                level=level,
                letter=letter,
                reason=ReturnReason(verdict.reason),
                note=verdict.note.strip(),
            )
        )
    doing.noted["criteria"] = [
        {"level": level, "letter": letter, "reason": str(verdict.reason), "note": verdict.note.strip()}
        for (level, letter), verdict in sorted(given.items())
    ]


def _check_asked(doing: Doing, task: Task, given: dict[tuple[int, str], Verdict]) -> None:
    indicator = doing.instrument.indicator(task.indicator_number)
    asked = {
        (step.level, each.letter)
        for step in indicator.levels
        if asks_for(step.level, baseline=task.baseline_level, target=task.target_level)
        for each in step.criteria
    }
    strangers = [
        Problem("criterion.not_asked", Field.CRITERIA.value, params={"level": level, "letter": letter})
        for level, letter in sorted(given.keys() - asked)
    ]
    if strangers:
        raise InvalidInputError(strangers)
