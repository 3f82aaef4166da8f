"""The plan of a year: generated from a baseline and a policy as often as one likes, rebased, published.

Generation is idempotent and never touches a human field (``rules/reconciliation`` and docs/plan.md list them).
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.gaps import wanted_tasks
from spbe_tasks.rules.reconciliation import reconcile
from spbe_tasks.rules.upkeep import wanted_upkeep
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import (
    baselines,
    carry_over,
    generation,
    instruments,
    orders,
    policies,
    projections,
    reminders,
    standing_tasks,
    trail,
)
from spbe_tasks.services.baselines import Baseline
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order, Settled
from spbe_tasks.services.policies import Version
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.services.queries.closing import refuse_closed
from spbe_tasks.work import Work


def preview(session: Session, scope: Scope, order: Order, *, now: datetime) -> Generated:
    """What ``generate`` would do with this order; writes nothing and raises the same."""
    plan = _find_open(session, scope, order)
    return _work_out(session, scope, plan, order, now=now)


def preview_plan(session: Session, scope: Scope, plan: Plan, *, now: datetime) -> Generated:
    """What generating the plan by its own version of the policy would do now."""
    return _work_out(session, scope, plan, _own_order(plan), now=now)


def generate(work: Work, scope: Scope, order: Order, *, publish: bool = False, now: datetime) -> Generated:
    """Bring the plan that follows the assessment of the order's year to what baseline, policy and matrix ask for.

    Makes the plan when there is none, from the official assessment of that year, else from the only one there is;
    a plan that stands keeps its baseline (see ``rebase``). A policy that differs from the standing one becomes its
    next version. Writes tasks and their events in a few statements and asks for a projection; ``publish`` also hands
    planned tasks over. Two runs at once take turns, and a second run finds everything unchanged.

    New tasks cite what they take further from the plan before (``carry_over.link``).

    Raises InvalidInputError when there is no assessment to start from, when it is unclear which, and for figures or
    dates that cannot be taken; ConflictError when the policy looked at is no longer the newest or the plan is closed;
    NotFoundError for an unknown instrument.
    """
    plan = _find_locked(work.session, scope, order) or _open(work, scope, order, now=now)
    done = _work_out(work.session, scope, plan, order, now=now, for_update=True)
    done = _store(work, scope, plan, done, order, now=now)
    return replace(done, published=_publish(work, scope, plan, now=now)) if publish else done


def store_policy(work: Work, scope: Scope, order: Order, *, now: datetime) -> Version:
    """Keep the order's policy as the next version without generating by it. Raises as ``generate``."""
    plan = _find_open(work.session, scope, order)
    return _keep_policy(work, scope, orders.settle(work.session, scope, plan, order, now=now), order, now=now)


def preview_rebase(
    session: Session, scope: Scope, plan_id: int, revision_id: int, *, now: datetime
) -> Generated:
    """What ``rebase`` would do; writes nothing and raises the same."""
    plan = queries.get_plan(session, scope, plan_id)
    refuse_closed(plan)
    baseline = baselines.get_other(session, scope, plan, revision_id)
    return _work_out(session, scope, plan, _own_order(plan), baseline=baseline, now=now)


def rebase(work: Work, scope: Scope, plan_id: int, revision_id: int, *, now: datetime) -> Generated:
    """Move a plan to another revision of the same year and instrument, earlier ones included, and generate again.

    Planned tasks that are no longer low are withdrawn; whatever was published is left as it is and listed as a
    conflict. Raises NotFoundError for a foreign plan or revision, InvalidInputError for one of another year.
    """
    plan = queries.get_plan(work.session, scope, plan_id, for_update=True)
    baseline = baselines.get_other(work.session, scope, plan, revision_id)
    order = _own_order(plan)
    done = _work_out(work.session, scope, plan, order, baseline=baseline, now=now, for_update=True)
    data = {"from_revision": plan.baseline_revision_id, "to_revision": revision_id}
    if plan.baseline_revision_id != revision_id:
        plan.baseline_revision_id = revision_id
        trail.record_by(work, scope, "rebase", ("plan", plan.id), now=now, data=data)
        projections.request(work, plan.id)
    return _store(work, scope, plan, done, order, now=now)


def publish(work: Work, scope: Scope, plan_id: int, *, now: datetime) -> int:
    """Hand every planned task of the plan over to its agency; returns how many. A second call hands over none.

    Raises NotFoundError for a foreign plan, ForbiddenError when the role may not publish.
    """
    plan = queries.get_plan(work.session, scope, plan_id, for_update=True)
    return _publish(work, scope, plan, now=now)


def set_target(
    work: Work, scope: Scope, plan_id: int, target_index: Decimal | None, *, now: datetime
) -> Plan:
    """Say which index the plan is to reach; None takes the target away. Raises InvalidInputError off the scale."""
    plan = queries.get_plan(work.session, scope, plan_id, for_update=True)
    scale = instruments.of(work.session, plan).scale
    problems = () if target_index is None else tuple(orders.target_index_problems(scale, target_index))
    if problems:
        raise InvalidInputError(problems)
    if plan.target_index != target_index:
        plan.target_index = target_index
        trail.record_by(
            work, scope, "set_target", ("plan", plan.id), now=now, data={"target_index": _text(target_index)}
        )
    return plan


def _work_out(
    session: Session,
    scope: Scope,
    plan: Plan | None,
    order: Order,
    *,
    now: datetime,
    baseline: Baseline | None = None,
    for_update: bool = False,
) -> Generated:
    instrument = instruments.get(session, scope.government_id, order.instrument_id)
    baseline = baseline or _baseline(session, scope, plan, order)
    settled = orders.settle(session, scope, plan, order, now=now)
    levels = queries.levels_of(session, baseline.revision.id)
    owners = queries.list_owners(session, scope.government_id, instrument.id)
    policy, dates = settled.policy, settled.dates
    wanted = wanted_tasks(instrument, levels, owners, policy, dates=dates)
    upkeep = wanted_upkeep(instrument, levels, owners, policy, dates=dates)
    standing = standing_tasks.read_for(session, scope, plan, settled, for_update=for_update) if plan else {}
    changes = reconcile((*wanted.tasks, *upkeep), standing.values())
    return Generated(plan, baseline, levels, settled, wanted, changes, standing, upkeep)


def _baseline(session: Session, scope: Scope, plan: Plan | None, order: Order) -> Baseline:
    if plan is not None:
        return baselines.of_plan(session, scope, plan)
    return baselines.choose(session, scope, order.instrument_id, order.year, order.baseline_kind)


def _own_order(plan: Plan) -> Order:
    return Order(plan.instrument_id, plan.year, by_own_version=True)


def _find_open(session: Session, scope: Scope, order: Order) -> Plan | None:
    plan = queries.find_plan(session, scope.government_id, order.instrument_id, order.year)
    if plan is not None:
        refuse_closed(plan)
    return plan


def _find_locked(session: Session, scope: Scope, order: Order) -> Plan | None:
    return queries.find_plan(session, scope.government_id, order.instrument_id, order.year, for_update=True)


def _open(work: Work, scope: Scope, order: Order, *, now: datetime) -> Plan:
    """Make the plan's row and lock it; when another run has just made it, that one is taken."""
    seen = _work_out(work.session, scope, None, order, now=now)
    row = insert(Plan).values(
        government_id=scope.government_id,
        instrument_id=order.instrument_id,
        year=order.year,
        baseline_revision_id=seen.baseline.revision.id,
        policy_id=_keep_policy(work, scope, seen.settled, order, now=now).row.id,
        counted_from_on=seen.settled.counted_from_on,
    )
    made = work.session.scalar(row.on_conflict_do_nothing().returning(Plan.id))
    plan = _find_locked(work.session, scope, order)
    assert plan is not None  # it was there, or has just been made
    if made is not None:
        trail.record_by(
            work,
            scope,
            "create",
            ("plan", plan.id),
            now=now,
            data={"baseline_revision": seen.baseline.revision.id},
        )
        projections.request(work, plan.id)
    return plan


def _store(
    work: Work, scope: Scope, plan: Plan, done: Generated, order: Order, *, now: datetime
) -> Generated:
    """Carry out what was worked out; returns it with the version of the policy that is stored now."""
    version = _keep_policy(work, scope, done.settled, order, now=now)
    stored = replace(done, settled=replace(done.settled, before=version))
    before = (plan.policy_id, plan.target_index, plan.counted_from_on)
    target_index = order.target_index or plan.target_index
    after = (version.row.id, target_index, done.settled.counted_from_on)
    if before != after:
        plan.policy_id, plan.target_index, plan.counted_from_on = after
        work.session.flush()
    generation.carry_out(generation.begin(work, scope, plan, now=now), done.changes, done.standing)
    carry_over.link(work, scope, plan, known=done.standing, now=now)
    if not (done.changes_anything or before[:2] != after[:2]):
        return stored
    data = {
        "policy": version.number,
        "target_index": _text(plan.target_index),
        "created": done.created,
        "updated": done.updated,
        "withdrawn": done.withdrawn,
        "conflicts": len(done.conflicts),
    }
    trail.record_by(work, scope, "generate", ("plan", plan.id), now=now, data=data)
    projections.request(work, plan.id)
    return stored


def _keep_policy(work: Work, scope: Scope, settled: Settled, order: Order, *, now: datetime) -> Version:
    return settled.stored or policies.store(
        work,
        scope,
        settled.policy,
        instrument_id=order.instrument_id,
        year=order.year,
        note=order.note,
        seen_number=order.seen_number,
        now=now,
    )


def _publish(work: Work, scope: Scope, plan: Plan, *, now: datetime) -> int:
    standing = standing_tasks.read(work.session, plan.id, for_update=True)
    planned = [task for task in standing.values() if task.state is State.PLANNED]
    if not planned:
        return 0
    dates = orders.dates_from_publishing(work.session, scope, plan, now=now)
    generation.publish(generation.begin(work, scope, plan, now=now), planned, dates)
    plan.published_at = plan.published_at or now
    trail.record_by(work, scope, "publish", ("plan", plan.id), now=now, data={"tasks": len(planned)})
    reminders.announce(work, plan.government_id, [task.id for task in planned], now=now)
    projections.request(work, plan.id)
    return len(planned)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
