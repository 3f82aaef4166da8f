"""One task's page and what is done there: each action of the transition table, and the checklist of criteria."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe
from spbe_tasks.models import Task
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.calendar import WEEKEND_REASON
from spbe_tasks.rules.deadlines import Deadlines
from spbe_tasks.rules.errors import NotFoundError, Problem
from spbe_tasks.rules.workflow import Action, LegalAction
from spbe_tasks.services import calendars, criteria, task_sheets, tasks
from spbe_tasks.services.task_sheets import TaskSheet
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.tasks import (
    FORMS,
    ActionForm,
    ChecklistForm,
    action_form,
    checklist_form,
    claims_of,
)
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.task_words import DONE, LABELS, TURNS, title_of
from spbe_tasks.web.tasks import blueprint

__all__ = ["blueprint"]  # the lists' blueprint, with the page's routes added here

# The steps that move the work on; the first of these that is offered is the page's one clear button.
STEPS = frozenset({Action.PUBLISH, Action.START, Action.SUBMIT, Action.ACCEPT, Action.UNBLOCK})


@dataclass(frozen=True, slots=True)
class Offer:
    """An action as the page shows it. ``obstacle`` are the words for why it cannot be done now."""

    action: Action
    label: Any
    form: ActionForm
    obstacle: str | None


@blueprint.get("/<int:task_id>")
@requires(Capability.VIEW_TASKS)
def show(task_id: int) -> ResponseReturnValue:
    """The task: where it stands, what is asked, what can be done next, who else, and its history."""
    return _page(task_sheets.read(db.session(), scope(), task_id))


@blueprint.post("/<int:task_id>/act/<action>")
@requires(Capability.VIEW_TASKS)
def act(task_id: int, action: str) -> ResponseReturnValue:
    """Do one action. Who may, and in which state, the transition table says."""
    wanted = next((each for each in FORMS if each.value == action), None)
    if wanted is None:
        raise NotFoundError
    form = FORMS[wanted](wanted)
    return answer_form(
        form,
        lambda: _do(task_id, form),
        lambda: _page(task_sheets.read(db.session(), scope(), task_id), typed=form),
    )


@blueprint.post("/<int:task_id>/criteria")
@requires(Capability.WORK_ON_TASKS)
def claim(task_id: int) -> ResponseReturnValue:
    """Store what the agency says about the criteria."""
    sheet = task_sheets.read(db.session(), scope(), task_id)
    form = checklist_form(sheet)
    return answer_form(
        form,
        lambda: _claim(form, sheet),
        lambda: _page(task_sheets.read(db.session(), scope(), task_id), checklist=form),
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
        said += _afterwords(form.action, task)
    for kind, words in said:
        flash(words, kind)
    return redirect(url_for("tasks.show", task_id=task_id))


def _afterwords(action: Action, task: Task) -> list[tuple[str, str]]:
    """What else the person should know now that it is done."""
    if action is Action.ACCEPT and task.reached_level is not None and task.reached_level < task.target_level:
        return [("info", _("The target is not reached yet, so the next round of this task is open."))]
    if action is Action.RESCHEDULE:
        reason = calendars.load(db.session(), government()).why_not_working(task.due_on)
        if reason is not None:
            name = _("weekend") if reason == WEEKEND_REASON else reason
            return [("warning", _("The new due date is not a working day (%(reason)s).", reason=name))]
    return []


def _claim(form: ChecklistForm, sheet: TaskSheet) -> ResponseReturnValue:
    task_id = sheet.task.id
    stored, unchanged = _("The criteria are stored."), _("Nothing was changed.")
    with transaction() as work:
        changed = criteria.claim(
            work,
            scope(),
            task_id,
            claims_of(form, sheet.steps),
            version=form.version.data,
            now=clock.now(),
        )
    flash(stored if changed else unchanged, "success" if changed else "info")
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="criteria"))


def _page(
    sheet: TaskSheet, *, typed: ActionForm | None = None, checklist: ChecklistForm | None = None
) -> str:
    """The task's page; with a refused form, that form as it was typed."""
    today = clock.today(government().timezone)
    refused = typed or checklist
    is_stale = refused is not None and refused.version.data != sheet.task.version
    offers = [_offer(sheet, legal, typed) for legal in sheet.actions if legal.action in FORMS]
    return render_template(
        "tasks/show.html",
        sheet=sheet,
        title=title_of(sheet.task.title, sheet.indicator, current_locale()),
        deadlines=Deadlines(sheet.calendar, today),
        offers=offers,
        next_step=next((each for each in offers if each.action in STEPS), None),
        turn=TURNS[sheet.task.state],
        checklist=_checklist(sheet, checklist),
        refused=refused,
        is_stale=is_stale,
        lost_words=_lost_words(sheet, offers, typed, checklist),
    )


def _offer(sheet: TaskSheet, legal: LegalAction, typed: ActionForm | None) -> Offer:
    if typed is not None and typed.action is legal.action:
        form = typed
        form.offer(sheet)
    else:
        form = action_form(legal.action, sheet)
    obstacle = describe(Problem(legal.obstacle_code), current_locale()) if legal.obstacle_code else None
    return Offer(legal.action, LABELS[legal.action], form, obstacle)


def _checklist(sheet: TaskSheet, typed: ChecklistForm | None) -> ChecklistForm | None:
    """The form to fill in, when it is this person's turn to."""
    if not sheet.may_claim:
        return None
    if typed is None:
        return checklist_form(sheet, formdata=None)
    typed.version.raw_data, typed.version.data = None, sheet.task.version
    return typed


def _lost_words(
    sheet: TaskSheet, offers: list[Offer], typed: ActionForm | None, checklist: ChecklistForm | None
) -> list[str]:
    """What was typed into a form that the page no longer has: shown, so that nobody types it twice."""
    form: FlaskForm | None = None
    if typed is not None and all(each.action is not typed.action for each in offers):
        form = typed
    elif checklist is not None and not sheet.may_claim:
        form = checklist
    if form is None:
        return []
    return [each.data for each in form if isinstance(each, TextAreaField) and each.data]
