"""Making a task by hand, from the plan or from an indicator, and wording it anew."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import hand_made, instruments
from spbe_tasks.services.queries import people
from spbe_tasks.services.queries import plans as queries
from spbe_tasks.services.queries import tasks as task_queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.hand_made import HandMadeForm, WordingForm
from spbe_tasks.web.plan_conflicts import blueprint

__all__ = ["blueprint"]  # the plan's blueprint, with these routes added here


@blueprint.route("/<int:plan_id>/tasks/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def make_task(plan_id: int) -> ResponseReturnValue:
    """A task on any indicator, for any agency."""
    plan = queries.get_plan(db.session(), scope(), plan_id)
    instrument = instruments.of(db.session(), plan)
    agencies = people.list_agencies(db.session(), scope(), active_only=True)
    form = HandMadeForm.of(instrument, agencies, request.args.get("indicator", type=int))
    return answer_form(
        form,
        lambda: _make(form, plan),
        lambda: render_template("plans/make_task.html", form=form, plan=plan, instrument=instrument),
    )


def _make(form: HandMadeForm, plan: Plan) -> ResponseReturnValue:
    with transaction() as work:
        task_id = hand_made.make(work, scope(), plan.id, form.said, now=clock.now()).id
    flash(_("The task is planned. Its agency sees it once you publish it."), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


@blueprint.route("/tasks/<int:task_id>/words", methods=["GET", "POST"])
@requires(Capability.MANAGE_PLANS)
def reword_task(task_id: int) -> ResponseReturnValue:
    """What a hand-made task is called, and what is to be done."""
    task = task_queries.get_task(db.session(), scope(), task_id)
    form = WordingForm(obj=task)
    return answer_form(form, lambda: _reword(form, task_id), lambda: _reword_page(form, task_id))


def _reword(form: WordingForm, task_id: int) -> ResponseReturnValue:
    with transaction() as work:
        is_changed = hand_made.change(
            work,
            scope(),
            task_id,
            title=form.title.data or "",
            note=form.note.data or "",
            version=form.version.data,
            now=clock.now(),
        )
    flash(_("The task is changed.") if is_changed else _("Nothing was changed."), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


def _reword_page(form: WordingForm, task_id: int) -> str:
    task = task_queries.get_task(db.session(), scope(), task_id)
    db.session().refresh(task)
    form.carry(task.version)
    return render_template("plans/reword_task.html", form=form, task=task)
