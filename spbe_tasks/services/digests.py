"""What a person's digest says today: everything that waits for them, and which of it they are reminded of now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.ladder import PUBLISHED
from spbe_tasks.rules.reminders import DigestGroup, LedgerEntry, digest_groups, recipients
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries import reminders as queries
from spbe_tasks.services.queries.reminders import DigestTask


@dataclass(frozen=True, slots=True)
class Line:
    """One task in a digest. ``points``: index points; ``is_reminded``: a rung of it is told in this mail."""

    task_id: int
    indicator_number: int
    title: str
    state: State
    due_on: date
    points: Decimal
    is_reminded: bool
    kind: TaskKind = TaskKind.GAP


@dataclass(frozen=True, slots=True)
class Digest:
    """The lines under their headings, as of ``today`` (local), and the ids of the intents they tell."""

    today: date
    groups: Mapping[DigestGroup, tuple[Line, ...]]
    intent_ids: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many tasks it lists."""
        return sum(map(len, self.groups.values()))


def build(session: Session, account: Account, *, today: date) -> Digest | None:
    """The digest of an active ``account`` from the facts as they stand; None when there is nothing to remind of.

    An open intent counts only while its task is still in the agency's hands, still this person's and, unless it says
    that the task was published, still due on the same date. Lines are everything else that is the person's as well.
    """
    if account.government_id is None:
        return None
    waiting = queries.list_open_entries(session, account.government_id, account_id=account.id)
    if not waiting:
        return None
    people = queries.load_people(session, account.government_id)
    mine = [
        each
        for each in queries.list_digest_tasks(session, account)
        if any(account.id == to for to, _ in recipients(each.task, people))
    ]
    versions = {each.task.task_id: each.task.due_version for each in mine}
    told = [each for each in waiting if _is_current(each.entry, versions)]
    if not told:
        return None
    reminded = {each.entry.task_id for each in told}
    lines = [_line(each, is_reminded=each.task.task_id in reminded) for each in mine]
    return Digest(today, digest_groups(lines, today), tuple(each.intent_id for each in told))


def _is_current(entry: LedgerEntry, versions: Mapping[int, int]) -> bool:
    version = versions.get(entry.task_id)
    return version is not None and (entry.rung == PUBLISHED or entry.due_version == version)


def _line(found: DigestTask, *, is_reminded: bool) -> Line:
    task = found.task
    return Line(
        task_id=task.task_id,
        indicator_number=found.indicator_number,
        title=found.title,
        state=task.state,
        due_on=task.due_on,
        points=found.points,
        is_reminded=is_reminded,
        kind=found.kind,
    )
