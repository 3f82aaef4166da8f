"""Comments on a task: who may change or remove one, and until when; who is addressed in it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from spbe_tasks.rules.access import Capability, Scope

# Our own figures: long enough for a slip of the pen, short enough that nobody has answered yet.
EDIT_WINDOW = timedelta(minutes=15)
LONGEST_COMMENT = 4_000
MOST_MENTIONS = 20


@dataclass(frozen=True, slots=True)
class Written:
    """What must be known of a comment to say who may change it."""

    author_id: int
    written_at: datetime
    is_removed: bool


def may_edit(comment: Written, scope: Scope, now: datetime) -> bool:
    """Whether the scope's person may still change its words: their own, within ``EDIT_WINDOW``, and not removed."""
    return _is_own(comment, scope) and now <= comment.written_at + EDIT_WINDOW


def may_remove(comment: Written, scope: Scope, now: datetime) -> bool:
    """Whether the scope's person may take it away: whoever may edit it, and coordinators at any time."""
    return may_edit(comment, scope, now) or (not comment.is_removed and scope.may(Capability.MANAGE_PLANS))


def named_in(body: str, people: Iterable[tuple[int, str]]) -> frozenset[int]:
    """Which of ``people`` (id, name) the text addresses as "@name", in any case; of two names the longer one fits."""
    by_length = sorted(people, key=lambda person: len(person[1]), reverse=True)
    found, rest = set(), body
    for account_id, name in by_length:
        shorter = re.sub(rf"(?<!\w)@{re.escape(name)}(?!\w)", " ", rest, flags=re.IGNORECASE)
        if shorter != rest:
            found.add(account_id)
            rest = shorter
    return frozenset(found)


def _is_own(comment: Written, scope: Scope) -> bool:
    return not comment.is_removed and comment.author_id == scope.account_id
