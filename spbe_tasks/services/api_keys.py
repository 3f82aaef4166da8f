"""Keys by which programs read through a person's eyes: told once, kept as digests, ended by the person."""

import secrets
from datetime import date, datetime

from sqlalchemy.orm import Session

from spbe_tasks.models import Account, ApiKey
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.services import trail
from spbe_tasks.services.accounts import check_name
from spbe_tasks.services.feeds import digest_of
from spbe_tasks.services.queries import api_keys as queries
from spbe_tasks.work import Work

MOST_KEYS = 10
_SECRET_BYTES = 32
# Told apart from other secrets by people, and by programs that look for keys in what is published by mistake.
_PREFIX = "spbe_"


def give(work: Work, scope: Scope, name: str, *, now: datetime) -> str:
    """A new key, told this once: only its digest is stored. ``name`` says which program has it.

    Raises InvalidInputError for an empty or overlong name, and ("api_key.too_many") beyond ``MOST_KEYS``.
    """
    assert scope.account_id is not None
    check_name(name)
    if queries.count_own(work.session, scope) >= MOST_KEYS:
        raise InvalidInputError.of("api_key.too_many", "name", limit=MOST_KEYS)
    secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey(
        account_id=scope.account_id,
        government_id=scope.government_id,
        name=name.strip(),
        digest=digest_of(secret),
        made_at=now,
    )
    work.session.add(key)
    work.session.flush()
    trail.record_by(
        work, scope, "give_api_key", ("account", scope.account_id), now=now, data={"name": key.name}
    )
    return secret


def end(work: Work, scope: Scope, key_id: int, *, now: datetime) -> None:
    """The key opens nothing from now on. Raises NotFoundError for anybody else's."""
    assert scope.account_id is not None
    key = queries.get_own(work.session, scope, key_id)
    trail.record_by(
        work, scope, "end_api_key", ("account", scope.account_id), now=now, data={"name": key.name}
    )
    work.session.delete(key)


def find_reader(session: Session, secret: str) -> tuple[ApiKey, Account] | None:
    """The key and whose eyes it reads through; None when it is not, or no longer, one of ours."""
    found = queries.find_reader(session, digest_of(secret))
    return (found.ApiKey, found.Account) if found else None


def note_use(work: Work, key_id: int, *, today: date) -> None:
    """Remember the day a key was last used, so that its person sees which ones can go."""
    key = work.session.get(ApiKey, key_id)
    if key is not None:
        key.last_used_on = today
