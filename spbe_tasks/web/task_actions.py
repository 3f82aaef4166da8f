"""One task's page, and each action of the transition table that is done there."""

from datetime import date

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Task
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.calendar import WEEKEND_REASON
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import calendars, task_sheets, tasks
from spbe_tasks.transaction import transaction
from spbe_tasks.web import task_page
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.actions import FORMS, posted_form
from spbe_tasks.web.forms.tasks import ActionForm
from spbe_tasks.web.live import remember_index
from spbe_tasks.web.news import see_task
from spbe_tasks.web.task_page import Typed
from spbe_tasks.web.task_words import DONE
from spbe_tasks.web.tasks import blueprint

__all__ = ["blueprint", "day_off_warning"]  # the lists' blueprint, with the page's routes added here

_MOVES_THE_DATE = frozenset({Action.RESCHEDULE, Action.GRANT_EXTENSION})


@blueprint.get("/<int:task_id>")
@requires(Capability.VIEW_TASKS)
def show(task_id: int) -> ResponseReturnValue:
    """The task: where it stands, what is asked, what can be done next, who else, and its history."""
    sheet = task_sheets.read(db.session(), scope(), task_id)
    see_task(task_id)
    return task_page.show(sheet, task_page.take_up(sheet, request.args.get("draft")))


@blueprint.post("/<int:task_id>/act/<action>")
@requires(Capability.VIEW_TASKS)
def act(task_id: int, action: str) -> ResponseReturnValue:
    """Do one action. Who may, and in which state, the transition table says."""
    wanted = next((each for each in FORMS if each.value == action), None)
    if wanted is None:
        raise NotFoundError
    form = posted_form(wanted, lambda: task_sheets.read(db.session(), scope(), task_id))
    return answer_form(
        form,
        lambda: _do(task_id, form),
        lambda: task_page.show(task_sheets.read(db.session(), scope(), task_id), Typed(action=form)),
    )


def _do(task_id: int, form: ActionForm) -> ResponseReturnValue:
    said = [("success", str(DONE[form.action]))]
    with transaction() as work:
        task = tasks.act(
            work,
            scope(),
            task_id,
            form.action,
            form.given,
            version=form.version.data,
            now=clock.now(),
        )
        said += _afterwords(form, task)
        remember_index(work.session, form.action, task)
    for kind, words in said:
        flash(words, kind)
    return redirect(url_for("tasks.show", task_id=task_id))


def _afterwords(form: ActionForm, task: Task) -> list[tuple[str, str]]:
    """What else the person should know now that it is done."""
    action = form.action
    if action is Action.ACCEPT and task.reached_level is not None and task.reached_level < task.target_level:
        return [("info", _("The target is not reached yet, so the next round of this task is open."))]
    if action is Action.ASK_EXTENSION:
        return day_off_warning(form.due_on.data)
    return day_off_warning(task.due_on) if action in _MOVES_THE_DATE else []


def day_off_warning(day: date) -> list[tuple[str, str]]:
    """A warning to show when a typed due date is not a working day; nothing else."""
    reason = calendars.load(db.session(), government()).why_not_working(day)
    if reason is None:
        return []
    name = _("weekend") if reason == WEEKEND_REASON else reason
    return [("warning", _("The new due date is not a working day (%(reason)s).", reason=name))]
