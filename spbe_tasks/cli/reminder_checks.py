"""``spbe-tasks reminders doctor``, ``test`` and ``proof``: whether mail works, and what was told to whom."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import click
from flask import current_app

from spbe_tasks import clock, mailing
from spbe_tasks.adapters import mail
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.cli.reminders import Document, reminders_group
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.models import Message, MessageState
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import mail_proofs, outbox, system, trail
from spbe_tasks.services.queries import governments, mail_health, people
from spbe_tasks.services.queries.mail_health import MailHealth
from spbe_tasks.services.queries.mail_proof import Proof, ProofFilter
from spbe_tasks.transaction import transaction

__all__ = ["reminders_group"]  # the group, with these commands added

# Mail that waits for office hours may wait a long holiday; this is longer than any.
LONGEST_WAIT = timedelta(days=14)
# The mailbox is read every five minutes.
MAILBOX_SILENT_AFTER = timedelta(minutes=30)
_DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: "ok", "note" for what somebody should know, "fail" for what keeps mail from people."""

    name: str
    state: str
    words: str


@reminders_group.command("doctor")
@as_json
@with_app
def doctor_command(*, as_json: bool) -> None:
    """Check all that mail needs: settings, mail server, background, mailbox for bounces, what waits, governments.

    Asks nobody but the mail server. Exit code 1 when something keeps mail from people.
    """
    findings = list(_findings())
    show([asdict(each) for each in findings], as_json=as_json, text=lambda: "\n".join(map(_line, findings)))
    if any(each.state == "fail" for each in findings):
        raise SystemExit(1)


def _findings() -> Iterator[Finding]:
    settings: Settings = current_app.extensions["settings"]
    now = clock.now()
    health = mail_health.load(db.session(), now)
    yield _sender(settings)
    yield _server(settings)
    yield _background(now)
    yield _mailbox(settings, now)
    yield _outbox(health, now)
    yield _planned(health)
    yield from _governments(health)


def _sender(settings: Settings) -> Finding:
    if settings.mail_from.endswith(("@localhost", "@localhost.localdomain")):
        return Finding("sender", "note", f"MAIL_FROM is {settings.mail_from}: other servers will refuse it")
    return Finding("sender", "ok", settings.mail_from)


def _server(settings: Settings) -> Finding:
    try:
        return Finding("mail server", "ok", mail.check(settings))
    except mail.Failure as error:
        return Finding("mail server", "fail", f"{settings.smtp_host}:{settings.smtp_port}: {error}")


def _background(now: datetime) -> Finding:
    seen_at = system.last_heartbeat(db.session())
    is_alive = system.is_background_alive(seen_at, now)
    words = f"heard {seen_at}" if is_alive else f"last heard {seen_at or 'never'}: start the worker and beat"
    return Finding("worker and beat", "ok" if is_alive else "fail", words)


def _mailbox(settings: Settings, now: datetime) -> Finding:
    if settings.mailbox_address is None:
        if settings.webhook_secret:
            return Finding("bounces", "ok", "by webhook")
        return Finding("bounces", "note", "nothing reads bounces")
    read_at = system.last_reading(db.session())
    is_read = read_at is not None and now - read_at <= MAILBOX_SILENT_AFTER
    return Finding("bounces", "ok" if is_read else "fail", f"mailbox last read {read_at or 'never'}")


def _outbox(health: MailHealth, now: datetime) -> Finding:
    counts = f"{health.waiting} wait, {health.uncertain} uncertain, {health.failed} failed"
    words = f"{counts}, {health.suppressed} addresses blocked"
    if health.stop_reason is not None:
        return Finding("outbox", "fail", f"all mail is stopped: {health.stop_reason}; {words}")
    if health.oldest_waiting_at and now - health.oldest_waiting_at > LONGEST_WAIT:
        return Finding("outbox", "fail", f"mail waits since {health.oldest_waiting_at}; {words}")
    return Finding("outbox", "note" if health.uncertain or health.failed else "ok", words)


def _planned(health: MailHealth) -> Finding:
    if health.last_planned_at is None:
        return Finding("planning", "note", "no reminder was ever planned")
    return Finding("planning", "ok", f"last new reminder {health.last_planned_at}")


def _governments(health: MailHealth) -> Iterator[Finding]:
    for name, state, slugs in (
        ("held by the day's limit", "fail", health.held),
        ("paused", "note", health.paused),
        ("without a sender's name", "fail", health.without_sender),
        ("without a reply address", "note", health.without_reply_to),
    ):
        yield Finding(name, state if slugs else "ok", ", ".join(slugs) or "no government")


def _line(finding: Finding) -> str:
    return f"{finding.state:<4} {finding.name}: {finding.words}"


@reminders_group.command("test")
@government_option
@click.option("--to", "email", required=True, help="The address of a person of the government.")
@as_json
@with_app
def test_command(*, slug: str, email: str, as_json: bool) -> None:
    """Send a test to somebody as mail of the government leaves, and say what the mail server answered.

    Exit code 1 when it was not taken.
    """
    scope = operator_scope(db.session(), slug)
    account = people.find_by_email(db.session(), email)
    if account is None or account.government_id != scope.government_id:
        raise NotFoundError("account.not_found_by_email", email=email)
    account_id = account.id
    with transaction() as work:
        message_id = outbox.ask_for_test(work, account_id, scope.government_id, now=clock.now()).id
    with closing(current_app.extensions["mail"]):
        mailing.send_one(message_id)
    message = db.session().get_one(Message, message_id, populate_existing=True)
    document: Document = {
        "id": message.id,
        "to": message.to_address,
        "state": message.state,
        "answer": message.server_answer,
        "reason": message.reason,
    }
    show(
        document,
        as_json=as_json,
        text=lambda: f"{message.state}: {message.server_answer or message.reason or '-'}",
    )
    if message.state is not MessageState.SENT:
        raise SystemExit(1)


@reminders_group.command("proof")
@government_option
@click.option("--task", "task_id", type=int, help="Only of this task.")
@click.option("--to", "email", help="Only to the person with this address.")
@click.option("--from", "from_on", type=_DAY, help="Planned on this local day (YYYY-MM-DD) or later.")
@click.option("--until", "until_on", type=_DAY, help="Planned on this local day or earlier.")
@as_json
@with_app
def proof_command(
    *,
    slug: str,
    task_id: int | None,
    email: str | None,
    from_on: datetime | None,
    until_on: datetime | None,
    as_json: bool,
) -> None:
    """What was told to whom, when, with the mail server's answer, held against the sealed trail.

    Exit code 1 when a mail is not as the trail has it, the chain of the trail is broken, or there is too much for one
    answer: then ask for some days at a time.
    """
    scope = operator_scope(db.session(), slug)
    zone = governments.get_government(db.session(), scope.government_id).timezone
    wanted = ProofFilter(
        task_id=task_id,
        account_id=_account_id(email, scope.government_id),
        from_on=from_on.date() if from_on else None,
        until_on=until_on.date() if until_on else None,
    )
    rows = mail_proofs.list_all(db.session(), scope, wanted, zone, most=mail_proofs.MOST_EXPORTED)
    proved = mail_proofs.compare(db.session(), rows)
    documents = [_proof(row, is_proved) for row, is_proved in zip(rows, proved, strict=True)]
    verified = trail.verify(db.session(), scope.government_id)
    document = {"reminders": documents, "chain": {**asdict(verified), "is_intact": verified.is_intact}}
    show(
        document,
        as_json=as_json,
        text=lambda: "\n".join([*map(_proof_line, documents), _chain_line(verified)]),
    )
    if not verified.is_intact or any(each["is_proved"] is False for each in documents):
        raise SystemExit(1)


def _account_id(email: str | None, government_id: int) -> int | None:
    if email is None:
        return None
    account = people.find_by_email(db.session(), email)
    if account is None or account.government_id != government_id:
        raise NotFoundError("account.not_found_by_email", email=email)
    return account.id


def _proof(row: Proof, is_proved: bool | None) -> Document:
    intent, message = row.intent, row.message
    return {
        "at": intent.ended_at or intent.planned_at,
        "to": row.account_name,
        "address": message.to_address if message else None,
        "task": intent.task_id,
        "evidence": intent.evidence_id,
        "title": row.title,
        "rung": intent.rung,
        "due_version": intent.due_version,
        "state": intent.state,
        "reason": intent.reason,
        "mail": message.id if message else None,
        "mail_state": message.state if message else None,
        "mail_reason": message.reason if message else None,
        "answer": message.server_answer if message else None,
        "position": row.sealed_at,
        "is_proved": is_proved,
    }


def _proof_line(each: Document) -> str:
    thing = f"task {each['task']}" if each["task"] else f"evidence {each['evidence']}"
    seal = {None: "", True: f" #{each['position'] or '-'}", False: " DIFFERS FROM THE TRAIL"}
    said = [str(each[name]) for name in ("answer", "mail_reason", "reason") if each[name]]
    return (
        f"{each['at']}  {each['state']:<10} {each['to']}: {thing} {each['rung']} "
        f"[{', '.join(said) or '-'}]{seal[each['is_proved']]}"  # type: ignore[index]
    )


def _chain_line(verified: trail.Verification) -> str:
    state = "whole" if verified.is_intact else f"BROKEN at {verified.broken_at}"
    return f"chain {state}, {verified.sealed} sealed events, head {verified.head}"
