"""What people want mailed: kept per person, read by those who plan and send."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, MailPreference, NewsKind
from spbe_tasks.rules.preferences import USUAL, Cadence, NewsWish, Preference
from spbe_tasks.services import people_trail
from spbe_tasks.tokens import MailList
from spbe_tasks.work import Work


def of(session: Session, government_id: int) -> Mapping[int, Preference]:
    """By account id what the government's people chose. Who is missing chose nothing: ``USUAL`` counts."""
    rows = select(MailPreference).where(MailPreference.government_id == government_id)
    return {row.account_id: _read(row) for row in session.scalars(rows)}


def get(session: Session, account_id: int) -> Preference:
    """What one person chose, ``USUAL`` if nothing."""
    row = session.get(MailPreference, account_id)
    return _read(row) if row else USUAL


def store(work: Work, account_id: int, preference: Preference, *, now: datetime) -> bool:
    """Keep what a person chose for themselves; whether that changed anything. The trail has what it was before."""
    account = work.session.get_one(Account, account_id, with_for_update=True)
    row = work.session.get(MailPreference, account_id, populate_existing=True)
    before = _read(row) if row else USUAL
    if before == preference:
        return False
    if row is None:
        row = MailPreference(account_id=account_id)
        work.session.add(row)
    row.government_id, row.changed_at = account.government_id, now
    row.cadence, row.news = preference.cadence, {kind: wish.value for kind, wish in preference.news.items()}
    row.wants_monthly = preference.wants_monthly
    people_trail.record(
        work,
        "choose_mail",
        account,
        actor_id=account_id,
        at=now,
        data=people_trail.changes(_facts(before), _facts(preference)),
    )
    return True


def unsubscribe(work: Work, account_id: int, mail_list: MailList, *, now: datetime) -> Preference | None:
    """End the digest, the brief of the month, or the mails that bring news at once: the digest tells it then.

    Returns what the person had chosen before; None when the list had ended already.
    """
    former = get(work.session, account_id)
    if mail_list is MailList.DIGEST:
        wanted = replace(former, cadence=Cadence.NEVER)
    elif mail_list is MailList.MONTHLY:
        wanted = replace(former, wants_monthly=False)
    else:
        wishes = {kind.value: former.news.get(kind, NewsWish.DIGEST) for kind in NewsKind}
        quiet = {kind: NewsWish.DIGEST if wish is NewsWish.AT_ONCE else wish for kind, wish in wishes.items()}
        wanted = replace(former, news=quiet)
    return former if store(work, account_id, wanted, now=now) else None


def _read(row: MailPreference) -> Preference:
    stored = {"cadence": row.cadence, "news": row.news, "wants_monthly": row.wants_monthly}
    return Preference.from_settings(stored)


def _facts(preference: Preference) -> dict[str, object]:
    chosen = {"cadence": preference.cadence, "monthly": preference.wants_monthly}
    return chosen | {kind: preference.news.get(kind) for kind in NewsKind}
