"""Carrying a plan over into the next: new tasks cite their ancestors and propose what people wrote in them.

Decided once, when a task first finds an ancestor; never written over later.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.instruments.crosswalk_loader import find_crosswalk, list_earlier
from spbe_tasks.models import CriterionClaim, Plan, Task, TaskAncestor
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.carry_over import Lineage, ancestors_of
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import trail
from spbe_tasks.services.queries import carry_over as queries
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Relative:
    """An earlier task that a task cites, or a later one that cites it. ``met``: its criteria ticked as met."""

    task_id: int
    indicator_number: int
    title: str
    state: State
    year: int
    instrument_id: str
    agency_name: str
    lineage: Lineage
    met: int


def link(work: Work, scope: Scope, plan: Plan, *, known: Collection[int], now: datetime) -> int:
    """Let the tasks of a plan cite their ancestors in the plan before (``rules.carry_over``); returns how many did.

    Only tasks that cite nothing yet, so that a second run changes nothing. Those not ``known`` before this run are
    new: of a recurring finding they take over, as proposals, the criteria ticked as met above their baseline, and who
    was in charge while they still may work for the agency. Writes an event per task.
    """
    before = queries.find_before(work.session, plan, (plan.instrument_id, *list_earlier(plan.instrument_id)))
    if before is None:
        return 0
    crosswalk = find_crosswalk(before.instrument_id, plan.instrument_id)
    tasks = queries.list_without_ancestors(work.session, plan.id)
    found = ancestors_of(tasks, queries.list_kin(work.session, before.id), crosswalk)
    lineage = Lineage.RECURRING if crosswalk is None else Lineage.CROSSWALK
    if not found:
        return 0
    _cite(work, scope, found, lineage)
    new = {task_id: each[0] for task_id, each in found.items() if task_id not in known}
    taken = _take_over(work, new) if crosswalk is None else {}
    entries = [
        (
            "carry_over",
            ("task", task_id),
            {
                "year": before.year,
                "lineage": lineage.value,
                "ancestors": list(each),
                **taken.get(task_id, {}),
            },
        )
        for task_id, each in sorted(found.items())
    ]
    trail.record_many_by(work, scope, entries, now=now)
    return len(found)


def pass_on(work: Work, task: Task, following: Task) -> None:
    """Let the next round of a task cite what the round before it cites; a second time changes nothing."""
    cited = select(
        literal(following.id), TaskAncestor.ancestor_id, TaskAncestor.government_id, TaskAncestor.lineage
    ).where(TaskAncestor.task_id == task.id)
    columns = ["task_id", "ancestor_id", "government_id", "lineage"]
    work.session.execute(insert(TaskAncestor).from_select(columns, cited).on_conflict_do_nothing())


def relatives(rows: JsonRows) -> tuple[Relative, ...]:
    """Rows of ``queries.ancestors`` or ``successors`` as the page shows them."""
    return tuple(
        Relative(
            row["id"],
            row["indicator_number"],
            row["title"],
            State(row["state"]),
            row["year"],
            row["instrument_id"],
            row["agency_name"],
            Lineage(row["lineage"]),
            row["met"],
        )
        for row in rows
    )


def count(session: Session, scope: Scope, plan: Plan) -> Mapping[Lineage, int]:
    """How many standing tasks of a plan are recurring findings, and how many came through a crosswalk."""
    return queries.count_by_lineage(session, scope, plan.id)


def _cite(work: Work, scope: Scope, found: Mapping[int, Sequence[int]], lineage: Lineage) -> None:
    rows = [
        {
            "task_id": task_id,
            "ancestor_id": ancestor_id,
            "government_id": scope.government_id,
            "lineage": lineage,
        }
        for task_id, ancestors in sorted(found.items())
        for ancestor_id in ancestors
    ]
    work.session.execute(insert(TaskAncestor).on_conflict_do_nothing(), rows)


def _take_over(work: Work, ancestor_by_task: Mapping[int, int]) -> Mapping[int, Mapping[str, object]]:
    """Copy what people wrote into the new tasks; returns what each took, for its event."""
    if not ancestor_by_task:
        return {}
    claims = defaultdict(list)
    for claim in queries.list_met_claims(work.session, ancestor_by_task.values()):
        claims[claim.task_id].append(claim)
    staying = queries.list_staying(work.session, ancestor_by_task.values())
    taken: dict[int, dict[str, object]] = {}
    for task in queries.list_tasks(work.session, ancestor_by_task):
        ancestor_id = ancestor_by_task[task.id]
        proposed = [each for each in claims[ancestor_id] if task.baseline_level < each.level]
        work.session.add_all(_proposal(task, each) for each in proposed)
        taken[task.id] = {"criteria": len(proposed)} if proposed else {}
        if ancestor_id in staying:
            task.assignee_id = staying[ancestor_id]
            taken[task.id]["assignee_id"] = task.assignee_id
    work.session.flush()
    return taken


def _proposal(task: Task, claim: CriterionClaim) -> CriterionClaim:
    # Not ticked: the assessment did not find the level, so the agency has to say again that this holds.
    return CriterionClaim(
        task_id=task.id,
        government_id=task.government_id,
        level=claim.level,
        letter=claim.letter,
        is_met=False,
        explanation=claim.explanation,
        proposed_by_task_id=claim.task_id,
        claimed_by_id=claim.claimed_by_id,
        claimed_at=claim.claimed_at,
    )
