"""Selects about the versions of a government's rules for reminders. Limited by the government's id."""

from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, ReminderPolicyVersion


def find_newest(session: Session, government_id: int) -> ReminderPolicyVersion | None:
    """The version that counts; None while the defaults do."""
    return session.scalar(
        select(ReminderPolicyVersion)
        .where(ReminderPolicyVersion.government_id == government_id)
        .order_by(ReminderPolicyVersion.number.desc())
        .limit(1)
    )


def list_versions(session: Session, government_id: int) -> "Sequence[Row[ReminderPolicyVersion, str]]":
    """Every version with the name of who made it (ReminderPolicyVersion, author), newest first."""
    return session.execute(
        select(ReminderPolicyVersion, Account.name.label("author"))
        .outerjoin(Account, Account.id == ReminderPolicyVersion.made_by_id)
        .where(ReminderPolicyVersion.government_id == government_id)
        .order_by(ReminderPolicyVersion.number.desc())
    ).all()
