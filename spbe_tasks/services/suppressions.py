"""Addresses that mail is not sent to, because it bounced, or somebody complained or said so; and their release."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Suppression, SuppressionReason
from spbe_tasks.rules.access import Scope
from spbe_tasks.services import people_trail
from spbe_tasks.services.queries import people
from spbe_tasks.services.queries import suppressions as queries
from spbe_tasks.work import Work

LONGEST_DETAIL = 500


def standing(session: Session, government_id: int) -> frozenset[int]:
    """Ids of the accounts of a government whose address is not written to."""
    return frozenset(queries.list_standing_accounts(session, government_id))


def is_standing(session: Session, address: str) -> bool:
    """Whether ``address``, in any case of letters, is not written to."""
    return queries.find_standing(session, address) is not None


def suppress(
    work: Work,
    account: Account,
    reason: SuppressionReason,
    detail: str,
    *,
    now: datetime,
    made_by_id: int | None = None,
) -> bool:
    """Stop writing to a person's address; ``detail`` is cut to 500 characters.

    False when it is suppressed already: the first reason stays. Open reminders end with the next planning.
    """
    values = {
        "government_id": account.government_id,
        "address": account.email.lower(),
        "reason": reason,
        "detail": " ".join(detail.split())[:LONGEST_DETAIL],
        "made_at": now,
        "made_by_id": made_by_id,
    }
    new = insert(Suppression).values(values).on_conflict_do_nothing().returning(Suppression.id)
    if work.session.scalar(new) is None:
        return False
    data = {"reason": reason.value, "detail": values["detail"]}
    people_trail.record(work, "suppress_address", account, actor_id=made_by_id, at=now, data=data)
    return True


def suppress_by_hand(work: Work, scope: Scope, account_id: int, detail: str, *, now: datetime) -> Account:
    """Stop writing to the address of one of the government's people. Raises NotFoundError."""
    account = people.get_account(work.session, scope, account_id)
    suppress(work, account, SuppressionReason.BY_HAND, detail, now=now, made_by_id=scope.account_id)
    return account


def release(work: Work, scope: Scope, suppression_id: int, *, now: datetime) -> Suppression:
    """Write to an address again. What was suppressed and is still current is planned again. Twice is as once.

    Raises NotFoundError.
    """
    row = queries.lock_suppression(work.session, scope, suppression_id)
    if row.released_at is not None:
        return row
    row.released_at, row.released_by_id = now, scope.account_id
    account = people.find_by_email(work.session, row.address)
    if account is not None:
        people_trail.record_by(work, scope, "release_address", account, now=now)
    return row
