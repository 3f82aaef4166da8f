"""The versions of a government's rules for reminders and mail: read and stored. None is ever changed, only followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.models import ReminderPolicyVersion
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.reminder_policy import DEFAULT_POLICY, ReminderPolicy
from spbe_tasks.rules.reminder_policy import check as check_policy
from spbe_tasks.services import trail
from spbe_tasks.services.queries import reminder_policies as queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Version:
    """A version and the policy it holds; number 0 is the defaults, which nobody stored."""

    number: int
    policy: ReminderPolicy
    note: str = ""
    author: str | None = None
    made_at: datetime | None = None


DEFAULTS = Version(0, DEFAULT_POLICY)


def current(session: Session, government_id: int) -> ReminderPolicy:
    """The policy that counts now; the defaults while the government has stored none."""
    return standing(session, government_id).policy


def standing(session: Session, government_id: int) -> Version:
    """The version that counts now, number 0 (the defaults) before the first."""
    row = queries.find_newest(session, government_id)
    return DEFAULTS if row is None else _version(row)


def list_versions(session: Session, scope: Scope) -> Sequence[Version]:
    """Every stored version with its author's name, newest first."""
    rows = queries.list_versions(session, scope.government_id)
    return [_version(row.ReminderPolicyVersion, author=row.author) for row in rows]


def store(
    work: Work, scope: Scope, policy: ReminderPolicy, *, seen_number: int, note: str = "", now: datetime
) -> Version:
    """Keep ``policy`` as the next version; the same policy again makes none. Writes an event.

    ``seen_number`` is the version the person started from (0: the defaults). Raises InvalidInputError with the problems
    of ``rules.reminder_policy.check``, ConflictError ("reminder_policy.stale_version") when somebody stored another one
    meanwhile.
    """
    if problems := check_policy(policy):
        raise InvalidInputError(problems)
    before = standing(work.session, scope.government_id)
    if before.policy == policy:
        return before
    if before.number != seen_number:
        raise ConflictError("reminder_policy.stale_version", number=before.number)
    values = {
        "government_id": scope.government_id,
        "number": before.number + 1,
        "settings": policy.to_settings(),
        "note": note.strip(),
        "made_by_id": scope.account_id,
        "made_at": now,
    }
    made = insert(ReminderPolicyVersion).values(**values).on_conflict_do_nothing()
    policy_id = work.session.scalar(made.returning(ReminderPolicyVersion.id))
    if policy_id is None:  # somebody took the number between the two statements
        raise ConflictError("reminder_policy.stale_version", number=before.number + 1)
    data = {"number": before.number + 1, "note": note.strip()}
    trail.record_by(work, scope, "store_reminder_policy", ("reminder_policy", policy_id), now=now, data=data)
    return Version(before.number + 1, policy, note.strip(), made_at=now)


def _version(row: ReminderPolicyVersion, *, author: str | None = None) -> Version:
    policy = ReminderPolicy.from_settings(row.settings)
    return Version(row.number, policy, row.note, author=author, made_at=row.made_at)
