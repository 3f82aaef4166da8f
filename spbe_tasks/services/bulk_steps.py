"""What each action on many tasks does to one of them, and how that is taken back while it still stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from spbe_tasks.models import Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError
from spbe_tasks.rules.workflow import Action, Field
from spbe_tasks.services import comments, labels, task_turns, tasks, trail
from spbe_tasks.services.comments import CommentWords
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.work import Work

# Kept as JSON: what undoing needs to know.
Kept = Mapping[str, Any]
Given = Mapping[str, object]


class BulkAction(StrEnum):
    """What can be done with many tasks at once; each adds to a task or sets one thing, none replaces a list."""

    ASSIGN = "assign"
    RESCHEDULE = "reschedule"
    START = "start"
    COMMENT = "comment"
    ADD_LABEL = "add_label"
    REMOVE_LABEL = "remove_label"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does it, in which unit of work, and when."""

    work: Work
    scope: Scope
    now: datetime

    def act(self, task_id: int, action: Action, given: Given) -> Task:
        """One action of the transition table."""
        return tasks.act(self.work, self.scope, task_id, action, given, version=None, now=self.now)

    def get(self, task_id: int) -> Task:
        """The task, locked; raises NotFoundError out of sight and ConflictError in a closed plan."""
        return queries.get_task(self.work.session, self.scope, task_id, for_update=True)


@dataclass(frozen=True, slots=True)
class Step:
    """How an action is done to one task and undone.

    ``do`` returns what undoing needs, None where nothing was to do. ``undo`` raises ConflictError
    ("bulk.changed_since") where the task is no longer as the run left it.
    """

    do: Callable[[Hand, int, Given], Kept | None]
    undo: Callable[[Hand, int, Kept], None]


def _assign(hand: Hand, task_id: int, given: Given) -> Kept | None:
    before = hand.get(task_id).assignee_id
    if before == given[Field.ASSIGNEE_ID]:
        return None
    task = hand.act(task_id, Action.ASSIGN, given)
    return {"before": before, "after": task.assignee_id}


def _undo_assign(hand: Hand, task_id: int, kept: Kept) -> None:
    task = hand.get(task_id)
    _still(task.assignee_id == kept["after"])
    if kept["before"] is not None:
        hand.act(task_id, Action.ASSIGN, {Field.ASSIGNEE_ID: kept["before"]})
    else:
        _unassign(hand, task)


def _unassign(hand: Hand, task: Task) -> None:
    """Back to nobody: no action of the table, but for whoever may say who is in charge."""
    task_turns.check(
        hand.work.session, hand.scope, task, Action.ASSIGN, {Field.ASSIGNEE_ID: task.assignee_id}
    )
    gone, task.assignee_id = task.assignee_id, None
    hand.work.session.flush()
    trail.record_by(
        hand.work, hand.scope, "unassign", ("task", task.id), now=hand.now, data={"assignee_id": gone}
    )


def _reschedule(hand: Hand, task_id: int, given: Given) -> Kept | None:
    task = hand.get(task_id)
    before, was_by_hand = task.due_on, task.is_due_by_hand
    if before == given[Field.DUE_ON]:
        return None
    task = hand.act(task_id, Action.RESCHEDULE, given)
    return {
        "before": before.isoformat(),
        "was_by_hand": was_by_hand,
        "after": task.due_on.isoformat(),
        "due_version": task.due_version,
        "reason": given[Field.REASON],
    }


def _undo_reschedule(hand: Hand, task_id: int, kept: Kept) -> None:
    task = hand.get(task_id)
    _still((task.due_on.isoformat(), task.due_version) == (kept["after"], kept["due_version"]))
    given: dict[str, object] = {
        Field.DUE_ON: date.fromisoformat(kept["before"]),
        Field.REASON: kept["reason"],
    }
    hand.act(task_id, Action.RESCHEDULE, given).is_due_by_hand = kept["was_by_hand"]


def _start(hand: Hand, task_id: int, given: Given) -> Kept | None:
    hand.act(task_id, Action.START, given)
    return {}


def _undo_start(hand: Hand, task_id: int, kept: Kept) -> None:
    raise ConflictError("bulk.start_stays")


def _comment(hand: Hand, task_id: int, given: Given) -> Kept | None:
    said = CommentWords(str(given["note"]))
    comment = comments.write(hand.work, hand.scope, task_id, said, now=hand.now)
    return {"comment": comment.id}


def _undo_comment(hand: Hand, task_id: int, kept: Kept) -> None:
    comments.remove(hand.work, hand.scope, kept["comment"], now=hand.now)


def _add_label(hand: Hand, task_id: int, given: Given) -> Kept | None:
    label = str(given["label"])
    return {"label": label} if labels.add(hand.work, hand.scope, task_id, label, now=hand.now) else None


def _undo_add_label(hand: Hand, task_id: int, kept: Kept) -> None:
    _still(labels.remove(hand.work, hand.scope, task_id, kept["label"], now=hand.now))


def _remove_label(hand: Hand, task_id: int, given: Given) -> Kept | None:
    label = str(given["label"])
    return {"label": label} if labels.remove(hand.work, hand.scope, task_id, label, now=hand.now) else None


def _undo_remove_label(hand: Hand, task_id: int, kept: Kept) -> None:
    _still(labels.add(hand.work, hand.scope, task_id, kept["label"], now=hand.now))


def _still(holds: bool) -> None:
    if not holds:
        raise ConflictError("bulk.changed_since")


STEPS: Mapping[BulkAction, Step] = {
    BulkAction.ASSIGN: Step(_assign, _undo_assign),
    BulkAction.RESCHEDULE: Step(_reschedule, _undo_reschedule),
    BulkAction.START: Step(_start, _undo_start),
    BulkAction.COMMENT: Step(_comment, _undo_comment),
    BulkAction.ADD_LABEL: Step(_add_label, _undo_add_label),
    BulkAction.REMOVE_LABEL: Step(_remove_label, _undo_remove_label),
}
