"""``spbe-tasks reminders``: who gets what on a day and why; plan and send now, as the jobs do."""

from contextlib import closing
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import click
from flask import current_app

from spbe_tasks import clock, mailing
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.config import Settings, is_loopback
from spbe_tasks.extensions import db
from spbe_tasks.models import Government, MessageState
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError
from spbe_tasks.services import reminder_preview
from spbe_tasks.services.queries import governments
from spbe_tasks.services.queries import outbox as queries
from spbe_tasks.services.reminder_preview import Preview, Recipient, Reminder
from spbe_tasks.services.reminders import Outcome

Document = dict[str, object]
on_option = click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The local day, as YYYY-MM-DD (default: today)."
)
# Nothing more is to be done about a mail in one of these.
SETTLED = {MessageState.SENT, MessageState.CANCELLED, MessageState.HANDING_OVER}


@click.group("reminders")
def reminders_group() -> None:
    """Reminder digests of a government."""


@reminders_group.command("preview")
@government_option
@on_option
@as_json
@with_app
def preview_command(*, slug: str, day: datetime | None, as_json: bool) -> None:
    """Who gets which mail on a day, with which reminders and why, if nothing changes until then. Writes nothing."""
    scope, government = _government(slug)
    now = clock.now()
    on = day.date() if day else local_date(now, government.timezone)
    found = reminder_preview.preview(db.session(), scope, on, now=now)
    show(_preview(found), as_json=as_json, text=lambda: _preview_text(found))


@reminders_group.command("send")
@government_option
@on_option
@as_json
@with_app
def send_command(*, slug: str, day: datetime | None, as_json: bool) -> None:
    """Plan and send the digests and briefs of today, within the government's office hours like the worker.

    With --on: as if that day had just begun to be worked on; only while the mail server is this very machine, since
    people would be told too early. What is sent so counts as told. Exit code 1 when a mail has not gone out.
    """
    scope, government = _government(slug)
    if day:
        _pretend(government, day.date())
    today = local_date(clock.now(), government.timezone)
    with closing(current_app.extensions["mail"]):
        outcome = mailing.send_digests(government.id)
    document = _sent(scope, outcome, today)
    show(document, as_json=as_json, text=lambda: _sent_text(document))
    mails = document["mails"]
    assert isinstance(mails, list)
    if outcome.hold is None and not all(mail["state"] in SETTLED for mail in mails):
        raise SystemExit(1)


def _government(slug: str) -> tuple[Scope, Government]:
    scope = operator_scope(db.session(), slug)
    return scope, governments.get_government(db.session(), scope.government_id)


def _pretend(government: Government, day: date) -> None:
    """Move this process's clock to the opening of the send window on ``day``, as CLOCK_OFFSET would."""
    settings: Settings = current_app.extensions["settings"]
    now = clock.now()
    today = local_date(now, government.timezone)
    if day == today:
        return
    if day < today:
        raise InvalidInputError.of("reminders.day_passed", "on", on=day, today=today)
    if not is_loopback(settings.smtp_host):
        raise ForbiddenError("reminders.only_on_this_machine")
    opens = datetime.combine(day, government.send_opens_at, ZoneInfo(government.timezone))
    ahead = opens - now + timedelta(seconds=1)
    clock.set_offset(settings.clock_offset + int(ahead.total_seconds()))


def _preview(found: Preview) -> Document:
    return {
        "on": found.on.isoformat(),
        "day_off": found.day_off,
        "is_paused": found.is_paused,
        "recipients": [_recipient(each) for each in found.recipients],
        "without_recipient": [each.task_id for each in found.unheard],
    }


def _recipient(each: Recipient) -> Document:
    return {
        "name": each.name,
        "address": each.address,
        "kind": each.kind,
        "reminders": [
            {
                "task": reminder.task_id,
                "evidence": reminder.evidence_id,
                "indicator": reminder.indicator_number,
                "title": reminder.title,
                "due_on": reminder.due_on.isoformat(),
                "rung": reminder.rung.key,
                "because": reminder.because.value,
            }
            for reminder in each.reminders
        ],
    }


def _preview_text(found: Preview) -> str:
    lines = [f"{found.on:%A}, {found.on.isoformat()}: {len(found.recipients)} mails"]
    if found.day_off:
        lines.append(f"No mail leaves on this day: {found.day_off}")
    if found.is_paused:
        lines.append("Mail of this government is paused: nothing leaves until it is resumed")
    for each in found.recipients:
        lines.append(f"{each.name} <{each.address}> {each.kind}")
        lines += [_reminder_text(reminder) for reminder in each.reminders]
    lines += [
        f"Nobody is there to be told of task {each.task_id}: {each.indicator_number}. {each.title}"
        for each in found.unheard
    ]
    return "\n".join(lines)


def _reminder_text(reminder: Reminder) -> str:
    thing = f"task {reminder.task_id}: {reminder.indicator_number}."
    if reminder.task_id is None:
        thing = f"evidence {reminder.evidence_id}:"
    return (
        f"  {reminder.rung.key:<11} due {reminder.due_on.isoformat()}  {thing} {reminder.title} "
        f"({reminder.because.value.replace('_', ' ')})"
    )


def _sent(scope: Scope, outcome: Outcome, today: date) -> Document:
    found = queries.list_reminding(db.session(), scope, today)
    return {
        "on": today.isoformat(),
        "hold": outcome.hold,
        "new_reminders": len(outcome.planned.new) + len(outcome.planned.reopened),
        "mails": [
            {
                "id": each.message.id,
                "kind": each.message.kind,
                "to": each.account_name,
                "subject": each.message.subject,
                "state": each.message.state,
                "reason": each.message.reason,
                "answer": each.message.server_answer,
            }
            for each in found
        ],
        "without_recipient": list(outcome.planned.without_recipient),
    }


def _sent_text(document: Document) -> str:
    mails, without = document["mails"], document["without_recipient"]
    assert isinstance(mails, list)
    lines = [f"{document['on']}: {document['new_reminders']} new reminders, {len(mails)} mails"]
    if document["hold"]:
        lines.append(f"Nothing leaves now: {str(document['hold']).replace('_', ' ')}")
    lines += [
        f"  {mail['state']:<12} {mail['kind']:<6} {mail['to']}: {mail['subject'] or '-'} "
        f"[{mail['answer'] or mail['reason'] or '-'}]"
        for mail in mails
    ]
    if without:
        lines.append(f"Nobody is there to be told of tasks {without}")
    return "\n".join(lines)
