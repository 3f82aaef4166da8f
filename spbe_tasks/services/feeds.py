"""A person's calendar address: a secret that gives their due dates to a calendar program, and can be taken back."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, EvaluationCalendar
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import trail
from spbe_tasks.services.queries import feeds as queries
from spbe_tasks.services.queries import governments
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.work import Work

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Feed:
    """What a person's calendar holds: rows of ``queries.list_due`` and ``queries.list_milestones``, evaluations."""

    tasks: Sequence[Row[Any]]
    milestones: Sequence[Row[Any]]
    evaluations: Sequence[EvaluationCalendar]


def give_address(work: Work, scope: Scope, *, now: datetime) -> str:
    """A new secret for the scope's person, told this once: only its digest is stored. An earlier one ends."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    _store(work, scope, digest_of(secret))
    _record(work, scope, "give_calendar_address", now=now)
    return secret


def take_address_back(work: Work, scope: Scope, *, now: datetime) -> None:
    """The person's address shows nothing from now on; without one nothing changes but the trail."""
    _store(work, scope, None)
    _record(work, scope, "take_calendar_address_back", now=now)


def get_reader(session: Session, secret: str) -> tuple[Account, JsonRows]:
    """Whose calendar it is, with the government loaded, and the positions they may take (``acting.positions_of``).

    Raises NotFoundError for an unknown or ended address, and for the address of a closed account.
    """
    found = queries.find_reader(session, digest_of(secret))
    if found is None:
        raise NotFoundError("feed.not_found")
    return found.Account, found.positions


def read(session: Session, own: Scope, taken: Sequence[Scope] = ()) -> Feed:
    """The due dates that are the person's: as on their desk; of the agency for its head; else what is put to them.

    ``taken`` are the positions they stand in for today: what is due there is theirs to do, too.
    """
    return Feed(
        tasks=queries.list_due(session, (own, *taken)),
        milestones=queries.list_milestones(session, (own, *taken)),
        evaluations=governments.list_evaluations(session, own),
    )


def digest_of(secret: str) -> str:
    """What is stored of a secret: it is long and random, so that a plain hash cannot be tried out."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _store(work: Work, scope: Scope, digest: str | None) -> None:
    # Without raising the account's version: a profile that is open elsewhere stays as it was.
    work.session.execute(update(Account).where(Account.id == scope.account_id).values(calendar_digest=digest))


def _record(work: Work, scope: Scope, action: str, *, now: datetime) -> None:
    assert scope.account_id is not None
    trail.record_by(work, scope, action, ("account", scope.account_id), now=now)
