"""Published tasks that no longer fit the plan: the list, and deciding about them."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import conflicts, instruments, plans
from spbe_tasks.services.conflicts import Decision
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.plans import ConflictForm
from spbe_tasks.web.policies import blueprint

__all__ = ["blueprint"]  # the plan's blueprint, with the conflicts' route added here


@blueprint.route("/<int:plan_id>/conflicts", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def decide(plan_id: int) -> ResponseReturnValue:
    """The tasks that no longer fit, and one decision about the chosen ones."""
    plan = queries.get_plan(db.session(), scope(), plan_id)
    seen = plans.preview_plan(db.session(), scope(), plan, now=clock.now())
    found = conflicts.listed(db.session(), scope(), seen)
    form = ConflictForm.of([each.row.id for each in found])
    return answer_form(
        form,
        lambda: _decide(form, plan),
        lambda: render_template(
            "plans/conflicts.html",
            plan=plan,
            instrument=instruments.of(db.session(), plan),
            undecided=[each for each in found if not each.is_kept],
            kept=[each for each in found if each.is_kept],
            form=form,
            Decision=Decision,
        ),
    )


def _decide(form: ConflictForm, plan: Plan) -> ResponseReturnValue:
    with transaction() as work:
        count = conflicts.decide(
            work,
            scope(),
            plan.id,
            form.tasks.data or [],
            Decision(form.decision.data),
            reason=form.reason.data or "",
            now=clock.now(),
        )
        plan_id = plan.id
    flash(ngettext("%(num)s task is decided.", "%(num)s tasks are decided.", count), "success")
    return redirect(url_for("plans.decide", plan_id=plan_id))
