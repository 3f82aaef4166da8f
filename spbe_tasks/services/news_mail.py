"""News that people want mailed at once: who is to be sent a mail of them, and what stands in it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, Government, Message, MessageKind, MessageState, News
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.preferences import USUAL, NewsWish
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.services import mail_preferences, reminder_policies, suppressions
from spbe_tasks.services.queries import digest_lines, governments
from spbe_tasks.services.queries import news_mail as queries
from spbe_tasks.services.queries.digest_lines import NewsLine
from spbe_tasks.work import Work


def ask_for_all(work: Work, *, now: datetime) -> int:
    """Ask for one mail to everybody for whom news waits that they want at once; returns how many mails.

    News of a kind somebody wants no mail of ends as told. A mail that waits already takes up what has come since, so a
    second run asks for nothing. Asks for ``SWEEP_OUTBOX`` when there is something to send.
    """
    waiting = queries.list_governments_with_untold(work.session)
    asked = sum(ask(work, government_id, now=now) for government_id in waiting)
    if asked:
        work.after_commit(Job.SWEEP_OUTBOX)
    return asked


def ask(work: Work, government_id: int, *, now: datetime) -> int:
    """The same for one government, without asking for a job."""
    government = governments.get_government(work.session, government_id)
    policy = reminder_policies.current(work.session, government_id)
    wishes = mail_preferences.of(work.session, government_id)
    at_once, never = set(), []
    for account_id, kind in digest_lines.list_untold_kinds(work.session, government_id):
        wish = wishes.get(account_id, USUAL).wish(kind, policy.news_at_once)
        if wish is NewsWish.AT_ONCE:
            at_once.add(account_id)
        elif wish is NewsWish.NEVER:
            never.append((account_id, kind))
    _end_unwanted(work, government_id, never, now=now)
    readers = queries.keep_free(work.session, government_id, at_once)
    return _ask(work, government, readers - suppressions.standing(work.session, government_id), now=now)


def lines(session: Session, account: Account, policy: ReminderPolicy) -> Sequence[NewsLine]:
    """What a mail of news to ``account`` has to tell now, oldest first."""
    preference = mail_preferences.get(session, account.id)
    kinds = [kind for kind in NewsKind if preference.wish(kind, policy.news_at_once) is NewsWish.AT_ONCE]
    return digest_lines.list_untold(session, account, kinds)


def _end_unwanted(
    work: Work, government_id: int, unwanted: Iterable[tuple[int, NewsKind]], *, now: datetime
) -> None:
    for account_id, kind in unwanted:
        untold = (News.message_id.is_(None), News.told_at.is_(None))
        of_person = (News.government_id == government_id, News.account_id == account_id, News.kind == kind)
        work.session.execute(update(News).where(*of_person, *untold).values(told_at=now))


def _ask(work: Work, government: Government, account_ids: Iterable[int], *, now: datetime) -> int:
    shared = {
        "government_id": government.id,
        "kind": MessageKind.NEWS,
        "local_date": local_date(now, government.timezone),
        "state": MessageState.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
    }
    rows = [{"account_id": account_id, **shared} for account_id in sorted(account_ids)]
    if not rows:
        return 0
    made = insert(Message).values(rows).on_conflict_do_nothing().returning(Message.id)
    return len(work.session.scalars(made).all())
