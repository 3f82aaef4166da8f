"""What another policy of reminders would change on the next working day: who would be told more, and who less."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.services import calendars, reminder_preview
from spbe_tasks.services.queries import governments
from spbe_tasks.services.reminder_preview import Preview, Reminder

Told = tuple[str, tuple[Reminder, ...]]


@dataclass(frozen=True, slots=True)
class Review:
    """The mails of ``on`` before and after, how many, and by person what is told only after, and only before."""

    on: date
    mails_before: int
    mails_after: int
    gained: tuple[Told, ...]
    lost: tuple[Told, ...]


def review(session: Session, scope: Scope, policy: ReminderPolicy, *, now: datetime) -> Review:
    """Compare ``policy`` with the one that counts, on the first working day after today. Writes nothing."""
    government = governments.get_government(session, scope.government_id)
    tomorrow = local_date(now, government.timezone) + timedelta(days=1)
    on = calendars.load(session, government).next_working_day(tomorrow)
    before = reminder_preview.preview(session, scope, on, now=now)
    after = reminder_preview.preview(session, scope, on, now=now, policy=policy)
    return Review(
        on, len(before.recipients), len(after.recipients), _only_in(after, before), _only_in(before, after)
    )


def _only_in(these: Preview, those: Preview) -> tuple[Told, ...]:
    others, found = _by_person(those), []
    for (account_id, name), reminders in sorted(_by_person(these).items(), key=lambda each: each[0][1]):
        missing = tuple(each for each in reminders if each not in others.get((account_id, name), ()))
        if missing:
            found.append((name, missing))
    return tuple(found)


def _by_person(preview: Preview) -> Mapping[tuple[int, str], tuple[Reminder, ...]]:
    found: dict[tuple[int, str], tuple[Reminder, ...]] = {}
    for each in preview.recipients:
        key = (each.account_id, each.name)
        found[key] = found.get(key, ()) + each.reminders
    return found
