"""One action on many tasks: each row by the same service as its own page, in a savepoint of its own, and undone alike.

All rows stand in one transaction, so that the record of a run tells exactly what was stored; a row that is refused
takes nothing of the others with it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from spbe_tasks.models import BulkRun
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem, SpbeError
from spbe_tasks.rules.workflow import TRANSITIONS
from spbe_tasks.services import trail
from spbe_tasks.services.bulk_steps import STEPS, BulkAction, Given, Hand
from spbe_tasks.services.queries import bulk as queries
from spbe_tasks.work import Work

# Our own figure: some seconds of work, during which these tasks are held.
MOST_ROWS = 200


class Outcome(StrEnum):
    """What became of a row. The last two are those of undoing."""

    DONE = "done"
    UNCHANGED = "unchanged"  # it was so already
    REFUSED = "refused"
    UNDONE = "undone"
    KEPT = "kept"  # it could not be undone


@dataclass(frozen=True, slots=True)
class BulkRow:
    """A row of a run as it is told: ``problems`` say why it was refused, or not undone."""

    task_id: int
    outcome: Outcome
    problems: tuple[Problem, ...] = ()


def offered(scope: Scope) -> tuple[BulkAction, ...]:
    """What the person may do with many tasks; to which of them, each task says when it is done."""
    return tuple(each for each in BulkAction if _may(scope, each))


def run(
    work: Work, scope: Scope, task_ids: Collection[int], action: BulkAction, given: Given, *, now: datetime
) -> BulkRun:
    """Do ``action`` to each task, in the order of their ids; returns the record of the run, with a row for each.

    ``given`` holds what ``tasks.act`` takes for the action, ``note`` for a comment, ``label`` for labels. A task that
    the person does not see is told like one that does not exist. Raises InvalidInputError for no row, or too many.
    """
    wanted = sorted(set(task_ids))
    if not wanted:
        raise InvalidInputError.of("bulk.nothing_chosen")
    if len(wanted) > MOST_ROWS:
        raise InvalidInputError.of("bulk.too_many", maximum=MOST_ROWS)
    hand = Hand(work, scope, now)
    done = BulkRun(
        government_id=scope.government_id,
        account_id=scope.account_id,
        action=action.value,
        rows=[_do(hand, task_id, action, given) for task_id in wanted],
        at=now,
    )
    work.session.add(done)
    work.session.flush()
    _record(work, scope, done, "bulk_run", now=now)
    return done


def undo(work: Work, scope: Scope, run_id: int, *, now: datetime) -> BulkRun:
    """Take back what still is as the run left it; each row then says whether it was, or why not.

    Raises NotFoundError for somebody else's run, ConflictError ("bulk.undone_already") the second time.
    """
    done = queries.get_run(work.session, scope, run_id, for_update=True)
    if done.undone_at is not None:
        raise ConflictError("bulk.undone_already")
    hand = Hand(work, scope, now)
    done.rows = [_undo(hand, row, BulkAction(done.action)) for row in done.rows]
    done.undone_at = now
    _record(work, scope, done, "undo_bulk_run", now=now)
    return done


def told(done: BulkRun) -> list[BulkRow]:
    """The rows of a run, those with problems first."""
    rows = [
        BulkRow(
            row["task_id"],
            Outcome(row["outcome"]),
            tuple(_problem(each) for each in row.get("problems", ())),
        )
        for row in done.rows
    ]
    return sorted(rows, key=lambda row: (not row.problems, row.task_id))


def _may(scope: Scope, action: BulkAction) -> bool:
    if action is BulkAction.COMMENT:
        return scope.may(Capability.VIEW_TASKS)
    if action in (BulkAction.ADD_LABEL, BulkAction.REMOVE_LABEL):
        return scope.may(Capability.MANAGE_PLANS)
    rows = (row for row in TRANSITIONS if row.action.value == action.value)
    return any(scope.may(grant.capability) for row in rows for grant in row.grants)


def _do(hand: Hand, task_id: int, action: BulkAction, given: Given) -> dict[str, Any]:
    try:
        with hand.work.session.begin_nested():
            kept = STEPS[action].do(hand, task_id, given)
    except SpbeError as error:
        return _row(task_id, Outcome.REFUSED, error)
    return _row(task_id, Outcome.UNCHANGED) if kept is None else {**_row(task_id, Outcome.DONE), "kept": kept}


def _undo(hand: Hand, row: Mapping[str, Any], action: BulkAction) -> dict[str, Any]:
    if row["outcome"] != Outcome.DONE:
        return dict(row)
    try:
        with hand.work.session.begin_nested():
            STEPS[action].undo(hand, row["task_id"], row["kept"])
    except SpbeError as error:
        return _row(row["task_id"], Outcome.KEPT, error)
    return _row(row["task_id"], Outcome.UNDONE)


def _row(task_id: int, outcome: Outcome, error: SpbeError | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"task_id": task_id, "outcome": outcome.value}
    if error is not None:
        problems = error.problems if isinstance(error, InvalidInputError) else ()
        row["problems"] = [
            [each.code, _plain(each.params), each.value]
            for each in problems or (Problem(error.code, params=error.params),)
        ]
    return row


def _plain(params: Mapping[str, object]) -> dict[str, object]:
    """As JSON; a day is marked, so that it is told like one later on."""
    return {
        name: {"day": value.isoformat()} if isinstance(value, date) else str(value)
        for name, value in params.items()
    }


def _problem(kept: list[Any]) -> Problem:
    code, params, value = kept
    found = {
        name: date.fromisoformat(each["day"]) if isinstance(each, dict) else each
        for name, each in params.items()
    }
    return Problem(code, value=value, params=found)


def _record(work: Work, scope: Scope, done: BulkRun, action: str, *, now: datetime) -> None:
    outcomes = [row["outcome"] for row in done.rows]
    data = {"action": done.action} | {
        each.value: outcomes.count(each) for each in Outcome if each in outcomes
    }
    trail.record_by(work, scope, action, ("bulk_run", done.id), now=now, data=data)
