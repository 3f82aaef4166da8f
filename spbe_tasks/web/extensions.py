"""All requests for more time that wait for an answer, each decided with one button."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError, SpbeError
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import calendars, instruments, task_sheets, tasks
from spbe_tasks.services.queries import extensions as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web import task_page
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.tasks import FORMS, ActionForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.task_actions import day_off_warning
from spbe_tasks.web.task_page import Typed
from spbe_tasks.web.task_words import DONE, title_of

blueprint = Blueprint("extensions", __name__, url_prefix="/extensions")

_DECISIONS = {"grant": Action.GRANT_EXTENSION, "refuse": Action.REFUSE_EXTENSION}


@blueprint.get("")
@requires(Capability.MANAGE_PLANS)
def index() -> ResponseReturnValue:
    """Who asks for how much time, and why; the one that waits longest first."""
    session, here = db.session(), scope()
    instrument_of = instruments.finder(session, here.government_id)
    locale = current_locale()
    rows = [
        (
            row,
            title_of(
                row.Task.title, instrument_of(row.instrument_id).indicator(row.Task.indicator_number), locale
            ),
        )
        for row in queries.list_asked(session, here)
    ]
    return render_template(
        "extensions/index.html",
        rows=rows,
        own=here.person_ids,
        calendar=calendars.load(session, government()),
        today=clock.today(government().timezone),
        why_not=describe(SpbeError("extension.four_eyes"), locale),
    )


@blueprint.post("/<int:task_id>/<decision>")
@requires(Capability.MANAGE_PLANS)
def decide(task_id: int, decision: str) -> ResponseReturnValue:
    """Grant or refuse. What was filled in wrongly is mended on the task's page."""
    action = _DECISIONS.get(decision)
    if action is None:
        raise NotFoundError
    form = FORMS[action](action)
    return answer_form(
        form,
        lambda: _store(task_id, form),
        lambda: task_page.show(task_sheets.read(db.session(), scope(), task_id), Typed(action=form)),
    )


def _store(task_id: int, form: ActionForm) -> ResponseReturnValue:
    with transaction() as work:
        task = tasks.act(
            work, scope(), task_id, form.action, form.given, version=form.version.data, now=clock.now()
        )
        due_on: date = task.due_on
    flash(str(DONE[form.action]), "success")
    for kind, words in day_off_warning(due_on) if form.action is Action.GRANT_EXTENSION else ():
        flash(words, kind)
    return redirect(url_for("extensions.index"))
