"""Why criteria of a submission were not taken: written with the return of a task, shown at its criteria."""

from typing import cast

from spbe_tasks.models import CriterionVerdict, Task
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Place
from spbe_tasks.rules.requirements import ReturnReason, asked_places, not_asked
from spbe_tasks.rules.workflow import Field, Verdict
from spbe_tasks.services.doing import Doing
from spbe_tasks.services.queries import verdicts as queries


def store(doing: Doing, task: Task) -> None:
    """Keep the verdicts given with a return, beside the latest submission; the table has checked their form.

    Raises InvalidInputError for a criterion the task does not ask for.
    """
    given = cast("dict[Place, Verdict]", doing.given.get(Field.CRITERIA) or {})
    if not given:
        return
    indicator = doing.instrument.indicator(task.indicator_number)
    asked = asked_places(indicator, baseline=task.baseline_level, target=task.target_level)
    strangers = not_asked(given, asked, field=Field.CRITERIA)
    if strangers:
        raise InvalidInputError(strangers)
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
