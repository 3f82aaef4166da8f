"""The milestones of a task: promising, moving with a reason, ticking and taking away."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import milestones, task_sheets
from spbe_tasks.services.queries import milestones as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web import task_pieces
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.arrangements import ChangeMilestoneForm, MilestoneForm
from spbe_tasks.web.forms.task_parts import TickForm

blueprint = Blueprint("milestones", __name__, url_prefix="/tasks")


@blueprint.route("/<int:task_id>/milestones/new", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def add(task_id: int) -> ResponseReturnValue:
    """A new milestone of a task."""
    sheet = task_sheets.read(db.session(), scope(), task_id)
    form = MilestoneForm(data={"due_on": sheet.task.due_on})
    return answer_form(form, lambda: _add(form, task_id), lambda: _page(form, task_id))


@blueprint.route("/milestones/<int:milestone_id>", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def edit(milestone_id: int) -> ResponseReturnValue:
    """What was promised, and by when."""
    row = queries.get(db.session(), scope(), milestone_id)
    task_id = row.task_id
    form = ChangeMilestoneForm(obj=row)
    return answer_form(form, lambda: _change(form, milestone_id), lambda: _page(form, task_id, milestone_id))


@blueprint.post("/milestones/<int:milestone_id>/tick")
@requires(Capability.WORK_ON_TASKS)
def tick(milestone_id: int) -> ResponseReturnValue:
    """Say that a milestone is reached, or not after all."""
    form = TickForm()
    is_done, version = form.is_done.data, form.version.data
    with transaction() as work:
        row = milestones.tick(work, scope(), milestone_id, is_done=is_done, version=version, now=clock.now())
        title, task_id = row.title, row.task_id
    reached, open_again = (
        _("“%(title)s” is reached.", title=title),
        _("“%(title)s” is open again.", title=title),
    )
    flash(reached if is_done else open_again, "success")
    return _to_task(task_id)


@blueprint.post("/milestones/<int:milestone_id>/remove")
@requires(Capability.WORK_ON_TASKS)
def remove(milestone_id: int) -> ResponseReturnValue:
    """Take a milestone away."""
    form = TickForm()
    with transaction() as work:
        task_id = milestones.remove(work, scope(), milestone_id, version=form.version.data, now=clock.now())
    flash(_("The milestone is taken away."), "success")
    return _to_task(task_id)


def _add(form: MilestoneForm, task_id: int) -> ResponseReturnValue:
    with transaction() as work:
        milestones.add(work, scope(), task_id, form.said, now=clock.now())
    flash(_("The milestone is added."), "success")
    return _to_task(task_id)


def _change(form: MilestoneForm, milestone_id: int) -> ResponseReturnValue:
    version = form.version.data
    with transaction() as work:
        row = milestones.change(work, scope(), milestone_id, form.said, version=version, now=clock.now())
        task_id = row.task_id
    flash(_("The milestone is changed."), "success")
    return _to_task(task_id)


def _page(form: MilestoneForm, task_id: int, milestone_id: int | None = None) -> str:
    row = queries.get(db.session(), scope(), milestone_id, is_fresh=True) if milestone_id else None
    return task_pieces.form_page("tasks/milestone.html", form, task_id, row)


def _to_task(task_id: int) -> ResponseReturnValue:
    return task_pieces.back(task_id, "milestones")
