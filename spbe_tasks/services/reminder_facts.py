"""What the planner of reminders needs of one government, loaded: tasks, evidence, people, ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.climbs import Day, expiry_ladder
from spbe_tasks.rules.ladder import horizon
from spbe_tasks.rules.preferences import USUAL, Preference
from spbe_tasks.rules.recipients import ExpiringEvidence, People
from spbe_tasks.rules.reminders import Facts, Key, LedgerEntry
from spbe_tasks.services import calendars, mail_preferences, reminder_policies, suppressions
from spbe_tasks.services.queries import acting, governments, reminder_entries, reminder_people
from spbe_tasks.services.queries import reminders as queries


@dataclass(frozen=True, slots=True)
class Loaded:
    """Facts and ledger of one government; ``ids`` finds the row of an entry again."""

    facts: Facts
    ledger: Sequence[LedgerEntry]
    ids: Mapping[Key, int]


@dataclass(frozen=True, slots=True)
class Ground:
    """What all mail of one government on one day rests on; holds no row, so it may outlive a transaction."""

    government_id: int
    day: Day
    people: People
    preferences: Mapping[int, Preference]

    @property
    def zone(self) -> str:
        """The government's zone, an IANA name."""
        return self.day.calendar.zone

    def preference(self, account_id: int) -> Preference:
        """What this person chose, or the usual."""
        return self.preferences.get(account_id, USUAL)


def ground(session: Session, government_id: int, today: date, calendar: WorkCalendar | None = None) -> Ground:
    """The ground of ``today``: calendar and policy, who can be told, who stands in for whom, what people chose."""
    if calendar is None:
        calendar = calendars.load(session, governments.get_government(session, government_id))
    preferences = mail_preferences.of(session, government_id)
    return Ground(
        government_id,
        Day(today, calendar, reminder_policies.current(session, government_id)),
        replace(
            reminder_people.load_roles(session, government_id),
            stand_ins=acting.standing(session, government_id, today),
            suppressed=suppressions.standing(session, government_id),
            cadences={account_id: each.cadence for account_id, each in preferences.items()},
        ),
        preferences,
    )


def load(session: Session, ground: Ground) -> Loaded:
    """All that can be on a rung that day, everybody who can be told, and what was told or still waits to be.

    A few statements, however many tasks there are; memory grows with what is due, not with what is open.
    """
    government_id, day, zone = ground.government_id, ground.day, ground.zone
    latest = horizon(day.today, day.calendar, ladder=day.policy.due_ladder)
    tasks = {task.task_id: task for task in queries.list_due(session, government_id, latest, zone)}
    tasks |= {task.task_id: task for task in queries.list_in_review(session, government_id, zone)}
    evidence = list_expiring(session, ground)
    waiting = reminder_entries.list_open_entries(session, government_id)
    strangers = {each.entry.task_id for each in waiting if each.entry.task_id} - tasks.keys()
    ledger = {
        each.intent_id: each.entry
        for entries in (
            waiting,
            reminder_entries.list_entries_of(session, government_id, latest),
            reminder_entries.list_review_entries(session, government_id),
            reminder_entries.list_evidence_entries(session, [each.evidence_id for each in evidence]),
        )
        for each in entries
    }
    others = queries.list_by_id(session, government_id, strangers, zone)
    return Loaded(
        Facts(
            tasks=[*tasks.values(), *others],
            people=ground.people,
            evidence=evidence,
            briefed=reminder_people.list_briefed(session, government_id),
        ),
        ledger=list(ledger.values()),
        ids={entry.key: intent_id for intent_id, entry in ledger.items()},
    )


def list_expiring(session: Session, ground: Ground) -> Sequence[ExpiringEvidence]:
    """The evidence in use that can stand on a rung of its ladder that day."""
    day, ladder = ground.day, expiry_ladder(ground.day.policy)
    if ladder is None:
        return ()
    latest = horizon(day.today, day.calendar, ladder=ladder)
    return queries.list_expiring(session, ground.government_id, latest)
