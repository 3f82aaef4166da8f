"""The parts of a digest beside a person's own tasks: reviews, evidence, escalations. Each with the intents it tells."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.climbs import Climb, Day, climbs_of_evidence, climbs_of_task
from spbe_tasks.rules.ladder import PUBLISHED, LadderName, Level
from spbe_tasks.rules.ledger import LedgerEntry
from spbe_tasks.rules.recipients import OpenTask, People
from spbe_tasks.services import escalations, reminder_facts
from spbe_tasks.services.escalations import EscalatedAgency
from spbe_tasks.services.queries import digest_lines
from spbe_tasks.services.queries import reminders as queries
from spbe_tasks.services.queries.reminder_entries import Entry
from spbe_tasks.services.reminder_facts import Ground


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A submission that waits for its reader, since ``submitted_on``; ``working_days`` have gone by."""

    task_id: int
    indicator_number: int
    title: str
    agency_name: str
    submitted_on: date
    working_days: int
    points: Decimal
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class ExpiringLine:
    """An evidence in use, and the day from which it no longer counts."""

    evidence_id: int
    title: str
    agency_name: str
    expires_on: date
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """One person on one day."""

    session: Session
    account: Account
    ground: Ground

    @property
    def day(self) -> Day:
        """The day, with calendar and policy."""
        return self.ground.day

    @property
    def people(self) -> People:
        """Everybody who can be told something."""
        return self.ground.people

    def climbs(self, tasks: Iterable[OpenTask]) -> list[Climb]:
        """Where these tasks stand, as far as this person is told of it."""
        climbs = (climb for task in tasks for climb in climbs_of_task(task, self.people, self.day))
        return [climb for climb in climbs if self.account.id in dict(climb.to)]


def reviews(reader: Reader, waiting: Sequence[Entry]) -> tuple[tuple[ReviewLine, ...], list[Entry]]:
    """The submissions that wait for the person, if one of them is to be told; the longest first."""
    if not _has(waiting, LadderName.REVIEW):
        return (), []
    submitted = queries.list_in_review(reader.session, reader.ground.government_id, reader.ground.zone)
    climbs = reader.climbs(submitted)
    told = standing(waiting, LadderName.REVIEW, climbs)
    if not told:
        return (), []
    reminded = {each.entry.task_id for each in told}
    mine = {climb.task_id for climb in climbs if climb.task_id is not None}
    since = {task.task_id: task.submission.submitted_on for task in submitted if task.submission}
    zone = reader.ground.zone
    lines = [
        ReviewLine(
            task_id=each.task.task_id,
            indicator_number=each.indicator_number,
            title=each.title,
            agency_name=each.agency_name,
            submitted_on=since[each.task.task_id],
            working_days=reader.day.calendar.working_days_between(since[each.task.task_id], reader.day.today),
            points=each.points,
            is_reminded=each.task.task_id in reminded,
        )
        for each in digest_lines.list_tasks(reader.session, reader.ground.government_id, mine, zone)
    ]
    in_order = sorted(lines, key=lambda line: (line.submitted_on, line.indicator_number, line.task_id))
    return tuple(in_order), told


def expiring(reader: Reader, waiting: Sequence[Entry]) -> tuple[tuple[ExpiringLine, ...], list[Entry]]:
    """The evidence whose end is near, if one of them is to be told; the nearest first."""
    if not _has(waiting, LadderName.EXPIRY):
        return (), []
    found = {each.evidence_id: each for each in reminder_facts.list_expiring(reader.session, reader.ground)}
    climbs = [
        climb
        for climb in climbs_of_evidence(found.values(), reader.people, reader.day)
        if climb.rung is not None and reader.account.id in dict(climb.to)
    ]
    told = standing(waiting, LadderName.EXPIRY, climbs)
    if not told:
        return (), []
    reminded = {each.entry.evidence_id for each in told}
    mine = [found[climb.evidence_id] for climb in climbs if climb.evidence_id is not None]
    titles = queries.list_evidence_titles(
        reader.session, reader.ground.government_id, [each.evidence_id for each in mine]
    )
    agencies = queries.list_agency_names(
        reader.session, reader.ground.government_id, {each.agency_id for each in mine}
    )
    lines = [
        ExpiringLine(
            each.evidence_id,
            titles[each.evidence_id],
            agencies[each.agency_id],
            each.expires_on,
            each.evidence_id in reminded,
        )
        for each in mine
    ]
    return tuple(sorted(lines, key=lambda line: (line.expires_on, line.evidence_id))), told


def escalated(reader: Reader, waiting: Sequence[Entry]) -> tuple[tuple[EscalatedAgency, ...], list[Entry]]:
    """The late tasks that are newly brought before the person, unless a brief of the day tells them."""
    told = [
        each
        for each in waiting
        if each.entry.rung.ladder is LadderName.ESCALATION and each.entry.rung.step < Level.EXECUTIVE
    ]
    if not told or digest_lines.has_brief(reader.session, reader.account, reader.day.today):
        return (), []
    ids = {each.entry.task_id for each in told if each.entry.task_id is not None}
    tasks = queries.list_by_id(reader.session, reader.ground.government_id, ids, reader.ground.zone)
    told = standing(told, LadderName.ESCALATION, reader.climbs(tasks))
    new_ids = {each.entry.task_id for each in told if each.entry.task_id is not None}
    still_late = [task for task in tasks if task.task_id in new_ids]
    agencies = escalations.by_agency(
        reader.session, reader.ground.government_id, still_late, reader.day, new_ids=new_ids
    )
    return agencies, told


def standing(waiting: Sequence[Entry], ladder: LadderName, climbs: Collection[Climb]) -> list[Entry]:
    """The entries of a ladder that still stand on it; that a task was published stays news whatever its date."""
    places = {climb.place: climb for climb in climbs}

    def stands(entry: LedgerEntry) -> bool:
        climb = places.get((entry.task_id or 0, entry.evidence_id or 0, ladder))
        if climb is None:
            return False
        is_same = (entry.due_version, entry.episode) == (climb.due_version, climb.episode)
        return is_same or entry.rung == PUBLISHED

    return [each for each in waiting if each.entry.rung.ladder is ladder and stands(each.entry)]


def _has(waiting: Sequence[Entry], ladder: LadderName) -> bool:
    return any(each.entry.rung.ladder is ladder for each in waiting)
