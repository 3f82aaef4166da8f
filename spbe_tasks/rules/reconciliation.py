"""Wanted tasks against the tasks that stand: what to create, update, leave, withdraw, or ask a person about.

Idempotent: once the changes are carried out, the same question finds nothing to do and the same conflicts.

Human fields, never written here: every state but planned and withdrawn, assignee, reached level, cancel kind,
notes and reasons, claimed criteria, submissions, and the due date once a person set it. Source fields follow
the assessment, the policy and the matrix while a task is planned: title, baseline, target, share, points, due
date; a row keeps its kind for good. On a published task only share and points follow: they divide credit and ask
nobody to do anything else. A changed baseline, target or due date there is a conflict for a person to decide.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spbe_tasks.rules.gaps import WantedTask
from spbe_tasks.rules.policy import DueDates
from spbe_tasks.rules.task_kind import TaskKind, levels_at_stake
from spbe_tasks.rules.workflow import CancelKind, State, is_open


class ConflictReason(StrEnum):
    """Why a task that somebody has seen no longer fits what is wanted."""

    NO_LONGER_WANTED = "no_longer_wanted"
    BASELINE_CHANGED = "baseline_changed"
    TARGET_CHANGED = "target_changed"
    DUE_CHANGED = "due_changed"


@dataclass(frozen=True, slots=True)
class ExistingTask:
    """A task of the plan as it stands; ``reached`` is the accepted level, None unless accepted.

    ``new_dates`` are given for a published task whose due rule is no longer the policy's: what the new rule says,
    counted from the day the task was published.
    """

    id: int
    indicator_number: int
    agency_id: int
    round: int
    state: State
    title: str
    baseline: Decimal
    target: Decimal
    share: Fraction
    due_on: date
    is_due_by_hand: bool = False
    reached: Decimal | None = None
    cancel_kind: CancelKind | None = None
    new_dates: DueDates | None = None
    kind: TaskKind = TaskKind.GAP


@dataclass(frozen=True, slots=True)
class SourceFields:
    """The fields generation may write, all of them, as they are to be."""

    title: str
    baseline: Decimal
    target: Decimal
    share: Fraction
    points: Fraction
    due_on: date


@dataclass(frozen=True, slots=True)
class Create:
    """A new planned task; a round above 1 follows an acceptance below the target."""

    indicator_number: int
    agency_id: int
    round: int
    fields: SourceFields
    kind: TaskKind = TaskKind.GAP


@dataclass(frozen=True, slots=True)
class Update:
    """New source fields for a task; ``restores`` also brings it back from withdrawn to planned."""

    task_id: int
    fields: SourceFields
    restores: bool = False


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A planned task that nobody wants any longer."""

    task_id: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A task that already is as wanted, or that a person decided about."""

    task_id: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something only a person may decide; ``wanted`` is None where no task is wanted for that agency.

    ``due_on`` is the day that a changed due rule asks for.
    """

    task_id: int
    reason: ConflictReason
    wanted: WantedTask | None = None
    due_on: date | None = None

    @property
    def wanted_text(self) -> str:
        """What is wanted instead, as a stable text: a decision about it holds as long as this stays the same."""
        if self.reason is ConflictReason.DUE_CHANGED and self.due_on is not None:
            return self.due_on.isoformat()
        if self.wanted is None:
            return ""
        level = self.wanted.baseline if self.reason is ConflictReason.BASELINE_CHANGED else self.wanted.target
        return f"{level.normalize():f}"


Change = Create | Update | Withdraw | Unchanged | Conflict


@dataclass(frozen=True, slots=True)
class Changes:
    """What generation does, in the order of the wanted tasks, then by indicator and agency.

    A task with a conflict may be in ``update`` too, never in ``unchanged``.
    """

    create: tuple[Create, ...]
    update: tuple[Update, ...]
    unchanged: tuple[Unchanged, ...]
    withdraw: tuple[Withdraw, ...]
    conflicts: tuple[Conflict, ...]


def reconcile(wanted: Sequence[WantedTask], existing: Iterable[ExistingTask]) -> Changes:
    """The changes that make the tasks of a plan what is wanted, without touching a human field.

    Tasks are matched by (indicator, agency); all rounds of the plan belong in ``existing``. The latest round
    that is not withdrawn is the one compared:

    - planned: refreshed, or withdrawn when no longer wanted;
    - published and open: share and points follow; a changed baseline or target, a due date that a new rule
      moves (unless a person set it), or no longer being wanted, is a conflict;
    - accepted at or above the target: left; below it: the next round, from the level reached;
    - cancelled: a person decided, so it is left and never made again;
    - all withdrawn and wanted again: the old row comes back as planned;
    - of another kind than wanted: not needed, it is as if it were not there; planned, it makes way; else a conflict;
    - made by hand: left, no conflict; once it is accepted below what is wanted, the next round follows.
    """
    rows_by_key: dict[tuple[int, int], list[ExistingTask]] = defaultdict(list)
    for row in sorted(existing, key=lambda row: (row.indicator_number, row.agency_id, row.round)):
        rows_by_key[row.indicator_number, row.agency_id].append(row)
    wanted_by_key = {(task.indicator_number, task.agency_id): task for task in wanted}
    keys = dict.fromkeys([*wanted_by_key, *rows_by_key])
    changes = [c for key in keys for c in _changes(wanted_by_key.get(key), rows_by_key.get(key, []))]
    return Changes(
        create=tuple(change for change in changes if isinstance(change, Create)),
        update=tuple(change for change in changes if isinstance(change, Update)),
        unchanged=tuple(change for change in changes if isinstance(change, Unchanged)),
        withdraw=tuple(change for change in changes if isinstance(change, Withdraw)),
        conflicts=tuple(change for change in changes if isinstance(change, Conflict)),
    )


def _changes(wanted: WantedTask | None, rows: Sequence[ExistingTask]) -> Iterator[Change]:
    """The changes of one key; ``rows`` are its rounds, first to last."""
    standing = [
        row for row in rows if row.state is not State.WITHDRAWN and not _is_out_of_the_way(row, wanted)
    ]
    current = standing[-1] if standing else None
    if current is None:
        if wanted is not None:
            yield _open_round(wanted, rows, baseline=wanted.baseline)
    elif current.state is State.CANCELLED:
        yield Unchanged(current.id)
    elif current.kind is TaskKind.HAND_MADE:
        yield Unchanged(current.id)
        if wanted is not None:
            yield from _changed_baseline(wanted, standing[0])
            yield from _next_round(wanted, rows, current)
    elif wanted is None or wanted.kind is not current.kind:
        yield from _not_wanted(wanted, rows, current)
    else:
        yield from _compare(wanted, rows, current=current, first=standing[0])


def _is_out_of_the_way(row: ExistingTask, wanted: WantedTask | None) -> bool:
    """Whether a person said that this is not needed, and something of another kind is wanted."""
    return row.cancel_kind is CancelKind.NOT_NEEDED and wanted is not None and wanted.kind is not row.kind


def _changed_baseline(wanted: WantedTask, first: ExistingTask) -> Iterator[Conflict]:
    # Later rounds start from an accepted level; only the first one starts from the assessment.
    if first.kind is wanted.kind and first.baseline != wanted.baseline and first.state is not State.PLANNED:
        yield Conflict(first.id, ConflictReason.BASELINE_CHANGED, wanted)


def _next_round(wanted: WantedTask, rows: Sequence[ExistingTask], current: ExistingTask) -> Iterator[Change]:
    if current.reached is not None and current.reached < wanted.target:
        yield _open_round(wanted, rows, baseline=current.reached)


def _compare(
    wanted: WantedTask, rows: Sequence[ExistingTask], *, current: ExistingTask, first: ExistingTask
) -> Iterator[Change]:
    conflicts = list(_changed_baseline(wanted, first))
    is_seen = is_open(current.state) and current.state is not State.PLANNED
    if current is not first and is_open(current.state) and current.baseline >= wanted.target:
        yield from conflicts if is_seen else ()
        yield from _not_wanted(wanted, rows, current)
        return
    if is_seen and current.target != wanted.target:
        conflicts.append(Conflict(current.id, ConflictReason.TARGET_CHANGED, wanted))
    moved_to = _moved_due(wanted, current) if is_seen else None
    if moved_to is not None:
        conflicts.append(Conflict(current.id, ConflictReason.DUE_CHANGED, wanted, moved_to))
    yield from conflicts
    fields = _refreshed(wanted, current, is_first=current is first)
    if _differs(fields, current):
        yield Update(current.id, fields)
    elif all(conflict.task_id != current.id for conflict in conflicts):
        yield Unchanged(current.id)
    yield from _next_round(wanted, rows, current)


def _not_wanted(
    wanted: WantedTask | None, rows: Sequence[ExistingTask], current: ExistingTask
) -> Iterator[Change]:
    if current.state is not State.PLANNED:
        yield Conflict(current.id, ConflictReason.NO_LONGER_WANTED)
        return
    yield Withdraw(current.id)
    # The round before it is the latest one now, and may have something to say too.
    left = [replace(row, state=State.WITHDRAWN) if row.id == current.id else row for row in rows]
    yield from _changes(wanted, left)


def _moved_due(wanted: WantedTask, current: ExistingTask) -> date | None:
    """The day a new rule asks for, where it is another one than the machine's; a person's date stands."""
    if current.new_dates is None or current.is_due_by_hand:
        return None
    due_on = current.new_dates.on(_points(wanted, current.baseline, wanted.target))
    return due_on if due_on != current.due_on else None


def _open_round(wanted: WantedTask, rows: Sequence[ExistingTask], *, baseline: Decimal) -> Create | Update:
    """The round after all that stand: a withdrawn row of its kind brought back when there is one, else a new row."""
    after = max((row.round for row in rows if row.state is not State.WITHDRAWN), default=0)
    spare = next((row for row in rows if row.round > after and row.kind is wanted.kind), None)
    by_hand = spare.due_on if spare is not None and spare.is_due_by_hand else None
    fields = _fields(wanted, wanted.title, baseline=baseline, target=wanted.target, due_on=by_hand)
    if spare is not None:
        return Update(spare.id, fields, restores=True)
    new_round = max((row.round for row in rows), default=0) + 1
    return Create(wanted.indicator_number, wanted.agency_id, new_round, fields, wanted.kind)


def _refreshed(wanted: WantedTask, current: ExistingTask, *, is_first: bool) -> SourceFields:
    if current.state is not State.PLANNED:
        return _fields(
            wanted, current.title, baseline=current.baseline, target=current.target, due_on=current.due_on
        )
    return _fields(
        wanted,
        wanted.title,
        baseline=wanted.baseline if is_first else current.baseline,
        target=wanted.target,
        due_on=current.due_on if current.is_due_by_hand else None,
    )


def _fields(
    wanted: WantedTask, title: str, *, baseline: Decimal, target: Decimal, due_on: date | None
) -> SourceFields:
    """``due_on`` None: as the policy says for the points at stake in this round."""
    points = _points(wanted, baseline, target)
    return SourceFields(title, baseline, target, wanted.share, points, due_on or wanted.dates.on(points))


def _points(wanted: WantedTask, baseline: Decimal, target: Decimal) -> Fraction:
    # Points are linear in the levels at stake, so those of one round follow from those of the whole task.
    whole = levels_at_stake(wanted.kind, baseline=wanted.baseline, target=wanted.target)
    return wanted.points * levels_at_stake(wanted.kind, baseline=baseline, target=target) / whole


def _differs(fields: SourceFields, current: ExistingTask) -> bool:
    # Points are left out: they follow from the rest, and the stored ones are rounded.
    stands = (current.title, current.baseline, current.target, current.share, current.due_on)
    return stands != (fields.title, fields.baseline, fields.target, fields.share, fields.due_on)
