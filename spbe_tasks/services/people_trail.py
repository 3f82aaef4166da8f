"""The trail of people: in their government's chain; administrators belong to none, so theirs goes to the log."""

import logging
from collections.abc import Mapping
from datetime import datetime

from spbe_tasks.models import Account
from spbe_tasks.rules.access import Scope
from spbe_tasks.services import trail
from spbe_tasks.work import Work

log = logging.getLogger(__name__)


def record(
    work: Work,
    action: str,
    account: Account,
    *,
    actor_id: int | None,
    at: datetime,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write that ``action`` was done to ``account``, which has an id by now."""
    if account.government_id is None:
        log.info("%s: administrator %s, by account %s", action, account.id, actor_id or "of the machine")
        return
    trail.record(
        work,
        action,
        ("account", account.id),
        government_id=account.government_id,
        actor_id=actor_id,
        at=at,
        data=data,
    )


def record_by(
    work: Work,
    scope: Scope,
    action: str,
    account: Account,
    *,
    now: datetime,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write that the scope's person did ``action`` to ``account``; whose position they took is named too."""
    named = trail.named(scope, data or {})
    record(work, action, account, actor_id=scope.account_id, at=now, data=named)


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """What differs, as event data: field → [before, after], as text."""
    return {name: [_text(before[name]), _text(after[name])] for name in after if before[name] != after[name]}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
