"""The weekly brief of a superior: which late tasks stand before them, by agency, most points first."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.climbs import climbs_of_task
from spbe_tasks.rules.ladder import LadderName
from spbe_tasks.rules.reminders import brief_readers
from spbe_tasks.services import escalations, reminder_facts
from spbe_tasks.services.escalations import EscalatedAgency
from spbe_tasks.services.queries import reminder_entries
from spbe_tasks.services.reminder_facts import Ground


@dataclass(frozen=True, slots=True)
class Brief:
    """What a brief says as of ``today`` (local), and the ids of the intents it tells."""

    today: date
    agencies: tuple[EscalatedAgency, ...]
    intent_ids: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many tasks it lists."""
        return sum(len(each.tasks) for each in self.agencies)

    @property
    def points(self) -> Decimal:
        """Index points at stake in all of them."""
        return sum((each.points for each in self.agencies), Decimal(0))


def build(session: Session, account: Account, *, today: date, ground: Ground | None = None) -> Brief | None:
    """The brief of an active ``account`` from the facts as they stand; None when nothing stands before them.

    An agency head reads of the own agency's tasks that have been escalated at all, an executive of those that have come
    to the top. It tells what waits to be told of them; a person's choice of how often does not count here. ``ground``
    of the same day may be given, for many mails of one government.
    """
    if account.government_id is None:
        return None
    ground = ground or reminder_facts.ground(session, account.government_id, today)
    day, people, government_id = ground.day, ground.people, ground.government_id
    tasks = {}
    for task in escalations.list_late(session, government_id, day):
        level = day.level_of(task)
        if level is not None and account.id in brief_readers(task.agency_id, level, people):
            tasks[task.task_id] = task
    if not tasks:
        return None
    standing = {
        (climb.task_id, climb.due_version, climb.episode, climb.rung)
        for task in tasks.values()
        for climb in climbs_of_task(task, people, day)
        if climb.ladder is LadderName.ESCALATION and account.id in dict(climb.to)
    }
    told = [
        each
        for each in reminder_entries.list_open_entries(session, government_id, account_id=account.id)
        if (each.entry.task_id, each.entry.due_version, each.entry.episode, each.entry.rung) in standing
    ]
    new_ids = {each.entry.task_id for each in told if each.entry.task_id is not None}
    agencies = escalations.by_agency(session, government_id, tasks.values(), day, new_ids=new_ids)
    return Brief(today, agencies, tuple(each.intent_id for each in told))
