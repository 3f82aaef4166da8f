"""Reminders: bring the ledger of intents up to date, and put today's digests into the outbox."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Government, Message, MessageKind, MessageState, ReminderIntent
from spbe_tasks.rules import reminders as rules
from spbe_tasks.rules.cadence import wants_digest
from spbe_tasks.rules.calendar import SendWindow, WorkCalendar, is_open, local_date
from spbe_tasks.rules.reminders import CancelReason, IntentState, LedgerEntry, Planned
from spbe_tasks.services import calendars, digest_news, monthly_briefs, reminder_facts
from spbe_tasks.services.queries import closing as queries_of_closing
from spbe_tasks.services.queries import governments
from spbe_tasks.services.queries import reminders as queries
from spbe_tasks.services.reminder_facts import Ground, Loaded
from spbe_tasks.work import Work

NOTHING = Planned()


class Hold(StrEnum):
    """Why no mail of a government leaves now."""

    PAUSED = "paused"
    DAY_OFF = "day_off"
    OUTSIDE_WINDOW = "outside_window"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a planning run did: ``hold`` says why nothing; ``message_ids`` are the mails it asked for."""

    hold: Hold | None = None
    planned: Planned = NOTHING
    message_ids: tuple[int, ...] = ()


def ask_for_all(work: Work, *, now: datetime) -> None:
    """Ask for ``PLAN_GOVERNMENT`` for every government whose send window is open at ``now``, in random order.

    A job each: one that fails or is slow stops no other. Random, so that none is always the last when there are more
    than workers can plan before the next round.
    """
    for government_id in queries.list_mailed_governments(work.session, now):
        work.after_commit(Job.PLAN_GOVERNMENT, government_id)


def plan_government(work: Work, government_id: int, *, now: datetime) -> Outcome:
    """Write what is due at ``now`` into the ledger of one government and ask for the mails that tell it.

    Nothing happens while its mail is paused, outside its send window or on a day off: the first run inside the
    window does it all. At most one digest and one brief per person and local date, and one brief of the month. A second
    run, also at the same time, changes nothing: the unique keys of intent and message decide who was first. Asks for
    ``SWEEP_OUTBOX``.
    """
    government = governments.get_government(work.session, government_id)
    calendar = calendars.load(work.session, government)
    hold = hold_of(government, calendar, now)
    if hold:
        return Outcome(hold=hold)
    today = local_date(now, government.timezone)
    ground = reminder_facts.ground(work.session, government_id, today, calendar)
    loaded = reminder_facts.load(work.session, ground)
    planned = rules.plan(
        loaded.facts, loaded.ledger, today=today, calendar=calendar, policy=ground.day.policy
    )
    _store(work.session, government_id, planned, loaded, now=now)
    briefed = {each for each, last in loaded.facts.briefed.items() if last == today}
    readers = _readers(work.session, ground, briefed=briefed.union(planned.briefs))
    leaders = monthly_briefs.readers_today(work.session, ground, government.monthly_brief_day)
    message_ids = (
        *_ask(work.session, government_id, planned.briefs, (MessageKind.BRIEF, today), now=now),
        *_ask(work.session, government_id, readers, (MessageKind.DIGEST, today), now=now),
        *_ask(work.session, government_id, leaders, (MessageKind.MONTHLY, today), now=now),
    )
    if message_ids:
        work.after_commit(Job.SWEEP_OUTBOX)
    return Outcome(planned=planned, message_ids=message_ids)


def announce(work: Work, government_id: int, task_ids: Collection[int], *, now: datetime) -> int:
    """Have their recipients told that these tasks were published; returns how many intents were written.

    The digest of the day carries them all, so a person gets one mail however many tasks a plan has: as soon as the
    send window is open. Asks for ``PLAN_GOVERNMENT``. A task published again is not announced again.
    """
    government = governments.get_government(work.session, government_id)
    today = local_date(now, government.timezone)
    people = reminder_facts.ground(work.session, government_id, today).people
    published = queries.list_by_id(work.session, government_id, task_ids, government.timezone)
    intents = rules.announce(published, people)
    _insert(work.session, government_id, intents, now=now)
    work.after_commit(Job.PLAN_GOVERNMENT, government_id)
    return len(intents)


def cancel_for_plan(work: Work, plan_id: int, *, now: datetime) -> int:
    """Cancel what waits to be told about the tasks of a plan that closes; returns how many reminders.

    A digest with nothing else to tell is cancelled when it is about to leave. After reopening, the next planning takes
    up again whatever is still due.
    """
    waiting = queries_of_closing.list_open_intent_ids(work.session, plan_id)
    ending = {"state": IntentState.CANCELLED, "reason": CancelReason.PLAN_CLOSED.value, "ended_at": now}
    _change(work.session, waiting, (IntentState.OPEN,), ending)
    return len(waiting)


def hold_of(government: Government, calendar: WorkCalendar, now: datetime) -> Hold | None:
    """Why reminders of ``government`` may not leave at ``now``; None: they may."""
    if government.is_mail_paused:
        return Hold.PAUSED
    if not calendar.is_working_day(local_date(now, government.timezone)):
        return Hold.DAY_OFF
    window = SendWindow(government.send_opens_at, government.send_closes_at)
    return None if is_open(window, calendar, now) else Hold.OUTSIDE_WINDOW


def _store(session: Session, government_id: int, planned: Planned, loaded: Loaded, *, now: datetime) -> None:
    """Every change is conditional on what the planner saw, so that whoever was faster wins."""
    endings: dict[tuple[IntentState, str | None], list[LedgerEntry]] = {
        (IntentState.SUPERSEDED, None): list(planned.superseded),
        (IntentState.SUPPRESSED, None): list(planned.suppressed),
    }
    for entry, cause in planned.cancelled:
        endings.setdefault((IntentState.CANCELLED, cause.value), []).append(entry)
    for (state, reason), entries in endings.items():
        _change(
            session,
            [loaded.ids[entry.key] for entry in entries],
            (IntentState.OPEN,),
            {"state": state, "reason": reason, "ended_at": now},
        )
    _change(
        session,
        [loaded.ids[entry.key] for entry in planned.reopened],
        (IntentState.CANCELLED, IntentState.SUPPRESSED),
        {"state": IntentState.OPEN, "reason": None, "ended_at": None, "message_id": None},
    )
    _insert(session, government_id, planned.new, now=now)


def _insert(session: Session, government_id: int, intents: Sequence[rules.Intent], *, now: datetime) -> None:
    if intents:
        rows = [_row(government_id, intent, now) for intent in intents]
        session.execute(postgresql.insert(ReminderIntent).on_conflict_do_nothing(), rows)


def _change(
    session: Session, ids: Collection[int], found_in: Collection[IntentState], values: dict[str, object]
) -> None:
    if ids:
        # Locked in one order everywhere, so that two runs wait for each other and never for ever.
        locked = (
            select(ReminderIntent.id)
            .where(ReminderIntent.id.in_(ids), ReminderIntent.state.in_(found_in))
            .order_by(ReminderIntent.id)
            .with_for_update()
        )
        session.execute(
            update(ReminderIntent)
            .where(ReminderIntent.id.in_(session.scalars(locked).all()))
            .values(values)
            .execution_options(synchronize_session=False)
        )


def _row(government_id: int, intent: rules.Intent, now: datetime) -> dict[str, object]:
    return {
        "government_id": government_id,
        "task_id": intent.task_id,
        "evidence_id": intent.evidence_id,
        "episode": intent.episode,
        "due_version": intent.due_version,
        "rung": intent.rung.key,
        "account_id": intent.account_id,
        "state": intent.state,
        "planned_at": now,
        "ended_at": None if intent.state is IntentState.OPEN else now,
    }


def _readers(session: Session, ground: Ground, *, briefed: Collection[int]) -> Sequence[int]:
    """Who is sent a digest today, by id: who has something to be told that may be told today.

    What somebody chose how often to hear waits for the day they chose; an escalation does not, unless today's brief
    tells it.
    """
    news = digest_news.readers(session, ground) - ground.people.suppressed
    waiting = {each.account_id: each for each in queries.list_to_be_told(session, ground.government_id)}
    readers = set()
    for account_id in waiting.keys() | news:
        each = waiting.get(account_id)
        has_chosen = account_id in news or (each is not None and each.has_chosen)
        has_escalation = each is not None and each.has_escalation and account_id not in briefed
        cadence = ground.preference(account_id).cadence
        is_chosen_day = wants_digest(cadence, ground.day.today, ground.day.calendar)
        if has_escalation or (has_chosen and is_chosen_day):
            readers.add(account_id)
    return sorted(readers)


def _ask(
    session: Session,
    government_id: int,
    account_ids: Sequence[int],
    what: tuple[MessageKind, date],
    *,
    now: datetime,
) -> tuple[int, ...]:
    """A pending mail of a kind and local date for everybody who has none; one that found nothing to say this morning
    (the brief of the month: on an earlier day of it) may still find something now. Existing rows are never waited for:
    a sender may hold them.
    """
    if not account_ids:
        return ()
    kind, today = what
    since = today.replace(day=1) if kind is MessageKind.MONTHLY else today
    found_something = (
        update(Message)
        .where(
            Message.government_id == government_id,
            Message.account_id.in_(account_ids),
            Message.local_date.between(since, today),
            Message.kind == kind,
            Message.state == MessageState.CANCELLED,
        )
        .values(
            state=MessageState.PENDING, reason=None, finished_at=None, next_attempt_at=now, local_date=today
        )
        .execution_options(synchronize_session=False)
        .returning(Message.id)
    )
    shared = {
        "government_id": government_id,
        "kind": kind,
        "local_date": today,
        "state": MessageState.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
    }
    first_of_the_day = (
        postgresql.insert(Message)
        .values([{"account_id": account_id, **shared} for account_id in account_ids])
        .on_conflict_do_nothing()
        .returning(Message.id)
    )
    return (*session.scalars(found_something), *session.scalars(first_of_the_day))
