"""The budget lines of a task: noting, changing and taking away."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import budget_lines, task_sheets
from spbe_tasks.services.queries import budget_lines as queries
from spbe_tasks.transaction import transaction
from spbe_tasks.web import task_pieces
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.arrangements import BudgetLineForm
from spbe_tasks.web.forms.task_parts import TickForm

blueprint = Blueprint("budget_lines", __name__, url_prefix="/tasks")


@blueprint.route("/<int:task_id>/budget/new", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def add(task_id: int) -> ResponseReturnValue:
    """A new budget line of a task; the year is the present one."""
    task_sheets.read(db.session(), scope(), task_id)
    form = BudgetLineForm(data={"year": clock.today(government().timezone).year})
    return answer_form(form, lambda: _add(form, task_id), lambda: _page(form, task_id))


@blueprint.route("/budget/<int:line_id>", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def edit(line_id: int) -> ResponseReturnValue:
    """Code, name, amount and year of a line."""
    row = queries.get(db.session(), scope(), line_id)
    task_id = row.task_id
    form = BudgetLineForm(obj=row)
    return answer_form(form, lambda: _change(form, line_id), lambda: _page(form, task_id, line_id))


@blueprint.post("/budget/<int:line_id>/remove")
@requires(Capability.WORK_ON_TASKS)
def remove(line_id: int) -> ResponseReturnValue:
    """Take a line away."""
    form = TickForm()
    with transaction() as work:
        task_id = budget_lines.remove(work, scope(), line_id, version=form.version.data, now=clock.now())
    flash(_("The budget line is taken away."), "success")
    return _to_task(task_id)


def _add(form: BudgetLineForm, task_id: int) -> ResponseReturnValue:
    with transaction() as work:
        budget_lines.add(work, scope(), task_id, form.said, now=clock.now())
    flash(_("The budget line is added."), "success")
    return _to_task(task_id)


def _change(form: BudgetLineForm, line_id: int) -> ResponseReturnValue:
    version = form.version.data
    with transaction() as work:
        row = budget_lines.change(work, scope(), line_id, form.said, version=version, now=clock.now())
        task_id = row.task_id
    flash(_("The budget line is changed."), "success")
    return _to_task(task_id)


def _page(form: BudgetLineForm, task_id: int, line_id: int | None = None) -> str:
    row = queries.get(db.session(), scope(), line_id, is_fresh=True) if line_id else None
    return task_pieces.form_page("tasks/budget_line.html", form, task_id, row)


def _to_task(task_id: int) -> ResponseReturnValue:
    return task_pieces.back(task_id, "budget")
