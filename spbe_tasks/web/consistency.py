"""The consistency check of the year's plan: what does not fit together, why it matters, and where it is mended."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.consistency import ERRORS, Kind
from spbe_tasks.services import consistency, instruments
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.consistency_words import WORDS, lines
from spbe_tasks.web.navigation import selected_plan

blueprint = Blueprint("consistency", __name__, url_prefix="/checks")
# Of each kind; the rest is folded away.
ROWS_SHOWN = 10


@blueprint.get("")
@requires(Capability.MANAGE_PLANS)
def index() -> ResponseReturnValue:
    """Every finding in the plan of the chosen year, errors first."""
    plan = selected_plan()
    if plan is None:
        return redirect(url_for("plans.index"))
    check = consistency.check(db.session(), scope(), plan, now=clock.now())
    return render_template(
        "consistency/index.html",
        check=check,
        lines=lines(check, instruments.of(db.session(), plan)),
        words=WORDS,
        errors=ERRORS,
        can_compute=not plan.is_closed and {Kind.FIGURES_DIFFER, Kind.PROOF_DIFFERS} & check.findings.keys(),
        shown=ROWS_SHOWN,
    )


@blueprint.post("/<int:plan_id>/compute")
@requires(Capability.MANAGE_PLANS)
def compute_again(plan_id: int) -> ResponseReturnValue:
    """Have the figures of a plan computed anew."""
    with transaction() as work:
        consistency.compute_again(work, scope(), plan_id, now=clock.now())
    flash(_("The figures are being computed anew. Look again in a moment."), "success")
    return redirect(url_for("consistency.index"))
