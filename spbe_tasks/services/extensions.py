"""Requests for more time (perpanjangan): what asking, granting, refusing and taking back do beside the task.

The effects of ``tasks.act``: the transition table has been asked, the task is locked. See ``open_requests`` for those
that lose their sense.
"""

from collections.abc import Iterable
from datetime import date

from spbe_tasks.models import Extension, ExtensionState, NewsKind, Task
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.requirements import due_date_problem
from spbe_tasks.rules.workflow import Field
from spbe_tasks.services import news
from spbe_tasks.services.doing import Doing
from spbe_tasks.services.queries import extensions as queries
from spbe_tasks.services.queries import governments, people


def ask(doing: Doing, task: Task) -> None:
    """Ask for the task to be due on the day given, for the reason given; tells the coordinators.

    Raises InvalidInputError unless the day lies after the due date, not in the past and in the plan's years.
    """
    wanted_on = _later_day(doing, task, doing.given[Field.DUE_ON])
    reason = doing.text(Field.REASON)
    assert reason is not None  # the table has checked it
    assert doing.scope.account_id is not None  # only people of the agency ask
    request = Extension(
        government_id=task.government_id,
        task_id=task.id,
        state=ExtensionState.ASKED,
        reason=reason,
        previous_on=task.due_on,
        wanted_on=wanted_on,
        asked_by_id=doing.scope.account_id,
        asked_as_id=doing.scope.acting_for_id,
        asked_at=doing.now,
    )
    doing.work.session.add(request)
    doing.work.session.flush()
    doing.noted["extension"] = request.id
    coordinators = people.list_coordinators(doing.work.session, doing.scope)
    _tell(doing, task, NewsKind.EXTENSION_ASKED, (each.id for each in coordinators), reason)


def grant(doing: Doing, task: Task) -> None:
    """Move the due date to the day asked for, or to the one given instead; tells the asker and who is in charge.

    Raises InvalidInputError for a day that could not have been asked for.
    """
    request = _asked(doing, task)
    granted_on = _later_day(doing, task, doing.given.get(Field.DUE_ON) or request.wanted_on)
    request.granted_on = granted_on
    doing.noted.update(due_on=granted_on.isoformat(), previous_due_on=task.due_on.isoformat())
    task.due_on, task.is_due_by_hand = granted_on, True
    task.due_version += 1
    _answer(doing, task, request, ExtensionState.GRANTED, doing.text(Field.NOTE))


def refuse(doing: Doing, task: Task) -> None:
    """Leave the due date as it is, for the reason given; tells the asker and who is in charge."""
    _answer(doing, task, _asked(doing, task), ExtensionState.REFUSED, doing.text(Field.REASON))


def take_back(doing: Doing, task: Task) -> None:
    """The asker needs no more time after all."""
    request = _asked(doing, task)
    doing.noted["extension"] = request.id
    request.state, request.answered_at = ExtensionState.TAKEN_BACK, doing.now


def _answer(doing: Doing, task: Task, request: Extension, state: ExtensionState, words: str | None) -> None:
    doing.noted["extension"] = request.id
    request.state, request.answer = state, words
    request.answered_by_id, request.answered_at = doing.scope.account_id, doing.now
    told = {request.asked_by_id, request.asked_as_id, task.assignee_id} - {None}
    _tell(doing, task, NewsKind.EXTENSION_ANSWERED, (each for each in told if each), words or "")


def _asked(doing: Doing, task: Task) -> Extension:
    found = queries.find_asked(doing.work.session, task.id)
    assert found is not None  # the table has looked, under the task's lock
    return found


def _later_day(doing: Doing, task: Task, wanted: object) -> date:
    assert isinstance(wanted, date)  # the table has checked it
    zone = governments.get_government(doing.work.session, task.government_id).timezone
    problem = due_date_problem(wanted, task.plan.year)
    if problem is None and wanted <= task.due_on:
        params = {"due_on": task.due_on}
        problem = Problem("extension.not_later", Field.DUE_ON.value, params=params)
    if problem is None and wanted < local_date(doing.now, zone):
        problem = Problem("extension.in_the_past", Field.DUE_ON.value)
    if problem is not None:
        raise InvalidInputError((problem,))
    return wanted


def _tell(doing: Doing, task: Task, kind: NewsKind, account_ids: Iterable[int], words: str) -> None:
    news.tell(
        doing.work,
        kind,
        account_ids,
        government_id=task.government_id,
        actor_id=doing.scope.account_id,
        now=doing.now,
        task_id=task.id,
        words=words,
    )
