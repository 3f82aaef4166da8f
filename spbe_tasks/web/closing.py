"""Closing the plan of a year, previewed and with a reason, and reopening it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import closing
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.closed_plans import titles_in
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.closing import ReasonForm

blueprint = Blueprint("closing", __name__, url_prefix="/plans")


@blueprint.route("/<int:plan_id>/close", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def close(plan_id: int) -> ResponseReturnValue:
    """What the plan is closed with and where its open tasks go, and closing it."""
    form = ReasonForm()
    return answer_form(form, lambda: _close(form, plan_id), lambda: _page(form, plan_id))


@blueprint.route("/<int:plan_id>/reopen", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def reopen(plan_id: int) -> ResponseReturnValue:
    """Why a closed plan is opened again, and opening it."""
    plan = queries.get_plan(db.session(), scope(), plan_id)
    form = ReasonForm()
    return answer_form(
        form,
        lambda: _reopen(form, plan_id),
        lambda: render_template("closing/reopen.html", plan=plan, form=form),
    )


def _page(form: ReasonForm, plan_id: int) -> str:
    plan = queries.get_plan(db.session(), scope(), plan_id)
    seen = closing.preview(db.session(), scope(), plan, now=clock.now())
    title = titles_in(plan)
    return render_template("closing/close.html", plan=plan, seen=seen, form=form, State=State, title=title)


def _close(form: ReasonForm, plan_id: int) -> ResponseReturnValue:
    with transaction() as work:
        plan = closing.close(work, scope(), plan_id, reason=form.reason.data or "", now=clock.now())
        year = plan.year
    flash(_("The plan of %(year)s is closed.", year=year), "success")
    return redirect(url_for("plans.index", year=year))


def _reopen(form: ReasonForm, plan_id: int) -> ResponseReturnValue:
    with transaction() as work:
        plan = closing.reopen(work, scope(), plan_id, reason=form.reason.data or "", now=clock.now())
        year = plan.year
    flash(_("The plan of %(year)s is open again.", year=year), "success")
    return redirect(url_for("plans.index", year=year))
