"""Who would get what on a day to come, and why: the planner run ahead, nothing written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from spbe_tasks.models import Government, MessageKind
from spbe_tasks.rules import reminders as rules
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.cadence import wants_digest
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.climbs import Day, climbs_of_evidence, climbs_of_task
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.ladder import LadderName, Level, Rung
from spbe_tasks.rules.monthly import is_monthly_due, is_same_month
from spbe_tasks.rules.preferences import Cadence
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.rules.reminders import Facts, IntentState, Key, LedgerEntry, Planned, RecipientReason
from spbe_tasks.services import monthly_briefs, reminder_facts
from spbe_tasks.services.queries import governments
from spbe_tasks.services.queries import reminders as queries
from spbe_tasks.services.reminder_facts import Ground, Loaded

FARTHEST = timedelta(days=60)
_TOP = Rung(Level.EXECUTIVE, LadderName.ESCALATION)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing somebody would be told of: at which rung, and why it is they.

    A task, or an evidence: then without task and indicator, and ``due_on`` is its last day.
    """

    task_id: int | None
    indicator_number: int | None
    title: str
    due_on: date
    rung: Rung
    because: RecipientReason
    evidence_id: int | None = None
    agency_id: int | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One mail of the day: to whom, telling what, by due date. News is not foreseen."""

    name: str
    address: str
    reminders: tuple[Reminder, ...]
    kind: MessageKind = MessageKind.DIGEST
    account_id: int = 0


@dataclass(frozen=True, slots=True)
class Unheard:
    """A task that nobody is there to be told of."""

    task_id: int
    indicator_number: int
    title: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The mails of ``on``. ``day_off`` names the holiday (or "weekend") on which none leave; ``is_paused`` says that
    none leave at all until mail is resumed. ``unheard`` are the tasks nobody is there to be told of, by id.
    """

    on: date
    day_off: str | None
    is_paused: bool
    recipients: tuple[Recipient, ...] = ()
    unheard: tuple[Unheard, ...] = ()


def preview(
    session: Session, scope: Scope, on: date, *, now: datetime, policy: ReminderPolicy | None = None
) -> Preview:
    """What the government's people would get on the local day ``on`` if nothing changes until then.

    Every working day before it is taken to send what is due on it; today only while its office hours for mail last.
    Whoever had today's digest gets no second one. A weekly brief lists more than the new reminders given here; a brief
    of the month has none. ``policy`` stands for the one that counts. Raises InvalidInputError for a day that is over or
    more than 60 days ahead.
    """
    government = governments.get_government(session, scope.government_id)
    today = local_date(now, government.timezone)
    if on < today:
        raise InvalidInputError.of("reminders.day_passed", "on", on=on, today=today)
    if on > today + FARTHEST:
        raise InvalidInputError.of("reminders.day_too_far", "on", on=on, latest=today + FARTHEST)
    ground = reminder_facts.ground(session, government.id, on)
    if policy is not None:
        ground = replace(ground, day=replace(ground.day, policy=policy))
    day = ground.day
    day_off = day.calendar.why_not_working(on)
    if day_off:
        return Preview(on, day_off, government.is_mail_paused)
    loaded = reminder_facts.load(session, ground)
    first, told_first = _start(session, government, on, now=now)
    mails, unheard = _Run(loaded, day).until(first, told_first)
    monthly = {(MessageKind.MONTHLY, each): () for each in _leaders(session, ground, government, first)}
    return Preview(
        on,
        None,
        government.is_mail_paused,
        recipients=_recipients(session, government.id, loaded.facts, {**mails, **monthly}, day),
        unheard=_unheard(session, government.id, unheard),
    )


def _start(
    session: Session, government: Government, on: date, *, now: datetime
) -> tuple[date, Collection[int]]:
    """The first day that still sends before ``on``, or is ``on``, and who had a digest on it already."""
    today = local_date(now, government.timezone)
    local = now.astimezone(ZoneInfo(government.timezone)).time()
    if on > today and local >= government.send_closes_at:
        return today + timedelta(days=1), ()
    return today, queries.list_told_today(session, government.id, today)


def _leaders(session: Session, ground: Ground, government: Government, first: date) -> Sequence[int]:
    """Who would get the brief of the month on the day of ``ground``, had it not left on an earlier one."""
    on, calendar, wanted = ground.day.today, ground.day.calendar, government.monthly_brief_day
    earlier = (each for each in _days(first, on - timedelta(days=1)) if is_same_month(each, on))
    if any(calendar.is_working_day(each) and is_monthly_due(wanted, each, calendar) for each in earlier):
        return ()
    return monthly_briefs.readers_today(session, ground, wanted)


def _unheard(session: Session, government_id: int, task_ids: Collection[int]) -> tuple[Unheard, ...]:
    titles = queries.list_titles(session, government_id, task_ids) if task_ids else {}
    return tuple(Unheard(task_id, *titles[task_id]) for task_id in sorted(titles))


Mails = Mapping[tuple[MessageKind, int], Collection[LedgerEntry]]


@dataclass(slots=True)
class _Run:
    """The planner run day by day to ``day``, taking what each working day tells as sent."""

    loaded: Loaded
    day: Day
    ledger: dict[Key, LedgerEntry] = field(default_factory=dict)
    briefed: dict[int, date] = field(default_factory=dict)

    def until(self, first: date, told_first: Collection[int]) -> tuple[Mails, tuple[int, ...]]:
        """The mails of the last day by kind and account, and the tasks without anybody to tell."""
        self.ledger = {entry.key: entry for entry in self.loaded.ledger}
        self.briefed = dict(self.loaded.facts.briefed)
        for each in _days(first, self.day.today):
            if not self.day.calendar.is_working_day(each):
                continue
            planned = self._plan(each)
            mails = self._mails(each, planned.briefs, told_first if each == first else ())
            if each == self.day.today:
                return mails, planned.without_recipient
            for entry in (entry for entries in mails.values() for entry in entries):
                self.ledger[entry.key] = replace(entry, state=IntentState.SENT)
        raise AssertionError("the last day is a working day and always looked at")

    def _plan(self, today: date) -> Planned:
        facts = replace(self.loaded.facts, briefed=self.briefed)
        planned = rules.plan(
            facts, self.ledger.values(), today=today, calendar=self.day.calendar, policy=self.day.policy
        )
        apply(self.ledger, planned)
        self.briefed |= dict.fromkeys(planned.briefs, today)
        return planned

    def _mails(self, today: date, briefs: Collection[int], had_digest: Collection[int]) -> Mails:
        mails: dict[tuple[MessageKind, int], list[LedgerEntry]] = {
            (MessageKind.BRIEF, account_id): [] for account_id in briefs
        }
        for entry in self.ledger.values():
            if entry.state is not IntentState.OPEN:
                continue
            kind = self._carrier(entry, today)
            is_late_for_it = kind is MessageKind.DIGEST and entry.account_id in had_digest
            if kind is not None and not is_late_for_it:
                mails.setdefault((kind, entry.account_id), []).append(entry)
        return mails

    def _carrier(self, entry: LedgerEntry, today: date) -> MessageKind | None:
        """The mail of ``today`` in which an open intent is told; None: it waits for another day."""
        if entry.rung.ladder is LadderName.ESCALATION:
            if self.briefed.get(entry.account_id) == today:
                return MessageKind.BRIEF
            return None if entry.rung == _TOP else MessageKind.DIGEST
        cadence = self.loaded.facts.people.cadences.get(entry.account_id, Cadence.DAILY)
        return MessageKind.DIGEST if wants_digest(cadence, today, self.day.calendar) else None


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def apply(ledger: dict[Key, LedgerEntry], planned: Planned) -> None:
    """Change a ledger in memory as a planning run changes the stored one."""

    def put(entries: Sequence[LedgerEntry], state: IntentState) -> None:
        for entry in entries:
            ledger[entry.key] = replace(entry, state=state)

    put(planned.superseded, IntentState.SUPERSEDED)
    put(planned.suppressed, IntentState.SUPPRESSED)
    put([entry for entry, _ in planned.cancelled], IntentState.CANCELLED)
    put(planned.reopened, IntentState.OPEN)
    for intent in planned.new:
        ledger[intent.entry.key] = intent.entry


def _recipients(
    session: Session, government_id: int, facts: Facts, mails: Mails, day: Day
) -> tuple[Recipient, ...]:
    entries = [entry for found in mails.values() for entry in found]
    titles = queries.list_titles(session, government_id, {each.task_id for each in entries if each.task_id})
    evidence = queries.list_evidence_titles(
        session, government_id, {each.evidence_id for each in entries if each.evidence_id}
    )
    names = queries.list_names(session, government_id, {account_id for _, account_id in mails})
    because = _reasons(facts, day)
    owners: dict[tuple[int | None, int | None], int] = {
        (each.task_id, None): each.agency_id for each in facts.tasks
    }
    owners |= {(None, each.evidence_id): each.agency_id for each in facts.evidence}
    due: dict[tuple[int | None, int | None], date] = {
        (each.task_id, None): each.due_on for each in facts.tasks
    }
    due |= {(None, each.evidence_id): each.expires_on for each in facts.evidence}
    found = []
    for kind, account_id in sorted(mails, key=lambda mail: (names[mail[1]], mail[1], mail[0])):
        reminders = [
            Reminder(
                entry.task_id,
                titles[entry.task_id][0] if entry.task_id else None,
                titles[entry.task_id][1] if entry.task_id else evidence[entry.evidence_id or 0],
                due[entry.task_id, entry.evidence_id],
                entry.rung,
                because[entry.task_id or 0, entry.evidence_id or 0, entry.rung.ladder, account_id],
                entry.evidence_id,
                owners[entry.task_id, entry.evidence_id],
            )
            for entry in mails[kind, account_id]
        ]
        in_order = tuple(sorted(reminders, key=_order))
        found.append(Recipient(*names[account_id], in_order, kind, account_id))
    return tuple(found)


def _reasons(facts: Facts, day: Day) -> Mapping[tuple[int, int, LadderName, int], RecipientReason]:
    """Why somebody is told of a thing on one of its ladders: by task, evidence, ladder and account."""
    climbs = [climb for task in facts.tasks for climb in climbs_of_task(task, facts.people, day)]
    climbs += climbs_of_evidence(facts.evidence, facts.people, day)
    return {(*climb.place, account_id): because for climb in climbs for account_id, because in climb.to}


def _order(reminder: Reminder) -> tuple[date, int, int, int]:
    return (
        reminder.due_on,
        reminder.indicator_number or 0,
        reminder.task_id or 0,
        reminder.evidence_id or 0,
    )
