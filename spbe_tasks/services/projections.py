"""The projected index: asked for with every change that matters, rebuilt from facts by a worker, never patched."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from spbe_tasks import failpoints
from spbe_tasks.jobs import Job
from spbe_tasks.models import Plan, ProjectionRequest
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.projection import Projection as Computed
from spbe_tasks.rules.projection import TaskFact, project
from spbe_tasks.rules.rebuild_pace import RECENT, rest_after
from spbe_tasks.services import instruments, projection_facts, projection_record, projection_store
from spbe_tasks.services.projection_store import Replacement
from spbe_tasks.services.queries import governments, plans
from spbe_tasks.services.queries import projections as queries
from spbe_tasks.work import Work

# A rebuild that was asked for this long ago and has not happened lost its job, or rested: the sweep asks again.
LOST_AFTER = timedelta(seconds=2)


def request(work: Work, plan_id: int) -> None:
    """Say that facts of the plan changed: a row that the next rebuild takes away, and a job to do it soon."""
    work.session.add(ProjectionRequest(plan_id=plan_id))
    work.after_commit(Job.REBUILD_PROJECTION, plan_id)


def request_all(work: Work, government_id: int) -> None:
    """Ask for every open plan of a government, after a change that touches them all (an agency's name, a date)."""
    for plan_id in queries.list_open(work.session, government_id):
        request(work, plan_id)


def answer(work: Work, plan_id: int, *, now: datetime) -> bool:
    """What the job does: rebuild, unless nothing asks for it any more, or the plan rests between two runs of a burst.

    The jobs of changes that another run has counted end here after one statement. What comes during a rest stays
    requested, and the sweep asks for it.
    """
    if not queries.is_wanted(work.session, plan_id, now=now):
        return False
    return rebuild(work, plan_id, now=now, may_rest=True)


def rebuild(
    work: Work, plan_id: int, *, now: datetime, is_forced: bool = False, may_rest: bool = False
) -> bool:
    """Recompute the plan's projection and its snapshot of the day from facts; False when nothing was stored.

    Rebuilds of one plan take turns on the plan's row, and each reads the facts after it has its turn: a late worker
    can only bring newer figures, never overwrite them with older ones. What it stores replaces the generation that
    stood when it had its turn, and no other; overtaken all the same, it asks again. Running it twice changes nothing
    more. ``is_forced`` computes again although nothing asked for it; ``may_rest`` does nothing while a burst's rest
    lasts. The figures of a closed plan stay as they stood.
    """
    plan = work.session.scalar(_in_turn(plan_id))
    if plan is None:
        return False
    standing = queries.find_standing(work.session, plan_id)
    if may_rest and standing is not None and standing.is_resting:
        return False
    changes, recent = _take_requests(work.session, plan_id)
    failpoints.reach("requests_taken")
    if plan.is_closed:
        return False
    government = governments.get_government(work.session, plan.government_id)
    today = local_date(now, government.timezone)
    if not (changes or is_forced) and standing is not None and standing.as_of_on == today:
        return False
    computed = compute(work.session, plan, today=today)
    failpoints.reach("figures_computed")
    names = projection_record.agency_names(work.session, plan.government_id)
    generation = 0 if standing is None else standing.generation
    found = Replacement(plan_id, generation, today, projection_store.values_of(computed, names))
    if projection_store.replace(work.session, plan, found, now=now, rest=rest_after(recent)):
        failpoints.reach("figures_written")
        return True
    request(work, plan_id)
    return False


def facts_of(session: Session, plan_id: int) -> tuple[TaskFact, ...]:
    """Every task of a plan that was got through a scope, as the projection sees it."""
    return projection_facts.of_plan(session, plan_id)


def compute(
    session: Session, plan: Plan, *, today: date, facts: Iterable[TaskFact] | None = None
) -> Computed:
    """The projection of a plan from its facts as they stand (or from ``facts``), without storing anything."""
    evaluation = governments.find_evaluation(session, plan.government_id, plan.year)
    return project(
        instruments.of(session, plan),
        plans.levels_of(session, plan.baseline_revision_id),
        facts_of(session, plan.id) if facts is None else facts,
        today=today,
        evaluation_on=evaluation.self_assessment_opens_on if evaluation else None,
    )


def sweep_lost(work: Work) -> None:
    """Ask again for what no job is going to rebuild: jobs were lost, or came while the plan rested."""
    for plan_id in queries.list_waiting(work.session, longer_than=LOST_AFTER):
        work.after_commit(Job.REBUILD_PROJECTION, plan_id)


def sweep_days(work: Work, *, now: datetime) -> None:
    """Ask for the plans whose figures were computed on an earlier local day: what is overdue changes with the date."""
    for plan_id in queries.list_outdated(work.session, now=now):
        work.after_commit(Job.REBUILD_PROJECTION, plan_id)


def _in_turn(plan_id: int) -> Select[Plan]:
    # Weaker than FOR UPDATE: writers that only refer to the plan (new tasks, events) do not wait for a rebuild.
    return (
        select(Plan)
        .where(Plan.id == plan_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _take_requests(session: Session, plan_id: int) -> tuple[int, int]:
    """Take the plan's requests away; how many there were, and how many changes of the last while they stand for."""
    taken = session.execute(
        delete(ProjectionRequest)
        .where(ProjectionRequest.plan_id == plan_id)
        .returning(
            ProjectionRequest.requested_at, ProjectionRequest.requested_at > func.clock_timestamp() - RECENT
        )
    ).all()
    # Requests of one transaction carry the same time: they are one change.
    return len(taken), len({at for at, is_recent in taken if is_recent})
