"""Selects about news that waits to be mailed. For machine jobs: they see every government."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Government, Message, MessageKind, MessageState, News


def list_governments_with_untold(session: Session) -> Sequence[int]:
    """The governments with news that stands in no mail yet, except those whose mail is paused; by id."""
    untold = select(News.government_id).where(News.message_id.is_(None), News.told_at.is_(None))
    rows = select(Government.id).where(~Government.is_mail_paused, Government.id.in_(untold))
    return session.scalars(rows.order_by(Government.id)).all()


def keep_free(session: Session, government_id: int, account_ids: Collection[int]) -> frozenset[int]:
    """Those of ``account_ids`` whose account of this government is open and for whom no mail of news waits."""
    waits = exists().where(
        Message.account_id == Account.id,
        Message.government_id == government_id,
        Message.kind == MessageKind.NEWS,
        Message.state == MessageState.PENDING,
    )
    rows = select(Account.id).where(
        Account.government_id == government_id, Account.id.in_(account_ids), Account.is_active, ~waits
    )
    return frozenset(session.scalars(rows)) if account_ids else frozenset()
