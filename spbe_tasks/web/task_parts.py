"""The parts of a task: adding, changing, ticking and taking away."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import parts, task_sheets
from spbe_tasks.services.queries import parts as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web import task_pieces
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.task_parts import PartForm, TickForm
from spbe_tasks.web.task_checklist import blueprint

__all__ = ["blueprint"]  # the lists' blueprint, with the parts' routes added here


@blueprint.route("/<int:task_id>/parts/new", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def add_part(task_id: int) -> ResponseReturnValue:
    """A new part of a task."""
    sheet = task_sheets.read(db.session(), scope(), task_id)
    form = PartForm.of(sheet)
    return answer_form(form, lambda: _add(form, task_id), lambda: _page(form, task_id))


@blueprint.route("/parts/<int:part_id>", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def edit_part(part_id: int) -> ResponseReturnValue:
    """What a part is, who does it and by when."""
    part = queries.get_part(db.session(), scope(), part_id)
    task_id = part.task_id
    form = PartForm.of(task_sheets.read(db.session(), scope(), task_id), part)
    return answer_form(form, lambda: _change(form, part_id), lambda: _page(form, task_id, part_id))


@blueprint.post("/parts/<int:part_id>/tick")
@requires(Capability.WORK_ON_TASKS)
def tick_part(part_id: int) -> ResponseReturnValue:
    """Say that a part is done, or not done after all."""
    form = TickForm()
    with transaction() as work:
        part = parts.tick(
            work, scope(), part_id, is_done=form.is_done.data, version=form.version.data, now=clock.now()
        )
        is_done, title, task_id = part.is_done, part.title, part.task_id
    flash(
        _("“%(title)s” is done.", title=title) if is_done else _("“%(title)s” is open again.", title=title),
        "success",
    )
    return _to_task(task_id)


@blueprint.post("/parts/<int:part_id>/remove")
@requires(Capability.WORK_ON_TASKS)
def remove_part(part_id: int) -> ResponseReturnValue:
    """Take a part away."""
    form = TickForm()
    with transaction() as work:
        task_id = parts.remove(work, scope(), part_id, version=form.version.data, now=clock.now())
    flash(_("The part is taken away."), "success")
    return _to_task(task_id)


def _add(form: PartForm, task_id: int) -> ResponseReturnValue:
    with transaction() as work:
        parts.add(work, scope(), task_id, form.said, now=clock.now())
    flash(_("The part is added."), "success")
    return _to_task(task_id)


def _change(form: PartForm, part_id: int) -> ResponseReturnValue:
    with transaction() as work:
        part = parts.change(work, scope(), part_id, form.said, version=form.version.data, now=clock.now())
        task_id = part.task_id
    flash(_("The part is changed."), "success")
    return _to_task(task_id)


def _page(form: PartForm, task_id: int, part_id: int | None = None) -> str:
    part = queries.get_part(db.session(), scope(), part_id, is_fresh=True) if part_id else None
    return task_pieces.form_page("tasks/part.html", form, task_id, part)


def _to_task(task_id: int) -> ResponseReturnValue:
    return task_pieces.back(task_id, "parts")
