"""Which reminders are due to whom, on all ladders. Plans changes to the ledger of intents; never sends."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from spbe_tasks.rules import workflow
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.climbs import Climb, Day, climbs_of_evidence, climbs_of_task
from spbe_tasks.rules.escalation import brief_day
from spbe_tasks.rules.ladder import PUBLISHED, LadderName, Level
from spbe_tasks.rules.ledger import (
    CAN_REOPEN,
    CancelReason,
    Intent,
    IntentState,
    Key,
    LedgerEntry,
    Planned,
)
from spbe_tasks.rules.recipients import (
    ExpiringEvidence,
    OpenTask,
    People,
    RecipientReason,
    Submission,
    of_escalation,
    recipients,
)
from spbe_tasks.rules.reminder_policy import DEFAULT_POLICY, ReminderPolicy

__all__ = [
    "CancelReason",
    "ExpiringEvidence",
    "Facts",
    "Intent",
    "IntentState",
    "Key",
    "LedgerEntry",
    "OpenTask",
    "People",
    "Planned",
    "RecipientReason",
    "Submission",
    "announce",
    "plan",
    "recipients",
]


@dataclass(frozen=True, slots=True)
class Facts:
    """What one government's reminders depend on.

    ``tasks``: every open task whose rung may be reached or of which an intent waits, each once; an entry of any other
    task counts as one of a closed task. ``evidence`` likewise: all that is in use and near its end. ``briefed`` says
    on which local day somebody was last made a brief.
    """

    tasks: Sequence[OpenTask]
    people: People
    evidence: Sequence[ExpiringEvidence] = ()
    briefed: Mapping[int, date] = field(default_factory=dict)


def announce(tasks: Iterable[OpenTask], people: People) -> tuple[Intent, ...]:
    """What is told when these tasks are published: one intent per task and recipient, whatever the due date.

    By task and account. A task that stands on a rung of its due date by the time the mail is made is told at that
    rung instead: ``plan`` supersedes this one.
    """
    return tuple(
        intent
        for task in sorted(tasks, key=lambda task: task.task_id)
        for intent in _wanted(
            Climb(task.task_id, None, task.due_version, 0, PUBLISHED, recipients(task, people)), people
        )
    )


def plan(
    facts: Facts,
    ledger: Iterable[LedgerEntry],
    *,
    today: date,
    calendar: WorkCalendar,
    policy: ReminderPolicy = DEFAULT_POLICY,
) -> Planned:
    """The changes that bring the ledger of one government up to ``today``, its local date.

    ``ledger``: at least every open entry and, for the tasks and evidence given, every entry of their present climbs.
    The answer is the same for any order of input.
    """
    day = Day(today, calendar, policy)
    tasks = {task.task_id: task for task in sorted(facts.tasks, key=lambda task: task.task_id)}
    climbs = [climb for task in tasks.values() for climb in climbs_of_task(task, facts.people, day)]
    climbs += climbs_of_evidence(facts.evidence, facts.people, day)
    entries = sorted(ledger, key=lambda entry: entry.key)
    standing = {climb.place: climb for climb in climbs}
    endings = [
        (entry, _ending(entry, standing, tasks, facts.people))
        for entry in entries
        if entry.state is IntentState.OPEN
    ]
    openings = tuple(_openings(climbs, _after(entries, endings), facts.people))
    unheard = {climb.task_id for climb in climbs if climb.rung and not climb.to and climb.task_id is not None}
    return Planned(
        new=tuple(opening for opening in openings if isinstance(opening, Intent)),
        reopened=tuple(opening for opening in openings if isinstance(opening, LedgerEntry)),
        superseded=tuple(entry for entry, ending in endings if ending is IntentState.SUPERSEDED),
        suppressed=tuple(entry for entry, ending in endings if ending is IntentState.SUPPRESSED),
        cancelled=tuple((entry, ending) for entry, ending in endings if isinstance(ending, CancelReason)),
        without_recipient=tuple(sorted(unheard)),
        briefs=_briefs(facts, day),
    )


def _ending(
    entry: LedgerEntry,
    standing: Mapping[tuple[int, int, LadderName], Climb],
    tasks: Mapping[int, OpenTask],
    people: People,
) -> CancelReason | IntentState | None:
    """How an open entry ends now: cancelled for a reason, SUPPRESSED or SUPERSEDED; None: it stays open."""
    climb = standing.get((entry.task_id or 0, entry.evidence_id or 0, entry.rung.ladder))
    if climb is None:
        return _why_gone(entry, tasks.get(entry.task_id or 0))
    return next((ending for ending, holds in _endings(entry, climb, people) if holds), None)


def _endings(
    entry: LedgerEntry, climb: Climb, people: People
) -> Iterator[tuple[CancelReason | IntentState, bool]]:
    """Every way an open entry may end while its thing stands on the ladder; the first that holds counts."""
    # That a task was published stays news when its date is changed before it was told.
    is_news = entry.rung == PUBLISHED
    is_above = climb.rung is None or entry.rung > climb.rung
    yield CancelReason.DUE_DATE_CHANGED, entry.due_version != climb.due_version and not is_news
    yield CancelReason.CLIMB_RESTARTED, entry.episode != climb.episode
    yield CancelReason.NOT_REACHED, is_above and not is_news
    yield IntentState.SUPERSEDED, not is_above and entry.rung != climb.rung
    yield CancelReason.RECIPIENT_CHANGED, entry.account_id not in dict(climb.to)
    yield IntentState.SUPPRESSED, entry.account_id in people.suppressed


def _after(
    entries: Iterable[LedgerEntry],
    endings: Iterable[tuple[LedgerEntry, CancelReason | IntentState | None]],
) -> Iterator[LedgerEntry]:
    """The entries as the endings leave them: what is taken back now stands in nobody's way."""
    taken_back = {entry.key for entry, ending in endings if isinstance(ending, CancelReason)}
    for entry in entries:
        yield replace(entry, state=IntentState.CANCELLED) if entry.key in taken_back else entry


def _why_gone(entry: LedgerEntry, task: OpenTask | None) -> CancelReason:
    """Why a thing no longer stands on the ladder of an entry."""
    if entry.evidence_id is not None:
        return CancelReason.EVIDENCE_IN_ORDER
    if task is None or not workflow.is_open(task.state):
        return CancelReason.TASK_CLOSED
    if entry.rung.ladder is LadderName.REVIEW:
        return CancelReason.NOT_IN_REVIEW
    if task.state not in workflow.AGENCY_STATES:
        return CancelReason.NOT_WITH_AGENCY
    if entry.due_version != task.due_version:
        return CancelReason.DUE_DATE_CHANGED
    return CancelReason.CLIMB_RESTARTED


def _openings(
    climbs: Iterable[Climb], entries: Iterable[LedgerEntry], people: People
) -> Iterator[Intent | LedgerEntry]:
    """What has yet to be told, climb by climb and by account: an intent to make, or an entry to open again."""
    history = defaultdict(list)
    for entry in entries:
        history[_told_in(entry)].append(entry)
    for wanted in (intent for climb in climbs for intent in _wanted(climb, people)):
        opening = _opening(wanted, history[_told_in(wanted.entry)])
        if opening is not None:
            yield opening


def _told_in(entry: LedgerEntry) -> tuple[int, int, LadderName, int, int, int]:
    """One climb of one thing, as one person is told of it."""
    return (
        entry.task_id or 0,
        entry.evidence_id or 0,
        entry.rung.ladder,
        entry.due_version,
        entry.episode,
        entry.account_id,
    )


def _wanted(climb: Climb, people: People) -> Iterator[Intent]:
    if climb.rung is None:
        return
    for account, because in climb.to:
        yield Intent(
            climb.task_id,
            climb.due_version,
            climb.rung,
            account,
            because=because,
            state=IntentState.SUPPRESSED if account in people.suppressed else IntentState.OPEN,
            episode=climb.episode,
            evidence_id=climb.evidence_id,
        )


def _opening(wanted: Intent, past: Sequence[LedgerEntry]) -> Intent | LedgerEntry | None:
    """``wanted`` itself, the entry of its key if that may be opened again, or None: nothing is missing."""
    same = next((entry for entry in past if entry.rung == wanted.rung), None)
    if any(entry.rung >= wanted.rung and entry.state not in CAN_REOPEN for entry in past):
        return None
    if same is None:
        return wanted
    return same if wanted.state is IntentState.OPEN else None


def _briefs(facts: Facts, day: Day) -> tuple[int, ...]:
    """Whose weekly brief is due: something had been brought before them by the day of it, and they had none since.

    So a brief that an outage kept from its day is made on the next, and what comes in the middle of a week waits.
    """
    due_on = brief_day(day.today, day.policy.brief_weekday, day.calendar)
    readers: set[int] = set()
    for task in facts.tasks:
        level = day.level_of(task, on=due_on)
        if level is not None:
            readers.update(brief_readers(task.agency_id, level, facts.people))
    waiting = readers - facts.people.suppressed
    return tuple(sorted(each for each in waiting if facts.briefed.get(each, date.min) < due_on))


def brief_readers(agency_id: int, level: Level, people: People) -> frozenset[int]:
    """In whose weekly brief a task of the agency stands that has come up to ``level``.

    The agency's heads from the first level on; at the last also whoever is told there.
    """
    readers: set[int] = set()
    if people.agency_heads.get(agency_id):
        readers.update(account for account, _ in of_escalation(agency_id, Level.AGENCY_HEAD, people))
    if level is Level.EXECUTIVE:
        readers.update(account for account, _ in of_escalation(agency_id, Level.EXECUTIVE, people))
    return frozenset(readers)
