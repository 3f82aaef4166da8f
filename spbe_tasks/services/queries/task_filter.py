"""What a list of tasks is narrowed to, as conditions on rows, for the list, its count, board, calendar and export."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, false, func, or_

from spbe_tasks.models import Task, TaskAncestor, TaskLabel
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.carry_over import Lineage
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import AGENCY_STATES, OPEN_STATES, State
from spbe_tasks.services.queries.tasks import overdue, visible

FORTNIGHT, MONTH = timedelta(days=14), timedelta(days=30)
MAX_NUMBER_DIGITS = 4
_WORD = re.compile(r"\w+")


class DueFilter(StrEnum):
    """Which due dates a list shows: late ones, or those that come within so many days."""

    OVERDUE = "overdue"
    FORTNIGHT = "fortnight"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a list is narrowed to.

    Without ``states`` and ``is_open`` it shows everything but withdrawn tasks. ``text`` is looked for in the words of
    the task and, as a number, in the indicator; ``named`` are the indicators whose name holds it.
    """

    plan_id: int | None = None
    agency_id: int | None = None
    kind: TaskKind | None = None
    lineage: Lineage | None = None
    states: frozenset[State] = frozenset()
    is_open: bool = False
    indicators: frozenset[int] = frozenset()
    due: DueFilter | None = None
    due_on: date | None = None
    assignee_ids: frozenset[int] = frozenset()
    is_unassigned: bool = False
    label: str = ""
    text: str = ""
    named: frozenset[int] = frozenset()


def matching(scope: Scope, wanted: TaskFilter, today: date) -> ColumnElement[bool]:
    """``tasks.visible`` narrowed by a filter; what a list, its count and its export all use."""
    return and_(visible(scope), *_equal(wanted), *_narrowed(wanted, today))


def containing(text: str, named: frozenset[int] = frozenset()) -> ColumnElement[bool]:
    """Tasks whose words hold every word of ``text`` by their Indonesian stems, the last one as far as it is typed;
    of an indicator with this number; or of one of ``named``.

    Without a letter or digit in ``text``: none.
    """
    words = _WORD.findall(text)
    if not words:
        return false()
    *whole, last = words
    found = [_with_words(whole, last)]
    if text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER_DIGITS:
        found.append(Task.indicator_number == int(text))
    if named:
        found.append(Task.indicator_number.in_(named))
    return or_(*found)


def _with_words(whole: list[str], last: str) -> ColumnElement[bool]:
    # The beginning of a word has another stem than the word ("kebij", "kebijakan"), so it is looked for as it is, too.
    beginning = or_(
        Task.search_words.bool_op("@@")(func.to_tsquery("indonesian", f"{last}:*")),
        Task.title.icontains(last, autoescape=True),
        Task.note.icontains(last, autoescape=True),
    )
    if not whole:
        return beginning
    return Task.search_words.bool_op("@@")(func.to_tsquery("indonesian", " & ".join(whole))) & beginning


def _equal(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    columns = (
        (Task.plan_id, wanted.plan_id),
        (Task.agency_id, wanted.agency_id),
        (Task.kind, wanted.kind),
        (Task.due_on, wanted.due_on),
    )
    return [column == value for column, value in columns if value is not None]


def _narrowed(wanted: TaskFilter, today: date) -> list[ColumnElement[bool]]:
    conditions = [_states(wanted)]
    if wanted.lineage is not None:
        conditions.append(
            exists().where(TaskAncestor.task_id == Task.id, TaskAncestor.lineage == wanted.lineage)
        )
    if wanted.label:
        conditions.append(exists().where(TaskLabel.task_id == Task.id, TaskLabel.label == wanted.label))
    if wanted.assignee_ids:
        conditions.append(Task.assignee_id.in_(wanted.assignee_ids))
    if wanted.is_unassigned:
        conditions.append(Task.assignee_id.is_(None))
    if wanted.indicators:
        conditions.append(Task.indicator_number.in_(wanted.indicators))
    if wanted.due is not None:
        conditions.append(_due(wanted.due, today))
    if wanted.text.strip():
        conditions.append(containing(wanted.text.strip(), wanted.named))
    return conditions


def _states(wanted: TaskFilter) -> ColumnElement[bool]:
    chosen = wanted.states | (OPEN_STATES if wanted.is_open else frozenset())
    return Task.state.in_(chosen) if chosen else Task.state != State.WITHDRAWN


def _due(due: DueFilter, today: date) -> ColumnElement[bool]:
    if due is DueFilter.OVERDUE:
        return overdue(today)
    ahead = FORTNIGHT if due is DueFilter.FORTNIGHT else MONTH
    return Task.state.in_(AGENCY_STATES) & Task.due_on.between(today, today + ahead)
