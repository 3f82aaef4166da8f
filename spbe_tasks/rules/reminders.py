"""Which reminders are due to whom. Plans changes to the ledger of intents; never sends."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Protocol, TypeVar

from spbe_tasks.rules import workflow
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.ladder import PUBLISHED, Rung, current_rung


class IntentState(StrEnum):
    """Where an intent stands. The planner touches only open ones; a carried one ends with its message."""

    OPEN = "open"
    CARRIED = "carried"
    SENT = "sent"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"
    FAILED = "failed"


# The person was not told and would be, had nothing been in the way: such an intent may be opened again.
_CAN_REOPEN = frozenset({IntentState.CANCELLED, IntentState.SUPPRESSED})


class CancelReason(StrEnum):
    """Why an open intent has lost its point; kept beside it."""

    TASK_CLOSED = "task_closed"
    PLAN_CLOSED = "plan_closed"
    NOT_WITH_AGENCY = "not_with_agency"
    DUE_DATE_CHANGED = "due_date_changed"
    RECIPIENT_CHANGED = "recipient_changed"


class RecipientReason(StrEnum):
    """Why it is this person who is reminded; the preview shows it."""

    ASSIGNEE = "assignee"
    FOCAL_POINT = "focal_point"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """What the planner must know of a task. ``due_version`` rises with every change of ``due_on``."""

    task_id: int
    due_on: date
    due_version: int
    agency_id: int
    assignee_id: int | None
    state: workflow.State


@dataclass(frozen=True, slots=True)
class People:
    """The accounts of one government that can be reminded, by account id.

    All of them may sign in. ``assignable`` are those who can be given an agency's tasks, ``focal_points`` its
    focal points, both by agency id; ``suppressed`` are those whose address has bounced
    (nobody yet: bounces are not read).
    """

    assignable: Mapping[int, frozenset[int]]
    focal_points: Mapping[int, tuple[int, ...]]
    coordinators: tuple[int, ...]
    suppressed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An intent that exists; no two have the same key, which is the promise of at most one."""

    task_id: int
    due_version: int
    rung: Rung
    account_id: int
    state: IntentState

    @property
    def key(self) -> tuple[int, int, Rung, int]:
        """(task, due version, rung, account)."""
        return self.task_id, self.due_version, self.rung, self.account_id


@dataclass(frozen=True, slots=True)
class Intent:
    """A reminder to be written into the ledger; SUPPRESSED from birth when the address has bounced."""

    task_id: int
    due_version: int
    rung: Rung
    account_id: int
    because: RecipientReason
    state: IntentState = IntentState.OPEN


@dataclass(frozen=True, slots=True)
class Planned:
    """What one run changes in the ledger, each tuple by task and account; run again on the result, nothing.

    ``reopened`` were cancelled or suppressed before the person was told, and are due after all.
    ``without_recipient`` lists tasks whose rung is reached while nobody is there to be told.
    """

    new: tuple[Intent, ...] = ()
    reopened: tuple[LedgerEntry, ...] = ()
    superseded: tuple[LedgerEntry, ...] = ()
    suppressed: tuple[LedgerEntry, ...] = ()
    cancelled: tuple[tuple[LedgerEntry, CancelReason], ...] = ()
    without_recipient: tuple[int, ...] = ()


def recipients(task: OpenTask, people: People) -> tuple[tuple[int, RecipientReason], ...]:
    """Who is reminded of ``task``, and why: the assignee, else the agency's focal points, else coordinators.

    Only active accounts, and an assignee only while they may work on the agency's tasks. By account id, nobody
    twice; empty when the government has none of them.
    """
    if task.assignee_id is not None and task.assignee_id in people.assignable.get(task.agency_id, ()):
        return ((task.assignee_id, RecipientReason.ASSIGNEE),)
    focal_points = people.focal_points.get(task.agency_id, ())
    because = RecipientReason.FOCAL_POINT if focal_points else RecipientReason.COORDINATOR
    return tuple((account, because) for account in sorted(set(focal_points or people.coordinators)))


@dataclass(frozen=True, slots=True)
class _Case:
    """A task with the rung it stands on (None: nothing to remind of) and those it is addressed to."""

    task: OpenTask
    rung: Rung | None
    to: Mapping[int, RecipientReason]


def announce(tasks: Iterable[OpenTask], people: People) -> tuple[Intent, ...]:
    """What is told when these tasks are published: one intent per task and recipient, whatever the due date.

    By task and account. A task that stands on a rung of its due date by the time the mail is made is told at that
    rung instead: ``plan`` supersedes this one.
    """
    cases = (_Case(task, PUBLISHED, dict(recipients(task, people))) for task in tasks)
    return tuple(
        intent
        for case in sorted(cases, key=lambda case: case.task.task_id)
        for intent in _wanted(case, people)
    )


def plan(
    tasks: Iterable[OpenTask],
    people: People,
    ledger: Iterable[LedgerEntry],
    *,
    today: date,
    calendar: WorkCalendar,
) -> Planned:
    """The changes that bring the ledger of one government up to ``today``, its local date.

    ``tasks``: every open task, each once; an entry of any other task counts as one of a closed task.
    ``ledger``: at least every open entry and, for the tasks given, every entry of their present due version.
    The answer is the same for any order of input.
    """
    rung_at = cache(lambda due_on: current_rung(due_on, today, calendar))
    cases = {
        task.task_id: _case(task, people, rung_at) for task in sorted(tasks, key=lambda task: task.task_id)
    }
    entries = sorted(ledger, key=lambda entry: entry.key)
    open_entries = (entry for entry in entries if entry.state is IntentState.OPEN)
    endings = [(entry, _ending(entry, cases.get(entry.task_id), people)) for entry in open_entries]
    openings = tuple(_openings(cases.values(), entries, people))
    return Planned(
        new=tuple(opening for opening in openings if isinstance(opening, Intent)),
        reopened=tuple(opening for opening in openings if isinstance(opening, LedgerEntry)),
        superseded=tuple(entry for entry, ending in endings if ending is IntentState.SUPERSEDED),
        suppressed=tuple(entry for entry, ending in endings if ending is IntentState.SUPPRESSED),
        cancelled=tuple((entry, ending) for entry, ending in endings if isinstance(ending, CancelReason)),
        without_recipient=tuple(case.task.task_id for case in cases.values() if case.rung and not case.to),
    )


def _case(task: OpenTask, people: People, rung_at: Callable[[date], Rung | None]) -> _Case:
    is_with_agency = task.state in workflow.AGENCY_STATES
    return _Case(task, rung_at(task.due_on) if is_with_agency else None, dict(recipients(task, people)))


def _ending(entry: LedgerEntry, case: _Case | None, people: People) -> CancelReason | IntentState | None:
    """How an open entry ends now: cancelled for a reason, SUPPRESSED or SUPERSEDED; None: it stays open."""
    if case is None or not workflow.is_open(case.task.state):
        return CancelReason.TASK_CLOSED
    if case.task.state not in workflow.AGENCY_STATES:
        return CancelReason.NOT_WITH_AGENCY
    # That a task was published stays news when its date is changed before it was told.
    if entry.due_version != case.task.due_version and entry.rung != PUBLISHED:
        return CancelReason.DUE_DATE_CHANGED
    if entry.account_id not in case.to:
        return CancelReason.RECIPIENT_CHANGED
    if entry.account_id in people.suppressed:
        return IntentState.SUPPRESSED
    is_overtaken = case.rung is not None and entry.rung < case.rung
    return IntentState.SUPERSEDED if is_overtaken else None


def _openings(
    cases: Iterable[_Case], entries: Iterable[LedgerEntry], people: People
) -> Iterator[Intent | LedgerEntry]:
    """What has yet to be told, by task and account: an intent to make, or an entry to open again."""
    history = defaultdict(list)
    for entry in entries:
        history[entry.task_id, entry.due_version, entry.account_id].append(entry)
    for wanted in (intent for case in cases for intent in _wanted(case, people)):
        opening = _opening(wanted, history[wanted.task_id, wanted.due_version, wanted.account_id])
        if opening is not None:
            yield opening


def _wanted(case: _Case, people: People) -> Iterator[Intent]:
    task, rung = case.task, case.rung
    if rung is None:
        return
    for account, because in case.to.items():
        state = IntentState.SUPPRESSED if account in people.suppressed else IntentState.OPEN
        yield Intent(task.task_id, task.due_version, rung, account, because=because, state=state)


def _opening(wanted: Intent, past: Sequence[LedgerEntry]) -> Intent | LedgerEntry | None:
    """``wanted`` itself, the entry of its key if that may be opened again, or None: nothing is missing."""
    same = next((entry for entry in past if entry.rung == wanted.rung), None)
    if any(entry.rung >= wanted.rung and entry.state not in _CAN_REOPEN for entry in past):
        return None
    if same is None:
        return wanted
    return same if wanted.state is IntentState.OPEN else None


class DigestGroup(StrEnum):
    """The headings of a digest, in reading order."""

    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    THIS_WEEK = "this_week"
    LATER = "later"


class DigestLine(Protocol):
    """A task in a digest that its reader must act on (a state of ``workflow.AGENCY_STATES``)."""

    @property
    def due_on(self) -> date:
        """Decides the heading, and comes first in the order under it."""

    @property
    def indicator_number(self) -> int:
        """Comes second in the order."""

    @property
    def task_id(self) -> int:
        """Breaks the last tie."""


Line = TypeVar("Line", bound=DigestLine)


def digest_groups(lines: Iterable[Line], today: date) -> dict[DigestGroup, tuple[Line, ...]]:
    """``lines`` under their headings: only headings with lines, in reading order.

    "This week" ends on the Sunday after ``today``. Inside a group by due date, indicator number, task id.
    """
    groups: dict[DigestGroup, list[Line]] = {group: [] for group in DigestGroup}
    for line in sorted(lines, key=lambda line: (line.due_on, line.indicator_number, line.task_id)):
        groups[_group(line.due_on, today)].append(line)
    return {group: tuple(members) for group, members in groups.items() if members}


def _group(due_on: date, today: date) -> DigestGroup:
    if due_on < today:
        return DigestGroup.OVERDUE
    if due_on == today:
        return DigestGroup.DUE_TODAY
    sunday = today + timedelta(days=6 - today.weekday())
    return DigestGroup.THIS_WEEK if due_on <= sunday else DigestGroup.LATER
