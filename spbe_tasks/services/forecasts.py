"""By when a plan reaches its target: made from facts by a worker after its figures changed, kept, and read back.

The forecast follows the figures and never delays them: a sweep asks for it where it is of an earlier generation.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Government, Plan, PlanForecast, Projection
from spbe_tasks.rules.access import Capability, Role, Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.forecast import LeadTime, OpenWork, Question, Standing, forecast
from spbe_tasks.rules.projection import FigureName
from spbe_tasks.rules.projection import Projection as Computed
from spbe_tasks.rules.workflow import State, is_open, opens_next_round
from spbe_tasks.services import calibrations, forecast_record, instruments, projection_record, projections
from spbe_tasks.services.forecast_record import StoredForecast
from spbe_tasks.services.queries import forecasts as queries
from spbe_tasks.services.queries import governments
from spbe_tasks.work import Work

# So many a sweep asks for at most: the others wait for the next, and rebuilds do not wait for them.
AT_ONCE = 100


def sweep(work: Work) -> None:
    """Ask for the forecasts whose figures have changed, or are of another day, since."""
    for plan_id in queries.list_outdated(work.session, AT_ONCE):
        work.after_commit(Job.MAKE_FORECAST, plan_id)


def make(work: Work, plan_id: int, *, now: datetime) -> bool:
    """Make and keep the forecast of a plan; False when there are no figures yet, or its year is closed.

    A second run stores the same. One that began before newer figures were stored never replaces theirs.
    """
    plan, figures = work.session.get(Plan, plan_id), work.session.get(Projection, plan_id)
    if plan is None or figures is None or plan.is_closed:
        return False
    government = governments.get_government(work.session, plan.government_id)
    stored = _computed(work.session, plan, government, now=now)
    row = insert(PlanForecast).values(
        plan_id=plan.id,
        government_id=plan.government_id,
        generation=figures.generation,
        as_of_on=figures.as_of_on,
        made_at=now,
        details=forecast_record.to_json(stored),
    )
    newer = {name: row.excluded[name] for name in ("generation", "as_of_on", "made_at", "details")}
    work.session.execute(
        row.on_conflict_do_update(
            index_elements=["plan_id"],
            set_=newer,
            where=PlanForecast.generation <= row.excluded.generation,
        )
    )
    return True


def read(session: Session, scope: Scope, plan_id: int) -> StoredForecast | None:
    """The kept forecast of a plan in this government, with the agencies a person may see; None before the first."""
    row = queries.find(session, scope, plan_id)
    return None if row is None else of_row(row, scope)


def of_row(row: PlanForecast, scope: Scope) -> StoredForecast:
    """The same from a row that was got through the scope."""
    stored = forecast_record.from_json(row)
    if scope.may(Capability.VIEW_AGENCY_FIGURES):
        return stored
    return replace(stored, names={key: name for key, name in stored.names.items() if key == scope.agency_id})


def _computed(session: Session, plan: Plan, government: Government, *, now: datetime) -> StoredForecast:
    today = local_date(now, government.timezone)
    computed = projections.compute(session, plan, today=today)
    history = list(_lead_times(session, government, today))
    tasks = list(_open_work(session, plan, computed, government, today))
    discount = calibrations.discount_of(session, Scope(government.id, None, Role.COORDINATOR), plan)
    target = None if plan.target_index is None else Fraction(plan.target_index)
    window = computed.evaluation_on
    asked = Question(
        target,
        (window - today).days if window is not None and window >= today else None,
        discount.kept if discount else None,
    )
    return StoredForecast(
        plan_id=plan.id,
        as_of_on=today,
        made_at=now,
        target=target,
        window_on=window,
        discount=discount,
        finished=sum(each.is_finished for each in history),
        open=len(tasks),
        forecast=forecast(history, tasks, _standing(session, plan, computed), asked, seed=plan.id),
        names=projection_record.agency_names(session, government.id),
    )


def _lead_times(session: Session, government: Government, today: date) -> Iterator[LeadTime]:
    """From handing over to acceptance at the target, over all plans; what was left before that was open until then."""
    for row in queries.list_pieces(session, government.id):
        ended_at = row.closed_at if is_open(row.state) else row.state_changed_at
        ended_on = local_date(ended_at, government.timezone) if ended_at else today
        days = (ended_on - local_date(row.handed_over_at, government.timezone)).days
        is_finished = row.state is State.ACCEPTED and not opens_next_round(
            row.target_level, row.reached_level
        )
        yield LeadTime(row.agency_id, max(days, 0), is_finished)


def _open_work(
    session: Session, plan: Plan, computed: Computed, government: Government, today: date
) -> Iterator[OpenWork]:
    since = queries.handed_over(session, plan.id)
    for number, trace in computed.traces.items():
        for counted in trace.counted:
            task = counted.task
            if not is_open(task.state):
                continue
            at = since.get((number, task.agency_id)) if task.state is not State.PLANNED else None
            yield OpenWork(
                task_id=task.task_id,
                indicator_number=number,
                agency_id=task.agency_id,
                age=max((today - local_date(at, government.timezone)).days, 0) if at else 0,
                value=Fraction(counted.values[FigureName.SECURED]),
                target=Fraction(task.target),
            )


def _standing(session: Session, plan: Plan, computed: Computed) -> Standing:
    instrument = instruments.of(session, plan)
    return Standing(
        secured=computed.secured.index,
        weights={each.number: Fraction(each.weight) for each in instrument.indicators},
        settled={
            number: tuple(
                Fraction(counted.values[FigureName.SECURED])
                for counted in trace.counted
                if not is_open(counted.task.state)
            )
            for number, trace in computed.traces.items()
        },
    )
