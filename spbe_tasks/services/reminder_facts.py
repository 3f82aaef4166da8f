"""What the planner of reminders needs of one government, loaded: tasks, evidence, people, ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.climbs import Day, expiry_ladder
from spbe_tasks.rules.ladder import horizon
from spbe_tasks.rules.recipients import ExpiringEvidence, People
from spbe_tasks.rules.reminders import Facts, Key, LedgerEntry
from spbe_tasks.services import calendars, mail_preferences, reminder_policies, suppressions
from spbe_tasks.services.queries import acting, reminder_people
from spbe_tasks.services.queries import reminders as queries


@dataclass(frozen=True, slots=True)
class Loaded:
    """Facts and ledger of one government; ``ids`` finds the row of an entry again."""

    facts: Facts
    ledger: Sequence[LedgerEntry]
    ids: Mapping[Key, int]


def day(session: Session, government: Government, today: date, calendar: WorkCalendar | None = None) -> Day:
    """``today`` with the calendar and the policy by which the government's reminders are planned on it."""
    policy = reminder_policies.current(session, government.id)
    return Day(today, calendar or calendars.load(session, government), policy)


def load(session: Session, government: Government, day: Day) -> Loaded:
    """All that can be on a rung by ``day``, everybody who can be told, and what was told or still waits to be.

    A few statements, however many tasks there are; memory grows with what is due, not with what is open.
    """
    latest = horizon(day.today, day.calendar, ladder=day.policy.due_ladder)
    zone = government.timezone
    tasks = {task.task_id: task for task in queries.list_due(session, government.id, latest, zone)}
    tasks |= {task.task_id: task for task in queries.list_in_review(session, government.id, zone)}
    evidence = list_expiring(session, government.id, day)
    waiting = queries.list_open_entries(session, government.id)
    strangers = {each.entry.task_id for each in waiting if each.entry.task_id} - tasks.keys()
    ledger = {
        each.intent_id: each.entry
        for entries in (
            waiting,
            queries.list_entries_of(session, government.id, latest),
            queries.list_review_entries(session, government.id),
            queries.list_evidence_entries(session, [each.evidence_id for each in evidence]),
        )
        for each in entries
    }
    others = queries.list_by_id(session, government.id, strangers, zone)
    return Loaded(
        Facts(
            tasks=[*tasks.values(), *others],
            people=load_people(session, government.id, day.today),
            evidence=evidence,
            briefed=reminder_people.list_briefed(session, government.id),
        ),
        ledger=list(ledger.values()),
        ids={entry.key: intent_id for intent_id, entry in ledger.items()},
    )


def list_expiring(session: Session, government_id: int, day: Day) -> Sequence[ExpiringEvidence]:
    """The evidence in use that can stand on a rung of its ladder by ``day``."""
    ladder = expiry_ladder(day.policy)
    if ladder is None:
        return ()
    return queries.list_expiring(session, government_id, horizon(day.today, day.calendar, ladder=ladder))


def load_people(session: Session, government_id: int, today: date) -> People:
    """Who can be told something on ``today``, who stands in for whom, and what people chose."""
    return replace(
        reminder_people.load_roles(session, government_id),
        stand_ins=acting.standing(session, government_id, today),
        suppressed=suppressions.standing(session, government_id),
        cadences={
            account_id: preference.cadence
            for account_id, preference in mail_preferences.of(session, government_id).items()
        },
    )
