"""What an official note to an agency is about: its tasks at the top of the escalation, and who is who today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from spbe_tasks.models import ActingKind
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.ladder import Level
from spbe_tasks.rules.recipients import OpenTask
from spbe_tasks.services import escalations, reminder_facts, task_titles
from spbe_tasks.services.escalations import EscalatedAgency
from spbe_tasks.services.queries import acting, governments, people
from spbe_tasks.services.reminder_facts import Ground


@dataclass(frozen=True, slots=True)
class Officer:
    """A position and who does its work today: ``kind`` says as what somebody stands in, None that it is its holder."""

    name: str
    role: Role
    position: str | None
    kind: ActingKind | None = None


@dataclass(frozen=True, slots=True)
class OfficialNote:
    """The facts of the note on ``today``: the agency's tasks at the top, its heads, and the leaders who get a copy."""

    government_name: str
    today: date
    agency: EscalatedAgency
    heads: tuple[Officer, ...]
    leaders: tuple[Officer, ...]


def is_called_for(session: Session, scope: Scope, agency_id: int, *, now: datetime) -> bool:
    """Whether something of the agency has come to the top of the escalation, so that a note can be written."""
    return bool(_at_top(session, agency_id, _ground(session, scope, now)))


def build(session: Session, scope: Scope, agency_id: int, locale: str, *, now: datetime) -> OfficialNote:
    """The facts of the note to an agency, titles in ``locale``; the tasks as the leaders' brief has them.

    Raises NotFoundError for an agency of another government, and when nothing of the agency has come to the top.
    """
    agency = people.get_agency(session, scope, agency_id)
    ground = _ground(session, scope, now)
    tasks = _at_top(session, agency_id, ground)
    found = escalations.by_agency(session, scope.government_id, tasks, ground.day)
    if not found:
        raise NotFoundError("reminders.nothing_at_top", agency=agency.name)
    titles = task_titles.in_language(session, scope.government_id, [task.task_id for task in tasks], locale)
    named = tuple(replace(task, title=titles.get(task.task_id, task.title)) for task in found[0].tasks)
    return OfficialNote(
        governments.get_government(session, scope.government_id).name,
        ground.day.today,
        replace(found[0], tasks=named),
        _officers(session, scope, ground, ground.people.agency_heads.get(agency_id, ())),
        _officers(session, scope, ground, ground.people.executives),
    )


def _ground(session: Session, scope: Scope, now: datetime) -> Ground:
    government = governments.get_government(session, scope.government_id)
    return reminder_facts.ground(session, government.id, local_date(now, government.timezone))


def _at_top(session: Session, agency_id: int, ground: Ground) -> Sequence[OpenTask]:
    late = escalations.list_late(session, ground.government_id, ground.day, agency_id=agency_id)
    return [task for task in late if ground.day.level_of(task) is Level.EXECUTIVE]


def _officers(
    session: Session, scope: Scope, ground: Ground, account_ids: Iterable[int]
) -> tuple[Officer, ...]:
    accounts = {account.id: account for account in people.list_accounts(session, scope)}
    kinds = acting.kinds(session, scope.government_id, ground.day.today)
    found = []
    for account_id in account_ids:
        holder, present = accounts[account_id], accounts[ground.people.present(account_id)]
        kind = kinds[account_id] if present is not holder else None
        found.append(Officer(present.name, holder.role, holder.position, kind))
    return tuple(found)
