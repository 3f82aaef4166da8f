"""Storing a task's checklist, and keeping what is typed into the task's forms before it is stored."""

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import criteria, task_sheets, typed_drafts
from spbe_tasks.services.task_sheets import TaskSheet
from spbe_tasks.services.typed_drafts import DraftForm
from spbe_tasks.transaction import transaction
from spbe_tasks.web import task_page
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.formatting import clock_time
from spbe_tasks.web.forms.checklist import ChecklistForm, checklist_form, claims_of, texts_of
from spbe_tasks.web.task_actions import blueprint
from spbe_tasks.web.task_page import Typed

__all__ = ["blueprint"]  # the lists' blueprint, with the checklist's routes added here

_NOT_TYPED = frozenset({"csrf_token", "version", "take"})


@blueprint.post("/<int:task_id>/criteria")
@requires(Capability.WORK_ON_TASKS)
def claim(task_id: int) -> ResponseReturnValue:
    """Store what the agency says about the criteria and writes about the levels."""
    sheet = task_sheets.read(db.session(), scope(), task_id)
    form = checklist_form(sheet)
    return answer_form(
        form,
        lambda: _claim(form, sheet),
        lambda: task_page.show(task_sheets.read(db.session(), scope(), task_id), Typed(checklist=form)),
    )


@blueprint.post("/<int:task_id>/drafts/<form>")
@requires(Capability.VIEW_TASKS)
def keep_draft(task_id: int, form: str) -> ResponseReturnValue:
    """Keep what is typed into a form; the page's script sends it some seconds after the last key."""
    wanted, now = _draft_form(form), clock.now()
    fields = {name: text for name, text in request.form.items() if name not in _NOT_TYPED}
    version = request.form.get("version", type=int, default=0)
    with transaction() as work:
        typed_drafts.keep(work, scope(), task_id, wanted, fields, version=version, now=now)
    return jsonify(words=_("Draft kept at %(time)s; not stored yet.", time=clock_time(now)))


@blueprint.post("/<int:task_id>/drafts/<form>/discard")
@requires(Capability.VIEW_TASKS)
def discard_draft(task_id: int, form: str) -> ResponseReturnValue:
    """Take a draft away."""
    wanted = _draft_form(form)
    with transaction() as work:
        typed_drafts.discard(work, scope(), task_id, wanted)
    flash(_("The draft is discarded."), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


def _draft_form(name: str) -> DraftForm:
    wanted = next((each for each in DraftForm if each.value == name), None)
    if wanted is None:
        raise NotFoundError
    return wanted


def _claim(form: ChecklistForm, sheet: TaskSheet) -> ResponseReturnValue:
    task_id = sheet.task.id
    stored, unchanged = _("The checklist is stored."), _("Nothing was changed.")
    with transaction() as work:
        changed = criteria.claim(
            work,
            scope(),
            task_id,
            claims_of(form, sheet.steps),
            texts=texts_of(form, sheet.steps),
            version=form.version.data,
            now=clock.now(),
        )
    evidence_for = request.form.get("evidence_for")
    if changed or evidence_for is None:
        flash(stored if changed else unchanged, "success" if changed else "info")
    if evidence_for is not None:
        # Without a script the way to the box leads over here, so that no typing is lost.
        return redirect(url_for("tasks.show", task_id=task_id, criterion=evidence_for, _anchor="evidence"))
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="criteria"))
