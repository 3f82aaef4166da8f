"""The projected index: asked for with every change that matters, rebuilt from facts by a worker, never patched."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Government, Plan, Projection, ProjectionRequest, ProjectionSnapshot, Task
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal
from spbe_tasks.rules.projection import Projection as Computed
from spbe_tasks.rules.projection import TaskFact, project
from spbe_tasks.services import instruments, projection_record
from spbe_tasks.services.queries import governments, plans
from spbe_tasks.work import Work

# A rebuild that was asked for this long ago and has not happened lost its job: the sweep asks again.
LOST_AFTER = timedelta(seconds=10)


def request(work: Work, plan_id: int) -> None:
    """Say that facts of the plan changed: a row that the next rebuild takes away, and a job to do it soon."""
    work.session.add(ProjectionRequest(plan_id=plan_id))
    work.after_commit(Job.REBUILD_PROJECTION, plan_id)


def request_all(work: Work, government_id: int) -> None:
    """Ask for every open plan of a government, after a change that touches them all (an agency's name, a date)."""
    plans_of = select(Plan.id).where(Plan.government_id == government_id, ~Plan.is_closed)
    for plan_id in work.session.scalars(plans_of).all():
        request(work, plan_id)


def rebuild(work: Work, plan_id: int, *, now: datetime, is_forced: bool = False) -> bool:
    """Recompute the plan's projection and its snapshot of the day from facts; False when nothing had changed.

    Rebuilds of one plan take turns on the plan's row, and each reads the facts after it has its turn: a late worker
    can only bring newer figures, never overwrite them with older ones. Running it twice changes nothing more.
    ``is_forced`` computes again although nothing asked for it. The figures of a closed plan stay as they stood.
    """
    plan = work.session.scalar(_in_turn(plan_id))
    if plan is None:
        return False
    government = governments.get_government(work.session, plan.government_id)
    today = local_date(now, government.timezone)
    taken = work.session.scalars(
        delete(ProjectionRequest).where(ProjectionRequest.plan_id == plan_id).returning(ProjectionRequest.id)
    ).all()
    if plan.is_closed:
        return False
    stored = work.session.get(Projection, plan_id)
    if not (taken or is_forced) and stored is not None and stored.as_of_on == today:
        return False
    computed = compute(work.session, plan, today=today)
    names = projection_record.agency_names(work.session, plan.government_id)
    _store(work, plan, computed, names, now=now)
    return True


def facts_of(session: Session, plan_id: int) -> tuple[TaskFact, ...]:
    """Every task of a plan that was got through a scope, as the projection sees it."""
    return tuple(_fact(task) for task in session.scalars(select(Task).where(Task.plan_id == plan_id)))


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
    """Ask again for the rebuilds whose jobs were lost, with the broker or before they reached it."""
    # Requests carry the database's own time, so they are compared with it.
    lost = select(ProjectionRequest.plan_id).where(ProjectionRequest.requested_at < func.now() - LOST_AFTER)
    for plan_id in work.session.scalars(lost.distinct()).all():
        work.after_commit(Job.REBUILD_PROJECTION, plan_id)


def sweep_days(work: Work, *, now: datetime) -> None:
    """Ask for the plans whose figures were computed on an earlier local day: what is overdue changes with the date."""
    local_day = func.date(func.timezone(Government.timezone, now))
    outdated = (
        select(Plan.id)
        .join(Government, Government.id == Plan.government_id)
        .outerjoin(Projection, Projection.plan_id == Plan.id)
        .where(~Plan.is_closed, Projection.as_of_on.is_distinct_from(local_day))
    )
    for plan_id in work.session.scalars(outdated).all():
        work.after_commit(Job.REBUILD_PROJECTION, plan_id)


def _in_turn(plan_id: int) -> Select[Plan]:
    # Weaker than FOR UPDATE: writers that only refer to the plan (new tasks, events) do not wait for a rebuild.
    return (
        select(Plan)
        .where(Plan.id == plan_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _fact(task: Task) -> TaskFact:
    return TaskFact(
        task_id=task.id,
        indicator_number=task.indicator_number,
        agency_id=task.agency_id,
        round=task.round,
        state=task.state,
        baseline=task.baseline_level,
        target=task.target_level,
        due_on=task.due_on,
        share=Fraction(task.share_numerator, task.share_denominator),
        reached=task.reached_level,
        cancel_kind=task.cancel_kind,
        kind=task.kind,
    )


def _store(work: Work, plan: Plan, computed: Computed, names: dict[int, str], *, now: datetime) -> None:
    figures = {
        name: as_decimal(getattr(computed, name).index, STORED_DECIMALS) for name in projection_record.FIGURES
    }
    row = insert(Projection).values(
        plan_id=plan.id,
        government_id=plan.government_id,
        generation=1,
        rebuilt_at=now,
        as_of_on=computed.today,
        details=projection_record.to_json(computed, names),
        **figures,
    )
    newer = {name: row.excluded[name] for name in ("rebuilt_at", "as_of_on", "details", *figures)}
    work.session.execute(
        row.on_conflict_do_update(
            index_elements=["plan_id"], set_={**newer, "generation": Projection.generation + 1}
        )
    )
    day = insert(ProjectionSnapshot).values(
        plan_id=plan.id, on=computed.today, government_id=plan.government_id, **figures
    )
    work.session.execute(
        day.on_conflict_do_update(
            index_elements=["plan_id", "on"], set_={n: day.excluded[n] for n in figures}
        )
    )
