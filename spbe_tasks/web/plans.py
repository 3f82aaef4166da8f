"""The plan of a year: what it starts from, what generating it does, moving it to another revision, publishing it."""

from collections import defaultdict
from fractions import Fraction
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import assessment_sheets, baselines, plans, policies
from spbe_tasks.services.orders import Order
from spbe_tasks.services.plans import Generated
from spbe_tasks.services.queries import assessments, people
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.plans import ConfirmForm, PolicyForm, TargetForm
from spbe_tasks.web.navigation import selected_plan

blueprint = Blueprint("plans", __name__, url_prefix="/plans")


@blueprint.get("")
@requires(Capability.MANAGE_PLANS)
def index() -> ResponseReturnValue:
    """The plan of the chosen year, and the assessed years that have none yet."""
    plan = selected_plan()
    return (
        render_template("plans/index.html", without_plan=_without_plan())
        if plan is None
        else _plan_page(plan)
    )


@blueprint.route("/<instrument_id>/<int:year>/generate", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def generate(instrument_id: str, year: int) -> ResponseReturnValue:
    """The policy of a plan, what it would do, and doing it."""
    plan = queries.find_plan(db.session(), scope().government_id, instrument_id, year)
    possible = baselines.list_possible(db.session(), scope(), instrument_id, year)
    before = policies.standing(db.session(), scope(), instrument_id, year)
    today = clock.today(government().timezone)
    form = PolicyForm.of(plan, before.policy if before else None, possible, today=today)
    return answer_form(
        form,
        lambda: _generate(form, form.order(instrument_id, year), plan),
        lambda: _policy_page(form, form.order(instrument_id, year), plan),
    )


@blueprint.post("/<int:plan_id>/target")
@requires(Capability.MANAGE_PLANS)
def set_target(plan_id: int) -> ResponseReturnValue:
    """Keep the index the plan is to reach."""
    plan = queries.get_plan(db.session(), scope(), plan_id)
    form = TargetForm.of(plan)
    return answer_form(form, lambda: _set_target(form, plan), lambda: _plan_page(plan, form))


@blueprint.route("/<int:plan_id>/publish", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def publish(plan_id: int) -> ResponseReturnValue:
    """What is handed to whom, and handing it over."""
    plan = queries.get_plan(db.session(), scope(), plan_id)
    form = ConfirmForm()
    rows = queries.list_planned_by_agency(db.session(), scope(), plan_id)
    return answer_form(
        form,
        lambda: _publish(plan),
        lambda: render_template("plans/publish.html", plan=plan, rows=rows, form=form),
    )


@blueprint.route("/<int:plan_id>/rebase", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def rebase(plan_id: int) -> ResponseReturnValue:
    """What moving the plan to the revision in the address changes, and moving it."""
    plan = queries.get_plan(db.session(), scope(), plan_id)
    revision_id = request.args.get("revision", 0, type=int)
    form = ConfirmForm()
    return answer_form(
        form, lambda: _rebase(plan, revision_id), lambda: _rebase_page(plan, revision_id, form)
    )


def _without_plan() -> list[Any]:
    """The assessed (instrument, year) pairs that have no plan, newest first."""
    planned = {(each.instrument_id, each.year) for each in queries.list_plans(db.session(), scope())}
    found = [row.Assessment for row in assessments.list_assessments(db.session(), scope())]
    pairs = dict.fromkeys((each.instrument_id, each.year) for each in found)
    return [(get_instrument(name), year) for name, year in pairs if (name, year) not in planned]


def _plan_page(plan: Plan, form: TargetForm | None = None) -> str:
    seen = plans.preview_plan(db.session(), scope(), plan, now=clock.now())
    return render_template(
        "plans/show.html",
        plan=plan,
        instrument=get_instrument(plan.instrument_id),
        seen=seen,
        predicate=assessment_sheets.read_predicate(seen.baseline.assessment, seen.baseline.revision),
        states=queries.list_states(db.session(), scope(), plan.id),
        State=State,
        conflicts=_conflicts(seen),
        possible=baselines.list_possible(db.session(), scope(), plan.instrument_id, plan.year),
        without_plan=_without_plan(),
        form=form or TargetForm.of(plan),
    )


def _policy_page(form: PolicyForm, order: Order, plan: Plan | None, seen: Generated | None = None) -> str:
    if not form.is_submitted():
        seen = plans.preview(db.session(), scope(), order, now=clock.now())
    return render_template(
        "plans/generate.html",
        form=form,
        plan=plan,
        instrument=get_instrument(order.instrument_id),
        year=order.year,
        **_as_seen(seen),
    )


def _generate(form: PolicyForm, order: Order, plan: Plan | None) -> ResponseReturnValue:
    if not form.store.data:
        return _policy_page(form, order, plan, plans.preview(db.session(), scope(), order, now=clock.now()))
    with transaction() as work:
        done = plans.generate(work, scope(), order, now=clock.now())
    _flash_done(done)
    return redirect(url_for("plans.index", year=order.year))


def _set_target(form: TargetForm, plan: Plan) -> ResponseReturnValue:
    with transaction() as work:
        plans.set_target(work, scope(), plan.id, form.target_index.data, now=clock.now())
        year = plan.year
    flash(_("The target is stored."), "success")
    return redirect(url_for("plans.index", year=year))


def _publish(plan: Plan) -> ResponseReturnValue:
    with transaction() as work:
        count = plans.publish(work, scope(), plan.id, now=clock.now())
        year = plan.year
    flash(_("%(count)s tasks are published; their agencies will be told.", count=count), "success")
    return redirect(url_for("plans.index", year=year))


def _rebase(plan: Plan, revision_id: int) -> ResponseReturnValue:
    with transaction() as work:
        done = plans.rebase(work, scope(), plan.id, revision_id, now=clock.now())
        year = plan.year
    _flash_done(done)
    return redirect(url_for("plans.index", year=year))


def _rebase_page(plan: Plan, revision_id: int, form: ConfirmForm) -> str:
    seen = plans.preview_rebase(db.session(), scope(), plan.id, revision_id, now=clock.now())
    return render_template(
        "plans/rebase.html",
        plan=plan,
        instrument=get_instrument(plan.instrument_id),
        before=baselines.of_plan(db.session(), scope(), plan),
        form=form,
        **_as_seen(seen),
    )


def _as_seen(seen: Generated | None) -> dict[str, Any]:
    if seen is None:
        return {"seen": None, "conflicts": [], "agencies": []}
    return {"seen": seen, "conflicts": _conflicts(seen), "agencies": _by_agency(seen)}


def _conflicts(seen: Generated) -> list[tuple[Any, list[Any]]]:
    """Each task with a conflict, by indicator, with what is wrong."""
    by_task = defaultdict(list)
    for conflict in seen.conflicts:
        by_task[conflict.task_id].append(conflict)
    rows = queries.list_named_tasks(db.session(), scope(), by_task.keys())
    return [(row, by_task[row.id]) for row in rows]


def _by_agency(seen: Generated) -> list[tuple[str, int, Fraction]]:
    """What each agency has to do in all: its name, how many tasks, points; most points first."""
    names = {each.id: each.short_name for each in people.list_agencies(db.session(), scope())}
    counts: dict[int, int] = defaultdict(int)
    points: dict[int, Fraction] = defaultdict(Fraction)
    for task in seen.wanted.tasks:
        counts[task.agency_id] += 1
        points[task.agency_id] += task.points
    rows = [(names[agency_id], counts[agency_id], points[agency_id]) for agency_id in counts]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _flash_done(done: Generated) -> None:
    flash(
        _(
            "%(created)s new, %(updated)s changed, %(withdrawn)s withdrawn, %(unchanged)s unchanged.",
            created=done.created,
            updated=done.updated,
            withdrawn=done.withdrawn,
            unchanged=done.unchanged,
        ),
        "success",
    )
