"""What the pages of a task's parts, milestones and budget lines share."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from spbe_tasks.extensions import db
from spbe_tasks.models import BudgetLine, Milestone, TaskPart
from spbe_tasks.services import task_sheets
from spbe_tasks.web.access import scope
from spbe_tasks.web.forms.fields import VersionedForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.task_words import title_of

Piece = TaskPart | Milestone | BudgetLine


def form_page(template: str, form: VersionedForm, task_id: int, piece: Piece | None) -> str:
    """The page of one piece, read anew, with its form; ``piece`` None: one that is to be added."""
    if piece is not None:
        form.carry(piece.version)
    sheet = task_sheets.read(db.session(), scope(), task_id)
    title = title_of(sheet.task.title, sheet.indicator, current_locale())
    return render_template(template, form=form, sheet=sheet, piece=piece, title=title)


def back(task_id: int, place: str) -> ResponseReturnValue:
    """To where the pieces stand on the task's page."""
    return redirect(url_for("tasks.show", task_id=task_id, _anchor=place))
