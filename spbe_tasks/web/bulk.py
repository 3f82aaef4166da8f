"""One action on many tasks: what was chosen on a list, the action's form, what became of each row, and undoing it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import bulk, instruments
from spbe_tasks.services.bulk import MOST_ROWS, Outcome
from spbe_tasks.services.bulk_steps import BulkAction
from spbe_tasks.services.queries import bulk as queries
from spbe_tasks.services.queries import labels, task_lists
from spbe_tasks.transaction import transaction
from spbe_tasks.web import task_filters
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.bulk import FORMS, BulkForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.navigation import selected_plan
from spbe_tasks.web.task_list_words import row_title

blueprint = Blueprint("bulk", __name__, url_prefix="/tasks/bulk")

WORDS: Mapping[BulkAction, Any] = {
    BulkAction.ASSIGN: _l("Put a person in charge"),
    BulkAction.RESCHEDULE: _l("Change the due date"),
    BulkAction.START: _l("Start work"),
    BulkAction.COMMENT: _l("Write a comment"),
    BulkAction.ADD_LABEL: _l("Put a label on"),
    BulkAction.REMOVE_LABEL: _l("Take a label off"),
}
OUTCOMES: Mapping[Outcome, Any] = {
    Outcome.DONE: _l("Done"),
    Outcome.UNCHANGED: _l("Was so already"),
    Outcome.REFUSED: _l("Refused"),
    Outcome.UNDONE: _l("Put back"),
    Outcome.KEPT: _l("Not put back"),
}


def bar_actions() -> list[tuple[BulkAction, Any]]:
    """What the bar of a list offers this person, with its words."""
    return [(each, WORDS[each]) for each in bulk.offered(scope())]


@blueprint.get("")
@requires(Capability.VIEW_TASKS)
def choose() -> ResponseReturnValue:
    """The form of an action for the tasks chosen on a list, or for all that the list's filters show."""
    action = _action(request.args.get("action", ""))
    if action is None:
        return _latest()
    ids, total = _chosen()
    form = FORMS[action](formdata=None)
    _offer(form, ids)
    return _page(action, form, ids, total)


@blueprint.post("/<action>")
@requires(Capability.VIEW_TASKS)
def run(action: str) -> ResponseReturnValue:
    """Do it to each of them."""
    wanted = _action(action)
    if wanted is None:
        raise NotFoundError
    ids = request.form.getlist("task", type=int)
    form = FORMS[wanted]()
    _offer(form, ids)
    return answer_form(form, lambda: _run(wanted, form, ids), lambda: _page(wanted, form, ids, len(ids)))


@blueprint.get("/runs/<int:run_id>")
@requires(Capability.VIEW_TASKS)
def show(run_id: int) -> ResponseReturnValue:
    """What became of each row of one's own run."""
    done = queries.get_run(db.session(), scope(), run_id)
    rows = bulk.told(done)
    seen = {row.id: row for row in queries.list_chosen(db.session(), scope(), [row.task_id for row in rows])}
    locale = current_locale()
    return render_template(
        "bulk/show.html",
        run=done,
        word=WORDS[BulkAction(done.action)],
        rows=[
            (row, seen.get(row.task_id), [describe(each, locale) for each in row.problems]) for row in rows
        ],
        outcomes=OUTCOMES,
        counts={each: sum(row.outcome is each for row in rows) for each in Outcome},
        title=_titles(),
    )


@blueprint.post("/runs/<int:run_id>/undo")
@requires(Capability.VIEW_TASKS)
def undo(run_id: int) -> ResponseReturnValue:
    """Take back what still is as the run left it."""
    with transaction() as work:
        rows = bulk.told(bulk.undo(work, scope(), run_id, now=clock.now()))
    undone, kept = (sum(row.outcome is each for row in rows) for each in (Outcome.UNDONE, Outcome.KEPT))
    words = ngettext("%(num)s task is as it was before.", "%(num)s tasks are as they were before.", undone)
    flash(words, "success" if undone else "info")
    if kept:
        flash(_("What could not be taken back says why below."), "warning")
    return redirect(url_for("bulk.show", run_id=run_id))


def _run(action: BulkAction, form: BulkForm, ids: Sequence[int]) -> ResponseReturnValue:
    with transaction() as work:
        done = bulk.run(work, scope(), ids, action, form.given, now=clock.now())
        run_id, outcomes = done.id, [row.outcome for row in bulk.told(done)]
    changed = outcomes.count(Outcome.DONE)
    flash(
        ngettext("%(num)s task is changed.", "%(num)s tasks are changed.", changed),
        "success" if changed else "info",
    )
    if Outcome.REFUSED in outcomes:
        flash(_("What was refused says why below."), "warning")
    return redirect(url_for("bulk.show", run_id=run_id))


def _chosen() -> tuple[Sequence[int], int]:
    """The ids chosen, and how many there would be without the limit."""
    plan = selected_plan()
    if "all" not in request.args or plan is None:
        ticked = request.args.getlist("task", type=int)
        return ticked[:MOST_ROWS], len(ticked)
    instrument = instruments.of(db.session(), plan)
    address = task_filters.read(request.args, instrument)
    wanted = address.as_filter(instrument, plan_id=plan.id, me=scope().person_ids)
    today = clock.today(government().timezone)
    ids = task_lists.list_ids(db.session(), scope(), wanted, today=today, limit=MOST_ROWS)
    return ids, task_lists.count(db.session(), scope(), wanted, today=today)


def _page(action: BulkAction, form: BulkForm, ids: Sequence[int], total: int) -> str:
    return render_template(
        "bulk/choose.html",
        action=action,
        word=WORDS[action],
        form=form,
        rows=queries.list_chosen(db.session(), scope(), ids),
        total=total,
        limit=MOST_ROWS,
        title=_titles(),
    )


def _offer(form: BulkForm, ids: Sequence[int]) -> None:
    people = queries.list_candidates(db.session(), scope(), ids)
    form.offer(people, labels.list_in_use(db.session(), scope()))


def _latest() -> str:
    return render_template("bulk/latest.html", runs=queries.list_latest(db.session(), scope()), words=WORDS)


def _titles() -> Any:
    instrument_of = instruments.finder(db.session(), government().id)
    return lambda row: row_title(row, instrument_of(row.instrument_id))


def _action(name: str) -> BulkAction | None:
    return next((each for each in bulk.offered(scope()) if each.value == name), None)
