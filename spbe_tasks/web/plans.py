"""The plan of a year: what it starts from, what generating it does, moving it to another revision, publishing it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import (
    assessment_sheets,
    baselines,
    carry_over,
    conflicts,
    instruments,
    plans,
    policies,
    policy_reviews,
)
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.queries import assessments
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web import closed_plans
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.plans import ConfirmForm, TargetForm
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
    instrument_of = instruments.finder(db.session(), scope().government_id)
    return [(instrument_of(name), year) for name, year in pairs if (name, year) not in planned]


def _plan_page(plan: Plan, form: TargetForm | None = None) -> str:
    if plan.is_closed:
        return closed_plans.page(plan, without_plan=_without_plan())
    seen = plans.preview_plan(db.session(), scope(), plan, now=clock.now())
    return render_template(
        "plans/show.html",
        plan=plan,
        instrument=instruments.of(db.session(), plan),
        seen=seen,
        predicate=assessment_sheets.read_predicate(
            db.session(), seen.baseline.assessment, seen.baseline.revision
        ),
        states=queries.list_states(db.session(), scope(), plan.id),
        State=State,
        carried=carry_over.count(db.session(), scope(), plan),
        version=policies.current(db.session(), scope(), plan),
        newest=policies.standing(db.session(), scope(), plan.instrument_id, plan.year),
        conflicts=conflicts.listed(db.session(), scope(), seen),
        possible=baselines.list_possible(db.session(), scope(), plan.instrument_id, plan.year),
        without_plan=_without_plan(),
        form=form or TargetForm.of(plan),
    )


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
    flash_done(done)
    return redirect(url_for("plans.index", year=year))


def _rebase_page(plan: Plan, revision_id: int, form: ConfirmForm) -> str:
    seen = plans.preview_rebase(db.session(), scope(), plan.id, revision_id, now=clock.now())
    return render_template(
        "plans/rebase.html",
        plan=plan,
        instrument=instruments.of(db.session(), plan),
        before=baselines.of_plan(db.session(), scope(), plan),
        form=form,
        seen=seen,
        conflicts=conflicts.listed(db.session(), scope(), seen),
        review=policy_reviews.review(db.session(), scope(), seen, target_index=plan.target_index),
    )


def flash_done(done: Generated) -> None:
    """Say what generating did."""
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
