"""Who would get what on a day to come, and why: the planner run ahead, nothing written."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules import reminders as rules
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import WorkCalendar, local_date
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.ladder import Rung, horizon
from spbe_tasks.rules.reminders import IntentState, LedgerEntry, Planned, RecipientReason
from spbe_tasks.services import calendars
from spbe_tasks.services.queries import governments
from spbe_tasks.services.queries import reminders as queries
from spbe_tasks.services.reminders import Facts, load_facts

FARTHEST = timedelta(days=60)
Key = tuple[int, int, Rung, int]


@dataclass(frozen=True, slots=True)
class Reminder:
    """One task somebody would be reminded of: at which rung, and why it is they."""

    task_id: int
    indicator_number: int
    title: str
    due_on: date
    rung: Rung
    because: RecipientReason


@dataclass(frozen=True, slots=True)
class Recipient:
    """One mail of the day: to whom, reminding of what, by due date."""

    name: str
    address: str
    reminders: tuple[Reminder, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The mails of ``on``. ``day_off`` names the holiday (or "weekend") on which none leave; ``is_paused`` says that
    none leave at all until mail is resumed. ``without_recipient`` are the tasks nobody is there to be told of.
    """

    on: date
    day_off: str | None
    is_paused: bool
    recipients: tuple[Recipient, ...] = ()
    without_recipient: tuple[int, ...] = ()


def preview(session: Session, scope: Scope, on: date, *, now: datetime) -> Preview:
    """What the government's people would get on the local day ``on`` if nothing changes until then.

    Every working day before it is taken to send what is due on it. Whoever had today's digest gets no second one.
    Raises InvalidInputError for a day that is over or more than 60 days ahead.
    """
    government = governments.get_government(session, scope.government_id)
    today = local_date(now, government.timezone)
    if on < today:
        raise InvalidInputError.of("reminders.day_passed", "on", on=on, today=today)
    if on > today + FARTHEST:
        raise InvalidInputError.of("reminders.day_too_far", "on", on=on, latest=today + FARTHEST)
    calendar = calendars.load(session, government)
    day_off = calendar.why_not_working(on)
    if day_off:
        return Preview(on, day_off, government.is_mail_paused)
    facts = load_facts(session, government.id, horizon(on, calendar))
    told_today = queries.list_told_today(session, government.id, today)
    due, without = _run_ahead(facts, today, on, calendar, told_today)
    return Preview(
        on,
        None,
        government.is_mail_paused,
        recipients=_recipients(session, government, facts, due),
        without_recipient=without,
    )


def _run_ahead(
    facts: Facts, today: date, on: date, calendar: WorkCalendar, told_today: Collection[int]
) -> tuple[set[Key], tuple[int, ...]]:
    """The keys told on ``on``: plan day by day, and take what each working day tells as sent."""
    ledger = {entry.key: entry for entry in facts.ledger}
    for day in _days(today, on):
        if day != on and not calendar.is_working_day(day):
            continue
        planned = rules.plan(facts.tasks, facts.people, ledger.values(), today=day, calendar=calendar)
        _apply(ledger, planned)
        waits = told_today if day == today else ()
        told = {
            key
            for key, entry in ledger.items()
            if entry.state is IntentState.OPEN and entry.account_id not in waits
        }
        if day == on:
            return told, planned.without_recipient
        for key in told:
            ledger[key] = replace(ledger[key], state=IntentState.SENT)
    raise AssertionError("the last day is always looked at")


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _apply(ledger: dict[Key, LedgerEntry], planned: Planned) -> None:
    def put(entries: Sequence[LedgerEntry], state: IntentState) -> None:
        for entry in entries:
            ledger[entry.key] = replace(entry, state=state)

    put(planned.superseded, IntentState.SUPERSEDED)
    put(planned.suppressed, IntentState.SUPPRESSED)
    put([entry for entry, _ in planned.cancelled], IntentState.CANCELLED)
    put(planned.reopened, IntentState.OPEN)
    for intent in planned.new:
        entry = LedgerEntry(intent.task_id, intent.due_version, intent.rung, intent.account_id, intent.state)
        ledger[entry.key] = entry


def _recipients(
    session: Session, government: Government, facts: Facts, due: set[Key]
) -> tuple[Recipient, ...]:
    tasks = {task.task_id: task for task in facts.tasks}
    titles = queries.list_titles(session, government.id, {key[0] for key in due})
    names = queries.list_names(session, government.id, {key[3] for key in due})
    mails: dict[int, list[Reminder]] = defaultdict(list)
    for task_id, _, rung, account_id in due:
        task = tasks[task_id]
        because = dict(rules.recipients(task, facts.people))[account_id]
        number, title = titles[task_id]
        mails[account_id].append(Reminder(task_id, number, title, task.due_on, rung, because))
    in_order = sorted(mails, key=lambda account_id: (names[account_id], account_id))
    return tuple(
        Recipient(*names[account_id], tuple(sorted(mails[account_id], key=_order))) for account_id in in_order
    )


def _order(reminder: Reminder) -> tuple[date, int, int]:
    return reminder.due_on, reminder.indicator_number, reminder.task_id
